package executor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
)

// How many lives of a run are played: the long form has another file.
var misfortunes = 3

// A run meets everything at once, at random: a source that is busy, away or
// silent at its commit, a process that is killed, records that are refused,
// rewritten, held, changed and deleted, a strained source, orders. Whatever
// happens, no record is written twice or against a person, and every record of
// the plan has one outcome.
func TestARunOfManyMisfortunesKeepsItsPromises(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any seed will do, if it is printed
	for n := range misfortunes {
		t.Run(fmt.Sprintf("life %d of seed %d", n, seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, uint64(n))) //nolint:gosec // chance, not a secret
			newLife(t, rnd).play()
		})
	}
}

// life is one run with its misfortunes.
type life struct {
	*shop
	rnd     *rand.Rand
	records int
	mine    map[int]bool // changed by a person for good
	aba     map[int]bool // changed and changed back
	gone    map[int]bool
	job     approval.Run
	locker  *pgx.Conn
	held    int // the record that a colleague has open, 0 for none
}

func newLife(t *testing.T, rnd *rand.Rand) *life {
	t.Helper()
	b := batches(int64(4 + rnd.IntN(20)))
	b.Min, b.LockTimeout, b.Canary = 2, 5*time.Millisecond, int64(rnd.IntN(2)*7)
	l := &life{rnd: rnd, records: 30 + rnd.IntN(40), mine: map[int]bool{}, aba: map[int]bool{}, gone: map[int]bool{}}
	l.shop = newShop(t, l.records, b)
	l.exec(`create function shop.meddle() returns trigger language plpgsql as $$ begin
		if new.status = 'good' and new.id % 17 = 3 then raise exception 'no'; end if;
		if new.status = 'good' and new.id % 23 = 5 then new.status := 'other'; end if;
		return new; end $$`)
	l.exec(`create trigger aa_meddle before update on shop.item for each row execute function shop.meddle()`)
	l.locker = pgtest.Connect(t, l.url)
	l.job = l.claimed()
	return l
}

func (l *life) play() {
	l.t.Helper()
	clock := &steps{tick: 100 * time.Millisecond}
	for sitting := 0; ; sitting++ {
		require.Less(l.t, sitting, 500, "it comes to no end")
		e := l.with(func(w source.Writer) source.Writer { return &unlucky{Writer: w, l: l} }, func(o *executor.Options) {
			o.Clock = clock.clock()
			o.Pace.Term, o.Pace.Heartbeat = 10*time.Minute, time.Minute // nobody takes it over
		})
		err := e.Run(l.t.Context(), jobs.Job[approval.Run]{Args: l.job, Attempt: 1})
		v := l.get(l.job.Plan)
		switch v.State {
		case rollback.NameRunning: // killed
			require.Error(l.t, err)
		case rollback.NamePaused:
			require.NotEmpty(l.t, v.Waits)
			l.letGo()
			word := rollback.OrderResume
			if l.rnd.IntN(60) == 0 {
				word = rollback.OrderAbort
			}
			l.job = l.order(l.job, word)
		default:
		}
		if v = l.get(l.job.Plan); !v.State.Live() {
			l.letGo()
			l.judge(v)
			return
		}
	}
}

func (l *life) letGo() {
	l.t.Helper()
	if l.held != 0 {
		_, err := l.locker.Exec(l.t.Context(), `rollback`)
		require.NoError(l.t, err)
		l.held = 0
	}
}

// chance is true once in n times.
func (l *life) chance(n int) bool { return l.rnd.IntN(n) == 0 }

// people do what people do to records that the run has not written yet.
func (l *life) people() {
	l.t.Helper()
	id := 1 + l.rnd.IntN(l.records)
	switch {
	case id == l.held, l.number(`select count(*) from shop.item where id = $1 and hits = 0`, id) == 0:
	case l.chance(6):
		l.exec(`update shop.item set status = 'mine' where id = $1`, id)
		l.mine[id] = true
	case l.mine[id]:
	case l.chance(8):
		l.exec(`update shop.item set status = 'mine' where id = $1`, id)
		l.exec(`update shop.item set status = 'lost' where id = $1`, id)
		l.aba[id] = true
	case l.chance(10):
		l.exec(`delete from shop.item where id = $1`, id)
		l.gone[id] = true
	case l.chance(6):
		l.exec(`update shop.item set note = 'call back' where id = $1`, id)
	case l.held == 0 && l.chance(4):
		_, err := l.locker.Exec(l.t.Context(), `begin`)
		require.NoError(l.t, err)
		_, err = l.locker.Exec(l.t.Context(), `select from shop.item where id = $1 for update`, id)
		require.NoError(l.t, err)
		l.held = id
	case l.chance(5):
		l.letGo()
	}
}

// unlucky is a source on a bad day.
type unlucky struct {
	source.Writer
	l *life
}

var badDay = []string{"57014", "40P01", "40001", "55P03", "57P01", "57P03", "53300", "08006", ""}

func (w *unlucky) fault() error {
	return &source.Fault{Doing: "be unlucky", State: badDay[w.l.rnd.IntN(len(badDay))]}
}

func (w *unlucky) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	l := w.l
	for range l.rnd.IntN(3) {
		l.people()
	}
	switch {
	case l.chance(12):
		return rollback.Batch{}, w.fault()
	case l.chance(25):
		return rollback.Batch{}, errKilled
	case l.chance(25):
		return rollback.Batch{}, &source.Fault{Doing: "commit a batch", Commit: true}
	case l.chance(40):
		l.order(l.job, rollback.OrderPause)
	}
	b, err := w.Writer.Apply(ctx, f, s)
	switch {
	case err != nil:
	case l.chance(20):
		return rollback.Batch{}, errKilled
	case l.chance(20):
		return rollback.Batch{}, &source.Fault{Doing: "commit a batch", Commit: true}
	}
	return b, err
}

func (w *unlucky) Take(ctx context.Context, r rollback.Running, holder string) (rollback.Fence, error) {
	if w.l.chance(15) {
		return rollback.Fence{}, w.fault()
	}
	return w.Writer.Take(ctx, r, holder)
}

func (w *unlucky) Batches(ctx context.Context, f rollback.Fence, after int64) ([]rollback.Batch, error) {
	if w.l.chance(15) {
		return nil, w.fault()
	}
	return w.Writer.Batches(ctx, f, after)
}

func (w *unlucky) Pending(ctx context.Context, f rollback.Fence, after, limit int64) (rollback.Span, error) {
	if w.l.chance(15) {
		return rollback.Span{}, w.fault()
	}
	return w.Writer.Pending(ctx, f, after, limit)
}

func (w *unlucky) Strain(context.Context) rollback.Strain {
	if w.l.chance(15) {
		return behind
	}
	return calm
}

// judge compares what became of each record with what was done to it.
func (l *life) judge(v rollback.PlanView) {
	t := l.t
	t.Helper()
	l.holds(v)
	settled := v.Progress.Counts.Sum()
	if v.State != rollback.NameAborted {
		require.EqualValues(t, l.records, settled, "each record has one outcome: %+v", v.Progress.Counts)
	}
	clean := v.Progress.Counts.Clean() && settled == int64(l.records)
	require.Equal(t, clean, v.State == rollback.NameDone, "%s: %s %+v", v.State, v.Why, v.Progress.Counts)
	require.Equal(t, l.number(`select count(*) from snafu.ledger where outcome = 1`),
		l.number(`select count(*) from snafu.fixed f join shop.item i on i.id = (f.key[1])::bigint where i.hits = 1 and i.status = 'good'`), "what is written is there")

	rows, err := l.admin.Query(t.Context(), `
		select (f.key[1])::int, coalesce(l.outcome, 0)::bigint, i.id is not null, coalesce(i.status, ''), coalesce(i.hits, 0)
		  from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord left join shop.item i on i.id = (f.key[1])::bigint`)
	require.NoError(t, err)
	var id, hits int
	var outcome int64
	var there bool
	var status string
	_, err = pgx.ForEachRow(rows, []any{&id, &outcome, &there, &status, &hits}, func() error {
		o := rollback.Outcome(outcome)
		say := fmt.Sprintf("record %d: %s, holds %q", id, o, status)
		switch {
		case l.gone[id]:
			require.Contains(t, []rollback.Outcome{rollback.Missing, rollback.Pending, rollback.Failed, rollback.Conflict, rollback.ConflictLater, rollback.Locked}, o, say)
			require.False(t, there, say)
		case l.mine[id]:
			require.Equal(t, "mine", status, say)
			require.Zero(t, hits, say)
			require.NotEqual(t, rollback.Written, o, say)
		case l.aba[id]:
			require.Equal(t, "lost", status, say)
			require.NotEqual(t, rollback.Written, o, say)
		case id%17 == 3, id%23 == 5:
			require.Contains(t, []rollback.Outcome{rollback.Failed, rollback.Pending, rollback.Locked}, o, say)
			require.Equal(t, "lost", status, say)
		default:
			require.Contains(t, []rollback.Outcome{rollback.Written, rollback.Pending, rollback.Locked}, o, say)
			require.Equal(t, o == rollback.Written, status == "good", say)
		}
		return nil
	})
	require.NoError(t, err)
	l.told()
}
