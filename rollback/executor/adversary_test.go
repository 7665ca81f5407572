package executor_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

var errKilled = errors.New("killed")

// sitting is one owner of a run, harmed by the hooks.
func (s *shop) sitting(job approval.Run, h hooked) (rollback.PlanView, error) {
	s.t.Helper()
	e := s.executor(func(w source.Writer) source.Writer {
		h := h
		h.Writer = w
		return &h
	})
	err := e.Run(s.t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1})
	return s.get(job.Plan), err
}

// killedAfter ends the process between the commit of a batch and the log's
// hearing of it.
func killedAfter(number int64) hooked {
	return hooked{after: func(n int64, _ rollback.Batch, err error) error {
		if err == nil && n == number {
			return errKilled
		}
		return err
	}}
}

// holds compares ledger, batches, records and log once the run has ended.
func (s *shop) holds(v rollback.PlanView) {
	s.t.Helper()
	written := s.number(`select count(*) from snafu.ledger where outcome = 1`)
	require.Equal(s.t, written, s.number(`select count(*) from shop.item where hits = 1`), "ledger and records")
	require.Zero(s.t, s.number(`select count(*) from shop.item where hits > 1`), "written twice")
	require.Equal(s.t, written, v.Progress.Counts.Written, "ledger and log")
	require.Equal(s.t, s.number(`select count(*) from snafu.ledger`), v.Progress.Counts.Sum())
	require.Equal(s.t, s.number(`select max(number) from snafu.batches`), s.number(`select count(*) from snafu.batches`), "batch numbers")
	require.Zero(s.t, s.number(`
		select count(*) from snafu.ledger l join snafu.batches b on b.run = l.run and b.number = l.batch where l.ord not between b.lo and b.hi`))
}

func (s *shop) join(id int) {
	s.exec(`insert into shop.item (id, status) values ($1, 'first')`, id)
	s.exec(`set test.job = 'bad'`)
	s.exec(`update shop.item set status = 'lost' where id = $1`, id)
	s.exec(`reset test.job`)
}

func TestAPlanThatHasWrittenUnknownToTheLogIsNotSentBackToDraft(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	_, err := s.sitting(job, killedAfter(1))
	require.ErrorIs(t, err, errKilled)
	require.Zero(t, s.get(job.Plan).Progress.Batches, "the log has not heard of it")
	s.join(99)

	v := s.run(job)
	require.Equal(t, rollback.NamePaused, v.State, "it has written: %s", v.Why)
	require.Contains(t, v.Waits, "1 more items")
	require.NotContains(t, v.Waits, "back to draft")
	require.EqualValues(t, 10, v.Progress.Counts.Written)
	s.order(job, rollback.OrderAbort)
	v = s.get(job.Plan)
	require.Equal(t, rollback.NameAborted, v.State)
	s.holds(v)
}

func TestARunKilledAfterItsLastBatchEndsByItsVerificationWhateverMoved(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	_, err := s.sitting(job, killedAfter(3))
	require.ErrorIs(t, err, errKilled)
	s.join(99)
	v := s.run(job)
	require.Equal(t, rollback.NamePartial, v.State)
	require.Equal(t, "the recount disagrees", v.Why)
	s.holds(v)
}

// An abort that arrives with anything else that would make the run wait is an
// abort all the same.
func TestAnAbortIsNeverLostInAPause(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.Canary = 5
	for name, at := range map[string]int64{"with the first records": 1, "with a refused batch": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 30, b)
			job := s.claimed()
			if at > 1 {
				require.Equal(t, rollback.NamePaused, s.run(job).State)
				job = s.order(job, rollback.OrderContinue)
			}
			v, err := s.sitting(job, hooked{
				before: func(number int64) {
					if number == at {
						s.order(job, rollback.OrderAbort)
					}
				},
				after: func(number int64, _ rollback.Batch, err error) error {
					if number > 1 {
						return &source.Fault{Doing: "write a batch", State: "42501"}
					}
					return err
				},
			})
			require.NoError(t, err)
			require.Equal(t, rollback.NameAborted, v.State)
			require.Equal(t, "because", v.Why)
			require.EqualValues(t, 5, v.Progress.Hi)
			require.Equal(t, "run-aborted/1", s.kinds()[len(s.kinds())-1])
		})
	}
}

func TestARunWhoseSourceIsGoneSaysSoAndCanBeEnded(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	gone := s.opt
	gone.ExecURL = "postgres://snafu_exec@127.0.0.1:1/nothing"
	pace := quick()
	pace.Away = 50 * time.Millisecond
	e := executor.New(executor.Options{
		DB: s.db, Approval: s.a, ExportDir: s.dir, Holder: "far", Pace: pace,
		Readers: func(string) (source.Reader, error) { return s.r, nil },
		Writers: func(string) (source.Writer, error) { return openWriter(gone) },
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Equal(t, "crm does not answer", v.Waits)
	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NameDone, v.State, "it is back: %s", v.Why)
	s.holds(v)
}

func TestMoreConflictsThanWereAgreedAreToldOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, 100, batches(20))
	job := s.claimed()
	v, err := s.sitting(job, hooked{before: func(number int64) {
		if number == 2 {
			s.exec(`update shop.item set status = 'mine' where id between 21 and 35`)
		}
	}})
	require.NoError(t, err)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Contains(t, v.Waits, "people have changed 15 of its records since the freeze, and 10 were agreed")
	require.EqualValues(t, 40, v.Progress.Hi)
	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	require.Equal(t, rollback.Outcomes{Written: 85, Conflict: 15}, v.Progress.Counts)
	s.holds(v)
}

func TestATableThatCannotEvenBeComparedSendsThePlanBackToDraft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ harm, says string }{
		"renamed":        {`alter table shop.item rename to items`, "no table shop.item"},
		"without key":    {`alter table shop.item drop constraint item_pkey`, "key"},
		"without column": {`alter table shop.item drop column status cascade`, "status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 30, batches(10))
			job := s.claimed()
			s.exec(c.harm)
			v := s.run(job)
			require.Equal(t, rollback.NameDraft, v.State)
			require.EqualValues(t, 2, v.Spec.Revision)
			_, err := s.db.Pool().Exec(t.Context(), `select 1`)
			require.NoError(t, err)
			var why string
			require.NoError(t, s.db.Pool().QueryRow(t.Context(), `select why from revisions where plan = $1 and number = 1`, job.Plan).Scan(&why))
			require.Contains(t, why, c.says)
		})
	}
}

func TestAdversarial55TheLogIsAwayAndTheRunStopsBeforeItsNextBatch(t *testing.T) {
	t.Parallel()
	s := newShop(t, 60, batches(10))
	job := s.claimed()
	owner := pgtest.Connect(t, pgtest.AdminURL(t, s.db))
	e := s.executor(func(w source.Writer) source.Writer {
		return &hooked{Writer: w, before: func(number int64) {
			if number == 3 {
				_, err := owner.Exec(t.Context(), `alter table snafu.executions rename to away`)
				require.NoError(t, err)
			}
		}}
	})
	err := e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1})
	require.Error(t, err)
	require.EqualValues(t, 3, s.number(`select count(*) from snafu.batches`))
	_, err = owner.Exec(t.Context(), `alter table snafu.away rename to executions`)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), `update snafu.executions set expires_at = now() - interval '1 s'`)
	require.NoError(t, err)
	v := s.run(approval.Run{Plan: job.Plan, Revision: job.Revision, Digest: job.Digest, Lost: 1})
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.EqualValues(t, 6, v.Progress.Batches)
	told := 0
	for _, k := range s.kinds() {
		if k == "batch/1" {
			told++
		}
	}
	require.Equal(t, 6, told, "each batch once")
	s.holds(v)
}

func TestAnExportThatGoesMissingWhileTheRunWaitsIsAskedFor(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.Canary = 5
	s := newShop(t, 30, b)
	job := s.claimed()
	require.Equal(t, rollback.NamePaused, s.run(job).State)
	path := s.get(job.Plan).Frozen.Export.Path
	require.NoError(t, os.Rename(path, path+".moved"))
	job = s.order(job, rollback.OrderContinue)
	v := s.run(job)
	require.Equal(t, rollback.NamePaused, v.State, "%s", v.Why)
	require.Contains(t, v.Waits, "before-image file is missing")
	require.EqualValues(t, 5, v.Progress.Counts.Written)
	require.NoError(t, os.Rename(path+".moved", path))
	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NameDone, v.State)
	s.holds(v)
}

// The last look at records that were held is cut short by a busy source. It
// still gives every record its outcome.
func TestABusySourceInTheLastPassLeavesNoRecordWithoutOutcome(t *testing.T) {
	t.Parallel()
	b := batches(20)
	b.Min, b.LockTimeout = 2, 20*time.Millisecond
	s := newShop(t, 60, b)
	job := s.claimed()
	tx, err := pgtest.Connect(t, s.url).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `select from shop.item where id between 1 and 30 for update`)
	require.NoError(t, err)
	e := s.executor(func(w source.Writer) source.Writer { return &busyAtLast{Writer: w} })
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	require.NoError(t, tx.Rollback(t.Context()))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePartial, v.State)
	require.Equal(t, "some records could not be written", v.Why)
	require.Equal(t, rollback.Outcomes{Written: 30, Locked: 30}, v.Progress.Counts)
	s.holds(v)
}

type busyAtLast struct{ source.Writer }

func (b *busyAtLast) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	if s.Last && s.Hi-s.Lo > 4 {
		return rollback.Batch{}, &source.Fault{Doing: "write a batch", State: "57014"}
	}
	return b.Writer.Apply(ctx, f, s)
}

func TestTwoOwnersAtOnceWriteEachRecordOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, 400, batches(10))
	job := s.claimed()
	var both sync.WaitGroup
	for i := range 3 {
		e := newExecutor(s.db, s.a, s.opt, s.r, s.dir, fmt.Sprintf("owner %d", i))
		both.Go(func() {
			for try := 0; s.state(job) == string(rollback.NameRunning); try++ { // whoever lost tries again at once
				// And this one never heard of leases, for a while: if nobody ever let
				// the others finish a batch, a busy machine would finish none.
				if i > 0 && try < 20 {
					_, _ = s.db.Pool().Exec(t.Context(), `update executions set expires_at = now() - interval '1 s' where ended_at is null`)
				}
				_ = e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1})
			}
		})
		if i > 0 {
			require.Eventually(t, func() bool { return s.number(`select count(*) from snafu.batches`) >= int64(i*5) }, 2*time.Minute, 5*time.Millisecond)
		}
	}
	both.Wait()
	t.Logf("%d owners", s.number(`select epoch from snafu.runs`))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.EqualValues(t, 400, v.Progress.Counts.Written)
	s.holds(v)
}

func (s *shop) state(job approval.Run) (state string) {
	if s.db.Pool().QueryRow(s.t.Context(), `select state from revisions where plan = $1 and number = $2`, job.Plan, job.Revision).Scan(&state) != nil {
		return ""
	}
	return state
}

func TestSmallPlansHaveNoFirstBatchToLookAt(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 20, 21} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, n, rollback.DefaultBatching())
			job := s.claimed()
			v := s.run(job)
			if n == 21 {
				require.Equal(t, rollback.NamePaused, v.State)
				v = s.run(s.order(job, rollback.OrderContinue))
			}
			require.Equal(t, rollback.NameDone, v.State)
			require.EqualValues(t, n, v.Progress.Counts.Written)
			s.holds(v)
		})
	}
}

func TestAdversarial59AnExportThatCannotBeWrittenFailsTheFreezeInWords(t *testing.T) {
	t.Parallel()
	s := newShop(t, 5, batches(10))
	s.dir = filepath.Join(s.dir, "file")
	require.NoError(t, os.WriteFile(s.dir, nil, 0o600)) // a folder cannot be made here, even by root
	s.e = newExecutor(s.db, s.a, s.opt, s.r, s.dir, "test")
	v := s.frozen()
	require.Equal(t, rollback.NameDraft, v.State)
	require.Contains(t, v.FreezeError, "The before-image file cannot be written")
	require.Zero(t, s.number(`select count(*) from snafu.freezes`))
}

func TestTheListOfWhoWasLeftSaysWhatEachHoldsAndRunsNoFormula(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	s.exec(`update shop.item set note = '=cmd|calc' where id = 7`)
	job := s.claimed()
	s.exec(`update shop.item set status = '@home' where id = 7`)
	s.exec(`update shop.item set status = 'mine' where id = 8`)
	s.exec(`update shop.item set status = 'lost' where id = 8`)
	s.exec(`delete from shop.item where id = 9`)
	v := s.run(job)
	require.Equal(t, rollback.Outcomes{Written: 27, Conflict: 1, ConflictLater: 1, Missing: 1}, v.Progress.Counts)
	left, err := s.e.List(t.Context(), job.Plan, rollback.ListOf{Name: rollback.ListLeft})
	require.NoError(t, err)
	file, err := os.Open(left.Path)
	require.NoError(t, err)
	defer file.Close()
	cells, err := csv.NewReader(file).ReadAll() // refuses lines of other widths
	require.NoError(t, err)
	require.Equal(t, []string{"id", "note", "status_before", "status_after", "status_holds"}, cells[0][:5])
	require.Equal(t, []string{"7", "'=cmd|calc", "lost", "good", "'@home"}, cells[1][:5])
	require.Equal(t, []string{"8", "", "lost", "good", "lost"}, cells[2][:5])
	require.Equal(t, []string{"9", "", "lost", "good", ""}, cells[3][:5])
}

func openWriter(o postgres.Options) (source.Writer, error) {
	return postgres.OpenWriter(context.Background(), o)
}
