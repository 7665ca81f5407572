package executor_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// How many random tables are put back and forth: the long form has another file.
var (
	undoneTables = 12
	undoSeed     = flag.Uint64("undo-seed", 1, "of the random tables; 0 makes one up")
)

// A plan puts the records of a random table right, people go on working, and an
// undo puts them back: each record is then what it was, byte by byte, but for
// those that people wrote, which the undo reports and leaves, and for the column
// that says when it was touched.
func TestAnUndoLeavesEachTableAsItWas(t *testing.T) {
	t.Parallel()
	seed := *undoSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano()) //nolint:gosec // any seed will do, if it is printed
	}
	each := min(undoneTables, 20) // tables of a database
	for n := range undoneTables / each {
		c := newChronicle(t, seed+uint64(n), each) //nolint:gosec // a small number
		t.Logf("-undo-seed %d", seed+uint64(n))    //nolint:gosec // a small number
		c.withoutPeople, c.withoutMisery = true, true
		for h, s := range c.sheets {
			c.backAndForth(h+1, s)
		}
		require.Equal(t, each, c.undone)
	}
}

func (c *chronicle) backAndForth(h int, s sheet) {
	t := c.t
	t.Helper()
	say := fmt.Sprintf("%s %v, key %v, guard %s, %+v", s.kind.typ, s.kind.values, s.keys, s.decl.Guard, s.decl.TouchedAt)
	b := c.begin(h, s)
	c.calm()
	before := c.bytes(s)
	v := c.plan(b)
	require.Equal(t, rollback.NameDone, v.State, "%s: %s", say, v.Why)
	require.EqualValues(t, c.play.records, v.Progress.Counts.Written, say)
	put := c.bytes(s)
	for i := range before {
		require.NotEqual(t, before[i], put[i], "record %d of %s is right", i, say)
	}
	// People: one record gets a value of theirs, one a note, one is deleted.
	set := fmt.Sprintf(`update %s set %s = $3::text::%s, edits = edits + 1, moves = moves + 1 where h = $1 and i = $2`, s.name, quote(s.set), s.kind.typ)
	mine := s.kind.values[3]
	if s.kind.typ == "boolean" {
		mine = s.kind.values[0]
	}
	c.does(set, h, 1, mine)
	c.does(fmt.Sprintf(`update %s set note = 'call back', edits = edits + 1 where h = $1 and i = 2`, s.name), h)
	c.does(fmt.Sprintf(`delete from %s where h = $1 and i = 3`, s.name), h)
	require.Empty(t, c.errs, say)
	people := c.bytes(s)

	u := c.undo(v, b)
	after := c.bytes(s)
	require.Equal(t, rollback.NameDone, u.State, "%s: %s %+v", say, u.Why, u.Report)
	classes := u.Classes()
	require.EqualValues(t, 1, classes.Missing, say)
	noted := 1
	for i, was := range before {
		switch i {
		case 3:
			require.Empty(t, after[i], say)
		case 2:
			if s.decl.Guard == rollback.GuardTouched { // whoever touched it may have meant it
				require.Equal(t, people[i], after[i], say)
				noted++
			}
		case 1:
			if s.decl.Guard != rollback.GuardValue && s.decl.Guard != rollback.GuardAnyChange || people[i][0] != put[i][0] {
				require.Equal(t, people[i], after[i], "what somebody decided stays: %s", say)
			}
		default:
			require.Equal(t, was, after[i], "record %d of %s", i, say)
		}
	}
	require.LessOrEqual(t, classes.Conflicts(), int64(noted), say)
	require.EqualValues(t, c.play.records, classes.Total(), say)
	require.Equal(t, u.Writes(), u.Progress.Counts.Written, say)
}

// bytes are all columns of each record of the history in hand, but updated_at,
// as the server writes them.
func (c *chronicle) bytes(s sheet) map[int][]string {
	c.t.Helper()
	rows, err := c.admin.Query(c.t.Context(), fmt.Sprintf(`
		select i, array[coalesce('=' || %s::text, 'null'), %s::text, %s::text, h::text, note, edits::text, moves::text, blank::text, loud] from %s t where h = $1`,
		quote(s.set), s.held("t"), s.keyTexts(), s.name), c.play.h)
	require.NoError(c.t, err)
	out := map[int][]string{}
	var i int
	var record []string
	_, err = pgx.ForEachRow(rows, []any{&i, &record}, func() error {
		out[i] = append([]string{}, record...)
		record = nil
		return nil
	})
	require.NoError(c.t, err)
	return out
}
