package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/cmd/snafu/app"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/embedded"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
)

// databases are the addresses that an operator would hand out.
type databases struct {
	log, verify, logAdmin string
	count, exec, crmAdmin string
}

// onServer names our logins for a log and an empty database beside it.
func onServer(t *testing.T, log, crm string) databases {
	t.Helper()
	as := func(login, url string) string {
		url, err := pgdb.As(login, url)
		require.NoError(t, err)
		return url
	}
	return databases{
		log: as(pgdb.App, log), verify: as(pgdb.Reader, log), logAdmin: as(embedded.Superuser, log),
		count: as("snafu_count", crm), exec: as("snafu_exec", crm), crmAdmin: crm,
	}
}

// stand is everything around the bot: two databases, a folder with a
// configuration, and the simulated Slack as a process of its own.
type stand struct {
	t     *testing.T
	db    databases
	dir   string
	env   map[string]string
	slack workspace
	sim   *child
}

const workspaceText = `
seed: 1
app: {manifest: slack-app.json}
team: {name: Sample, domain: sample}
people:
  - {name: ana, title: Marketing operations}
  - {name: ben, title: CRM admin}
  - {name: chi, title: Data engineer}
  - {name: dev, title: Marketing lead}
channels:
  - {name: general, members: [ana, ben, chi, dev]}
  - {name: data-incidents, app: true}
`

var configText = template.Must(template.New("snafu.yaml").Parse(`
slack:
  bot_token_env: BOT_TOKEN
  app_token_env: APP_TOKEN
  api_url: {{.API}}
database: {url_env: LOG, verify_url_env: VERIFY}
announce: "#data-incidents"
rotas:
  crm-data: {zone: Europe/Berlin, anchor: 2026-01-05, unit: week, members: [{{.ID.ben}}]}
sources:
  crm:
    system: postgres
    title: CRM
    count_dsn_env: COUNT
    exec_dsn_env: EXEC
    rota: crm-data
    approvers: {users: [{{.ID.chi}}, {{.ID.dev}}], needed: 2, discussed: free}
    batch: {start: 100, min: 100, max: 100, rest: {{.Rest}}, canary: 20}
    tables:
      lead:
        table: crm.lead
        unit: leads
        key: [id]
        settable: [lead_status]
        pii: [email, phone]
        export: [email, crm_id]
        touched_at: {column: updated_at, on_write: now}
        history: {table: crm.lead_history, key: [lead_id], order: id, at: at, field: field, old: old, new: new, run: run, actor: by, retention: 90d}
        membership: {table: crm.campaign_member, key: [lead_id], run: run, at: joined_at}
`))

// newStand starts the simulated Slack and writes the configuration. rest is the
// pause between two batches.
func newStand(t *testing.T, db databases, rest time.Duration) *stand {
	t.Helper()
	s := &stand{t: t, db: db, dir: t.TempDir()}
	s.write("slack-app.json", string(manifests.SlackApp()))
	s.write("workspace.yaml", workspaceText)
	s.startSlack("127.0.0.1:0")
	app := s.slack.get("app")
	s.env = map[string]string{
		"BOT_TOKEN": app.BotToken, "APP_TOKEN": app.AppToken, "LOG": db.log, "VERIFY": db.verify, "COUNT": db.count, "EXEC": db.exec,
	}
	ids := map[string]string{}
	for _, p := range s.slack.get("people").People {
		ids[p.Name] = p.ID
	}
	var text strings.Builder
	require.NoError(t, configText.Execute(&text, map[string]any{"API": s.slack.at + "/api/", "ID": ids, "Rest": rest.String()}))
	s.write("snafu.yaml", text.String())
	return s
}

func (s *stand) path(name string) string { return filepath.Join(s.dir, name) }

func (s *stand) write(name, text string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(s.path(name), []byte(text), 0o600))
}

var pageLine = regexp.MustCompile(`page +(http://[0-9.]+:[0-9]+)`)

// startSlack starts the simulated Slack, or starts it again from what it kept.
func (s *stand) startSlack(listen string) {
	s.t.Helper()
	s.sim = snafu(s.t, nil, "slacksim", "--listen", listen, "--workspace", s.path("workspace.yaml"), "--state", s.path("slack.jsonl"))
	s.sim.hears("app token")
	s.slack = workspace{s.t, pageLine.FindStringSubmatch(s.sim.said.text())[1]}
}

// run is any command with the configuration of the stand.
func (s *stand) run(args ...string) *child {
	s.t.Helper()
	return snafu(s.t, s.env, append(args, "--config", s.path("snafu.yaml"))...)
}

// serve starts the bot and waits until Slack can reach it.
func (s *stand) serve() *child {
	s.t.Helper()
	c := s.run("serve")
	c.hears("snafu works in Sample. Sources: crm.")
	s.connected()
	return c
}

func (s *stand) connected() {
	s.t.Helper()
	// One is enough to be heard, and how many there are is the bot's affair.
	eventually(s.t, "the bot is connected", func() bool { return s.slack.get("app").Conns > 0 })
}

// The roles of the sample are the server's, and are made one test at a time.
var oneSample sync.Mutex

// sample fills an empty database with the CRM of the story, after the erroneous
// run, and with the grants that snafu source sql prints.
func sample(t *testing.T, admin string) {
	t.Helper()
	oneSample.Lock()
	defer oneSample.Unlock()
	file := filepath.Join(t.TempDir(), "snafu.yaml")
	require.NoError(t, os.WriteFile(file, []byte(manifests.ExampleConfig), 0o600))
	config, err := app.Load(file, func(string) (string, bool) { return "", false }, app.Need{})
	require.NoError(t, err)
	grants, err := app.SourceSQL(config, "crm")
	require.NoError(t, err)
	pgtest.Login(t, "snafu_count")
	conn, err := pgx.Connect(t.Context(), admin)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	t0 := time.Now().UTC().Truncate(time.Minute)
	for _, sql := range []string{
		"begin;" + manifests.LeadStatusSchema + manifests.LeadStatusWorld + "commit",
		"begin;" + grants + ";commit",
	} {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	for _, sql := range []string{
		`select world.load($1)`, `select world.weekly_41($1)`, `select world.weekly_42(1, $1)`, `select world.weekly_42(2, $1)`,
	} {
		_, err := conn.Exec(t.Context(), sql, t0)
		require.NoError(t, err)
	}
}

// ours are databases on the server of these tests.
func ours(t *testing.T) databases {
	t.Helper()
	db := onServer(t, pgtest.AdminURL(t, pgtest.New(t)), pgtest.Empty(t))
	sample(t, db.crmAdmin)
	return db
}

// number asks a database for one number.
func number(t *testing.T, url, sql string, args ...any) (n int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&n), sql)
	return n
}

// eventually waits for what a database will say; nothing wakes us there.
func eventually(t *testing.T, what string, met func() bool) {
	t.Helper()
	require.Eventually(t, met, patience, 100*time.Millisecond, what)
}
