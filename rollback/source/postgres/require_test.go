package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

const subscribed = "not exists (select from q.unsubscribed u where u.person = key.id)"

// requiring is people of whom those who unsubscribed must be left alone.
func requiring(t *testing.T, sql string) *world {
	t.Helper()
	w := people(t)
	w.exec(`create table q.unsubscribed (person int, reason text)`)
	tables := w.opt.Tables
	tables[0].Require = rollback.Require{SQL: sql, Says: "unsubscribed", Reads: map[string][]string{"q.unsubscribed": {"person"}}}
	w.grant(tables...)
	return w
}

func back(w *world) rollback.Spec {
	s := spec(rollback.Scope{Source: "crm", Table: "person", Set: []string{"step"}, Run: "cleanup", From: t0.Add(-40 * 60e9)},
		[]rollback.Decision{{Pair: pair("wait 3", "start"), Desired: rollback.One("wait 3")}})
	s.TouchedAt, s.Unit, s.Require = rollback.TouchedAt{}, "people", w.opt.Tables[0].Require.Required()
	return s
}

func (w *world) applied(wr *Writer, s rollback.Spec) rollback.Batch {
	w.t.Helper()
	running, _, _ := w.running(wr, s)
	fence, err := wr.Take(w.t.Context(), running, "test")
	require.NoError(w.t, err)
	b, err := wr.Apply(w.t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: fence.Run().Writes()})
	require.NoError(w.t, err)
	return b
}

func TestARecordIsLeftAloneInTheWordsOfWhatIsRequiredOfIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, since string }{
		"it does not hold":          {subscribed, `insert into q.unsubscribed values (2)`},
		"nobody can say":            {"(select case when min(u.person) = key.id then null else true end from q.unsubscribed u)\n-- by Iris;", `insert into q.unsubscribed values (2)`},
		"its file ends as files do": {subscribed + " ;\n", `insert into q.unsubscribed values (2)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := requiring(t, c.sql)
			s := back(w)
			wr := w.writer()
			running, f, _ := w.running(wr, s)
			require.Equal(t, int64(4), f.Writes)
			w.exec(c.since) // nobody touches the record itself
			drift, err := wr.Preflight(t.Context(), running)
			require.NoError(t, err)
			require.Equal(t, rollback.Drift{RowsKept: true}, drift)
			fence, err := wr.Take(t.Context(), running, "test")
			require.NoError(t, err)
			b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 4})
			require.NoError(t, err)
			require.Equal(t, rollback.Outcomes{Written: 3, Conflict: 1}, b.Counts)
			require.Equal(t, int64(1), w.number(`select count(*) from q.person where id = 2 and step = 'start'`))
			require.Equal(t, int64(3), w.number(`select count(*) from q.person where id in (1, 3, 4) and step = 'wait 3'`))
			require.Equal(t, int64(1), w.number(`select count(*) from snafu.ledger where outcome = 3 and note = 'unsubscribed' and seen = '{start}'`))
			report, err := w.reader().Verify(t.Context(), fence.Run())
			require.NoError(t, err)
			require.True(t, report.Agrees(), "%v", report.Lines)
		})
	}
}

func TestWhatSomebodyChangedIsNoConflictOfWhatIsRequired(t *testing.T) {
	t.Parallel()
	w := requiring(t, "false")
	wr := w.writer()
	running, _, _ := w.running(wr, back(w))
	w.exec(`update q.person set step = 'done' where id = 1; update q.person set step = 'wait 3' where id = 2`)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 4})
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Already: 1, Conflict: 3}, b.Counts)
	require.Equal(t, int64(2), w.number(`select count(*) from snafu.ledger where note = 'unsubscribed'`))
}

func TestWhoeverMustNotBeWrittenToIsParkedAllTheSame(t *testing.T) {
	t.Parallel()
	w := requiring(t, "false")
	require.Equal(t, rollback.Outcomes{Written: 4}, w.applied(w.writer(), parking(rollback.Decision{Unclear: true})).Counts)
}

func TestAPlanHoldsToWhatWasRequiredWhenItWasApproved(t *testing.T) {
	t.Parallel()
	w := requiring(t, subscribed)
	s := back(w)
	wr := w.writer()
	running, f, _ := w.running(wr, s)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)

	// The digest that was approved says it.
	other := s
	other.Require = nil
	with, err := rollback.Canonical(s, f)
	require.NoError(t, err)
	without, err := rollback.Canonical(other, f)
	require.NoError(t, err)
	require.NotEqual(t, with, without)

	// Another one, other words for it, or none at all are not what was approved.
	for _, now := range []rollback.Require{{}, {SQL: "true", Says: "unsubscribed"}, {SQL: subscribed, Says: "blocked"}} {
		w.opt.Tables[0].Require = now
		later := w.writer()
		drift, err := later.Preflight(t.Context(), running)
		require.NoError(t, err)
		require.Equal(t, []string{"it requires something else of a record than when that was frozen"}, drift.Schema)
		_, err = later.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 4})
		require.Equal(t, "require", code(t, err))
		draft, err := rollback.NewDraft(s)
		require.NoError(t, err)
		_, err = later.Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		require.Equal(t, "require", code(t, err))
		_, err = later.Freeze(t.Context(), draft.Requiring(now), nil, 2, &writeCounter{})
		require.NoError(t, err)
	}
	require.Zero(t, w.number(`select count(*) from snafu.ledger`))
}

func TestWhatCannotBeAskedOfARecordIsRefusedBeforeAnythingIsFrozen(t *testing.T) {
	t.Parallel()
	w := requiring(t, subscribed)
	for sql, because := range map[string]string{
		"not exists (select from q.gone g where g.person = key.id)": "q.gone",
		"key.step = 'start'": "key.step",
		"exists (select from q.unsubscribed u where u.reason = 'legal')": "",
		"key.id":                     "",
		"nextval('x') > 0":           "nextval",
		"true; delete from q.person": "",
	} {
		w.opt.Tables[0].Require.SQL = sql
		draft, err := rollback.NewDraft(back(w))
		require.NoError(t, err)
		_, err = w.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		require.Equal(t, "require", code(t, err), sql)
		require.ErrorContains(t, err, because)
		found, err := Check(t.Context(), w.opt)
		require.NoError(t, err)
		require.NotEmpty(t, found.Missing(), sql)
	}
	require.Zero(t, w.number(`select count(*) from snafu.freezes`))
	w.opt.Tables[0].Require.SQL = subscribed
	found, err := Check(t.Context(), w.opt)
	require.NoError(t, err)
	require.Empty(t, found.Missing())
	require.Empty(t, found.Surplus(), "what it reads is granted, and nothing else")
}
