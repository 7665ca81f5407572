package rollback

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"snafu/incidents"
)

// format opens the canonical bytes; a changed meaning of any field is a new
// format.
const format = "snafu-plan-v1"

// maxCanonical bounds what one plan may take to describe.
const maxCanonical = 1 << 20

// Canonical is the whole frozen plan in the one byte form that people approve
// and the executor checks. Everything that decides what is written, where and
// within which limits is in it; Slack ids, message texts and later instants are
// not.
func Canonical(s Spec, f Freeze) ([]byte, error) {
	authors := make([]string, len(s.Authors))
	for i, a := range s.Authors {
		authors[i] = string(a)
	}
	body, err := incidents.Encode(canonicalPlan{
		Install: s.Install, Incident: int64(s.Incident), Plan: string(s.Ref), Revision: s.Revision, Kind: string(s.Kind),
		Requester: string(s.Requester), Authors: authors, Needs: s.Needs, RequesterCounts: s.RequesterCounts,
		Source: s.Scope.Source, Target: canonicalTarget(f.Target),
		Table: canonicalTable{
			Schema: f.Relation.Schema, Name: f.Relation.Name, OID: f.Relation.OID,
			Key: columns(f.Relation.Key), Set: columns(f.Relation.Set),
		},
		Fingerprint: f.Fingerprint, Inventory: canonicalOf(f.Inventory),
		Scope: canonicalScope{
			Table: s.Scope.Table, Set: s.Scope.Set, Run: s.Scope.Run,
			From: micros(s.Scope.From), To: micros(s.Scope.To), Evidence: s.evidence(),
		},
		Cohorts: canonicalCohorts(s, f), Guard: string(s.Guard),
		TouchedAt: canonicalTouched{Column: s.TouchedAt.Column, Keep: s.TouchedAt.Keep},
		Effects:   string(s.Effects),
		Batch: []int64{
			s.Batch.Start, s.Batch.Min, s.Batch.Max, int64(s.Batch.TargetMin), int64(s.Batch.TargetMax),
			int64(s.Batch.Rest), int64(s.Batch.LockTimeout), s.Batch.Canary,
		},
		Tolerance: []int64{s.Tolerance.ShrinkPerMille, s.Tolerance.ShrinkRows},
		Expiries: []int64{
			s.Limits.MaxRows, int64(s.Limits.FreezeExpires), int64(s.Limits.ApprovalExpires),
			int64(s.Limits.StartWithin), int64(s.Limits.FreezeTimeout),
		},
		FreezeID: f.ID, Rows: f.Rows, Writes: f.Writes, RowsDigest: f.RowsDigest.Bytes(),
		ExportRows: f.Export.Rows, ExportSHA256: f.Export.SHA256, At: micros(f.At),
	})
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	whole, err := withMore(body, moreOf(s, f))
	if err != nil {
		return nil, err
	}
	if len(whole) > maxCanonical {
		return nil, RefuseTooWide(s.Ref, int64(len(whole)), "bytes", maxCanonical)
	}
	return whole, nil
}

func digestOf(canonical []byte) Digest { return sha256.Sum256(canonical) }

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// The canonical records. Their field order is the format and never changes: what
// a plan came to say later stands in canonicalMore.
type canonicalPlan struct {
	Install         []byte
	Incident        int64
	Plan            string
	Revision        int64
	Kind            string
	Requester       string
	Authors         []string
	Needs           int64
	RequesterCounts bool
	Source          string
	Target          canonicalTarget
	Table           canonicalTable
	Fingerprint     []byte
	Inventory       canonicalInventory
	Scope           canonicalScope
	Cohorts         []canonicalCohort
	Guard           string
	TouchedAt       canonicalTouched
	Effects         string
	Batch           []int64
	Tolerance       []int64
	Expiries        []int64
	FreezeID        int64
	Rows            int64
	Writes          int64
	RowsDigest      []byte
	ExportRows      int64
	ExportSHA256    []byte
	At              time.Time
}

type canonicalTarget struct {
	System   string
	Host     string
	Port     int64
	Database string
	SystemID string
	Timeline int64
	OID      int64
}

type canonicalColumn struct{ Name, Type string }

type canonicalTable struct {
	Schema string
	Name   string
	OID    int64
	Key    []canonicalColumn
	Set    []canonicalColumn
}

type canonicalTrigger struct {
	Name, Timing   string
	Columns        []string
	Function       string
	Guarded, Fires bool
}

type canonicalInventory struct {
	Triggers                 []canonicalTrigger
	Rules, KeysOut, KeysIn   []string
	Generated, Identity      []string
	RowSecurity              bool
	Partitions, Publications []string
	TouchedAt                string
	Syncs                    []string
}

type canonicalScope struct {
	Table    string
	Set      []string
	Run      string
	From, To time.Time
	Evidence string
}

type canonicalTouched struct {
	Column string
	Keep   bool
}

type canonicalCount struct{ Class, Records int64 }

type canonicalCohort struct {
	Number                  int64
	Label, Kind             string
	Initial, Error, Desired []*string
	Confidence              string
	Counts                  []canonicalCount
}

func columns(cs []Column) []canonicalColumn {
	out := make([]canonicalColumn, len(cs))
	for i, c := range cs {
		out[i] = canonicalColumn(c)
	}
	return out
}

func canonicalOf(i Inventory) canonicalInventory {
	triggers := make([]canonicalTrigger, len(i.Triggers))
	for n, t := range i.Triggers {
		triggers[n] = canonicalTrigger(t)
	}
	return canonicalInventory{
		Triggers: triggers, Rules: i.Rules, KeysOut: i.KeysOut, KeysIn: i.KeysIn, Generated: i.Generated,
		Identity: i.Identity, RowSecurity: i.RowSecurity, Partitions: i.Partitions, Publications: i.Publications,
		TouchedAt: i.TouchedAt, Syncs: i.Syncs,
	}
}

// canonicalCohorts lists the cohorts with their counts, and as number 0 the
// members without one.
func canonicalCohorts(s Spec, f Freeze) []canonicalCohort {
	all := append([]Cohort{{Label: "no cohort"}}, s.Cohorts()...)
	out := make([]canonicalCohort, len(all))
	for i, c := range all {
		out[i] = canonicalCohort{
			Number: c.Number, Label: c.Label + c.waived(), Kind: string(c.Kind), Initial: c.Pair.Initial.Pointers(),
			Error: c.Pair.Error.Pointers(), Desired: c.Desired.Pointers(), Confidence: string(c.Confidence),
			Counts: canonicalCounts(f, c.Number),
		}
	}
	return out
}

// waived is what a label says besides, for a cohort that is kept or lost: who
// approves reads that too.
func (c Cohort) waived() string {
	if c.Waiver == "" && c.Why == "" {
		return ""
	}
	return ", " + string(c.Waiver) + ": " + c.Why
}

func canonicalCounts(f Freeze, cohort int64) []canonicalCount {
	out := []canonicalCount{}
	for _, n := range f.Counts {
		if n.Cohort == cohort {
			out = append(out, canonicalCount{Class: int64(n.Class), Records: n.Records})
		}
	}
	slices.SortFunc(out, func(a, b canonicalCount) int { return cmp.Compare(a.Class, b.Class) })
	return out
}
