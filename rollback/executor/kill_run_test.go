package executor_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

func (s *shop) kinds() []string {
	s.t.Helper()
	entries, err := journal.Entries(s.t.Context(), s.db, s.id, 0)
	require.NoError(s.t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Kind)
	}
	return out
}

func TestARunGoesFromTheCanaryToTheVerifiedEnd(t *testing.T) {
	t.Parallel()
	b := batches(50)
	b.Canary = 20
	s := newShop(t, 200, b)
	s.exec(`update shop.item set status = 'mine' where id = 7`) // before the freeze
	job := s.claimed()

	v := s.run(job)
	require.Equal(t, rollback.NamePaused, v.State)
	require.True(t, v.Canary)
	require.Equal(t, rollback.Progress{Batches: 1, Hi: 20, Counts: rollback.Outcomes{Written: 20}}, v.Progress)
	require.EqualValues(t, 20, s.number(`select count(*) from shop.item where status = 'good'`))
	require.Equal(t, rollback.NamePaused, s.run(job).State, "nobody has continued it")
	require.EqualValues(t, 20, s.number(`select count(*) from shop.item where status = 'good'`))

	s.exec(`update shop.item set status = 'mine' where id = 150`) // after the freeze
	s.exec(`update shop.item set note = 'call back' where id = 151`)
	v = s.run(s.order(job, rollback.OrderContinue))
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.Equal(t, rollback.Outcomes{Written: 198, Conflict: 1}, v.Progress.Counts)
	require.True(t, v.Report.Agrees())
	require.EqualValues(t, 5, v.Progress.Batches) // 20, 3 x 50, 29
	require.EqualValues(t, 2, s.number(`select count(*) from shop.item where status = 'mine' and hits = 0`))
	require.EqualValues(t, 1, s.number(`select count(*) from shop.item where note = 'call back' and status = 'good'`))
	require.Equal(t, "run-finished/1", s.kinds()[len(s.kinds())-1])

	list, err := s.e.List(t.Context(), job.Plan, rollback.ListOf{Name: rollback.ListFixed})
	require.NoError(t, err)
	require.EqualValues(t, 198, list.Rows)
	file, err := os.Open(list.Path)
	require.NoError(t, err)
	defer file.Close()
	cells, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, cells, 199)

	// A second plan on the same scope finds nothing to write.
	again := s.frozen()
	require.Equal(t, rollback.Counts{Already: 198, Conflict: 2}, again.Classes())
	require.ErrorContains(t, s.a.Propose(t.Context(), s.act(ana), again.Stamp), "Nothing to write")
}

func TestTheExportIsWholePrivateAndCheckedBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(testing.TB, string){
		"Adversarial60 one byte altered": func(t testing.TB, path string) {
			body, err := os.ReadFile(path)
			require.NoError(t, err)
			body[len(body)/2] ^= 1
			require.NoError(t, os.WriteFile(path, body, 0o600))
		},
		"cut short": func(t testing.TB, path string) { require.NoError(t, os.Truncate(path, 40)) },
		"gone":      func(t testing.TB, path string) { require.NoError(t, os.Remove(path)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 30, batches(10))
			job := s.claimed()
			path := s.get(job.Plan).Frozen.Export.Path
			found, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), found.Mode().Perm())
			folder, err := filepath.Glob(filepath.Join(s.dir, "*"))
			require.NoError(t, err)
			require.Len(t, folder, 3, "truth, manifest and a copy for people: %v", folder)

			harm(t, path)
			v := s.run(job)
			require.Equal(t, rollback.NameFailed, v.State)
			require.Contains(t, v.Why, "before-image file is missing or altered")
			require.EqualValues(t, 0, s.number(`select count(*) from shop.item where hits > 0`))
		})
	}
}

func TestTheWorldMovedSoThePlanGoesBackToDraft(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	s.exec(`insert into shop.item (id, status) values (99, 'first')`)
	s.exec(`set test.job = 'bad'`)
	s.exec(`update shop.item set status = 'lost' where id = 99`)
	v := s.run(job)
	require.Equal(t, rollback.NameDraft, v.State)
	require.EqualValues(t, 2, v.Spec.Revision)
	require.EqualValues(t, 0, s.number(`select count(*) from shop.item where hits > 0`))
}

// Pause and abort are obeyed before the next batch begins: at most the batch in
// hand is still written.
func TestP10_APauseOrAnAbortLetsAtMostOneBatchEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		word rollback.OrderWord
		ends rollback.StateName
	}{
		{"Adversarial57 pause", rollback.OrderPause, rollback.NamePaused},
		{"Adversarial58 abort", rollback.OrderAbort, rollback.NameAborted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 300, batches(10))
			job := s.claimed()
			var ordered int64
			e := s.executor(func(w source.Writer) source.Writer {
				return &hooked{Writer: w, before: func(number int64) {
					if number == 4 { // while batch 4 is in hand
						s.order(job, c.word)
						ordered = number
					}
				}}
			})
			require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
			v := s.get(job.Plan)
			require.Equal(t, c.ends, v.State)
			require.LessOrEqual(t, v.Progress.Batches, ordered)
			require.EqualValues(t, 40, s.number(`select count(*) from shop.item where hits > 0`))
			if c.word == rollback.OrderPause {
				v = s.run(s.order(job, rollback.OrderResume))
				require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
				require.EqualValues(t, 0, s.number(`select count(*) from shop.item where hits <> 1`))
				return
			}
			require.Equal(t, rollback.NameAborted, s.run(job).State, "an aborted run does not go on")
			require.EqualValues(t, 40, s.number(`select count(*) from shop.item where hits > 0`))
			stamp := rollback.Stamp{Plan: job.Plan, Revision: job.Revision, Digest: job.Digest}
			for _, word := range []rollback.OrderWord{rollback.OrderResume, rollback.OrderContinue} {
				require.ErrorContains(t, s.a.Order(t.Context(), s.act(ben), stamp, word, ""), "R1 is aborted")
			}
			require.ErrorContains(t, s.a.Claim(t.Context(), s.act(ben), stamp, "R1"), "R1 is aborted")
			again := s.frozen() // what is left takes a plan of its own, and two people
			require.EqualValues(t, 260, again.Writes())
			require.Equal(t, rollback.NameFrozen, again.State)
		})
	}
}

func (s *shop) executor(wrap func(source.Writer) source.Writer) *executor.Executor {
	return executor.New(executor.Options{
		DB: s.db, Approval: s.a, ExportDir: s.dir, Holder: "hooked", Pace: quick(),
		Readers: func(string) (source.Reader, error) { return s.r, nil },
		Writers: func(string) (source.Writer, error) {
			w, err := postgres.OpenWriter(context.Background(), s.opt)
			return wrap(w), err
		},
	})
}

// hooked lets a test act at an exact point of the walk.
type hooked struct {
	source.Writer
	before func(number int64)
	after  func(number int64, b rollback.Batch, err error) error
}

func (h *hooked) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	if h.before != nil {
		h.before(s.Number)
	}
	b, err := h.Writer.Apply(ctx, f, s)
	if h.after != nil {
		err = h.after(s.Number, b, err)
	}
	return b, err
}

func TestACommitWithoutAnAnswerIsReadFromTheSource(t *testing.T) {
	t.Parallel()
	s := newShop(t, 100, batches(10))
	job := s.claimed()
	lost := 0
	e := s.executor(func(w source.Writer) source.Writer {
		return &hooked{Writer: w, after: func(number int64, _ rollback.Batch, err error) error {
			if err == nil && number%3 == 0 && lost < 3 {
				lost++
				return &source.Fault{Doing: "commit a batch", Commit: true}
			}
			return err
		}}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.Equal(t, 3, lost)
	require.EqualValues(t, 10, v.Progress.Batches)
	require.EqualValues(t, 0, s.number(`select count(*) from shop.item where hits <> 1`))
}

// The answer to a commit is lost, and the source cannot be asked at once. Nothing
// is written until it has said what became of that batch.
func TestABatchOfUnknownOutcomeIsNotTriedAgainBeforeTheSourceHasSpoken(t *testing.T) {
	t.Parallel()
	s := newShop(t, 50, batches(10))
	job := s.claimed()
	tries, silent := map[int64]int{}, 3
	e := s.executor(func(w source.Writer) source.Writer {
		return &mute{silent: &silent, hooked: hooked{
			Writer: w,
			before: func(number int64) { tries[number]++ },
			after: func(number int64, _ rollback.Batch, err error) error {
				if err == nil && number == 2 {
					return &source.Fault{Doing: "commit a batch", Commit: true}
				}
				return err
			},
		}}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	require.Zero(t, silent)
	require.Equal(t, map[int64]int{1: 1, 2: 1, 3: 1, 4: 1, 5: 1}, tries)
	s.holds(v)
}

// mute does not say what its batches were, a few times, once one is written.
type mute struct {
	hooked
	silent *int
}

func (m *mute) Batches(ctx context.Context, f rollback.Fence, after int64) ([]rollback.Batch, error) {
	if after > 0 && *m.silent > 0 {
		*m.silent--
		return nil, &source.Fault{Doing: "read the run's batches", State: "57P03"}
	}
	return m.hooked.Writer.Batches(ctx, f, after)
}

func TestAdversarial54TheSourceIsRestartedMidRun(t *testing.T) {
	t.Parallel()
	s := newShop(t, 100, batches(10))
	job := s.claimed()
	ended := map[int64]bool{}
	e := s.executor(func(w source.Writer) source.Writer {
		return &hooked{Writer: w, before: func(number int64) {
			if (number == 3 || number == 7) && !ended[number] { // every session of ours ends
				ended[number] = true
				s.number(`select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
			}
		}}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.EqualValues(t, 0, s.number(`select count(*) from shop.item where hits <> 1`))
}

func TestASecondOwnerStopsTheFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t, 100, batches(10))
	job := s.claimed()
	e := s.executor(func(w source.Writer) source.Writer {
		return &hooked{Writer: w, before: func(number int64) {
			if number == 4 { // somebody else took the run while we slept
				s.exec(`update snafu.runs set epoch = epoch + 1, holder = 'other'`)
			}
		}}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	require.EqualValues(t, 30, s.number(`select count(*) from shop.item where hits > 0`))
	require.Equal(t, rollback.NameRunning, s.get(job.Plan).State, "the other goes on")
}

func TestARefusedRecordFailsAloneAndTheRunEndsPartlyDone(t *testing.T) {
	t.Parallel()
	s := newShop(t, 60, batches(30))
	job := s.claimed()
	s.exec(`create function shop.refuse() returns trigger language plpgsql as $$ begin
		if new.id in (17, 44) and new.status = 'good' then raise exception 'secret %', new.status using errcode = '23514', constraint = 'never'; end if; return new; end $$`)
	e := s.executor(func(w source.Writer) source.Writer {
		return &hooked{Writer: w, before: func(number int64) {
			if number == 1 { // after the preflight, which would have named it
				s.exec(`create or replace trigger refuse before update on shop.item for each row execute function shop.refuse()`)
			}
		}}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePartial, v.State)
	require.Equal(t, rollback.Outcomes{Written: 58, Failed: 2}, v.Progress.Counts)
	require.EqualValues(t, 2, s.number(`select count(*) from snafu.ledger where outcome = 7 and note = 'never'`))
	require.EqualValues(t, 2, s.number(`select count(*) from shop.item where status = 'lost'`))
	left, err := s.e.List(t.Context(), job.Plan, rollback.ListOf{Name: rollback.ListLeft})
	require.NoError(t, err)
	body, err := os.ReadFile(left.Path)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(body), "never"))
}

func TestARunWithoutOwnerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	s.claimed()
	_, err := s.db.Pool().Exec(t.Context(), `update executions set holder = 'dead', epoch = 1, expires_at = now() - interval '1 s'`)
	require.NoError(t, err)
	n, err := s.e.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	runs, err := s.a.Unowned(t.Context())
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.True(t, runs[0].Swept())
	v := s.run(runs[0])
	require.Equal(t, rollback.NameDone, v.State)
	require.Contains(t, s.kinds(), "run-taken-over/1")
	n, err = s.e.Sweep(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}
