package rollback

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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

// settles refuses (state) a run whose conflicts another plan cannot settle, and
// says what does instead.
func (v PlanView) settles() error {
	u, ref := v.Spec.Undoes, v.Spec.Ref
	var why string
	switch {
	case v.State == NameAborted:
		why = fmt.Sprintf("%s was aborted, so nobody has verified what it left to people. `/snafu plan new` plans for all that is still wrong, and `/snafu table` decides about what people changed since.", ref)
	case v.State != NameDone && v.State != NamePartial:
		return RefuseState(ref, v.State, "settled", "Only a run that has ended by itself can be.")
	case u != nil && !u.Conflicts:
		why = fmt.Sprintf("%s only puts back what %s wrote, and who changed a record after that keeps it. `/snafu table` decides about those that are wrong.", ref, u.Ref)
	case v.Contains():
		why = fmt.Sprintf("%s leaves what somebody has set there meanwhile. `/snafu park` plans for these records as they are now.", ref)
	case len(v.Spec.Of) > 0:
		why = fmt.Sprintf("%s leaves what somebody has set there meanwhile. `/snafu remove` plans for these records as they are now.", ref)
	case v.Spec.Inserts():
		why = fmt.Sprintf("%s only inserts what is gone, so a record that is there stays as people have it. `/snafu table` decides about those that are wrong.", ref)
	case v.Spec.Evidence != nil && v.Spec.Evidence.From == FromBackup:
		why = fmt.Sprintf("%s leaves what people entered since. `/snafu restore %s %s --newer take` plans to write over it, counted in red.", ref, v.Spec.Evidence.Name, strings.Join(v.Spec.Scope.Set, ","))
	case v.Spec.Evidence != nil:
		why = fmt.Sprintf("%s rests on evidence of what the records were before the run, which says nothing about what people set since: that stays. `/snafu table` decides about those that are wrong.", ref)
	default:
		return nil
	}
	return refusal.Conflict("%s", why).Coded("state")
}

// Settle says what a plan writes that settles the conflicts of this one: each
// record that the run left to people and that still holds what it was seen to
// hold, to what this plan wanted. It refuses (state) a plan whose run was not
// verified, an undo and a plan that rests on other evidence than a history, and
// (nothing) one without conflicts.
func (v PlanView) Settle() (Undone, []Decision, error) {
	was := v.Spec.Undoes
	if err := v.settles(); err != nil {
		return Undone{}, nil, err
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
