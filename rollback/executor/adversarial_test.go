package executor_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
)

// with is an executor that differs from the usual one of the tests.
func (s *shop) with(wrap func(source.Writer) source.Writer, change func(*executor.Options)) *executor.Executor {
	o := executor.Options{
		DB: s.db, Approval: s.a, ExportDir: s.dir, Holder: "with", Pace: quick(),
		Readers: func(string) (source.Reader, error) { return s.r, nil },
		Writers: func(string) (source.Writer, error) {
			w, err := openWriter(s.opt)
			if wrap != nil {
				w = wrap(w)
			}
			return w, err
		},
	}
	change(&o)
	return executor.New(o)
}

func TestAdversarial43AHeldRecordIsTriedFiveTimesAndThenCountsAsLocked(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.LockTimeout = 20 * time.Millisecond
	s := newShop(t, 30, b)
	job := s.claimed()
	s.holding("25")
	clock, passes := &steps{}, 0
	e := s.with(func(w source.Writer) source.Writer {
		return &spied{Writer: w, sees: func(span rollback.Span) {
			if span.Careful {
				passes++
				require.Equal(t, passes == 5, span.Last)
			}
		}}
	}, func(o *executor.Options) {
		o.Clock = clock.clock()
		o.Pace.Deferred = 0 // as it is for people
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePartial, v.State)
	require.Equal(t, rollback.Outcomes{Written: 29, Locked: 1}, v.Progress.Counts)
	require.Equal(t, 5, passes)
	require.Equal(t, []time.Duration{5 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second}, clock.waits)
	s.holds(v)
}

// holding keeps the lock of a record until the test ends.
func (s *shop) holding(id string) pgx.Tx {
	s.t.Helper()
	tx, err := pgtest.Connect(s.t, s.url).Begin(s.t.Context())
	require.NoError(s.t, err)
	_, err = tx.Exec(s.t.Context(), `select from shop.item where id = $1::text::bigint for update`, id)
	require.NoError(s.t, err)
	return tx
}

// spied tells a test of each span.
type spied struct {
	source.Writer
	sees func(rollback.Span)
}

func (w *spied) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	w.sees(s)
	return w.Writer.Apply(ctx, f, s)
}

func TestASourceThatStaysBusyPausesTheRunAfterFiveTriesOfHalfTheSize(t *testing.T) {
	t.Parallel()
	b := batches(400)
	b.Min = 10
	s := newShop(t, 900, b)
	for _, state := range []string{"57014", "40P01", "40001", "55P03"} {
		job := s.begun(state)
		clock := &steps{}
		var sizes []int64
		e := s.with(func(w source.Writer) source.Writer { return &refusing{Writer: w, state: state, sizes: &sizes} },
			func(o *executor.Options) { o.Clock, o.Pace.Retry = clock.clock(), 0 })
		require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
		v := s.get(job.Plan)
		require.Equal(t, rollback.NamePaused, v.State)
		require.Equal(t, "crm is too busy: 5 tries in a row ended without a lock", v.Waits)
		require.Equal(t, []int64{400, 200, 100, 50, 25}, sizes)
		require.Len(t, clock.waits, 4)
		for i, d := range clock.waits {
			require.LessOrEqual(t, d, 100*time.Millisecond<<i)
			require.GreaterOrEqual(t, d, 50*time.Millisecond<<i)
		}
		require.Zero(t, s.number(`select count(*) from snafu.batches`))
	}
}

// begun is the run of the one plan, resumed where it had begun.
func (s *shop) begun(string) approval.Run {
	s.t.Helper()
	if s.job.Plan == 0 {
		s.job = s.claimed()
		return s.job
	}
	s.job = s.order(s.job, rollback.OrderResume)
	return s.job
}

// refusing answers every batch with one SQLSTATE.
type refusing struct {
	source.Writer
	state string
	sizes *[]int64
}

func (w *refusing) Apply(_ context.Context, _ rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	*w.sizes = append(*w.sizes, s.Hi-s.Lo+1)
	return rollback.Batch{}, &source.Fault{Doing: "write a batch", State: w.state}
}

// The client of a batch is gone, and its session in the source works on. Nobody
// writes beside it: the successor waits for its end, whichever that is.
func TestAdversarial53ASuccessorWaitsForABatchWhoseClientIsGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ends    string
		batches int64
	}{"which is committed": {"commit", 6}, "which is rolled back": {"rollback", 6}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := batches(10)
			b.LockTimeout = time.Minute // the commit of the orphan waits for a lock that the test holds
			s := newShop(t, 60, b)
			s.exec(`create function shop.linger() returns trigger language plpgsql as $$ begin
				if current_setting('snafu.rollback_id', true) <> '' then perform pg_advisory_xact_lock_shared(7); end if; return null; end $$`)
			s.exec(`create constraint trigger linger after update on shop.item deferrable initially deferred for each row when (new.id = 3) execute function shop.linger()`)
			job := s.claimed()
			s.exec(`select pg_advisory_lock(7)`)
			running, _, err := s.a.ForRun(t.Context(), job)
			require.NoError(t, err)
			orphan, err := openWriter(s.opt)
			require.NoError(t, err)
			t.Cleanup(orphan.Close)
			fence, err := orphan.Take(t.Context(), running, "orphan")
			require.NoError(t, err)
			ended := make(chan error, 1)
			go func() {
				_, err := orphan.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 10})
				ended <- err
			}()
			s.waitsFor(`wait_event = 'advisory'`)

			went := make(chan rollback.PlanView, 1)
			go func() { went <- s.run(job) }()
			s.waitsFor(`wait_event_type = 'Lock' and query like '%snafu.runs%'`)
			require.Zero(t, s.number(`select count(*) from snafu.batches`), "nothing is written beside it")
			require.Empty(t, went)
			if c.ends == "rollback" {
				s.exec(`select pg_terminate_backend($1::int)`, s.number(`select pid from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`))
			}
			s.exec(`select pg_advisory_unlock(7)`)
			err = <-ended
			require.Equal(t, c.ends == "rollback", err != nil, "%v", err)
			v := <-went
			require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
			require.Equal(t, c.batches, v.Progress.Batches)
			s.holds(v)
			_, err = orphan.Apply(t.Context(), fence, rollback.Span{Number: 7, Lo: 1, Hi: 10})
			require.ErrorIs(t, err, source.ErrTakenOver)
		})
	}
}

// waitsFor waits until a session of the source is as the condition says.
func (s *shop) waitsFor(condition string) {
	s.t.Helper()
	conn := pgtest.Connect(s.t, s.url)
	require.Eventually(s.t, func() bool {
		var n int64
		err := conn.QueryRow(s.t.Context(), `select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and `+condition).Scan(&n)
		return err == nil && n > 0
	}, time.Minute, 5*time.Millisecond, "no session with %s", condition)
}

// Ledger rows or a batch that this owner did not write mean another owner, even
// where the fence says otherwise.
func TestAnotherOwnersRowsStopARunAtOnce(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"in the ledger":  `insert into snafu.ledger (run, ord, batch, outcome) select run, 15, 9, 1 from snafu.runs`,
		"in the batches": `insert into snafu.batches (run, number, lo, hi, counts, digest, at) select run, 2, 11, 20, '{}', '\x', now() from snafu.runs`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 40, batches(10))
			job := s.claimed()
			tries := 0
			v, err := s.sitting(job, hooked{before: func(number int64) {
				if tries++; number == 2 {
					s.exec(sql)
				}
			}})
			require.NoError(t, err)
			require.Equal(t, rollback.NameRunning, v.State, "the other goes on")
			require.Equal(t, 2, tries, "it never tries again")
			require.EqualValues(t, 10, s.number(`select count(*) from shop.item where hits > 0`))
		})
	}
}

// The machine's clock is an hour off. Deadlines, entries and batches have the
// time of their databases.
func TestAdversarial62AMachineWithAWrongClockChangesNothing(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"an hour ahead": time.Hour, "an hour behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := batches(10)
			b.Canary = 5
			s := newShop(t, 30, b)
			began, err := s.db.Now(t.Context(), nil)
			require.NoError(t, err)
			job := s.claimed()
			e := s.with(nil, func(o *executor.Options) {
				o.Clock.Now = func() time.Time { return time.Now().Add(off) }
			})
			require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
			require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: s.order(job, rollback.OrderContinue), Attempt: 1}))
			v := s.get(job.Plan)
			require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
			ended, err := s.db.Now(t.Context(), nil)
			require.NoError(t, err)
			entries, err := journal.Entries(t.Context(), s.db, s.id, 0)
			require.NoError(t, err)
			for _, entry := range entries[1:] {
				require.WithinRange(t, entry.At, began, ended, entry.Kind)
			}
			require.WithinRange(t, v.Report.At, began, ended)
			s.holds(v)
		})
	}
}

// After the last batch a record is set back behind everybody's back, without a
// trace in the history. The ledger says written; the fresh look disagrees.
func TestAdversarial63ARunWhoseVerificationDisagreesIsNeverDone(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	v, err := s.sitting(job, hooked{after: func(number int64, _ rollback.Batch, err error) error {
		if number == 3 {
			s.exec(`alter table shop.item disable trigger user`)
			s.exec(`update shop.item set status = 'lost' where id = 12`)
			s.exec(`alter table shop.item enable trigger user`)
		}
		return err
	}})
	require.NoError(t, err)
	require.Equal(t, rollback.NamePartial, v.State)
	require.Equal(t, "the recount disagrees", v.Why)
	require.Equal(t, rollback.Outcomes{Written: 30}, v.Progress.Counts)
	var wrong []rollback.Line
	for _, l := range v.Report.Lines {
		if !l.Holds() {
			wrong = append(wrong, l)
		}
	}
	require.NotEmpty(t, wrong)
	require.Equal(t, rollback.Line{Check: wrong[0].Check, Expected: 30, Found: 29}, wrong[0])
	require.Contains(t, wrong[0].Check, "records that hold good")
	for _, l := range wrong[1:] { // the digest decides whether the record is one of those
		require.Equal(t, "records read back one by one", l.Check)
		require.Equal(t, l.Expected-1, l.Found)
	}
}

func TestAdversarial64NothingToWriteIsSaidAndNobodyIsAsked(t *testing.T) {
	t.Parallel()
	s := newShop(t, 10, batches(10))
	s.exec(`update shop.item set status = 'good' where id < 4`)
	s.exec(`update shop.item set status = 'mine' where id >= 4`)
	v := s.frozen()
	require.Zero(t, v.Writes())
	err := s.a.Propose(t.Context(), s.act(ana), v.Stamp)
	require.ErrorContains(t, err, "Nothing to write")
	require.ErrorContains(t, err, "7 changed by people since")
	require.NotContains(t, s.kinds(), "plan-proposed/1")
	require.Equal(t, rollback.NameFrozen, s.get(v.Stamp.Plan).State)
}

// While one run waits, another plan on the same records is frozen. Not a row of
// the first one changes, and it ends as if nothing had been.
func TestAdversarial65AFreezeDuringAPausedRunLeavesItUntouched(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.Canary = 5
	s := newShop(t, 30, b)
	job := s.claimed()
	require.Equal(t, rollback.NamePaused, s.run(job).State)
	first := s.get(job.Plan).Frozen.ID
	before := s.traces(first)
	other := s.frozen()
	require.Empty(t, other.FreezeError)
	require.NotEqual(t, first, other.Frozen.ID)
	require.EqualValues(t, 25, other.Writes(), "five are right by now")
	require.Equal(t, before, s.traces(first))
	require.Equal(t, rollback.NamePaused, s.get(job.Plan).State)
	v := s.run(s.order(job, rollback.OrderContinue))
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	s.holds(v)
}

// traces is all that the source holds of a run, as one text.
func (s *shop) traces(run int64) (all string) {
	s.t.Helper()
	require.NoError(s.t, s.admin.QueryRow(s.t.Context(), `
		select concat_ws('|',
		  (select string_agg(f::text, ';' order by id) from snafu.freezes f where id = $1),
		  (select string_agg(f::text, ';' order by ord) from snafu.frozen_rows f where freeze_id = $1),
		  (select string_agg(r::text, ';') from snafu.runs r where run = $1),
		  (select string_agg(b::text, ';' order by number) from snafu.batches b where run = $1),
		  (select string_agg(l::text, ';' order by ord) from snafu.ledger l where run = $1),
		  (select string_agg(i::text, ';' order by id) from shop.item i))`, run).Scan(&all))
	require.NotEmpty(s.t, all)
	return all
}
