package bot_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
	"snafu/incidents/rota"
	"snafu/rollback/approval"
	"snafu/rollback/count"
	"snafu/rollback/source"
)

// Most of what these tests do is to wait for Slack, jobs and rows, so more of
// them than there are processors run beside each other; -parallel overrides it.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "4")
	pgtest.Main(m)
}

var update = flag.Bool("update", false, "rewrite the golden transcripts")

// noon is when the clocks of these tests stand. It lies ahead, so that no
// deadline of a test comes by itself.
var noon = time.Date(2036, 3, 28, 12, 0, 0, 0, time.UTC)

var everybody = []string{"ana", "ben", "chi", "dev", "gus"}

// workspace is a simulated Slack with a bot in it, on a real log database.
type workspace struct {
	t    *testing.T // the test that runs now: of the whole workspace, or of one row
	all  *testing.T
	sim  *slacksim.Sim
	db   *pgdb.DB
	opts func(*bot.Options)
	crm  *crm // a source with the sample data; nil for none

	helped func(*response.Options) // changes who helps; nil for the usual

	reader   func(string) (source.Reader, error) // instead of the crm's
	evidence func(context.Context, incidents.ID) (incidents.Evidence, error)

	bot      *bot.Bot
	counts   *count.Count
	response *response.Response
	stop     func()
	runner   *jobs.Runner
	super    *pgx.Conn
}

// patience is how long anything may take on a busy machine.
const patience = 90 * time.Second

func (w *workspace) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

func newWorkspace(t *testing.T, opts ...func(*bot.Options)) *workspace {
	t.Helper()
	return quietWorkspace(t, slacksim.FrozenClock(noon), opts...).begin()
}

// quietWorkspace has no bot in it yet.
func quietWorkspace(t *testing.T, clock *slacksim.Clock, opts ...func(*bot.Options)) *workspace {
	t.Helper()
	return workspaceLike(t, clock, slacksim.Workspace{}, opts...)
}

// workspaceLike is quietWorkspace with more people in it, or in an organisation.
func workspaceLike(t *testing.T, clock *slacksim.Clock, like slacksim.Workspace, opts ...func(*bot.Options)) *workspace {
	t.Helper()
	like.People = append([]slacksim.WorkspacePerson{
		{Name: "ana"}, {Name: "ben"}, {Name: "chi"}, {Name: "dev"}, {Name: "gus", Guest: "multi"},
	}, like.People...)
	like.Channels = []slacksim.WorkspaceRoom{{Name: "general", Members: everybody}, {Name: "data-incidents", Members: append([]string{"snafu"}, everybody...)}}
	sim, err := slacksim.Start(slacksim.Options{Clock: clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Workspace: like})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	w := &workspace{t: t, all: t, sim: sim, db: pgtest.New(t), opts: func(o *bot.Options) {
		for _, f := range opts {
			f(o)
		}
	}}
	if clock.Frozen() {
		w.db.Clock = clock.Now
	}
	return w
}

// begin starts the bot of a workspace, and stops it at the end of the test.
func (w *workspace) begin() *workspace {
	t := w.t
	w.start(true)
	t.Cleanup(func() { w.kill() })
	return w
}

func (w *workspace) id(name string) incidents.Person {
	w.t.Helper()
	p, err := w.sim.As(name).Profile()
	require.NoError(w.t, err)
	return incidents.Person(p.TeamID + "/" + p.ID)
}

// start runs a bot; without jobs it hears and records, and does nothing.
func (w *workspace) start(work bool) {
	w.t.Helper()
	turns, err := rota.New(rota.Rule{
		Name: "crm-data", Zone: "UTC", Anchor: "2026-01-05", Handover: "09:00",
		Unit: rota.Weekly, Length: 1, Members: []incidents.Person{w.id("ben"), w.id("chi")},
	})
	require.NoError(w.t, err)
	helpers := response.Options{
		DB: w.db, Rotas: []rota.Rota{turns}, DefaultRota: "crm-data", Evidence: w.evidence,
		Sources: []response.SourceInfo{{Name: "crm", Title: "The CRM", Rota: "crm-data"}},
		Zone:    func(ctx context.Context, p incidents.Person) *time.Location { return w.bot.Zone(ctx, p) },
		Follow: func(ctx context.Context, tx pgx.Tx, act journal.Act, was, now incidents.Incident, at time.Time) error {
			return w.counts.Follow(ctx, tx, act, was, now, at)
		},
	}
	if w.helped != nil {
		w.helped(&helpers)
	}
	w.response, err = response.New(helpers)
	require.NoError(w.t, err)
	var b *bot.Bot
	plans := approval.New(approval.Options{
		DB: w.db, MinRead: -1, Sources: w.crm.approvals(w), Acted: w.response.Acted,
		Eligible: func(ctx context.Context, q approval.Question) (approval.Standing, error) { return b.Eligible(ctx, q) },
	})
	if w.reader == nil {
		w.reader = w.crm.reader
	}
	w.counts = count.New(count.Options{
		DB: w.db, Reader: w.reader, Queries: w.crm.queries(), Typists: w.crm.typists(),
		Grown: func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, more int64, at time.Time) error {
			return errors.Join(plans.Grown(ctx, tx, act, inc, more, at), w.response.Grown(ctx, tx, act, inc, at))
		},
		Member: func(ctx context.Context, group string, p incidents.Person) (bool, error) {
			return b.Member(ctx, group, p)
		},
	})
	o := bot.Options{
		Slack:       bot.SlackOptions{BotToken: w.sim.Tokens().Bot, AppToken: w.sim.Tokens().App, APIURL: w.sim.APIURL(), SecondAfter: -1},
		DB:          w.db,
		Response:    w.response,
		Count:       w.counts,
		SwitchState: w.switchState,
		Approval:    plans, List: w.crm.lists(w, plans), Samples: w.crm.samples(w, plans), Rotas: []string{"crm-data"},
		Sources:   []bot.Source{{Name: "crm", Title: "The CRM", Tables: w.crm.told()}},
		EditEvery: -1, ProgressEvery: -1, CountShown: time.Hour, Aside: 1, Unhurried: true, RecordWithin: patience,
		PerPerson: bot.Rate{PerMinute: 600, Burst: 100}, PerWorkspace: bot.Rate{PerMinute: 6000, Burst: 1000},
		Log: slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	w.opts(&o)
	b = bot.New(o)
	w.bot = b
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		_ = b.Run(ctx)
	}()
	if work {
		set := jobs.NewSet()
		jobs.Handle(set, b.Act)
		jobs.Handle(set, b.Deliver)
		jobs.Handle(set, b.Homes)
		jobs.Handle(set, w.counts.Tick)
		jobs.Handle(set, w.counts.TickNamed)
		jobs.Handle(set, w.response.Escalate)
		jobs.Handle(set, w.response.LeadDue)
		jobs.Handle(set, b.Moved)
		jobs.Handle(set, b.Edited)
		jobs.Handle(set, b.TellCover)
		jobs.Handle(set, b.TellDigest)
		jobs.Handle(set, w.response.StillOnIt)
		jobs.Handle(set, b.TellHandover)
		jobs.Handle(set, b.SetGroup)
		jobs.Handle(set, b.AskContact)
		jobs.Handle(set, func(context.Context, jobs.Job[response.SendCode]) error { return nil }) // nothing goes out of these tests
		jobs.Handle(set, func(context.Context, jobs.Job[journal.Publish]) error { return nil })
		w.crm.work(w, set, plans)
		w.runner, err = jobs.Start(context.Background(), w.db.Pool(), set, jobs.Options{TestOnly: true, Log: o.Log})
		require.NoError(w.t, err)
	}
	w.stop = func() { cancel(); running.Wait() }
	require.NoError(w.t, w.sim.AwaitConnections(w.ctx(), 2))
}

// kill ends the bot; what it has acknowledged is in the log database.
func (w *workspace) kill() {
	w.t.Helper()
	if w.stop == nil {
		return
	}
	w.stop()
	w.stop = nil
	// The next bot may not be taken for connected while Slack still holds our connections.
	require.NoError(w.t, w.sim.AwaitConnections(w.ctx(), 0))
	if w.runner != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(w.t, w.runner.Stop(ctx))
		w.runner = nil
	}
}

// testWriter shows the log of a failed test.
type testWriter struct{ t *testing.T }

func (l testWriter) Write(line []byte) (int, error) {
	defer func() { _ = recover() }() // a line after the end of the test
	l.t.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

// quiet waits until everything that was asked for is done and told.
const stillOpen = `
	select (select count(*) from receipts where outcome is null)
	     + (select count(*) from deliveries where expanded_at is null)
	     + (select count(*) from delivery_steps where state in ('waiting', 'sending', 'unknown'))`

func (w *workspace) quiet() {
	w.t.Helper()
	ctx := w.ctx()
	// Twice: what is told may bring somebody into a channel, of which Slack tells.
	for range 2 {
		require.NoError(w.t, w.sim.Idle(ctx))
		require.Eventually(w.t, func() bool {
			var open int
			err := w.db.Pool().QueryRow(ctx, stillOpen).Scan(&open)
			return err == nil && open == 0
		}, patience, 5*time.Millisecond, "something is still to be told")
		require.NoError(w.t, jobs.Idle(ctx, w.db.Pool()))
		require.NoError(w.t, w.sim.Idle(ctx))
	}
}

func (w *workspace) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.db.Pool().QueryRow(w.ctx(), sql, args...).Scan(&n))
	return n
}

// slash types a command, and again where the bot had no time to record it: a
// busy machine may need longer than the answer to a person may take.
func (w *workspace) slash(who, in, line string) slacksim.Act {
	w.t.Helper()
	for ctx := w.ctx(); ; {
		act, err := w.sim.As(who).Slash(ctx, in, line)
		require.NoError(w.t, err)
		if !strings.HasPrefix(act.Shown, "Not recorded") {
			return act
		}
	}
}

func (w *workspace) press(who, in, label string) {
	w.t.Helper()
	_, err := w.sim.As(who).Press(w.ctx(), in, label)
	require.NoError(w.t, err)
}

// open opens an incident and returns the name of its channel.
func (w *workspace) open(who, title string) string {
	w.t.Helper()
	w.slash(who, "#general", "/snafu open "+title)
	ch, err := w.sim.As(who).AwaitChannel(w.ctx(), "#snafu-1")
	require.NoError(w.t, err)
	w.quiet()
	return ch.Name
}

// golden holds the conversation to a file, which -update rewrites.
func (w *workspace) golden(name string, channels ...string) {
	w.t.Helper()
	got := w.sim.Transcript(channels...)
	path := filepath.Join("testdata", "transcripts", name+".txt")
	if *update {
		require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(w.t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(w.t, err, "run with -update")
	require.Equal(w.t, string(want), got)
}

// advanceUntilQuiet moves the clock on until nothing waits for a later instant.
func (w *workspace) advanceUntilQuiet() {
	w.t.Helper()
	ctx := w.ctx()
	require.Eventually(w.t, func() bool {
		var open int
		err := w.db.Pool().QueryRow(ctx, stillOpen).Scan(&open)
		if err == nil && open > 0 {
			_ = w.sim.Advance(time.Second)
		}
		return err == nil && open == 0
	}, patience, 100*time.Millisecond, "something is still to be told")
	w.quiet()
}

// admin is the superuser of the log database.
func (w *workspace) admin() *pgx.Conn {
	w.t.Helper()
	if w.super == nil {
		w.super = pgtest.Connect(w.all, pgtest.AdminURL(w.all, w.db))
	}
	return w.super
}

func (w *workspace) channelID(name string) string {
	w.t.Helper()
	var id string
	err := w.db.Pool().QueryRow(w.ctx(), `select channel from incidents where channel_name = $1`, strings.TrimPrefix(name, "#")).Scan(&id)
	require.NoError(w.t, err)
	return id
}
