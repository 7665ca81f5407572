package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// One table per type: the run wrote left over initial, and desired goes back.
func typed(t testing.TB, keyType, key, typ string) *shop {
	t.Helper()
	table := itemTable()
	s := &shop{empty(t, `
		create schema "my shop";
		create table "my shop".item (id `+keyType+` primary key, "Status" `+typ+`, note text not null default '');
		create table "my shop".log (no bigint generated always as identity primary key, item `+keyType+`, field text, was text, now text, at timestamptz default clock_timestamp(), job text);
		create table "my shop".member (job text, item `+keyType+`, at timestamptz default clock_timestamp())`, table)}
	return s
}

func TestAdversarial50TheByteRuleHoldsForEveryType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typ, initial, left, desired, own string }{
		{"text", "a", "b ", "a  ", "a  "},
		{"char(5)", "a", "b", "c", "c"},
		{"varchar(5)", "a", "b", "ccccc", "ccccc"},
		{"numeric(10,2)", "1.00", "2.50", "1.5", "1.50"},
		{"double precision", "0.1", "0.30000000000000004", "1e-7", "1e-07"},
		{"real", "0.1", "3.14159", "2", "2"},
		{"bigint", "9007199254740993", "1", "9007199254740993", "9007199254740993"},
		{"boolean", "true", "false", "true", "true"},
		{"timestamptz", "2026-01-05 10:00:00+00", "2026-01-06 10:00:00+00", "2026-01-05T11:00:00+01:00", "2026-01-05 10:00:00+00"},
		{"jsonb", `{"a": 1}`, `{"b": 2}`, `{"b":3,"a":1}`, `{"a": 1, "b": 3}`},
		{"uuid", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002", "00000000-0000-0000-0000-00000000000A", "00000000-0000-0000-0000-00000000000a"},
		{"text[]", `{a,NULL}`, `{b}`, `{"x,y",z}`, `{"x,y",z}`},
		{"bytea", `\x00ff`, `\x01`, `\xAB`, `\xab`},
		{"interval", "1 day", "2 days", "36 hours", "36:00:00"},
	} {
		t.Run(c.typ, func(t *testing.T) {
			t.Parallel()
			s := typed(t, "bigint", "1", c.typ)
			s.exec(`insert into "my shop".item values (1, $1::text::`+c.typ+`)`, c.left)
			s.exec(`insert into "my shop".log (item, field, was, now, job) select 1, 'Status', ($1::text::`+c.typ+`)::text, "Status"::text, 'bad' from "my shop".item`, c.initial)
			s.exec(`insert into "my shop".member values ('bad', 1)`)
			table, err := s.reader().StateTable(t.Context(), s.Scope())
			require.NoError(t, err)
			require.Len(t, table.Groups, 1)
			g := table.Groups[0]
			require.Equal(t, g.Error, g.Current, "what the history says is what the column holds")
			sp := spec(s.Scope(), []rollback.Decision{{Pair: rollback.Pair{Initial: g.Initial, Error: g.Error}, Desired: rollback.One(c.desired)}})
			sp.TouchedAt = rollback.TouchedAt{}
			w := s.writer()
			running, _, _ := s.running(w, sp)
			fence, err := w.Take(t.Context(), running, "first")
			require.NoError(t, err)
			b, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 1})
			require.NoError(t, err)
			require.Equal(t, rollback.Outcomes{Written: 1}, b.Counts)
			var own string
			require.NoError(t, s.admin.QueryRow(t.Context(), `select "Status"::text from "my shop".item`).Scan(&own))
			require.Equal(t, c.own, own)
		})
	}
}

func TestAValueThatTheColumnCannotHoldIsRefusedAtTheFreeze(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typ, left, desired, say string }{
		{"varchar(3)", "bad", "too long", "would cut"},
		{"char(3)", "bad", "too long", "would cut"},
		{"integer", "1", "many", "can't hold"},
		{"stage", "two", "three", "can't hold"},
		{"small", "1", "100", "can't hold"},
	} {
		t.Run(c.typ, func(t *testing.T) {
			t.Parallel()
			s := &shop{empty(t, `create type public.stage as enum ('one', 'two'); create domain public.small as int check (value < 10)`)}
			other := typedIn(s, c.typ)
			other.exec(`insert into "my shop".item values (1, $1::text::`+c.typ+`)`, c.left)
			other.exec(`insert into "my shop".log (item, field, was, now, job) values (1, 'Status', 'x', $1, 'bad')`, c.left)
			other.exec(`insert into "my shop".member values ('bad', 1)`)
			sp := spec(s.Scope(), []rollback.Decision{{Pair: pair("x", c.left), Desired: rollback.One(c.desired)}})
			sp.TouchedAt = rollback.TouchedAt{}
			draft, err := rollback.NewDraft(sp)
			require.NoError(t, err)
			_, err = s.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
			require.ErrorContains(t, err, c.say)
			require.NotContains(t, err.Error(), c.desired)
			require.Zero(t, s.number(`select count(*) from snafu.freezes`), "a refused freeze leaves nothing")
		})
	}
}

func typedIn(s *shop, typ string) *shop {
	s.exec(`create schema "my shop"`)
	s.exec(`create table "my shop".item (id bigint primary key, "Status" ` + typ + `, note text not null default '')`)
	s.exec(`create table "my shop".log (no bigint generated always as identity primary key, item bigint, field text, was text, now text, at timestamptz default clock_timestamp(), job text)`)
	s.exec(`create table "my shop".member (job text, item bigint, at timestamptz default clock_timestamp())`)
	s.opt.Tables = []rollback.Table{itemTable()}
	s.exec(SetupSQL(s.opt))
	return s
}

func TestAdversarial51TextKeysAreExact(t *testing.T) {
	t.Parallel()
	s := typed(t, "text", "", "text")
	keys := []string{"a", "a ", " a", "A", "e\u0300", "\u00e8", "9007199254740993", "", "it's", `b\c`, "{x}", "nul\\0"}
	for _, k := range keys {
		s.exec(`insert into "my shop".item values ($1, 'lost')`, k)
		s.exec(`insert into "my shop".log (item, field, was, now, job) values ($1, 'Status', 'first', 'lost', 'bad')`, k)
		s.exec(`insert into "my shop".member values ('bad', $1)`, k)
	}
	sp := spec(s.Scope(), []rollback.Decision{fixing()})
	sp.TouchedAt = rollback.TouchedAt{}
	w := s.writer()
	running, f, _ := s.running(w, sp)
	require.EqualValues(t, len(keys), f.Writes)
	fence, err := w.Take(t.Context(), running, "first")
	require.NoError(t, err)
	require.EqualValues(t, len(keys), s.walk(wr(w), fence, 5)[0].Counts.Written+7)
	require.EqualValues(t, len(keys), s.number(`select count(*) from "my shop".item where "Status" = 'good'`))
}

func wr(w *Writer) *Writer { return w }

func TestAKeyOfTwoColumnsTellsRecordsApart(t *testing.T) {
	t.Parallel()
	table := rollback.Table{
		Name: "item", Relation: "s.stock", Unit: "items", Key: []string{"shop", "no"}, Settable: []string{"v"},
		History: rollback.History{Relation: "s.log", Key: []string{"shop", "no"}, Order: "at", At: "at", Field: "field", Old: "was", New: "now", Run: "job"},
	}
	s := &shop{empty(t, `
		create schema s;
		create table s.stock (shop text, no int, v text, primary key (shop, no));
		create table s.log (shop text, no int, field text, was text, now text, at timestamptz default clock_timestamp(), job text);
		insert into s.stock select shop, no, 'lost' from unnest(array['a', 'b']) shop, generate_series(1, 5) no;
		insert into s.log (shop, no, field, was, now, job) select shop, no, 'v', 'first', 'lost', 'bad' from s.stock where shop = 'a'`, table)}
	sc := s.Scope()
	sc.Set = []string{"v"}
	sp := spec(sc, []rollback.Decision{fixing()})
	sp.TouchedAt = rollback.TouchedAt{}
	w := s.writer()
	running, f, _ := s.running(w, sp)
	require.EqualValues(t, 5, f.Writes, "without a membership table the run's own entries name the members")
	fence, err := w.Take(t.Context(), running, "first")
	require.NoError(t, err)
	s.walk(w, fence, 3)
	require.EqualValues(t, 5, s.number(`select count(*) from s.stock where shop = 'a' and v = 'good'`))
	require.EqualValues(t, 5, s.number(`select count(*) from s.stock where shop = 'b' and v = 'lost'`))
	report, err := s.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%+v", report.Lines)
}

func TestAdversarial47ARunOlderThanTheHistoryIsRefused(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.opt.Tables[0].History.Retention = 90 * 24 * time.Hour
	s.Join("1", lost)
	s.exec(`update "my shop".member set at = now() - interval '100 days'`)
	sc := s.Scope()
	sc.From = time.Now().AddDate(0, 0, -101)
	_, err := s.reader().StateTable(t.Context(), sc)
	require.Equal(t, "retention", code(t, err))
	s.Spoil("2", first, lost)
	table, err := s.reader().StateTable(t.Context(), sc)
	require.NoError(t, err, "what is left is counted, the rest is unrecoverable")
	found, err := table.Classify([]rollback.Decision{fixing()})
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Write: 1, Unrecoverable: 1}, found.Classes())
}
