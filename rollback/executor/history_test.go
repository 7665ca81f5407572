package executor_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// How many histories are played in how many databases: the long form has
// another file.
var (
	histories    = 6
	chronicles   = 1
	historySeed  = flag.Uint64("history-seed", 1, "of the random histories; 0 makes one up")
	historySheet = 5 // tables of a database
)

// Runs on random tables, with colleagues who write between any two messages and
// within a batch, orders at any time, processes that are killed and connections
// to the source and to the log database that break at a random message. Whatever
// happens, nobody's decision is written over, nothing is written twice or
// without two approvals, and each record has one outcome.
func TestRandomHistoriesBreakNoPromise(t *testing.T) {
	t.Parallel()
	seed := *historySeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano()) //nolint:gosec // any seed will do, if it is printed
	}
	for n := range chronicles {
		t.Run(fmt.Sprintf("chronicle %d", n), func(t *testing.T) {
			c := newChronicle(t, seed+uint64(n), historySheet) //nolint:gosec // a small number
			t.Logf("-history-seed %d", seed+uint64(n))         //nolint:gosec // a small number
			for h := range max(histories/chronicles, 1) {
				c.history(h + 1)
			}
			t.Logf("%v, %d people's acts, %d messages lost, %d kills, %d undone", c.ends, c.acted, c.cuts, c.kills, c.undone)
		})
	}
}

// chronicle is a source with random tables, and all that happens there.
type chronicle struct {
	*shop
	rnd    *rand.Rand
	sheets []sheet
	source *wire // to the source, of the executing login
	log    *wire // to the log database, of the executor
	far    *pgdb.DB
	people *pgx.Conn // colleagues, in another time zone
	holder *pgx.Conn // a colleague who leaves a record open

	mu   sync.Mutex // what follows is also touched while a message waits
	play play
	errs []error

	ends                         map[rollback.StateName]int
	acted, cuts, kills, undone   int
	quiet                        bool // nothing happens on the wires
	withoutPeople, withoutMisery bool
}

// play is the run in hand.
type play struct {
	sheet   sheet
	h       int
	records int
	job     approval.Run
	cancel  context.CancelFunc
	open    int // the record that a colleague has open, 0 for none
	held    map[int]bool
}

func newChronicle(t *testing.T, seed uint64, tables int) *chronicle {
	t.Helper()
	c := &chronicle{
		shop: &shop{t: t, db: pgtest.New(t), url: pgtest.Empty(t), dir: t.TempDir()},
		rnd:  rand.New(rand.NewPCG(seed, 3)), ends: map[rollback.StateName]int{}, //nolint:gosec // chance, not a secret
	}
	c.admin = pgtest.Connect(t, c.url)
	pgtest.Login(t, "snafu_count")
	c.exec(wildSQL)
	known := kinds
	if c.number(`select count(*) from pg_available_extensions where name = 'citext'`) > 0 {
		c.exec(`create extension citext schema wild`)
		known = append(append([]kind{}, kinds...), citext)
	}
	var declared []rollback.Table
	for n := range tables {
		s := newSheet(c.rnd, n, known)
		c.exec(s.sql)
		c.sheets, declared = append(c.sheets, s), append(declared, s.decl)
	}
	c.opt = postgres.Options{Name: "crm", CountURL: c.as("snafu_count"), ExecURL: c.as("snafu_exec"), Tables: declared}
	c.exec(postgres.SetupSQL(c.opt))
	c.exec(`set timezone = 'UTC'`)
	r, err := postgres.OpenReader(context.WithoutCancel(t.Context()), c.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	c.r = r
	c.people, c.holder = pgtest.Connect(t, c.url), pgtest.Connect(t, c.url)
	for _, conn := range []*pgx.Conn{c.people, c.holder} {
		_, err := conn.Exec(t.Context(), `set timezone = 'Europe/Berlin'`)
		require.NoError(t, err)
	}
	c.source = newWire(t, c.opt.ExecURL)
	c.log = newWire(t, pgtest.As(t, c.db, pgdb.App))
	c.opt.ExecURL = c.source.url(t, c.opt.ExecURL)
	c.far, err = pgdb.Open(context.WithoutCancel(t.Context()), pgdb.Options{URL: c.log.url(t, pgtest.As(t, c.db, pgdb.App)), MaxConns: 3})
	require.NoError(t, err)
	t.Cleanup(c.far.Close)
	return c
}

func (c *chronicle) approvals(db *pgdb.DB, b rollback.Batching) *approval.Approval {
	src := approvals(b)
	src[0].Tables = c.opt.Tables
	src[0].Tolerance.ShrinkRows = b.Max // some plans bear more than others
	return approval.New(approval.Options{DB: db, Eligible: everybody, Sources: src, MinRead: time.Nanosecond})
}

// chance is true once in n times.
func (c *chronicle) chance(n int) bool { return c.rnd.IntN(n) == 0 }

// history is one erroneous run, what is done about it, and often what is done
// about that.
func (c *chronicle) history(h int) {
	c.t.Helper()
	b := c.begin(h, c.sheets[c.rnd.IntN(len(c.sheets))])
	v := c.plan(b)
	if c.chance(2) && v.Progress.Counts.Written > 0 && !v.State.Open() {
		c.undo(v, b)
	}
}

// begin is an incident: a run has spoilt records of a table.
func (c *chronicle) begin(h int, s sheet) rollback.Batching {
	c.t.Helper()
	b := batches(int64(3 + c.rnd.IntN(12)))
	b.Min, b.LockTimeout, b.Canary = 2, 5*time.Millisecond, int64(c.rnd.IntN(2)*5)
	if c.withoutPeople {
		b = batches(100)
	}
	c.a = c.approvals(c.db, b)
	c.e = executor.New(executor.Options{
		DB: c.db, Approval: c.a, ExportDir: c.dir, Holder: "freezer", Pace: quick(),
		Readers: func(string) (source.Reader, error) { return c.r, nil },
		Writers: func(string) (source.Writer, error) { return postgres.OpenWriter(context.Background(), c.opt) },
	})
	c.id = c.incident()
	c.play = play{sheet: s, h: h, records: 10 + c.rnd.IntN(30), held: map[int]bool{}}
	c.spoil()
	return b
}

// calm makes the records in hand refuse nothing, and forget who wrote them, as
// nobody's write.
func (c *chronicle) calm() {
	c.t.Helper()
	c.exec(`set session_replication_role = replica`)
	c.exec(fmt.Sprintf(`update %s set hits = 0, luck = 0 where h = $1`, c.play.sheet.name), c.play.h)
	c.exec(`reset session_replication_role`)
}

// undo puts back what a plan has written, in a table that refuses nothing.
func (c *chronicle) undo(of rollback.PlanView, b rollback.Batching) rollback.PlanView {
	c.t.Helper()
	c.calm()
	stamp, err := c.a.Undo(c.t.Context(), c.act(ana), of.Stamp.Plan, "it was right after all")
	require.NoError(c.t, err)
	c.undone++
	return c.carryOut(stamp.Plan, b)
}

// spoil is the erroneous run. A few records will be refused, rewritten or
// swallowed.
func (c *chronicle) spoil() {
	c.t.Helper()
	s := c.play.sheet
	insert := s.insert()
	batch := &pgx.Batch{}
	for i := 1; i <= c.play.records; i++ {
		was := &s.kind.values[0]
		if s.empty && c.chance(3) {
			was = nil
		}
		luck := 0
		if c.chance(45) {
			luck = 1 + c.rnd.IntN(3)
		}
		args := []any{c.play.h, i, was, luck}
		for _, k := range s.keys {
			args = append(args, k.part(c.play.h*100+i))
		}
		for _, more := range s.more {
			args = append(args, more.kind.values[0])
		}
		batch.Queue(insert, args...)
	}
	batch.Queue(`select set_config('test.job', $1, false)`, c.bad())
	sets, args := "", []any{c.play.h}
	for i, col := range s.sets() {
		sets += fmt.Sprintf(", %s = $%d::text::%s", quote(col.name), i+2, col.kind.typ)
		args = append(args, col.kind.values[1])
	}
	batch.Queue(fmt.Sprintf(`update %s set %s where h = $1`, s.name, sets[2:]), args...)
	batch.Queue(`reset test.job`)
	require.NoError(c.t, c.people.SendBatch(c.t.Context(), batch).Close())
}

func (c *chronicle) bad() string { return fmt.Sprintf("bad %d", c.play.h) }

// plan decides what each record should be, and carries that out.
func (c *chronicle) plan(b rollback.Batching) rollback.PlanView {
	c.t.Helper()
	s := c.play.sheet
	scope := rollback.Scope{
		Source: "crm", Table: s.decl.Name, Set: s.columns(), Run: c.bad(), From: time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond),
	}
	state, err := c.r.StateTable(c.t.Context(), scope)
	require.NoError(c.t, err)
	found, err := state.Classify(nil)
	require.NoError(c.t, err)
	var decisions []rollback.Decision
	for _, cohort := range found.Cohorts {
		d := rollback.Decision{Pair: cohort.Pair, Desired: cohort.Pair.Initial}
		if c.chance(2) && s.kind.typ != "boolean" {
			d.Desired = append(rollback.One(s.kind.values[2]), cohort.Pair.Initial[1:]...)
		}
		decisions = append(decisions, d)
	}
	stamp, err := c.a.Draft(c.t.Context(), c.act(ana), c.id, approval.Ask{Scope: scope, Decisions: decisions, Effects: rollback.EffectsFire, Note: "IT asked"})
	require.NoError(c.t, err)
	return c.carryOut(stamp.Plan, b)
}

// carryOut freezes a plan, has it approved, and runs it to whatever end.
func (c *chronicle) carryOut(id rollback.ID, b rollback.Batching) rollback.PlanView {
	c.t.Helper()
	ctx := c.t.Context()
	require.NoError(c.t, c.a.AskFreeze(ctx, c.act(ana), id))
	job := c.freezeJob(id)
	c.nothing(id, job)
	require.NoError(c.t, c.e.Freeze(ctx, jobs.Job[approval.Freeze]{Args: job, Attempt: 3}))
	v := c.get(id)
	require.Empty(c.t, v.FreezeError, "%s %s", c.play.sheet.name, c.play.sheet.kind.typ)
	c.exec(fmt.Sprintf(`insert into wild.snap select $1, h, i, edits, moves from %s where h = $2`, c.play.sheet.name), v.Spec.Label(), c.play.h)
	c.nothing(id, job)
	if v.Writes() == 0 {
		require.ErrorContains(c.t, c.a.Propose(ctx, c.act(ana), v.Stamp), "Nothing to write")
		require.NoError(c.t, c.a.Withdraw(ctx, c.act(ana), v.Stamp.Plan, "nothing to write"))
		return v
	}
	require.NoError(c.t, c.a.Propose(ctx, c.act(ana), v.Stamp))
	require.NoError(c.t, c.a.Approve(ctx, c.act(ben), v.Stamp, v.Writes(), time.Now()))
	c.nothing(id, job)
	require.NoError(c.t, c.a.Approve(ctx, c.act(chi), v.Stamp, v.Writes(), time.Now()))
	c.nothing(id, job)
	require.NoError(c.t, c.a.Claim(ctx, c.act(ben), v.Stamp, string(v.Spec.Ref)))
	c.play.job = approval.Run{Plan: v.Stamp.Plan, Revision: v.Stamp.Revision, Digest: v.Stamp.Digest}
	v = c.run(b)
	c.ends[v.State]++
	c.judge(v)
	return v
}

// nothing is a run that nobody has started: it does nothing.
func (c *chronicle) nothing(id rollback.ID, job approval.Freeze) {
	c.t.Helper()
	v := c.get(id)
	forged := approval.Run{Plan: id, Revision: job.Revision, Digest: v.Stamp.Digest}
	require.NoError(c.t, c.e.Run(c.t.Context(), jobs.Job[approval.Run]{Args: forged, Attempt: 1}))
	require.Zero(c.t, c.number(`select count(*) from wild.proof where run = $1`, v.Spec.Label()))
}

// run lets one process after the other do the job, as long as there is one.
func (c *chronicle) run(b rollback.Batching) rollback.PlanView {
	c.t.Helper()
	clock := &steps{tick: 50 * time.Millisecond}
	pace := quick()
	pace.Term, pace.Heartbeat, pace.Away = 10*time.Minute, time.Minute, 30*time.Second
	e := executor.New(executor.Options{
		DB: c.far, Approval: c.approvals(c.far, b), ExportDir: c.dir, Holder: "history", Pace: pace, Clock: clock.clock(),
		Readers: func(string) (source.Reader, error) { return c.r, nil },
		Writers: func(string) (source.Writer, error) { return postgres.OpenWriter(context.Background(), c.opt) },
	})
	c.source.watch(c.misery)
	c.log.watch(c.logMisery)
	defer c.letGo()
	defer c.source.watch(nil)
	defer c.log.watch(nil)
	for sitting := 0; ; sitting++ {
		require.Less(c.t, sitting, 400, "it comes to no end")
		ctx, cancel := context.WithCancel(c.t.Context())
		c.mu.Lock()
		c.play.cancel = cancel
		job := c.play.job
		c.quiet = sitting > 200 // it must end once nothing happens any more
		c.mu.Unlock()
		_ = e.Run(ctx, jobs.Job[approval.Run]{Args: job, Attempt: 1}) // what it says is for its own log
		cancel()
		c.mu.Lock()
		require.Empty(c.t, c.errs)
		c.mu.Unlock()
		v := c.get(job.Plan)
		if v.State == rollback.NamePaused {
			c.letGo()
			word := rollback.OrderResume
			if v.Canary {
				word = rollback.OrderContinue
			}
			if !c.withoutMisery && c.chance(40) {
				word = rollback.OrderAbort
			}
			require.NoError(c.t, c.a.Order(c.t.Context(), c.act(ben), v.Stamp, word, "because"))
			c.mu.Lock()
			require.NoError(c.t, c.db.Pool().QueryRow(c.t.Context(), `select count(*) from orders where plan = $1`, job.Plan).Scan(&c.play.job.Turn))
			c.mu.Unlock()
			v = c.get(job.Plan)
		}
		if !v.State.Live() {
			return v
		}
	}
}

func (c *chronicle) other(who incidents.Person) incidents.Person {
	if who == ben {
		return chi
	}
	return ben
}
