package rollback

import (
	"slices"

	"snafu/incidents/refusal"
)

// KindReinsert inserts records again that a run has deleted, as the copy of a
// backup has them.
const KindReinsert Kind = "reinsert"

// CohortReinsert inserts a record where there is none with its key.
const CohortReinsert CohortKind = "reinsert"

// GoneAgain is what a cohort of deleted records is called.
const GoneAgain = "deleted -> inserted again"

// Inserts says that the run inserts records instead of writing to those that are
// there.
func (r Run) Inserts() bool { return inserts(r.Decisions) && r.Undoes == nil }

// Inserts says that the plan inserts records instead of writing to those that
// are there.
func (s Spec) Inserts() bool { return inserts(s.Decisions) && s.Undoes == nil }

func inserts(decisions []Decision) bool {
	return len(decisions) > 0 && decisions[0].Kind == CohortReinsert
}

// Again are the decisions of a plan that inserts what the evidence has of
// deleted records, with so many columns: one cohort.
func (e Evidence) Again(columns int) []Decision {
	none := slices.Repeat(Values{Null()}, columns)
	return []Decision{{Pair: Pair{Error: none}, File: e.SHA256, Told: ConfidenceDerived, Kind: CohortReinsert}}
}

// Reinsertable refuses a table whose declaration does not say which columns may
// be filled again (column), or how its history says that a run has deleted a
// record (no-evidence).
func (t Table) Reinsertable() error {
	switch {
	case len(t.Insertable) == 0:
		return refusal.Invalid("%s declares no insertable columns, so nothing is inserted into it again. Its admin can declare them.", t.Relation).Coded("column")
	case t.History.Deleted == "":
		return refusal.Invalid("Nothing says which records of %s a run has deleted. Its admin declares how the history says it, as history.deleted.", t.Relation).Coded("no-evidence")
	}
	return nil
}

// archived is what undoes a plan that has inserted records: they are marked as
// removed. It refuses (column) where their table has no column for that.
func (v PlanView) archived(u Undone, t Table) (Undone, []Decision, error) {
	if t.Archive.Column == "" {
		return u, nil, refusal.Invalid("%s inserted %s %s, and %s declares no archive column that marks them as removed; nothing is ever deleted. `/snafu fixed %s` lists them for its admin.",
			v.Spec.Ref, Number(u.Written), v.Spec.Unit, t.Relation, v.Spec.Ref).Coded("column")
	}
	d := v.Spec.Decisions[0]
	return u, []Decision{{Pair: d.Pair, Kind: CohortRemove, Desired: One(t.Archive.Value)}}, nil
}

// UndoOf is Undo, by what the table of the plan declares. It also says which
// columns the plan sets, and in which ones its records were chosen.
func (v PlanView) UndoOf(t Table) (u Undone, back []Decision, set, of []string, err error) {
	u, back, err = v.Undo()
	set, of = v.Spec.Scope.Set, v.Spec.Of
	if err != nil || !v.Spec.Inserts() {
		return u, back, set, of, err
	}
	u, back, err = v.archived(u, t)
	u.Inserted = true
	return u, back, []string{t.Archive.Column}, v.Spec.Scope.Set, err
}
