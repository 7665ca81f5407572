package executor_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// orders for the child: what it needs to be an executor of its own.
type orders struct {
	Log     string
	Options postgres.Options
	Batch   rollback.Batching
	Dir     string
	Holder  string
}

// child is another process that goes on with whatever run has no owner. It
// says so when it begins, and ends when nothing is left to do.
func child() {
	var o orders
	if err := json.Unmarshal([]byte(os.Getenv("SNAFU_TEST_CHILD")), &o); err != nil {
		fail(err)
	}
	ctx := context.Background()
	db, err := pgdb.Open(ctx, pgdb.Options{URL: o.Log})
	if err != nil {
		fail(err)
	}
	r, err := postgres.OpenReader(ctx, o.Options)
	if err != nil {
		fail(err)
	}
	a := approval.New(approval.Options{DB: db, Eligible: everybody, Sources: approvals(o.Batch)})
	pace := quick() // a killed owner's term must pass before the next one may begin
	pace.Term, pace.Heartbeat = 120*time.Millisecond, 30*time.Millisecond
	e := executor.New(executor.Options{
		DB: db, Approval: a, ExportDir: o.Dir, Holder: o.Holder, Pace: pace,
		Readers: func(string) (source.Reader, error) { return r, nil },
		Writers: func(string) (source.Writer, error) {
			w, err := postgres.OpenWriter(ctx, o.Options)
			return &loud{Writer: w}, err
		},
	})
	for {
		var live int
		if err := db.Pool().QueryRow(ctx, `select count(*) from executions where ended_at is null`).Scan(&live); err != nil {
			fail(err)
		}
		if live == 0 {
			return
		}
		runs, err := a.Unowned(ctx)
		if err != nil {
			fail(err)
		}
		if len(runs) == 0 { // its owner's term has to pass
			time.Sleep(5 * time.Millisecond)
			continue
		}
		fmt.Println("begins") //nolint:forbidigo // the parent waits for it
		if err := e.Run(ctx, jobs.Job[approval.Run]{Args: runs[0], Attempt: 1}); err != nil {
			fail(err)
		}
	}
}

// loud says when a batch is about to be written.
type loud struct{ source.Writer }

func (l *loud) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	fmt.Println("writes") //nolint:forbidigo // the parent waits for it
	return l.Writer.Apply(ctx, f, s)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// start runs a child and returns when it has said so often how far it is. It is
// nil when the child found nothing left to do.
func (s *shop) start(b rollback.Batching, holder, until string, times int) *exec.Cmd {
	s.t.Helper()
	o, err := json.Marshal(orders{Log: pgtest.As(s.t, s.db, pgdb.App), Options: s.opt, Batch: b, Dir: s.dir, Holder: holder})
	require.NoError(s.t, err)
	self, err := os.Executable()
	require.NoError(s.t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "SNAFU_TEST_CHILD="+string(o))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == until {
			times--
		}
		if times == 0 {
			return cmd
		}
	}
	require.NoError(s.t, cmd.Wait())
	return nil
}

// The executor is killed again and again while it writes. No record is written
// twice or missed, and the ledger says exactly what the data shows.
func TestP03_KilledAtAnyInstantNothingIsLostOrRepeated(t *testing.T) {
	t.Parallel()
	t.Run("Adversarial52 SIGKILL at random moments", func(t *testing.T) {
		for n := range killedRuns {
			t.Run(fmt.Sprintf("run %d of %d", n+1, killedRuns), killedAtRandom)
		}
	})
}

// How many runs, how often the owners of each are killed, and how many records
// it has: the long form has another file. An owner looks at the whole plan before
// it writes, so that many short runs show as many deaths as a long one, sooner.
var killedRuns, kills, killedRecords = 1, 50, 4_000

func killedAtRandom(t *testing.T) {
	records := killedRecords
	b := batches(10)
	s := newShop(t, records, b)
	job := s.claimed()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any seed will do, if it is printed
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a moment, not a secret

	moved := map[int64]bool{}
	killed := 0
	for ; killed < kills; killed++ {
		until, times, within := "writes", 1+killed%7, 6*time.Millisecond
		if killed%5 == 4 { // also before the first write: while it looks, takes and reads
			until, times, within = "begins", 1, 60*time.Millisecond
		}
		cmd := s.start(b, fmt.Sprintf("victim-%d", killed), until, times)
		require.NotNil(t, cmd, "the run ended after %d kills; it needs more records", killed)
		time.Sleep(time.Duration(rnd.Int64N(int64(within)))) // the moment is the point
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		moved[s.number(`select count(*) from snafu.batches`)] = true
	}
	require.Greater(t, len(moved), kills/2, "enough owners wrote something before they were killed")
	t.Logf("%d batches of %d when the last one was killed", s.number(`select count(*) from snafu.batches`), records/10)
	if last := s.start(b, "survivor", "begins", 1); last != nil {
		require.NoError(t, last.Wait())
	}

	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.EqualValues(t, records, v.Progress.Counts.Written)
	require.Empty(t, s.disagreements())
	require.EqualValues(t, records, s.number(`select sum((counts->>'written')::int) from snafu.batches`))

	s.told()
}

// told compares the journal with the source: each batch once and in order, with
// the digest that the source keeps.
func (s *shop) told() {
	t := s.t
	t.Helper()
	entries, err := journal.Entries(t.Context(), s.db, s.id, 0)
	require.NoError(t, err)
	batches := int64(0)
	for _, e := range entries {
		if e.Kind != "batch/1" {
			continue
		}
		batches++
		var b approval.BatchDone
		require.NoError(t, e.Into(&b))
		require.Equal(t, batches, b.Number)
		require.EqualValues(t, 1, s.number(`select count(*) from snafu.batches where number = $1 and digest = $2`, b.Number, b.Ledger))
	}
	require.Equal(t, s.number(`select count(*) from snafu.batches`), batches)
}

// disagreements compares what was done to each record with what the ledger says.
func (s *shop) disagreements() []string {
	s.t.Helper()
	var out []string
	for what, sql := range map[string]string{
		"written twice": `select count(*) from shop.item where hits > 1`,
		"missed":        `select count(*) from shop.item where hits = 0 or status <> 'good'`,
		"ledger and data disagree": `select count(*) from (select id from shop.item where hits > 0) i
			full join (select (f.key[1])::bigint as id from snafu.fixed f) f using (id) where i.id is null or f.id is null`,
	} {
		if n := s.number(sql); n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, what))
		}
	}
	slices.Sort(out)
	return out
}

// The checker must find what it is there to find.
func TestTheCheckerOfKillsFindsEachHarm(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	require.Equal(t, rollback.NameDone, s.run(s.claimed()).State)
	require.Empty(t, s.disagreements())
	s.exec(`update shop.item set hits = 2 where id = 1`)
	require.Equal(t, []string{"1 written twice"}, s.disagreements())
	s.exec(`delete from snafu.ledger where ord = 5`)
	require.Equal(t, []string{"1 ledger and data disagree", "1 written twice"}, s.disagreements())
	s.exec(`update shop.item set status = 'lost' where id = 9`)
	require.Equal(t, []string{"1 ledger and data disagree", "1 missed", "1 written twice"}, s.disagreements())
}

// No change of a record gets past the source without a run that stands there.
func TestP01_AChangeWithoutARunIsRefusedByTheSource(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3, batches(10))
	conn := pgtest.Connect(t, s.as("snafu_exec"))
	_, err := conn.Exec(t.Context(), `update shop.item set status = 'good'`)
	require.ErrorContains(t, err, "a change without a run")
	_, err = conn.Exec(t.Context(), `set snafu.rollback_id = 'SNAFU-1/R9'`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `update shop.item set status = 'good'`)
	require.ErrorContains(t, err, "a change without a run")
}
