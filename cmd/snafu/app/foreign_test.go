package app

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/source"
)

// foreign is a database that was set up by nothing but its configuration.
type foreign struct {
	t      *testing.T
	config Config
	admin  *pgx.Conn
}

func newForeign(t *testing.T) *foreign {
	t.Helper()
	pgtest.Login(t, "snafu_count")
	url := pgtest.Empty(t)
	f := &foreign{t: t, admin: pgtest.Connect(t, url)}
	env := map[string]string{}
	for login, name := range map[string]string{"snafu_count": "SNAFU_VERSAND_COUNT_DSN", "snafu_exec": "SNAFU_VERSAND_EXEC_DSN"} {
		as, err := pgdb.As(login, url)
		require.NoError(t, err)
		env[name] = as
	}
	var err error
	f.config, err = parse("snafu.yaml", []byte(manifests.ForeignConfig), lookup(env), Need{Sources: true})
	require.NoError(t, err)
	setup, err := SourceSQL(f.config, "versand")
	require.NoError(t, err)
	for _, sql := range []string{manifests.ForeignSchema, manifests.ForeignWorld, setup, setup} {
		require.NoError(t, pgx.BeginFunc(t.Context(), f.admin, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		}))
	}
	return f
}

func (f *foreign) number(sql string) (n int64) {
	f.t.Helper()
	require.NoError(f.t, f.admin.QueryRow(f.t.Context(), sql).Scan(&n))
	return n
}

func (f *foreign) exec(sql string) {
	f.t.Helper()
	_, err := f.admin.Exec(f.t.Context(), sql)
	require.NoError(f.t, err)
}

// measure counts what the run left of a column.
func (f *foreign) measure(table, column string) rollback.StateTable {
	f.t.Helper()
	r, err := systems["postgres"].reader(f.t.Context(), "versand", f.config.Sources["versand"])
	require.NoError(f.t, err)
	defer r.Close()
	state, err := r.StateTable(f.t.Context(), f.scope(table, column))
	require.NoError(f.t, err)
	return state
}

func (f *foreign) scope(table, column string) rollback.Scope {
	return rollback.Scope{Source: "versand", Table: table, Set: []string{column}, Run: "Lauf 0815", From: time.Now().Add(-time.Hour)}
}

// decisions give every record what it was.
func (f *foreign) decisions(state rollback.StateTable) (all []rollback.Decision) {
	f.t.Helper()
	found, err := state.Classify(nil)
	require.NoError(f.t, err)
	for _, c := range found.Cohorts {
		all = append(all, rollback.Decision{Pair: c.Pair, Desired: c.Pair.Initial})
	}
	return all
}

// restore plans that every record gets back what it was before the run, lets
// two people approve it, and writes it.
func (f *foreign) restore(table, column string) (rollback.Freeze, rollback.Outcomes, rollback.Report) {
	f.t.Helper()
	w, running, fence := f.begun(table, column)
	var sum rollback.Outcomes
	for number, lo := int64(1), int64(1); lo <= running.Writes(); number, lo = number+1, lo+100 {
		b, err := w.Apply(f.t.Context(), fence, rollback.Span{Number: number, Lo: lo, Hi: min(lo+99, running.Writes())})
		require.NoError(f.t, err)
		sum = sum.Plus(b.Counts)
	}
	return running.Freeze(), sum, f.verified(running)
}

// verified is what the counting login finds afterwards.
func (f *foreign) verified(running rollback.Running) rollback.Report {
	f.t.Helper()
	r, err := systems["postgres"].reader(f.t.Context(), "versand", f.config.Sources["versand"])
	require.NoError(f.t, err)
	defer r.Close()
	report, err := r.Verify(f.t.Context(), running.Run())
	require.NoError(f.t, err)
	return report
}

// begun is such a plan before its first batch.
func (f *foreign) begun(table, column string) (source.Writer, rollback.Running, rollback.Fence) {
	f.t.Helper()
	ctx, s := f.t.Context(), f.config.Sources["versand"]
	decisions := f.decisions(f.measure(table, column))
	var decl rollback.Table
	for _, t := range s.tables() {
		if t.Name == table {
			decl = t
		}
	}
	draft, err := rollback.NewDraft(rollback.Spec{
		Install: []byte("0123456789abcdef"), Incident: 7, Plan: 1, Ref: "R1", Revision: 1, Kind: rollback.KindRollback,
		Requester: "T1/MAYA", Author: "T1/MAYA", Needs: int64(s.Approvers.Needed), Scope: f.scope(table, column), Decisions: decisions,
		Guard: decl.EffectiveGuard(), TouchedAt: decl.TouchedAt, Effects: rollback.EffectsFire, Batch: s.Batch.batching(),
		Tolerance: s.Tolerance.tolerance(), Limits: s.Limits.limits(), Unit: decl.Unit,
	})
	require.NoError(f.t, err)
	w, err := systems["postgres"].writer(ctx, "versand", s)
	require.NoError(f.t, err)
	f.t.Cleanup(w.Close)
	var export bytes.Buffer
	freeze, err := w.Freeze(ctx, draft, nil, 1, &export)
	require.NoError(f.t, err)
	require.EqualValues(f.t, freeze.Rows, bytes.Count(export.Bytes(), []byte("\n")))
	frozen, err := draft.Freeze(freeze)
	require.NoError(f.t, err)
	proposed, err := frozen.Propose(freeze.At)
	require.NoError(f.t, err)
	at := freeze.At.Add(time.Minute)
	var next rollback.State = proposed
	for _, by := range []incidents.Person{"T1/KEN", "T1/LENA"} {
		p, ok := next.(rollback.Proposed)
		require.True(f.t, ok)
		next, err = p.Approve(rollback.Click{By: by, Read: p.Digest(), Typed: freeze.Writes, Opened: at}, nil, at)
		require.NoError(f.t, err)
	}
	approved, ok := next.(rollback.Approved)
	require.True(f.t, ok)
	running, err := approved.Start("T1/KEN", at)
	require.NoError(f.t, err)
	drift, err := w.Preflight(ctx, running)
	require.NoError(f.t, err)
	require.Equal(f.t, rollback.Drift{RowsKept: true}, drift)
	fence, err := w.Take(ctx, running, "test")
	require.NoError(f.t, err)
	return w, running, fence
}

// What every order was before the run, by the rule that made it, but for those
// that somebody has decided about since.
const foreignRight = `
	select count(*) from "Versand 2.0"."Auftrag" a, lateral (select right("Nr.", 4)::int as n) as o
	 where not ("Mandant" = 'Süd' and n <= 3) and not ("Mandant" = 'Nord' and n = 7)
	   and "Status" is not distinct from (array['offen', 'in Arbeit', 'versandt', null])[n % 4 + 1]::"Versand 2.0"."Auftragsstatus"
	   and "Rabatt" is not distinct from (array[null, 5, 12.5])[n % 3 + 1]
	   and "Liefertermin" is not distinct from case when n % 2 = 0 then timestamptz '2026-03-28 08:00+01' else timestamptz '2026-04-02 14:30+02' end`

const foreignLeft = `
	select count(*) from "Versand 2.0"."Auftrag"
	 where "Mandant" = 'Süd' and right("Nr.", 4)::int <= 3 and "Status" = 'offen' and "Rabatt" = 1 and "Liefertermin" = '2026-05-01 10:00+02'
	    or "Mandant" = 'Nord' and "Nr." = 'A-0007' and "Status" = 'storniert' and "Rabatt" = 99.9 and "Liefertermin" is null`

func TestAForeignSchemaIsCountedAndPutBackByConfigurationAlone(t *testing.T) {
	t.Parallel()
	f := newForeign(t)
	var out strings.Builder
	require.NoError(t, CheckSource(t.Context(), &out, f.config, "versand", false), out.String())
	require.Contains(t, out.String(), `An update of Status sets off protokolliere (after update, "Versand 2.0".protokolliere)`)

	require.EqualValues(t, 150, f.number(foreignRight), "the run spoilt 450 of 600 orders")
	for column, cohorts := range map[string]map[string]int64{
		"Status": {"offen -> storniert": 111, "in Arbeit -> storniert": 114, "versandt -> storniert": 114, "(empty) -> storniert": 111},
		"Rabatt": {"(empty) -> 99.90": 150, "5.00 -> 99.90": 150, "12.50 -> 99.90": 150},
		// As the history tells them, these stand in another time zone.
		"Liefertermin": {"2026-03-28 07:00:00+00 -> (empty)": 225, "2026-04-02 12:30:00+00 -> (empty)": 225},
	} {
		state := f.measure("auftrag", column)
		require.EqualValues(t, 450, state.Members, column)
		require.EqualValues(t, 599, state.Total, column)
		require.Equal(t, []rollback.ListCount{{Name: "ostern", Records: 0}}, state.Lists)
		found, err := state.Classify(nil)
		require.NoError(t, err)
		got := map[string]int64{}
		for _, c := range found.Cohorts {
			got[c.Label] = c.Counts.Total()
		}
		require.Equal(t, cohorts, got, column)
	}
	for _, column := range []string{"Status", "Rabatt", "Liefertermin"} {
		freeze, sum, report := f.restore("auftrag", column)
		require.Equal(t, rollback.Counts{Write: 445, Conflict: 3, ConflictLater: 1, Missing: 1}, freeze.Classes(), column)
		require.Equal(t, rollback.Outcomes{Written: 445}, sum, column)
		require.True(t, report.Agrees(), "%s: %+v", column, report.Lines)
		again := f.measure("auftrag", column)
		found, err := again.Classify(f.decisions(again))
		require.NoError(t, err)
		require.Equal(t, rollback.Counts{Already: 445, Conflict: 3, ConflictLater: 1, Missing: 1}, found.Classes(), "counted again: %s", column)
	}
	require.EqualValues(t, 595, f.number(foreignRight))
	require.EqualValues(t, 4, f.number(foreignLeft), "what people decided since stays")
}

// What the schema's own triggers do to a write is never taken for a success.
func TestAForeignTriggerThatSwallowsOrRewritesUndoesItsBatch(t *testing.T) {
	t.Parallel()
	for column, rewrites := range map[string]string{
		"Status": `'storniert'`, "Rabatt": `new."Rabatt" + 0.01`, "Liefertermin": `new."Liefertermin" + interval '1 microsecond'`,
	} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			f := newForeign(t)
			w, running, fence := f.begun("auftrag", column)
			before := f.number(foreignRight)
			f.exec(`create function "Versand 2.0"."Störung"() returns trigger language plpgsql as $$ begin
				if current_setting('snafu.rollback_id', true) <> '' and new."Mandant" = 'Nord' then
				  if new."Nr." = 'A-0001' then return null; end if;
				  if new."Nr." = 'A-0002' then new."` + column + `" := ` + rewrites + `; end if;
				end if;
				return new; end $$;
				create trigger "Störung" before update on "Versand 2.0"."Auftrag" for each row execute function "Versand 2.0"."Störung"()`)
			_, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: running.Writes()})
			rewritten, ok := source.AsRewritten(err)
			require.True(t, ok, "%v", err)
			require.Positive(t, rewritten.Records)
			require.Equal(t, before, f.number(foreignRight), "nothing of the batch stays")

			number := int64(0)
			require.Equal(t, rollback.Outcomes{Written: 443, Failed: 2}, f.halved(w, fence, &number, 1, running.Writes()))
			report := f.verified(running)
			require.True(t, report.Agrees(), "%+v", report.Lines)
			require.EqualValues(t, 2, f.number(`select count(*) from snafu.ledger where outcome = 7 and note = 'trigger'`))
		})
	}
}

// halved writes a span, and finds by halving what cannot be written.
func (f *foreign) halved(w source.Writer, fence rollback.Fence, number *int64, lo, hi int64) rollback.Outcomes {
	f.t.Helper()
	span := rollback.Span{Number: *number + 1, Lo: lo, Hi: hi}
	b, err := w.Apply(f.t.Context(), fence, span)
	if _, ok := source.AsRewritten(err); ok {
		if lo < hi {
			half := (lo + hi) / 2
			return f.halved(w, fence, number, lo, half).Plus(f.halved(w, fence, number, half+1, hi))
		}
		span.Failed = "trigger"
		b, err = w.Apply(f.t.Context(), fence, span)
	}
	require.NoError(f.t, err)
	*number++
	return b.Counts
}

func TestAStaticListSaysWhichRecordsARunTook(t *testing.T) {
	t.Parallel()
	f := newForeign(t)
	freeze, sum, report := f.restore("osterauftrag", "Status")
	require.Equal(t, rollback.Counts{Write: 295, Conflict: 3, ConflictLater: 1, Missing: 1}, freeze.Classes())
	require.Equal(t, rollback.Outcomes{Written: 295}, sum)
	require.True(t, report.Agrees(), "%+v", report.Lines)
}

func TestAHistoryThatIsUnclearIsRefusedAndNeverGuessed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ column, field, old string }{
		"day and month exchanged":   {"Liefertermin", "LT", "02.04.2026 14:30:00 CEST"},
		"an instant without a zone": {"Liefertermin", "LT", "2026-04-02 14:30:00"},
		"a decimal comma":           {"Rabatt", "RB", "12,5"},
		"a number of another kind":  {"Rabatt", "RB", "twelve"},
		"more than the column has":  {"Rabatt", "RB", "123456"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForeign(t)
			f.exec(`update "Versand 2.0"."Änderung" set "vorher" = '` + c.old + `' where "Mandant" = 'Nord' and "Auftrag" = 'A-0001' and "Feld" = '` + c.field + `'`)
			r, err := systems["postgres"].reader(t.Context(), "versand", f.config.Sources["versand"])
			require.NoError(t, err)
			defer r.Close()
			_, err = r.StateTable(t.Context(), f.scope("auftrag", c.column))
			require.ErrorContains(t, err, "Its history or membership holds a value that")
			require.NotContains(t, err.Error(), c.old)
		})
	}
}
