package rollback

import (
	"fmt"
	"slices"
	"strings"

	"snafu/incidents"
)

// Most is how much a plan may hold, whatever a source allows.
const (
	MostCohorts = 100
	MostColumns = 10
)

// Spec is what a revision says before the freeze: who asks, what for, within
// which limits. All of it but Unit enters the digest.
type Spec struct {
	Install         []byte             `json:"install"` // 16 bytes; tells our rows in a source from another installation's
	Incident        incidents.ID       `json:"incident"`
	Plan            ID                 `json:"plan"`
	Ref             Ref                `json:"ref"`
	Revision        int64              `json:"revision"`
	Kind            Kind               `json:"kind"`
	Requester       incidents.Person   `json:"requester"`
	Author          incidents.Person   `json:"author"`  // of this revision
	Authors         []incidents.Person `json:"authors"` // of all revisions so far, sorted
	Needs           int64              `json:"needs"`
	RequesterCounts bool               `json:"requester_counts"`
	Scope           Scope              `json:"scope"`
	Decisions       []Decision         `json:"decisions"` // cohort n is decision n, from 1
	Guard           Guard              `json:"guard"`
	TouchedAt       TouchedAt          `json:"touched_at"`
	Effects         Effects            `json:"effects"`
	Batch           Batching           `json:"batch"`
	Tolerance       Tolerance          `json:"tolerance"`
	Limits          Limits             `json:"limits"`
	Unit            string             `json:"unit"`
	Accepted        []string           `json:"accepted,omitempty"` // what fires although EffectsGUC was chosen, by name: "trigger lead_log"
	Undoes          *Undone            `json:"undoes,omitempty"`   // the run that a plan of KindUndo puts back
	Expect          int64              `json:"expect,omitempty"`   // the most records that people mean to write; 0 is nothing said
	Of              []string           `json:"of,omitempty"`       // the columns of the state table in which members were chosen, whatever they hold
	InvolvedCounts  bool               `json:"involved_counts,omitempty"`
	BreakGlass      *BreakGlass        `json:"break_glass,omitempty"`
	Evidence        *Evidence          `json:"evidence,omitempty"` // what a restore or a reconstruction rests on
	Require         *Required          `json:"require,omitempty"`  // what must hold of a record when it is written; nil for nothing
	Instead         *Instead           `json:"instead,omitempty"`  // what contains its records, of which it writes none
}

// Label is the plan as other systems see it: "SNAFU-42/R1".
func (s Spec) Label() string { return Label(s.Incident, s.Ref) }

// Is is the revision as people say it: "R1 r2".
func (s Spec) Is() string { return s.Ref.Revision(s.Revision) }

// check holds a new revision to the rules that need no source.
func (s Spec) check() error {
	switch {
	case s.Scope.Run == "":
		return RefuseWindowOnly()
	case len(s.Scope.Set) == 0:
		return RefuseColumn("No column", "not named")
	case len(s.Scope.Set) > MostColumns:
		return RefuseTooWide(s.Ref, int64(len(s.Scope.Set)), "columns", MostColumns)
	case len(s.Decisions) > MostCohorts:
		return RefuseTooWide(s.Ref, int64(len(s.Decisions)), "cohorts", MostCohorts)
	}
	if s.BreakGlass != nil {
		if err := s.BreakGlass.check(); err != nil {
			return err
		}
	}
	if err := s.checkExpect(); err != nil {
		return err
	}
	if err := s.checkInstead(); err != nil {
		return err
	}
	if len(s.Of) > 0 {
		return s.checkChosen()
	}
	if err := s.Evidence.check(s); err != nil {
		return err
	}
	for i, d := range s.Decisions {
		if d.Chosen() {
			return fmt.Errorf("draft %s: decision %d chooses members of no state table", s.Is(), i+1)
		}
		initial, desired := d.Initial, d.Want()
		if d.Untold() {
			initial = d.Error
		}
		if d.Each() {
			desired = d.Error
		}
		for _, vs := range []Values{initial, d.Error, desired} {
			if d.Newer && s.Evidence != nil {
				break // whatever people entered since
			}
			if len(vs) != len(s.Scope.Set) {
				return fmt.Errorf("draft %s: decision %d has %d values for %d columns", s.Is(), i+1, len(vs), len(s.Scope.Set))
			}
		}
		for _, other := range s.Decisions[:i] {
			if d.Pair.Equal(other.Pair) && s.Undoes == nil && s.Evidence == nil { // two cohorts of a run may have become the same, or be known with different confidence
				return RefuseTwice(d.Pair)
			}
		}
	}
	return nil
}

// Files are the SHA-256 of the files that say what each record should be, in
// hex, each once.
func (s Spec) Files() []string { return FilesOf(s.Decisions) }

// FilesOf are the SHA-256 of the files that decisions rest on, in hex, each once
// and in order.
func FilesOf(decisions []Decision) []string {
	var out []string
	for _, d := range decisions {
		if d.Each() && !slices.Contains(out, d.File) {
			out = append(out, d.File)
		}
	}
	slices.Sort(out)
	return out
}

// evidence is what says which records belong to the plan and what they should
// be, as a digest holds it.
func (s Spec) evidence() string {
	said := s.Scope.evidence()
	if e := s.Evidence; e != nil {
		said += " and " + string(e.From) + " " + e.Name
	} else if s.Undoes == nil && slices.ContainsFunc(s.Decisions, func(d Decision) bool { return d.Untold() }) {
		said = "membership, and what people say of it" + strings.TrimPrefix(said, "history")
	}
	if s.Undoes != nil {
		return said + " and " + s.Undoes.says()
	}
	for _, file := range s.Files() {
		said += " and file " + file
	}
	return said
}

// Cohorts are the cohorts of the plan without counts, in their order.
func (s Spec) Cohorts() []Cohort {
	out := make([]Cohort, len(s.Decisions))
	for i, d := range s.Decisions {
		out[i] = cohort(int64(i+1), d)
		if s.Undoes != nil {
			out[i].Confidence = ConfidenceExact // the ledger says what stood there
		}
	}
	return out
}

func cohort(number int64, d Decision) Cohort {
	kind := KindNoChange
	switch {
	case d.Kind != "":
		kind = d.Kind
	case d.Writes():
		kind = KindRevert
	}
	c := Cohort{
		Number: number, Label: d.Label(), Kind: kind, Pair: d.Pair,
		Desired: d.Want(), NoChange: d.NoChange, File: d.File, Confidence: d.Sure(), Waiver: d.Waiver, Why: d.Why,
	}
	if d.Waiver != "" {
		c.Wished = d.Desired
	}
	return c
}
