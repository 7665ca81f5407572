package app

import (
	"context"
	"flag"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
)

func TestMain(m *testing.M) {
	// A program that starts, loses its database or ends waits more than it works.
	flag.Parse()
	_ = flag.Set("test.parallel", "6")
	pgtest.Main(m)
}

// stand is a program with a Slack and a database of its own.
type stand struct {
	sim    *slacksim.Sim
	config Config
	db     *pgdb.DB
	said   *heard
	read   time.Duration // how long a plan has to stand before it is approved; 0 is the usual
	watch  time.Duration // the pace of a watch for which nobody named one; 0 is the usual
}

// heard keeps what the program says to whoever started it.
type heard struct {
	mu  sync.Mutex
	all []string
}

func (h *heard) say(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, s)
}

func (h *heard) has(words string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Contains(strings.Join(h.all, "\n"), words)
}

func newStand(t *testing.T) *stand {
	t.Helper()
	return newStandAt(t, nil)
}

// newStandAt is newStand with a clock of its own in Slack; nil is the machine's.
func newStandAt(t *testing.T, clock *slacksim.Clock) *stand {
	t.Helper()
	sim, err := slacksim.Start(slacksim.Options{Clock: clock, Workspace: slacksim.Workspace{
		Seed: 1, App: slacksim.WorkspaceApp{Manifest: manifests.SlackApp()},
		People:   slacksim.DefaultWorkspace().People,
		Channels: []slacksim.WorkspaceRoom{{Name: "general"}, {Name: "data-incidents", App: true}},
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	db := pgtest.New(t)
	tokens := sim.Tokens()
	return &stand{sim: sim, db: db, said: &heard{}, config: Config{
		Slack:    SlackConfig{BotToken: NewSecret(tokens.Bot), AppToken: NewSecret(tokens.App), APIURL: sim.APIURL(), SecondAfter: -1},
		Database: DatabaseConfig{URL: NewSecret(pgtest.As(t, db, pgdb.App)), Connections: 10},
		Announce: "#data-incidents",
		Exports:  ExportsConfig{Dir: t.TempDir()},
		Ladder:   defaultLadder(),
	}}
}

func (s *stand) options() Options {
	return Options{Config: s.config, Say: s.said.say, TestOnly: true, EditEvery: 20 * time.Millisecond, WatchEvery: s.watch, MinRead: s.read}
}

// run opens the program and runs it until the returned function is called,
// which returns how Run ended.
func (s *stand) run(t *testing.T) (a *App, stop func() error) {
	t.Helper()
	a, err := Open(t.Context(), s.options())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended, was := make(chan error, 1), s.sim.Connections()
	go func() { ended <- a.Run(ctx) }()

	eventually(t, "the bot hears", func() bool { return s.sim.Connections() >= was+2 })
	stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		a.Close()
		return err
	})
	t.Cleanup(func() { _ = stop() })
	return a, stop
}

// sample is the sample CRM with the grants that snafu asks for. It returns the
// address of its administrator.
func sample(t *testing.T, c *Config) (admin string) {
	t.Helper()
	admin = pgtest.Empty(t)
	parsed, err := parse("snafu.yaml", []byte(manifests.ExampleConfig), lookup(nil), Need{})
	require.NoError(t, err)
	crm := parsed.Sources["crm"]
	crm.Rota = ""
	c.Sources = map[string]SourceConfig{"crm": crm}
	pgtest.Login(t, "snafu_count")
	setup, err := SourceSQL(*c, "crm")
	require.NoError(t, err)
	conn := pgtest.Connect(t, admin)
	for _, sql := range []string{manifests.LeadStatusSchema + ";" + manifests.LeadStatusWorld, setup} {
		require.NoError(t, pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		}))
	}
	for login, to := range map[string]*Secret{"snafu_count": &crm.CountDSN, "snafu_exec": &crm.ExecDSN} {
		url, err := pgdb.As(login, admin)
		require.NoError(t, err)
		*to = NewSecret(url)
	}
	c.Sources["crm"] = crm
	return admin
}

// eventually waits for a condition, a few times a second, for a minute and a half.
func eventually(t *testing.T, what string, met func() bool) {
	t.Helper()
	require.Eventually(t, met, 90*time.Second, 50*time.Millisecond, what)
}
