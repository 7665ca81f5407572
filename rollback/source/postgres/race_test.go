package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

var (
	first = rollback.Text("first")
	lost  = rollback.Text("lost")
	good  = rollback.Text("good")
)

func fixing() rollback.Decision {
	return rollback.Decision{
		Pair: rollback.Pair{Initial: rollback.Values{first}, Error: rollback.Values{lost}}, Desired: rollback.Values{good},
	}
}

// plan freezes, approves and takes a plan over n spoilt items.
func (s *shop) plan(n int, guard rollback.Guard) (*Writer, rollback.Running, rollback.Fence) {
	s.t.Helper()
	s.exec(`insert into "my shop".item (id, "Status") select i, 'first' from generate_series(1, $1::int) i`, n)
	s.exec(`insert into "my shop".member (job, item) select 'bad', i from generate_series(1, $1::int) i`, n)
	s.exec(`set test.job = 'bad'`)
	s.exec(`update "my shop".item set "Status" = 'lost'`)
	s.exec(`reset test.job`)
	sp := spec(s.Scope(), []rollback.Decision{fixing()})
	sp.TouchedAt, sp.Guard = rollback.TouchedAt{}, guard
	sp.Batch.LockTimeout = 5 * time.Second // so that quick waits for the other writer
	w := s.writer()
	running, _, _ := s.running(w, sp)
	fence, err := w.Take(s.t.Context(), running, "first")
	require.NoError(s.t, err)
	return w, running, fence
}

// whileWaiting applies a batch that meets a lock, and lets the other writer go
// on only when the batch is waiting for it.
func (s *shop) whileWaiting(w *Writer, f rollback.Fence, goOn func()) rollback.Batch {
	s.t.Helper()
	type answer struct {
		b   rollback.Batch
		err error
	}
	done := make(chan answer, 1)
	go func() {
		b, err := w.Apply(s.t.Context(), f, rollback.Span{Number: 1, Lo: 1, Hi: f.Run().Writes()})
		done <- answer{b, err}
	}()
	require.Eventually(s.t, func() bool {
		return s.number(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0
	}, time.Minute, 2*time.Millisecond, "the batch never waited")
	goOn()
	a := <-done
	require.NoError(s.t, a.err)
	return a.b
}

func TestAdversarial28LegitimateWriteWhileTheBatchWaits(t *testing.T) {
	t.Parallel()
	s := items(t)
	w, _, fence := s.plan(3, rollback.GuardLaterWriter)
	tx := s.hold("2")
	_, err := tx.Exec(t.Context(), `update "my shop".item set "Status" = 'mine' where id = 2`)
	require.NoError(t, err)
	b := s.whileWaiting(w, fence, func() { require.NoError(t, tx.Commit(t.Context())) })
	require.Equal(t, rollback.Outcomes{Written: 2, Conflict: 1}, b.Counts)
	v, _ := s.Value("2")
	require.Equal(t, rollback.Text("mine"), v)
}

func TestAdversarial29ValueCameBackWhileTheBatchWaits(t *testing.T) {
	t.Parallel()
	s := items(t)
	w, _, fence := s.plan(3, rollback.GuardLaterWriter)
	tx := s.hold("2")
	for _, v := range []string{"mine", "lost"} {
		_, err := tx.Exec(t.Context(), `update "my shop".item set "Status" = $1 where id = 2`, v)
		require.NoError(t, err)
	}
	b := s.whileWaiting(w, fence, func() { require.NoError(t, tx.Commit(t.Context())) })
	require.Equal(t, rollback.Outcomes{Written: 2, ConflictLater: 1}, b.Counts)
	v, _ := s.Value("2")
	require.Equal(t, lost, v)
}

func TestAWriterThatGivesUpLeavesTheRecordToTheBatch(t *testing.T) {
	t.Parallel()
	s := items(t)
	w, _, fence := s.plan(3, rollback.GuardLaterWriter)
	tx := s.hold("2")
	_, err := tx.Exec(t.Context(), `update "my shop".item set "Status" = 'mine' where id = 2`)
	require.NoError(t, err)
	b := s.whileWaiting(w, fence, func() { require.NoError(t, tx.Rollback(t.Context())) })
	require.Equal(t, rollback.Outcomes{Written: 3}, b.Counts)
}

// Somebody changes random records while the run walks, at five rates. No change
// is overwritten, none is on two lists, and the outcomes sum to the plan.
func TestP07_DriftIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{1, 20, 100, 500, 2000} {
		t.Run(fmt.Sprintf("%d of 2,000 records", rate), func(t *testing.T) {
			t.Parallel()
			s := items(t)
			w, running, fence := s.plan(2000, rollback.GuardLaterWriter)
			stop, stopped := make(chan struct{}), make(chan map[string]string)
			conn := pgtest.Connect(t, s.url)
			go func() { stopped <- drift(t.Context(), conn, rate, stop) }()
			var sum rollback.Outcomes
			number := int64(0)
			apply := func(span rollback.Span) {
				number++
				span.Number = number
				b, err := w.Apply(t.Context(), fence, span)
				require.NoError(t, err)
				sum = sum.Plus(b.Counts)
			}
			for lo := int64(1); lo <= 2000; lo += 100 {
				apply(rollback.Span{Lo: lo, Hi: lo + 99})
			}
			close(stop)
			mine := <-stopped
			rest, err := w.Pending(t.Context(), fence, 0, 2000)
			require.NoError(t, err)
			if rest.Hi > 0 {
				rest.Careful, rest.Last = true, true
				apply(rest)
			}
			require.Equal(t, running.Writes(), sum.Sum())
			require.Zero(t, sum.Locked)
			for key, value := range mine { // the last word is theirs, before us and after us
				v, _ := s.Value(key)
				require.Equal(t, value, v.Text, "record %s", key)
			}
			require.Zero(t, s.number(`
				select count(*) from "my shop".log a join "my shop".log b using (item)
				 where a.job is null and b.job = 'SNAFU-1/R1' and b.no > a.no`), "a person's value was written over")
			require.Equal(t, sum.Written, s.number(`select count(*) from "my shop".log where job = 'SNAFU-1/R1'`))
		})
	}
}

// drift changes up to n records, each at most once, until it is told to stop.
func drift(ctx context.Context, conn *pgx.Conn, n int, stop chan struct{}) map[string]string {
	mine := map[string]string{}
	for i, id := range rand.Perm(2000) { //nolint:gosec // any order will do
		select {
		case <-stop:
			return mine
		default:
		}
		if i >= n {
			return mine
		}
		key, value := strconv.Itoa(id+1), fmt.Sprintf("person %d", i)
		if _, err := conn.Exec(ctx, `update "my shop".item set "Status" = $2 where id = $1::text::bigint`, key, value); err == nil {
			mine[key] = value
		}
	}
	return mine
}
