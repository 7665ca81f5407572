package postgres

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// A table that is known by two columns and whose plans write three: names in
// mixed case, a key of text, a number with trailing zeros, an instant and a
// value that may be empty.
const dealsSQL = `
	create schema "my shop";
	create table "my shop"."Deal" ("Tenant" text, "No." bigint, "Stage" varchar(12), "Score" numeric(10,2), "Due" timestamptz, note text not null default '',
	  primary key ("Tenant", "No."));
	create table "my shop".log (no bigint generated always as identity primary key, tenant text, deal bigint, field text, was text, now text,
	  at timestamptz default clock_timestamp(), job text);
	create table "my shop".member (job text, tenant text, deal bigint, at timestamptz default clock_timestamp());
	create function "my shop".logged() returns trigger language plpgsql security definer as $$
	  declare who text := coalesce(nullif(current_setting('test.job', true), ''), nullif(current_setting('snafu.rollback_id', true), ''));
	begin
	  if new."Stage" is distinct from old."Stage" then insert into "my shop".log (tenant, deal, field, was, now, job) values (new."Tenant", new."No.", 'stage', old."Stage", new."Stage", who); end if;
	  if new."Score" is distinct from old."Score" then insert into "my shop".log (tenant, deal, field, was, now, job) values (new."Tenant", new."No.", 'Score', trim_scale(old."Score"), trim_scale(new."Score"), who); end if;
	  if new."Due" is distinct from old."Due" then insert into "my shop".log (tenant, deal, field, was, now, job) values (new."Tenant", new."No.", 'Due', old."Due", new."Due", who); end if;
	  return null; end $$;
	create trigger logged after update on "my shop"."Deal" for each row execute function "my shop".logged()`

func dealTable() rollback.Table {
	return rollback.Table{
		Name: "deal", Relation: `"my shop"."Deal"`, Unit: "deals", Key: []string{"Tenant", "No."}, Settable: []string{"Stage", "Score", "Due"}, Export: []string{"note"},
		History: rollback.History{
			Relation: "my shop.log", Key: []string{"tenant", "deal"}, Order: "no", At: "at", Field: "field", FieldNames: map[string]string{"Stage": "stage"},
			Old: "was", New: "now", Run: "job",
		},
		Membership: rollback.Membership{Relation: "my shop.member", Key: []string{"tenant", "deal"}, Run: "job", At: "at"},
	}
}

type deals struct{ *world }

func manyDeals(t testing.TB) deals { return deals{empty(t, dealsSQL, dealTable())} }

func (d deals) scope() rollback.Scope {
	return rollback.Scope{Source: "crm", Table: "deal", Set: []string{"Stage", "Score"}, Run: "bad", From: time.Now().Add(-time.Hour)}
}

// made makes a record that is a member of the run.
func (d deals) made(no int, stage, score any) {
	d.t.Helper()
	d.exec(`insert into "my shop"."Deal" values ('Köln', $1, $2, $3)`, no, stage, score)
	d.exec(`insert into "my shop".member (job, tenant, deal) values ('bad', 'Köln', $1)`, no)
}

// by writes a record as a run, or as a person: "".
func (d deals) by(job string, no int, set string) {
	d.t.Helper()
	d.exec(`select set_config('test.job', $1, false)`, job)
	d.exec(fmt.Sprintf(`update "my shop"."Deal" set %s where "No." = %d`, set, no))
	d.exec(`reset test.job`)
}

func (d deals) holds(no int) rollback.Values {
	d.t.Helper()
	var stage, score *string
	require.NoError(d.t, d.admin.QueryRow(d.t.Context(), `select "Stage", "Score"::text from "my shop"."Deal" where "No." = $1`, no).Scan(&stage, &score))
	return rollback.FromPointers([]*string{stage, score})
}

func two(a, b string) rollback.Values { return rollback.Values{rollback.Text(a), rollback.Text(b)} }

func pairs(initial, left rollback.Values) rollback.Pair {
	return rollback.Pair{Initial: initial, Error: left}
}

func (d deals) spec(decisions ...rollback.Decision) rollback.Spec {
	s := spec(d.scope(), decisions)
	s.TouchedAt = rollback.TouchedAt{}
	return s
}

func TestCohortsOfSeveralColumnsArePairsOfAllTheirValues(t *testing.T) {
	t.Parallel()
	d := manyDeals(t)
	d.made(1, "MQL", "10")
	d.by("bad", 1, `"Stage" = 'SQL', "Score" = 0`)
	d.made(2, "MQL", nil)
	d.by("bad", 2, `"Stage" = 'SQL', "Score" = 0`)
	d.made(3, "MQL", "10")
	d.by("bad", 3, `"Stage" = 'SQL'`) // and leaves the score alone
	d.made(4, "MQL", "10")
	d.by("bad", 4, `"Stage" = 'SQL'`)
	d.by("", 4, `"Score" = 11`) // a person wrote the other column since
	d.made(5, "MQL", "10")
	d.by("", 5, `"Score" = 12`)
	d.by("bad", 5, `"Stage" = 'SQL'`) // a person wrote it before
	d.made(6, "MQL", "10")
	d.by("bad", 6, `"Score" = 0`)
	d.by("", 6, `"Score" = 5`)
	d.by("", 6, `"Score" = 0`) // the value came back
	d.made(7, "MQL", "10")
	d.by("bad", 7, `"Score" = 0`)
	d.by("", 7, `"Score" = 5`)
	d.by("bad", 7, `"Score" = 0`) // a person stands between
	d.made(8, "MQL", "10")        // a member without history

	table, err := d.reader().StateTable(t.Context(), d.scope())
	require.NoError(t, err)
	type line struct {
		pair, now        string
		known            bool
		ambiguous, later bool
	}
	var got []line
	for _, g := range table.Groups {
		for range g.Records {
			got = append(got, line{g.Initial.String() + " -> " + g.Error.String(), g.Current.String(), g.Known, g.Ambiguous, g.Later})
		}
	}
	require.ElementsMatch(t, []line{
		{pair: "MQL / 10.00 -> SQL / 0.00", now: "SQL / 0.00", known: true},
		{pair: "MQL / (empty) -> SQL / 0.00", now: "SQL / 0.00", known: true},
		{pair: "MQL / 10.00 -> SQL / 10.00", now: "SQL / 10.00", known: true},
		{pair: "MQL / 10.00 -> SQL / 10.00", now: "SQL / 11.00", known: true, later: true},
		{pair: "MQL / 12.00 -> SQL / 12.00", now: "SQL / 12.00", known: true},
		{pair: "MQL / 10.00 -> MQL / 0.00", now: "MQL / 0.00", known: true, later: true},
		{pair: "MQL / 10.00 -> MQL / 0.00", now: "MQL / 0.00", known: true, ambiguous: true},
		{pair: "(not known) -> (not known)", now: "MQL / 10.00"},
	}, got)
	require.EqualValues(t, 8, table.Total)
	require.Equal(t, rollback.ValueCount{Value: two("MQL", "0.00"), Records: 2}, table.Values[0], "the values of the whole table are pairs too")

	found, err := table.Classify([]rollback.Decision{
		{Pair: pairs(two("MQL", "10.00"), two("SQL", "0.00")), Desired: two("MQL", "10.00")},
		{Pair: pairs(two("MQL", "10.00"), two("SQL", "10.00")), Desired: two("MQL", "10.00")},
		{Pair: pairs(two("MQL", "10.00"), two("MQL", "0.00")), Desired: two("MQL", "10.00")},
	})
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Write: 2, Conflict: 1, ConflictLater: 1, Ambiguous: 1, Undecided: 2, Unrecoverable: 1}, found.Classes())
	members, _, err := d.reader().Members(t.Context(), d.scope())
	require.NoError(t, err)
	require.Equal(t, table.Members, members)
}

// Whatever way a column went, a plan of two columns writes both or neither.
func TestAPlanWritesAllOfItsColumnsOrNoneOfARecord(t *testing.T) {
	t.Parallel()
	for _, careful := range []bool{false, true} {
		t.Run(fmt.Sprintf("careful: %t", careful), func(t *testing.T) {
			t.Parallel()
			d := manyDeals(t)
			for no := 1; no <= 8; no++ {
				d.made(no, "MQL", "10")
				d.by("bad", no, `"Stage" = 'SQL', "Score" = null`)
			}
			left := rollback.Values{rollback.Text("SQL"), rollback.Null()}
			plan := d.spec(rollback.Decision{Pair: pairs(two("MQL", "10.00"), left), Desired: two("MQL", "10")})
			w := d.writer()
			running, f, export := d.running(w, plan)
			require.EqualValues(t, 8, f.Writes)
			require.Contains(t, string(export), `["MQL","10.00"],["SQL",null],["MQL","10.00"],`, "the value is kept as the column holds it")
			require.Equal(t, []rollback.Column{{Name: "Stage", Type: "character varying(12)"}, {Name: "Score", Type: "numeric(10,2)"}}, f.Relation.Set)
			d.by("", 1, `"Score" = 7`)                   // one column, after the freeze
			d.by("", 2, `"Stage" = 'MQL', "Score" = 10`) // put right by a person
			d.by("", 3, `"Stage" = 'new'`)               // the other column
			d.by("", 3, `"Stage" = 'SQL'`)               // which came back
			d.exec(`update "my shop"."Deal" set note = 'mine' where "No." = 4`)
			d.exec(`delete from "my shop"."Deal" where "No." = 5`)
			d.exec(`set session_replication_role = replica; update "my shop"."Deal" set "Score" = 3 where "No." = 6; reset session_replication_role`)

			drift, err := w.Preflight(t.Context(), running)
			require.NoError(t, err)
			require.EqualValues(t, 5, drift.Shrink)
			require.Zero(t, drift.Growth)
			fence, err := w.Take(t.Context(), running, "first")
			require.NoError(t, err)
			b, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: f.Writes, Careful: careful, Last: true})
			require.NoError(t, err)
			require.Equal(t, rollback.Outcomes{Written: 3, Already: 1, Conflict: 2, ConflictLater: 1, Missing: 1}, b.Counts)
			for no, want := range map[int]rollback.Values{
				1: {rollback.Text("SQL"), rollback.Text("7.00")}, 2: two("MQL", "10.00"), 3: left, 4: two("MQL", "10.00"), 6: two("SQL", "3.00"), 7: two("MQL", "10.00"),
			} {
				require.Equal(t, want, d.holds(no), "record %d", no)
			}
			r := d.reader()
			held, err := r.Held(t.Context(), running.Run())
			require.NoError(t, err)
			require.EqualValues(t, 3, held)
			var seen []rollback.Values
			require.NoError(t, r.Ledger(t.Context(), running.Run(), func(row rollback.LedgerRow) error {
				if row.Outcome == rollback.Conflict {
					seen = append(seen, row.Seen)
				}
				return nil
			}))
			require.ElementsMatch(t, []rollback.Values{two("SQL", "7.00"), two("SQL", "3.00")}, seen)
			for n := 1; n <= 2; n++ { // each value of a conflict is in the digest of its batch
				d.exec(fmt.Sprintf(`update snafu.ledger set seen[%d] = seen[%[1]d] || '9' where seen[%[1]d] is not null`, n))
				report, err := r.Verify(t.Context(), running.Run())
				require.NoError(t, err)
				require.Contains(t, report.Lines, rollback.Line{Check: "batches as they were written", Expected: 1, Found: 0})
				d.exec(fmt.Sprintf(`update snafu.ledger set seen[%d] = left(seen[%[1]d], -1) where seen[%[1]d] is not null`, n))
			}
			report, err := r.Verify(t.Context(), running.Run())
			require.NoError(t, err)
			require.Contains(t, report.Lines, rollback.Line{Check: "batches as they were written", Expected: 1, Found: 1})
		})
	}
}

func TestAVerificationForgivesOnlyTheColumnThatAPersonWroteSince(t *testing.T) {
	t.Parallel()
	d := manyDeals(t)
	for no := 1; no <= 4; no++ {
		d.made(no, "MQL", "10")
		d.by("bad", no, `"Stage" = 'SQL', "Score" = 0`)
	}
	plan := d.spec(rollback.Decision{Pair: pairs(two("MQL", "10.00"), two("SQL", "0.00")), Desired: two("MQL", "10.00")})
	w := d.writer()
	running, f, _ := d.running(w, plan)
	fence, err := w.Take(t.Context(), running, "first")
	require.NoError(t, err)
	d.walk(w, fence, f.Writes)
	d.by("", 1, `"Score" = 99`)
	report, err := d.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)

	d.exec(`set session_replication_role = replica; update "my shop"."Deal" set "Stage" = 'odd' where "No." = 1; reset session_replication_role`)
	report, err = d.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.False(t, report.Agrees(), "nobody says who wrote the stage")
	var off []string
	for _, l := range report.Lines {
		if !l.Holds() {
			off = append(off, fmt.Sprintf("%s: %d of %d", l.Check, l.Found, l.Expected))
		}
	}
	require.Equal(t, []string{"MQL / 10.00 -> SQL / 0.00: records that hold MQL / 10.00: 3 of 4"}, off)
}

func TestAnUndoOfSeveralColumnsPutsBackWhatTheRunWrote(t *testing.T) {
	t.Parallel()
	d := manyDeals(t)
	for no := 1; no <= 5; no++ {
		d.made(no, "MQL", no)
		d.by("bad", no, `"Stage" = null, "Score" = 0`)
	}
	lost := rollback.Values{rollback.Null(), rollback.Text("0.00")}
	var decisions []rollback.Decision
	for no := 1; no <= 5; no++ {
		was := two("MQL", fmt.Sprintf("%d.00", no))
		decisions = append(decisions, rollback.Decision{Pair: pairs(was, lost), Desired: was})
	}
	f, run, report := d.done(d.spec(decisions...))
	require.True(t, report.Agrees(), "%v", report.Lines)
	require.Equal(t, two("MQL", "3.00"), d.holds(3))
	d.by("", 2, `"Score" = 77`)
	d.by("", 3, `"Stage" = 'x'`)
	d.by("", 3, `"Stage" = 'MQL'`) // came back: a person's decision

	back := d.undo(d.spec(decisions...), f, run, report.Cohorts)
	frozen, undone, report := d.done(back)
	require.Equal(t, rollback.Counts{Write: 3, Conflict: 1, ConflictLater: 1}, frozen.Classes())
	require.True(t, report.Agrees(), "%v", report.Lines)
	for _, no := range []int{1, 4, 5} {
		require.Equal(t, lost, d.holds(no), "record %d", no)
	}
	require.Equal(t, two("MQL", "77.00"), d.holds(2))
	require.Equal(t, two("MQL", "3.00"), d.holds(3))
	require.EqualValues(t, 3, undone.Writes())
}

// What the scope query answers about several columns is what that of one column
// answers about each of them, for whatever histories the server makes up.
func TestTheScopeQueryOfSeveralColumnsAgreesWithThoseOfEach(t *testing.T) {
	t.Parallel()
	d := manyDeals(t)
	rnd := rand.New(rand.NewPCG(5, 2026)) //nolint:gosec // the same histories in every run
	values := []any{"1", "2", nil}
	entry := `insert into "my shop".log (tenant, deal, field, was, now, job) values ('Köln', $1, $2, $3, $4, $5)`
	batch := &pgx.Batch{}
	for no := 1; no <= 200; no++ {
		batch.Queue(`insert into "my shop"."Deal" values ('Köln', $1, $2::text, $3::text::numeric)`, no, values[rnd.IntN(3)], values[rnd.IntN(3)])
		for range rnd.IntN(6) {
			field := []string{"stage", "Score"}[rnd.IntN(2)]
			batch.Queue(entry, no, field, values[rnd.IntN(3)], values[rnd.IntN(3)], []any{"bad", "bad", "good", nil}[rnd.IntN(4)])
		}
	}
	require.NoError(t, d.admin.SendBatch(t.Context(), batch).Close())
	d.opt.Tables[0].Membership = rollback.Membership{}
	r := d.reader()
	records := func(set ...string) map[string]rollback.Record {
		sc := d.scope()
		sc.Set = set
		found, err := r.Sample(t.Context(), sc, rollback.Look{Limit: 1000, Seed: 1})
		require.NoError(t, err)
		out := map[string]rollback.Record{}
		for _, rec := range found {
			out[rec.Key] = rec
		}
		return out
	}
	all, each := records("Stage", "Score"), []map[string]rollback.Record{records("Stage"), records("Score")}
	require.Greater(t, len(all), 100)
	members := map[string]bool{}
	for i, column := range each {
		for key, alone := range column {
			members[key] = true
			rec := all[key]
			require.Equal(t, alone.Initial[0], rec.Initial[i], "before, of record %s", key)
			require.Equal(t, alone.Error[0], rec.Error[i], "after, of record %s", key)
			require.Equal(t, alone.Current[0], rec.Current[i], "now, of record %s", key)
			require.True(t, rec.Ambiguous || !alone.Ambiguous, "record %s", key)
			require.True(t, rec.Later || !alone.Later, "record %s", key)
		}
	}
	require.Len(t, all, len(members), "whoever the run touched in one column is a member, and nobody else")
	for key, rec := range all {
		one, first := each[0][key]
		other, second := each[1][key]
		require.Equal(t, first && one.Ambiguous || second && other.Ambiguous, rec.Ambiguous, "record %s", key)
		if first && second {
			require.Equal(t, one.Later || other.Later, rec.Later, "record %s", key)
		}
		var fields []string
		for _, c := range rec.Past {
			fields = append(fields, c.Field)
		}
		require.NotEmpty(t, fields)
		require.Subset(t, []string{"Stage", "Score"}, fields)
	}
}

// A file that says less of a record than the count is about must not be read as
// wishing for no value in the other columns.
func TestAFileThatSaysOneColumnIsNotLaidOverSeveral(t *testing.T) {
	t.Parallel()
	d := manyDeals(t)
	d.made(1, "MQL", "10")
	d.by("bad", 1, `"Stage" = 'SQL', "Score" = 0`)
	wish := rollback.Wish{Line: 1, Key: []string{"Köln", "1"}, Desired: rollback.One("MQL")}
	_, err := d.reader().Match(t.Context(), d.scope(), []rollback.Wish{wish})
	require.ErrorContains(t, err, "This count is about Stage, Score, and the file says 1 of each record")
	_, err = d.reader().Laid(t.Context(), d.scope(), []rollback.Wish{wish})
	require.ErrorContains(t, err, "This count is about Stage, Score")

	wish.Desired = two("MQL", "10")
	found, err := d.reader().Match(t.Context(), d.scope(), []rollback.Wish{wish})
	require.NoError(t, err)
	require.Equal(t, two("MQL", "10.00"), found.Groups[0].Desired, "as the columns hold it")
}

func TestAnyChangeOfARecordStopsItWhereTheTableAsksForThat(t *testing.T) {
	t.Parallel()
	d := manyDeals(t)
	for no := 1; no <= 3; no++ {
		d.made(no, "MQL", "10")
		d.by("bad", no, `"Stage" = 'SQL', "Score" = 0`)
	}
	plan := d.spec(rollback.Decision{Pair: pairs(two("MQL", "10.00"), two("SQL", "0.00")), Desired: two("MQL", "10.00")})
	plan.Guard = rollback.GuardAnyChange
	w := d.writer()
	running, f, _ := d.running(w, plan)
	d.exec(`update "my shop"."Deal" set note = 'mine' where "No." = 2`)
	fence, err := w.Take(t.Context(), running, "first")
	require.NoError(t, err)
	b, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: f.Writes, Last: true})
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Written: 2, ConflictLater: 1}, b.Counts)
	require.Equal(t, two("SQL", "0.00"), d.holds(2))
}
