package rollback

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"snafu/incidents/refusal"
)

// KindUndo takes them from the ledger of a run that has ended.
const KindUndo Kind = "undo"

// Undone is the run that a plan puts back. It is part of the plan, so that
// whoever approves it approves exactly that.
type Undone struct {
	Plan       ID     `json:"plan"`
	Ref        Ref    `json:"ref"`
	Revision   int64  `json:"revision"`
	Label      string `json:"label"`  // as the run told the source: "SNAFU-42/R1"
	Digest     Digest `json:"digest"` // that its approvals were given to
	FreezeID   int64  `json:"freeze_id"`
	RowsDigest Digest `json:"rows_digest"`
	Written    int64  `json:"written"`

	Cohorts []int64  `json:"cohorts"` // cohort n of the plan is this one of the run
	Pairs   []Pair   `json:"pairs"`   // and, in the state table, the one of this pair
	Depth   int64    `json:"depth"`   // 1 undoes a repair, 2 undoes that again
	Staged  int64    `json:"staged"`  // freeze with what files say of single records; 0 for none
	Files   []string `json:"files,omitempty"`

	Conflicts bool     `json:"conflicts,omitempty"` // not undone: what the run left to people is settled
	Newer     []Values `json:"newer,omitempty"`     // what the records of each cohort hold that is to be settled
	Settled   bool     `json:"settled,omitempty"`   // undone is a plan that settled conflicts

	Inserted bool `json:"inserted,omitempty"` // the run inserted records, so they are marked as removed
	Evidence bool `json:"evidence,omitempty"` // the run rested on evidence, so no history tells its members apart
}

// Undo says what a plan puts back that undoes this one: each record that its run
// has written, to what stood there before. It refuses (state) a plan whose run
// has not ended, and (nothing) one that wrote no record.
func (v PlanView) Undo() (Undone, []Decision, error) {
	switch v.State {
	case NameDone, NamePartial, NameAborted:
	default:
		return Undone{}, nil, RefuseState(v.Spec.Ref, v.State, "undone", "Only a run that has ended can be.")
	}
	u := Undone{
		Plan: v.Spec.Plan, Ref: v.Spec.Ref, Revision: v.Spec.Revision, Label: v.Spec.Label(), Digest: v.Stamp.Digest, Depth: 1, Files: v.Spec.Files(),
	}
	if v.Frozen != nil {
		u.FreezeID, u.RowsDigest = v.Frozen.ID, v.Frozen.RowsDigest
	}
	if len(u.Files) > 0 {
		u.Staged = u.FreezeID
	}
	u.Evidence = v.Spec.Evidence != nil
	if was := v.Spec.Undoes; was != nil {
		u.Depth, u.Staged, u.Files, u.Evidence = was.Depth+1, was.Staged, was.Files, was.Evidence
		u.Settled = was.Conflicts || was.Settled
	}
	var back []Decision
	for _, c := range v.outcomes() {
		if c.Outcomes.Written == 0 || c.Cohort < 1 || c.Cohort > int64(len(v.Spec.Decisions)) {
			continue
		}
		d := v.Spec.Decisions[c.Cohort-1]
		u.Written += c.Outcomes.Written
		u.Cohorts, u.Pairs = append(u.Cohorts, c.Cohort), append(u.Pairs, v.Spec.pair(c.Cohort))
		if d.Chosen() {
			d.Desired = slices.Repeat(One(ItsOwn), len(v.Spec.Scope.Set))
			back = append(back, d)
			continue
		}
		wrote := d.Want()
		own, was := slices.Repeat(One(ItsOwn), len(v.Spec.Scope.Set)), d.Error
		if d.Each() {
			wrote = own
		}
		if d.Newer { // it was what people had entered
			was = own
		}
		back = append(back, Decision{Pair: Pair{Initial: d.Initial, Error: wrote}, Desired: was})
	}
	if u.Written == 0 {
		return u, nil, refusal.Conflict("%s has written nothing, so there is nothing to undo.", v.Spec.Ref).Coded("nothing")
	}
	return u, back, nil
}

// outcomes are what the run did by cohort. A run that was aborted has no
// verification, and is told by its batches.
func (v PlanView) outcomes() []CohortOutcomes {
	if v.Report != nil {
		return v.Report.Cohorts
	}
	return v.Cohorted
}

// pair is the one of the state table that a cohort is about.
func (s Spec) pair(cohort int64) Pair {
	if s.Undoes != nil {
		return s.Undoes.Pairs[cohort-1]
	}
	return s.Decisions[cohort-1].Pair
}

// says is what an undo rests on, as a digest holds it: all of it, by its hash.
func (u Undone) says() string {
	all, err := json.Marshal(u)
	if err != nil {
		panic(err) // texts and numbers can always be written
	}
	return fmt.Sprintf("ledger of %s r%d %s %x", u.Label, u.Revision, u.Digest.Short(), sha256.Sum256(all))
}

// RefuseLedger means that the ledger of a run is not in this database, or not as
// its batches left it.
func RefuseLedger(ref Ref) error {
	return refusal.Conflict("The ledger of %s is not as the run left it. Nothing was frozen; an admin must look.", ref).Coded("rows-digest")
}
