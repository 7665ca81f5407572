package postgres

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

// Tries beside two writers; the benchmark makes a thousand of its own.
const instants = 100

// writers are two hands that write while something is counted.
type writers struct {
	t     *testing.T
	more  [2]chan struct{}
	ended chan error
}

// beside starts two writers. They write as often as go on lets them, so that a
// slow machine counts no other history than a fast one.
func (w *world) beside(t *testing.T, write func(ctx context.Context, c *pgx.Conn, hand, n int64) error) *writers {
	t.Helper()
	ws := &writers{t: t, ended: make(chan error, 2)}
	for hand := range ws.more {
		conn, more := pgtest.Connect(t, w.url), make(chan struct{}, 1000)
		ws.more[hand] = more
		go func() {
			n := int64(0)
			for range more {
				if err := write(context.WithoutCancel(t.Context()), conn, int64(hand), n); err != nil {
					ws.ended <- err
					return
				}
				n++
			}
			ws.ended <- nil
		}()
	}
	return ws
}

// goOn lets each hand write so many times more, if it is not behind already.
func (ws *writers) goOn(times int) {
	for _, more := range ws.more {
		for range times - len(more) {
			more <- struct{}{}
		}
	}
}

func (ws *writers) stop() {
	for _, more := range ws.more {
		close(more)
	}
	for range ws.more {
		require.NoError(ws.t, <-ws.ended)
	}
}

// missed compares two statements of one count: what the cohorts hold now, and
// the whole table by value, less the customers, whom the run never touched.
func missed(s rollback.StateTable) string {
	byValue, sum := map[string]int64{}, int64(0)
	for _, g := range s.Groups {
		byValue[g.Current.String()] -= g.Records
		sum += g.Records
	}
	for _, v := range s.Values {
		if v.Value.String() != "Customer" {
			byValue[v.Value.String()] += v.Records
			sum -= v.Records
		}
	}
	for value, n := range byValue {
		if n != 0 {
			return fmt.Sprintf("%s differs by %d", value, n)
		}
	}
	if sum != 0 {
		return fmt.Sprintf("the cohorts and the total differ by %d", sum)
	}
	return ""
}

func TestCohortsSumToTheTotalOfTheSameInstantWhileTwoWritersWrite(t *testing.T) {
	t.Parallel()
	w := sample(t)
	w.number(`select world.weekly_42(2, $1)`, t0)
	w.opt.Counts.StatementTimeout = time.Minute
	r := w.reader()
	statuses := []string{"Disqualified", "SQL", "MQL"}
	hands := w.beside(t, func(ctx context.Context, c *pgx.Conn, hand, n int64) error {
		_, err := c.Exec(ctx, `update crm.lead set lead_status = $2 where id = $1`, 1+hand+2*(n*31%1463), statuses[n%3])
		return err
	})
	defer hands.stop()
	seen := map[int64]bool{}
	for try := range instants {
		hands.goOn(6)
		s, err := r.StateTable(t.Context(), leadScope())
		require.NoError(t, err)
		require.Empty(t, missed(s), "try %d", try)
		require.EqualValues(t, 3000, s.Total)
		require.EqualValues(t, 2926, s.Members)
		c, err := s.Classify(decided())
		require.NoError(t, err)
		var counts []int64
		for _, cohort := range c.Cohorts {
			counts = append(counts, cohort.Counts.Total())
		}
		require.Equal(t, []int64{500, 676, 1000, 750}, counts, "try %d", try) // what they were before the run changes no more
		require.EqualValues(t, 1176, c.Wrong())
		seen[c.Classes().Write] = true
	}
	require.Greater(t, len(seen), instants/10, "the writers changed what was counted")
}

func TestCohortsSumToTheTotalWhileTheRunGoesOn(t *testing.T) {
	t.Parallel()
	w := sample(t)
	w.opt.Counts.StatementTimeout = time.Minute
	r := w.reader()
	hands := w.beside(t, func(ctx context.Context, c *pgx.Conn, hand, n int64) error {
		id := 2501 + hand + 2*n
		if id > 2926 || id%94 == 0 { // the end of slice 2, and those that no list takes
			return nil
		}
		_, err := c.Exec(ctx, `select world.write($1, 'SQL', 'weekly-42', clock_timestamp())`, id)
		return err
	})
	defer hands.stop()
	grew := int64(2500)
	for try := 0; grew < 2921; try++ {
		hands.goOn(3)
		s, err := r.StateTable(t.Context(), leadScope())
		require.NoError(t, err)
		require.GreaterOrEqual(t, s.Members, grew)
		require.EqualValues(t, 3000, s.Total)
		var sum int64
		for _, g := range s.Groups {
			sum += g.Records
		}
		require.Equal(t, s.Members, sum)
		require.Equal(t, []rollback.ListCount{{Name: "weekly", Records: sum - 26}}, s.Lists, "try %d: the list got each member in the same instant", try)
		grew = s.Members
	}
}

func TestTheGroupsAloneSayWhatTheStateTableSays(t *testing.T) {
	t.Parallel()
	w := story(t)
	w.exec(`select world.rosa()`)
	r := w.reader()
	whole, err := r.StateTable(t.Context(), leadScope())
	require.NoError(t, err)
	groups, err := r.Groups(t.Context(), leadScope())
	require.NoError(t, err)
	require.Equal(t, whole.Groups, groups.Groups)
	require.Equal(t, whole.Members, groups.Members)

	scope := leadScope()
	scope.Table = "nothing"
	_, err = r.Groups(t.Context(), scope)
	require.ErrorContains(t, err, "declares no table")
}
