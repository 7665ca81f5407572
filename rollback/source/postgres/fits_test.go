package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// What a cast would cut without a word is refused for each type that does so, in
// a plan and in a file.
func TestNoTypeCutsADesiredValueWithoutAWord(t *testing.T) {
	t.Parallel()
	w := empty(t, `
		create schema c;
		create domain c.brief as varchar(5);
		create domain c.three as bit(3);
		create table c.card (id int primary key, brief c.brief, flags c.three, bits bit(3), label name);
		create table c.log (n int generated always as identity primary key, card int not null, at timestamptz not null, field text not null, was text, became text, run text);
		insert into c.card values (1, 'new', b'000', b'000', 'new');
		insert into c.log (card, at, field, was, became, run) select 1, '2026-01-05 09:30Z', f, case when f in ('flags', 'bits') then '101' else 'old' end,
		  case when f in ('flags', 'bits') then '000' else 'new' end, 'bad' from unnest('{brief,flags,bits,label}'::text[]) f`,
		rollback.Table{
			Name: "card", Relation: "c.card", Unit: "cards", Key: []string{"id"}, Settable: []string{"brief", "flags", "bits", "label"},
			History: rollback.History{Relation: "c.log", Key: []string{"card"}, Order: "n", At: "at", Field: "field", Old: "was", New: "became", Run: "run"},
		})
	wr, r := w.writer(), w.reader()
	for _, c := range []struct{ name, column, was, left, desired string }{
		{"a domain over a character type", "brief", "old", "new", "Qualified"},
		{"a domain over bits", "flags", "101", "000", "10111"},
		{"bits", "bits", "101", "000", "10111"},
		{"a name", "label", "old", "new", "seventy characters of which a name keeps sixty-three, and the rest is cut off"},
	} {
		s := spec(rollback.Scope{Source: "crm", Table: "card", Set: []string{c.column}, Run: "bad", From: t0.Add(-60 * 60e9)},
			[]rollback.Decision{{Pair: pair(c.was, c.left), Desired: rollback.One(c.desired)}})
		s.TouchedAt = rollback.TouchedAt{}
		draft, err := rollback.NewDraft(s)
		require.NoError(t, err)
		_, err = wr.Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		require.ErrorContains(t, err, "would cut the desired value", c.name)
		_, ok := refusal.As(err)
		require.True(t, ok, c.name)

		matched, err := r.Match(t.Context(), s.Scope, []rollback.Wish{{Line: 2, Key: []string{"1"}, Desired: rollback.One(c.desired)}})
		require.NoError(t, err)
		require.Equal(t, []int64{2}, matched.Misfits, c.name)
	}
}

// Decisions name cohorts by what records were and became, or by what they hold.
// Where the declaration changes in between, they are about other records: with
// the history gone, what was decided about those that were MQL would be written
// to all that hold SQL.
func TestWhatWasDecidedWithAHistoryIsNotWrittenWithoutOne(t *testing.T) {
	t.Parallel()
	p := untoldPeople(t, "SQL", "SQL")
	freeze := func(w *world, s rollback.Spec) error {
		draft, err := rollback.NewDraft(s)
		require.NoError(t, err)
		_, err = w.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		return err
	}
	told := rollback.Decision{Pair: pair("MQL", "SQL"), Desired: rollback.One("MQL")}
	require.Equal(t, "schema", code(t, freeze(p.world, p.spec([]string{"Phase"}, told))))

	d := manyDeals(t)
	d.made(1, "MQL", "10")
	d.by("bad", 1, `"Stage" = 'SQL'`)
	s := d.spec(rollback.Decision{Pair: now("SQL"), Desired: rollback.One("MQL")})
	s.Scope.Set = []string{"Stage"}
	require.Equal(t, "schema", code(t, freeze(d.world, s)))
	s.Kind, s.Of, s.Guard, s.Scope.Set = rollback.KindContain, []string{"Stage"}, rollback.GuardValue, []string{"Score"}
	s.Decisions = []rollback.Decision{{Kind: rollback.CohortContain, Pair: now("SQL"), Desired: rollback.One("1")}}
	require.Equal(t, "schema", code(t, freeze(d.world, s)), "nor are others parked")
	require.Zero(t, d.number(`select count(*) from snafu.frozen_rows`))
}
