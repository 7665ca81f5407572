package postgres

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// undo is the plan that puts back what a run has written.
func (w *world) undo(of rollback.Spec, f rollback.Freeze, run rollback.Run, cohorts []rollback.CohortOutcomes) rollback.Spec {
	w.t.Helper()
	v := rollback.PlanView{Spec: of, State: rollback.NameDone, Frozen: &f, Cohorted: cohorts}
	v.Stamp.Digest = run.Digest
	u, back, err := v.Undo()
	require.NoError(w.t, err)
	s := of
	number, err := strconv.Atoi(string(of.Ref)[1:])
	require.NoError(w.t, err)
	s.Plan, s.Ref, s.Kind, s.Decisions, s.Undoes = of.Plan+1, rollback.NewRef(int64(number+1)), rollback.KindUndo, back, &u
	return s
}

// done runs a plan to its end and verifies it.
func (w *world) done(s rollback.Spec) (rollback.Freeze, rollback.Run, rollback.Report) {
	w.t.Helper()
	wr := w.writer()
	running, f, _ := w.running(wr, s)
	drift, err := wr.Preflight(w.t.Context(), running)
	require.NoError(w.t, err)
	require.Equal(w.t, rollback.Drift{RowsKept: true}, drift)
	fence, err := wr.Take(w.t.Context(), running, "test")
	require.NoError(w.t, err)
	w.walk(wr, fence, 500)
	report, err := w.reader().Verify(w.t.Context(), running.Run())
	require.NoError(w.t, err)
	require.True(w.t, report.Agrees(), "%v", report.Lines)
	return f, running.Run(), report
}

func TestAdversarial61UndoWritesOnlyWhatWasWrittenAndExactlyWhatStoodThere(t *testing.T) {
	t.Parallel()
	w := story(t)
	w.exec(`create table was as select id, lead_status from crm.lead`)
	plan := spec(leadScope(), decided())
	w.exec(`select world.rosa()`) // seven leads are somebody else's
	f, run, report := w.done(plan)
	require.Equal(t, int64(1169), report.Outcomes.Written)
	w.exec(`create table fixed as select id, lead_status from crm.lead`)

	// People go on: one lead gets another status, one gets another and the old one
	// back, one is deleted, one is put back by hand, of one the phone changes.
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 11`)
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 12`)
	w.exec(`update crm.lead set lead_status = 'MQL' where id = 12`)
	w.exec(`delete from crm.campaign_member where lead_id = 13; delete from crm.list_member where lead_id = 13; delete from crm.lead_history where lead_id = 13; delete from crm.lead where id = 13`)
	w.exec(`update crm.lead set lead_status = 'SQL' where id = 14`)
	w.exec(`update crm.lead set phone = '+49 30 1' where id = 15`)

	back := w.undo(plan, f, run, report.Cohorts)
	frozen, undone, report := w.done(back)
	require.Equal(t, rollback.Counts{Write: 1165, Already: 1, Conflict: 1, ConflictLater: 1, Missing: 1}, frozen.Classes())
	require.Equal(t, int64(1169), frozen.Rows, "nothing that the run left alone is in it")
	require.Equal(t, rollback.Outcomes{Written: 1165}, report.Outcomes)
	require.Zero(t, w.number(`select count(*) from crm.lead l join was using (id) join fixed f using (id)
		where l.lead_status <> was.lead_status and f.lead_status <> was.lead_status and id not in (11, 12) and id not in (1, 2, 3, 501, 502, 503, 504)`), "each is back to what it was")
	require.Zero(t, w.number(`select count(*) from crm.lead l join fixed using (id) join was using (id)
		where fixed.lead_status = was.lead_status and l.lead_status <> was.lead_status`), "and no other was touched")
	require.Equal(t, int64(1), w.number(`select count(*) from crm.lead where id = 11 and lead_status = 'Customer'`))
	require.Equal(t, int64(1), w.number(`select count(*) from crm.lead where id = 12 and lead_status = 'MQL'`))
	require.Equal(t, int64(1), w.number(`select count(*) from crm.lead where id = 15 and lead_status = 'SQL' and phone = '+49 30 1'`))

	// An undo can be undone, and then holds what the first run wrote.
	again := w.undo(back, frozen, undone, report.Cohorts)
	_, _, report = w.done(again)
	require.Equal(t, rollback.Outcomes{Written: 1165}, report.Outcomes)
	require.Zero(t, w.number(`select count(*) from crm.lead l join fixed using (id) where l.lead_status <> fixed.lead_status and id not in (11, 14)`))
}

// What a file has given to each record goes back record by record.
func TestAnUndoOfValuesFromAFileKnowsEachRecord(t *testing.T) {
	t.Parallel()
	s := items(t)
	first, lost := rollback.Text("first"), rollback.Text("lost")
	wishes := map[string]rollback.Value{"1": rollback.Text("a"), "2": rollback.Null(), "3": rollback.Text("b"), "4": lost}
	for key := range wishes {
		s.Spoil(key, first, lost)
	}
	d := rollback.Decision{Pair: rollback.Pair{Initial: rollback.Values{first}, Error: rollback.Values{lost}}, File: "file"}
	plan := spec(s.Scope(), []rollback.Decision{d})
	plan.TouchedAt = rollback.TouchedAt{}
	s.staged = func(yield func(rollback.Staged, error) bool) {
		for key, v := range wishes {
			if !yield(rollback.Staged{Key: rollback.Key{key}, Desired: rollback.Values{v}, Evidence: "file"}, nil) {
				return
			}
		}
	}
	f, run, report := s.done(plan)
	s.staged = nil
	require.Equal(t, rollback.Outcomes{Written: 3}, report.Outcomes)
	back := s.undo(plan, f, run, report.Cohorts)
	frozen, undone, report := s.done(back)
	require.Equal(t, rollback.Counts{Write: 3}, frozen.Classes())
	require.Equal(t, []string{"file"}, report.Table.Files, "the state table after it still knows what the file says")
	for key := range wishes {
		held, there := s.Value(key)
		require.True(t, there)
		require.Equal(t, lost, held)
	}
	_, _, report = s.done(s.undo(back, frozen, undone, report.Cohorts))
	require.Equal(t, rollback.Outcomes{Written: 3}, report.Outcomes)
	for key, want := range wishes {
		held, _ := s.Value(key)
		require.Equal(t, want, held)
	}
}

func TestAnUndoRestsOnTheLedgerAsTheRunLeftIt(t *testing.T) {
	t.Parallel()
	w := story(t)
	plan := spec(leadScope(), decided())
	f, run, report := w.done(plan)
	back := w.undo(plan, f, run, report.Cohorts)
	draft, err := rollback.NewDraft(back)
	require.NoError(t, err)
	for name, meddle := range map[string][2]string{
		"a record less in the ledger": {`delete from snafu.ledger where ord = 5`, `insert into snafu.ledger (run, ord, batch, outcome) values (1, 5, 1, 1)`},
		"an outcome that was changed": {`update snafu.ledger set outcome = 3 where ord = 5`, `update snafu.ledger set outcome = 1 where ord = 5`},
		"a value that was changed":    {`update snafu.frozen_rows set error = '{Lead}' where ord = 5`, `update snafu.frozen_rows set error = '{SQL}' where ord = 5`},
	} {
		w.exec(meddle[0])
		_, err = w.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		require.Equal(t, "rows-digest", code(t, err), name)
		w.exec(meddle[1])
	}
	frozen, err := w.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
	require.NoError(t, err)
	require.Equal(t, int64(1176), frozen.Writes)

	// Whoever writes between the freeze and the run wins.
	wr := w.writer()
	running, _, _ := w.running(wr, back)
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 1; update crm.lead set lead_status = 'Customer' where id = 2; update crm.lead set lead_status = 'MQL' where id = 2`)
	drift, err := wr.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true, Shrink: 2}, drift)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	var sum rollback.Outcomes
	for _, b := range w.walk(wr, fence, 500) {
		sum = sum.Plus(b.Counts)
	}
	require.Equal(t, rollback.Outcomes{Written: 1174, Conflict: 1, ConflictLater: 1}, sum)
}

// A history that does not name who wrote still tells our own write from a later one.
func TestAnUndoNeedsNoHistoryThatNamesTheRun(t *testing.T) {
	t.Parallel()
	s := items(t)
	first, lost, good := rollback.Text("first"), rollback.Text("lost"), rollback.Text("good")
	for _, key := range []string{"1", "2", "3"} {
		s.Spoil(key, first, lost)
	}
	s.exec(`create or replace function "my shop".logged() returns trigger language plpgsql security definer as $$ begin
	  if current_setting('test.silent', true) is distinct from 'on' then
	    insert into "my shop".log (item, field, was, now) values (new.id, 'Status', old."Status", new."Status");
	  end if;
	  return null; end $$`)
	d := rollback.Decision{Pair: rollback.Pair{Initial: rollback.Values{first}, Error: rollback.Values{lost}}, Desired: rollback.Values{good}}
	plan := spec(s.Scope(), []rollback.Decision{d})
	plan.TouchedAt = rollback.TouchedAt{}
	f, run, report := s.done(plan)
	s.Change("2", lost)
	s.Change("2", good)
	frozen, _, _ := s.done(s.undo(plan, f, run, report.Cohorts))
	require.Equal(t, rollback.Counts{Write: 2, ConflictLater: 1}, frozen.Classes())
}
