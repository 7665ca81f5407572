package rollback

import (
	"cmp"
	"slices"

	"snafu/incidents/refusal"
)

// KindConflicts takes them from what a run left alone because people had changed
// it: the value that people set is the error of the new plan, so that whoever
// approves it approves exactly that.
const KindConflicts Kind = "conflicts"

// Contested are records that a run left alone because people had changed them,
// by cohort of the plan and by what they hold now.
type Contested struct {
	Cohort  int64  `json:"cohort"`
	Value   Values `json:"value"`
	Records int64  `json:"records"`
}

// Settle says what a plan writes that settles the conflicts of this one: each
// record that the run left to people and that still holds what it was seen to
// hold, to what this plan wanted. It refuses (state) a plan whose run was not
// verified, an undo and a plan that rests on other evidence than a history, and
// (nothing) one without conflicts.
func (v PlanView) Settle() (Undone, []Decision, error) {
	was := v.Spec.Undoes
	switch {
	case v.State != NameDone && v.State != NamePartial:
		return Undone{}, nil, RefuseState(v.Spec.Ref, v.State, "settled", "Only a run that has ended by itself can be.")
	case v.Spec.Evidence != nil, len(v.Spec.Of) > 0, was != nil && !was.Conflicts:
		return Undone{}, nil, refusal.Conflict("What people changed since %s stays as they set it. Decide about it in the state table: `table`.", v.Spec.Ref).Coded("state")
	}
	u := Undone{
		Plan: v.Spec.Plan, Ref: v.Spec.Ref, Revision: v.Spec.Revision, Label: v.Spec.Label(), Digest: v.Stamp.Digest, Conflicts: true,
		Written: v.Classes().Conflicts() + v.Progress.Counts.Conflicts(), Files: v.Spec.Files(),
	}
	if v.Frozen != nil {
		u.FreezeID, u.RowsDigest = v.Frozen.ID, v.Frozen.RowsDigest
	}
	if len(u.Files) > 0 {
		u.Staged = u.FreezeID
	}
	if was != nil {
		u.Staged, u.Files = was.Staged, was.Files
	}
	var all []Contested
	if v.Report != nil {
		all = slices.Clone(v.Report.Contested)
	}
	slices.SortStableFunc(all, func(a, b Contested) int { return cmp.Compare(b.Records, a.Records) })
	var out []Decision
	for _, c := range all[:min(len(all), MostCohorts)] {
		if c.Cohort < 1 || c.Cohort > int64(len(v.Spec.Decisions)) {
			continue
		}
		d := v.Spec.Decisions[c.Cohort-1]
		want := d.Want()
		if d.Each() {
			want = slices.Repeat(One(ItsOwn), len(d.Error))
		}
		u.Cohorts, u.Pairs, u.Newer = append(u.Cohorts, c.Cohort), append(u.Pairs, v.Spec.pair(c.Cohort)), append(u.Newer, c.Value)
		out = append(out, Decision{Pair: Pair{Initial: d.Initial, Error: c.Value}, Desired: want})
	}
	if len(out) == 0 {
		return u, nil, refusal.Conflict("%s left no conflicts, so there is nothing to plan.", v.Spec.Ref).Coded("nothing")
	}
	return u, out, nil
}
