package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// people is a table of queued people, of whom the history knows what a run did to
// the first five; four more were in its list without a trace.
func people(t *testing.T) *world {
	t.Helper()
	w := empty(t, `
		create schema q;
		create table q.person (id int primary key, step text not null, parked text);
		create table q.log (n int generated always as identity primary key, person int not null, at timestamptz not null, field text not null, was text, became text, run text);
		create table q.member (person int not null, run text not null, at timestamptz not null);
		insert into q.person select g, 'start', case when g = 9 then 'yes' when g % 2 = 0 then 'no' end from generate_series(1, 12) g;
		insert into q.member select g, 'cleanup', '2026-01-05 09:30Z' from generate_series(1, 9) g;
		insert into q.log (person, at, field, was, became, run) select g, '2026-01-05 09:30Z', 'step', 'wait 3', 'start', 'cleanup' from generate_series(1, 5) g;
		insert into q.log (person, at, field, was, became, run) values (5, '2026-01-05 09:31Z', 'step', 'wait 4', 'start', 'cleanup')`,
		rollback.Table{
			Name: "person", Relation: "q.person", Unit: "people", Key: []string{"id"}, Settable: []string{"step", "parked"},
			History:    rollback.History{Relation: "q.log", Key: []string{"person"}, Order: "n", At: "at", Field: "field", Old: "was", New: "became", Run: "run"},
			Membership: rollback.Membership{Relation: "q.member", Key: []string{"person"}, Run: "run", At: "at"},
		})
	return w
}

func parking(decisions ...rollback.Decision) rollback.Spec {
	s := spec(rollback.Scope{Source: "crm", Table: "person", Set: []string{"parked"}, Run: "cleanup", From: t0.Add(-40 * 60e9)}, decisions)
	s.Kind, s.Of, s.Guard, s.TouchedAt, s.Unit = rollback.KindContain, []string{"step"}, rollback.GuardValue, rollback.TouchedAt{}, "people"
	for i := range s.Decisions {
		s.Decisions[i].Kind = rollback.CohortContain
		s.Decisions[i].Desired = rollback.One("yes")
	}
	return s
}

func (w *world) parked() (n int64) {
	return w.number(`select count(*) from q.person where parked = 'yes'`)
}

func TestAPlanParksTheMembersThatNobodyCanPutBackAndNoOthers(t *testing.T) {
	t.Parallel()
	w := people(t)
	plan := parking(rollback.Decision{Unclear: true})
	f, run, report := w.done(plan)
	// 6 to 9 have no history, and the entries about 5 do not chain.
	require.Equal(t, rollback.Counts{Write: 4, Right: 1}, f.Classes())
	require.Equal(t, rollback.Outcomes{Written: 4}, report.Outcomes)
	require.Equal(t, int64(5), w.parked())
	require.Equal(t, int64(5), w.number(`select count(*) from q.person where parked = 'yes' and id in (5, 6, 7, 8, 9)`))
	require.Equal(t, []string{"step"}, report.Table.Scope.Set, "the state table after it is still the one of the incident")
	require.Equal(t, int64(9), report.Table.Members)

	// What was parked can be released: each record holds again what it held.
	back := w.undo(plan, f, run, report.Cohorts)
	released, undone, report := w.done(back)
	require.Equal(t, rollback.Counts{Write: 4}, released.Classes())
	require.Equal(t, int64(1), w.parked())
	require.Equal(t, int64(2), w.number(`select count(*) from q.person where parked = 'no' and id in (6, 8)`))
	require.Equal(t, int64(2), w.number(`select count(*) from q.person where parked is null and id in (5, 7)`))

	_, _, report = w.done(w.undo(back, released, undone, report.Cohorts))
	require.Equal(t, rollback.Outcomes{Written: 4}, report.Outcomes)
	require.Equal(t, int64(5), w.parked())
}

func TestAWholeCohortIsParkedEachMemberOnce(t *testing.T) {
	t.Parallel()
	w := people(t)
	w.exec(`update q.person set step = 'wait 3' where id in (1, 2, 5, 6, 11)`)
	whole := rollback.Decision{Pair: pair("wait 3", "start")}
	f, _, _ := w.done(parking(whole, rollback.Decision{Unclear: true}))
	require.Equal(t, int64(2), f.Since, "of the others nobody knows what the run left")
	require.Equal(t, rollback.Counts{Write: 4}, f.OfCohort(1), "without the one whose entries do not chain")
	require.Equal(t, rollback.Counts{Write: 4, Right: 1}, f.OfCohort(2))
	require.Equal(t, int64(9), w.parked())
	require.Zero(t, w.number(`select count(*) from q.person where parked = 'yes' and id > 9`), "who was no member is left alone")
}

func TestWhatSomebodyParkedOrChangedMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := people(t)
	wr := w.writer()
	running, f, _ := w.running(wr, parking(rollback.Decision{Unclear: true}))
	require.Equal(t, int64(4), f.Writes)
	w.exec(`update q.person set parked = 'yes' where id = 6; update q.person set parked = 'till May' where id = 7; delete from q.person where id = 8; update q.person set step = 'other' where id = 5`)
	drift, err := wr.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true, Shrink: 3}, drift)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	var sum rollback.Outcomes
	for _, b := range w.walk(wr, fence, 500) {
		sum = sum.Plus(b.Counts)
	}
	require.Equal(t, rollback.Outcomes{Written: 1, Already: 1, Conflict: 1, Missing: 1}, sum)
	require.Equal(t, int64(1), w.number(`select count(*) from q.person where parked = 'till May'`))
	report, err := w.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)
}

func TestAMemberThatJoinsAfterTheFreezeIsGrowth(t *testing.T) {
	t.Parallel()
	w := people(t)
	wr := w.writer()
	running, _, _ := w.running(wr, parking(rollback.Decision{Unclear: true}))
	w.exec(`insert into q.member values (10, 'cleanup', '2026-01-05 09:30Z')`)
	drift, err := wr.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, int64(1), drift.Growth)
	_, reason := drift.Judge(running.Run(), "people")
	require.Equal(t, "growth", code(t, reason))
}
