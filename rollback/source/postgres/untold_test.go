package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// A table that keeps no history: a membership says whom a run took, and the
// records say when they were last written.
const untoldSchema = `
	create schema "Shop 2";
	create table "Shop 2"."Person" ("E-Mail" text, "Land" char(2), "Phase" text, "Punkte" int, "geändert" timestamptz not null default now(), primary key ("Land", "E-Mail"));
	create table "Shop 2".member (job text, land char(2), mail text, at timestamptz not null);
	create table "Shop 2".list (name text, land char(2), mail text);
	create function "Shop 2".touched() returns trigger language plpgsql as $$ begin
	  if new."geändert" = old."geändert" then new."geändert" = clock_timestamp(); end if; return new; end $$;
	create trigger touched before update on "Shop 2"."Person" for each row execute function "Shop 2".touched()`

func personTable() rollback.Table {
	return rollback.Table{
		Name: "person", Relation: `"Shop 2"."Person"`, Unit: "people", Key: []string{"Land", "E-Mail"}, Settable: []string{"Phase", "Punkte"}, PII: []string{"E-Mail"},
		TouchedAt:  rollback.TouchedAt{Column: "geändert"},
		Membership: rollback.Membership{Relation: `"Shop 2".member`, Key: []string{"land", "mail"}, Run: "job", At: "at"},
		Lists:      map[string]rollback.List{"kept": {Relation: `"Shop 2".list`, Key: []string{"land", "mail"}, Name: "name"}},
	}
}

type persons struct{ *world }

// untoldPeople are those whom the run took an hour ago.
func untoldPeople(t testing.TB, phases ...string) persons {
	p := persons{empty(t, untoldSchema, personTable())}
	for i, phase := range phases {
		mail := string(rune('a'+i)) + "@example.org"
		p.exec(`insert into "Shop 2"."Person" values ($1, 'DE', nullif($2, ''), 10, now() - interval '1 hour')`, mail, phase)
		p.exec(`insert into "Shop 2".member values ('bad', 'DE', $1, now() - interval '1 hour')`, mail)
	}
	p.exec(`insert into "Shop 2"."Person" values ('x@example.org', 'DE', 'SQL', 10, now() - interval '1 hour')`) // whom the run did not take
	return p
}

func (p persons) scope(set ...string) rollback.Scope {
	return rollback.Scope{Source: "crm", Table: "person", Set: set, Run: "bad", From: time.Now().Add(-2 * time.Hour)}
}

func (p persons) spec(set []string, decisions ...rollback.Decision) rollback.Spec {
	s := spec(p.scope(set...), decisions)
	s.Guard, s.TouchedAt = personTable().EffectiveGuard(), personTable().TouchedAt
	return s
}

// now is a pair that is known by what its records hold.
func now(values ...string) rollback.Pair {
	p := rollback.Pair{}
	for _, v := range values {
		p.Error = append(p.Error, rollback.Text(v))
	}
	return p
}

func (p persons) phase(letter string) string {
	p.t.Helper()
	var phase string
	require.NoError(p.t, p.admin.QueryRow(p.t.Context(), `select coalesce("Phase", '(empty)') from "Shop 2"."Person" where "E-Mail" = $1`, letter+"@example.org").Scan(&phase))
	return phase
}

func TestATableWithoutHistoryIsCountedByWhatItsMembersHold(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL", "SQL", "MQL", "", "SQL")
	p.exec(`delete from "Shop 2"."Person" where "E-Mail" = 'e@example.org'`)
	p.exec(`update "Shop 2"."Person" set "Punkte" = 11 where "E-Mail" = 'b@example.org'`) // by a person, since
	table, err := p.reader().StateTable(t.Context(), p.scope("Phase"))
	require.NoError(t, err)
	require.EqualValues(t, 5, table.Members)
	require.EqualValues(t, 5, table.Total)
	members, _, err := p.reader().Members(t.Context(), p.scope("Phase"))
	require.NoError(t, err)
	require.EqualValues(t, 5, members)

	none, err := table.Classify(nil)
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Undecided: 4, Unrecoverable: 1}, none.Classes(), "nobody has said what they were, and of one nothing is left")
	found, err := table.Classify([]rollback.Decision{{Pair: now("SQL"), Desired: rollback.One("MQL")}})
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Write: 1, ConflictLater: 1, Already: 1}, found.Cohorts[0].Counts,
		"one was written after the run, and one holds what it should: nobody has to say so")
	require.Equal(t, rollback.ConfidenceDerived, found.Cohorts[0].Confidence, "what a person says is never exact")
	require.Equal(t, "(not known) -> SQL", found.Cohorts[0].Label)

	p.opt.Tables[0].Guard = rollback.GuardValue
	table, err = p.reader().StateTable(t.Context(), p.scope("Phase"))
	require.NoError(t, err)
	found, err = table.Classify([]rollback.Decision{{Pair: now("SQL"), Desired: rollback.One("MQL")}})
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Write: 2, Already: 1}, found.Cohorts[0].Counts, "a table that asks for no more is held to the value alone")

	records, err := p.reader().Sample(t.Context(), p.scope("Phase"), rollback.Look{Pair: &rollback.Pair{Error: rollback.One("SQL")}, Limit: 10})
	require.NoError(t, err)
	require.Len(t, records, 2)
	require.Nil(t, records[0].Initial)
	require.Empty(t, records[0].Past)
}

func TestAWindowThatIsClosedSaysWhatWasWrittenAfterTheRun(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL", "SQL", "SQL")
	p.exec(`alter table "Shop 2"."Person" disable trigger touched`)
	p.exec(`update "Shop 2"."Person" set "geändert" = now() - interval '20 minutes' where "E-Mail" = 'a@example.org'`) // the run's own late write
	p.exec(`update "Shop 2"."Person" set "geändert" = now() where "E-Mail" = 'b@example.org'`)
	later := func(sc rollback.Scope) (n int64) {
		table, err := p.reader().StateTable(t.Context(), sc)
		require.NoError(t, err)
		for _, g := range table.Groups {
			if g.Later {
				n += g.Records
			}
		}
		return n
	}
	sc := p.scope("Phase")
	require.EqualValues(t, 2, later(sc), "where the window is open, what the run took last is its end")
	sc.To = time.Now().Add(-10 * time.Minute)
	require.EqualValues(t, 1, later(sc))
}

func TestWithoutHistoryAPlanWritesWhatAPersonSaidAndOnlyWhatNobodyTouched(t *testing.T) {
	t.Parallel()
	for name, careful := range map[string]bool{"quick": false, "careful": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := untoldPeople(t, "SQL", "SQL", "MQL", "", "SQL", "SQL", "Kunde")
			p.exec(`update "Shop 2"."Person" set "Punkte" = 11 where "E-Mail" = 'b@example.org'`)
			decisions := []rollback.Decision{
				{Pair: now("SQL"), Desired: rollback.One("MQL")},
				{Pair: rollback.Pair{Error: rollback.Values{rollback.Null()}}, Desired: rollback.One("neu")},
				{Pair: now("Kunde"), NoChange: true, Desired: rollback.One("Kunde")},
			}
			table, err := p.reader().StateTable(t.Context(), p.scope("Phase"))
			require.NoError(t, err)
			found, err := table.Classify(decisions)
			require.NoError(t, err)
			decisions = found.Decisions() // in the order in which the state table shows them
			w := p.writer()
			running, f, export := p.running(w, p.spec([]string{"Phase"}, decisions...))
			require.Equal(t, rollback.Counts{Write: 4, Right: 1, Already: 1, ConflictLater: 1}, f.Classes())
			require.Equal(t, found.Classes(), f.Classes(), "the freeze classifies as the state table does")
			for i := range decisions {
				require.Equal(t, found.Cohorts[i].Counts, f.OfCohort(int64(i+1)), "cohort %d", i+1)
			}
			require.Contains(t, string(export), `["MQL"],["SQL"],["MQL"],`, "what people say they were stands beside what they hold")

			p.exec(`update "Shop 2"."Person" set "Punkte" = 12 where "E-Mail" = 'e@example.org'`) // after the freeze
			fence, err := w.Take(t.Context(), running, "first")
			require.NoError(t, err)
			b, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: f.Writes, Careful: careful, Last: true})
			require.NoError(t, err)
			require.Equal(t, rollback.Outcomes{Written: 3, ConflictLater: 1}, b.Counts)
			for letter, want := range map[string]string{"a": "MQL", "b": "SQL", "c": "MQL", "d": "neu", "e": "SQL", "f": "MQL", "g": "Kunde", "x": "SQL"} {
				require.Equal(t, want, p.phase(letter), letter)
			}
			report, err := p.reader().Verify(t.Context(), running.Run())
			require.NoError(t, err)
			require.True(t, report.Agrees(), "%v", report.Lines)
			after, err := report.Table.Classify(decisions)
			require.NoError(t, err)
			require.Zero(t, after.Classes().Write)
			require.Zero(t, after.Classes().Undecided, "what was written is known as right")

			p.exec(`update "Shop 2"."Person" set "Phase" = 'verloren' where "E-Mail" = 'a@example.org'`)
			report, err = p.reader().Verify(t.Context(), running.Run())
			require.NoError(t, err)
			require.True(t, report.Agrees(), "the record says that it was written after us: %v", report.Lines)
			p.exec(`alter table "Shop 2"."Person" disable trigger touched; update "Shop 2"."Person" set "Phase" = 'verloren' where "E-Mail" = 'f@example.org'`)
			report, err = p.reader().Verify(t.Context(), running.Run())
			require.NoError(t, err)
			require.False(t, report.Agrees(), "nobody says who wrote that")
		})
	}
}

func TestWithoutHistoryAFileSaysWhatEachRecordShouldBe(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL", "SQL", "SQL", "MQL")
	const file = "3f9a1c07be523f9a1c07be523f9a1c07be523f9a1c07be523f9a1c07be523f9a"
	key := func(letter string) []string { return []string{"DE", letter + "@example.org"} }
	said := []rollback.Wish{
		{Line: 1, Key: key("a"), Desired: rollback.One("MQL")},
		{Line: 2, Key: key("b"), Desired: rollback.One("neu")},
		{Line: 3, Key: key("c"), Desired: rollback.One("SQL")},
		{Line: 4, Key: key("d"), Desired: rollback.One("MQL")},
	}
	matched, err := p.reader().Match(t.Context(), p.scope("Phase"), said)
	require.NoError(t, err)
	require.Len(t, matched.Groups, 2)
	require.True(t, matched.Groups[0].Pair.Equal(now("SQL")))
	require.EqualValues(t, 3, matched.Groups[0].Values)

	decisions := []rollback.Decision{{Pair: now("SQL"), File: file}}
	table, err := p.reader().Laid(t.Context(), p.scope("Phase"), said)
	require.NoError(t, err)
	found, err := table.Classify(decisions)
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Write: 2, Right: 1, Already: 1}, found.Classes())
	p.staged = func(yield func(rollback.Staged, error) bool) {
		for _, w := range said {
			if !yield(rollback.Staged{Key: w.Key, Desired: w.Desired, Confidence: rollback.ConfidenceDerived, Evidence: file}, nil) {
				return
			}
		}
	}
	f, _, report := p.done(p.spec([]string{"Phase"}, decisions...))
	require.Equal(t, found.Classes(), f.Classes())
	require.Equal(t, []string{"MQL", "neu", "SQL", "MQL"}, []string{p.phase("a"), p.phase("b"), p.phase("c"), p.phase("d")})
	after, err := report.Table.Classify(decisions)
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Right: 1, Already: 3}, after.Classes())
}

func TestAPlanWithoutHistoryIsUndone(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL", "SQL", "SQL")
	plan := p.spec([]string{"Phase", "Punkte"}, rollback.Decision{Pair: now("SQL", "10"), Desired: two("MQL", "7")})
	f, run, report := p.done(plan)
	require.EqualValues(t, 3, f.Writes)
	require.Equal(t, "MQL", p.phase("a"))
	require.EqualValues(t, 3, p.number(`select count(*) from "Shop 2"."Person" where "Punkte" = 7`))
	p.exec(`update "Shop 2"."Person" set "Punkte" = 8 where "E-Mail" = 'b@example.org'`)

	back := p.undo(plan, f, run, report.Cohorts)
	frozen, undone, _ := p.done(back)
	require.Equal(t, rollback.Counts{Write: 2, Conflict: 1}, frozen.Classes())
	require.EqualValues(t, 2, undone.Writes())
	require.Equal(t, []string{"SQL", "MQL", "SQL"}, []string{p.phase("a"), p.phase("b"), p.phase("c")})
	require.Equal(t, rollback.ConfidenceExact, back.Cohorts()[0].Confidence, "a ledger says exactly what stood there")
}

func TestWithoutHistoryOnlyAMembershipOrAListSaysWhomARunTook(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL", "SQL", "SQL")
	p.exec(`insert into "Shop 2".list values ('bad', 'DE', 'a@example.org'), ('bad', 'DE', 'x@example.org'), ('bad', 'DE', 'x@example.org'), ('good', 'DE', 'b@example.org')`)
	sc := p.scope("Phase")
	sc.List = "kept"
	table, err := p.reader().StateTable(t.Context(), sc)
	require.NoError(t, err)
	require.EqualValues(t, 1, table.Members, "a list narrows a membership")

	p.opt.Tables[0].Membership = rollback.Membership{}
	table, err = p.reader().StateTable(t.Context(), sc)
	require.NoError(t, err)
	require.EqualValues(t, 2, table.Members, "without a membership the list says it, each record once")
	n, _, err := p.reader().Members(t.Context(), sc)
	require.NoError(t, err)
	require.Equal(t, table.Members, n)

	for _, ask := range []func(rollback.Scope) error{
		func(sc rollback.Scope) error { _, err := p.reader().StateTable(t.Context(), sc); return err },
		func(sc rollback.Scope) error { _, _, err := p.reader().Members(t.Context(), sc); return err },
	} {
		require.ErrorContains(t, ask(p.scope("Phase")), "declares no history and no membership, so nothing says which records a run touched. Add one of them")
	}
}

func TestASourceWithoutHistoryIsSound(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL")
	found, err := Check(t.Context(), p.opt)
	require.NoError(t, err)
	require.Empty(t, found.Missing())
}
