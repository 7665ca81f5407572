package postgres

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestEveryLineWithAValueThatDoesNotFitIsFoundAmongThousands(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.Spoil("1", rollback.Text("1"), rollback.Text("2"))
	s.exec(`drop trigger logged on "my shop".item`)
	file := func(odd string) (lines []rollback.Wish) {
		for n := int64(1); n <= 9000; n++ {
			w := rollback.Wish{Line: n, Key: []string{strconv.FormatInt(n, 10)}, Desired: rollback.One(strconv.FormatInt(n, 10))}
			if n%3000 == 7 {
				w.Desired[0].Text = odd + w.Desired[0].Text
			}
			lines = append(lines, w)
		}
		return lines
	}
	for _, c := range []struct{ typ, odd string }{{"varchar(4)", "longer"}, {"int", "x"}} { // the last one stays
		s.exec(`alter table "my shop".item alter "Status" type ` + c.typ + ` using "Status"::` + c.typ)
		m, err := s.Reader().Match(t.Context(), s.Scope(), file(c.odd))
		require.NoError(t, err)
		require.Equal(t, []int64{7, 3007, 6007}, m.Misfits, c.typ)
	}
	all := file("")
	for i := range all {
		all[i].Desired[0].Text += "x"
	}
	m, err := s.Reader().Match(t.Context(), s.Scope(), all)
	require.NoError(t, err)
	require.Len(t, m.Misfits, mostMisfits, "what is wrong with a whole file is said in its first lines")
	m, err = s.Reader().Match(t.Context(), s.Scope(), file("0"))
	require.NoError(t, err)
	require.Empty(t, m.Misfits)
	require.Equal(t, int64(8999), m.Strange)
	require.Equal(t, int64(1), m.Groups[0].Values)
}

// A table may change between the file and the freeze.
func TestWhatNoLongerFitsIsNotFrozen(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.Spoil("1", rollback.Text("old"), rollback.Text("bad"))
	s.exec(`drop trigger logged on "my shop".item; alter table "my shop".item alter "Status" type varchar(4)`)
	d := rollback.Decision{Pair: rollback.Pair{Initial: rollback.One("old"), Error: rollback.One("bad")}, File: "file"}
	plan := spec(s.Scope(), []rollback.Decision{d})
	plan.TouchedAt = rollback.TouchedAt{}
	draft, err := rollback.NewDraft(plan)
	require.NoError(t, err)
	staged := func(key []string, value string) func(func(rollback.Staged, error) bool) {
		return func(yield func(rollback.Staged, error) bool) {
			yield(rollback.Staged{Key: key, Desired: rollback.One(value), Evidence: "file"}, nil)
		}
	}
	for want, lines := range map[string]func(func(rollback.Staged, error) bool){
		"can't hold a value that was given for a record": staged([]string{"1"}, "longer"),
		"the evidence names 2 columns":                   staged([]string{"1", "2"}, "good"),
	} {
		_, err := s.writer().Freeze(t.Context(), draft, lines, 1, &writeCounter{})
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "longer")
	}
	f, err := s.writer().Freeze(t.Context(), draft, staged([]string{"1"}, "good"), 1, &writeCounter{})
	require.NoError(t, err)
	require.Equal(t, int64(1), f.Writes)
}
