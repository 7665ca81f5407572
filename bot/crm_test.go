package bot_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// crm is the sample source of leads, after the erroneous run.
type crm struct {
	t         *testing.T
	admin     *pgx.Conn
	opt       postgres.Options
	read      source.Reader
	dir       string
	also      []string // who else stands on the approver list
	group     string   // approver group instead of the list
	asks      []rollback.Query
	glass     approval.Glass
	discussed bool           // plans are discussed first
	busy      rollback.Query // a run waits while it counts something
	typed     string         // user group whose members may type statements
}

// leads is the sample CRM after the erroneous run.
var leads = pgtest.Prepare(func(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "begin;"+manifests.LeadStatusSchema+";"+manifests.LeadStatusWorld+";commit"); err != nil {
		return err
	}
	t0 := time.Now().UTC().Truncate(time.Minute)
	for _, sql := range []string{
		`select world.load($1)`, `select world.weekly_41($1)`, `select world.weekly_42(1, $1)`, `select world.weekly_42(2, $1)`,
	} {
		if _, err := conn.Exec(ctx, sql, t0); err != nil {
			return err
		}
	}
	return nil
})

// acting is the address of a database for a session that acts as a role of it.
func acting(t *testing.T, at, role string) string {
	t.Helper()
	u, err := url.Parse(at)
	require.NoError(t, err)
	q := u.Query()
	q.Set("options", "-crole="+role)
	u.RawQuery = q.Encode()
	return u.String()
}

func newCRM(t *testing.T) *crm {
	t.Helper()
	at := leads.New(t)
	c := &crm{t: t, admin: pgtest.Connect(t, at), dir: t.TempDir()}
	pgtest.Login(t, "snafu_count")
	c.opt = postgres.Options{Name: "crm", CountURL: acting(t, at, "snafu_count"), ExecURL: acting(t, at, "snafu_exec"), Tables: []rollback.Table{{
		Name: "lead", Relation: "crm.lead", Unit: "leads", Key: []string{"id"}, Settable: []string{"lead_status"},
		PII: []string{"email", "phone"}, Export: []string{"email", "crm_id"}, TouchedAt: rollback.TouchedAt{Column: "updated_at"},
		History: rollback.History{
			Relation: "crm.lead_history", Key: []string{"lead_id"}, Order: "id", At: "at", Field: "field", Old: "old", New: "new",
			Run: "run", Actor: "by", Retention: 90 * 24 * time.Hour,
		},
		Membership: rollback.Membership{Relation: "crm.campaign_member", Key: []string{"lead_id"}, Run: "run", At: "joined_at"},
		Lists:      map[string]rollback.List{"weekly": {Relation: "crm.list_member", Key: []string{"lead_id"}, Name: "list"}},
	}}}
	c.exec(postgres.SetupSQL(c.opt))
	r, err := postgres.OpenReader(t.Context(), c.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	c.read = r
	return c
}

func (c *crm) exec(sql string, args ...any) {
	c.t.Helper()
	_, err := c.admin.Exec(c.t.Context(), sql, args...)
	require.NoError(c.t, err)
}

func (c *crm) number(sql string) (n int64) {
	c.t.Helper()
	require.NoError(c.t, c.admin.QueryRow(c.t.Context(), sql).Scan(&n))
	return n
}

func (c *crm) reader(string) (source.Reader, error) {
	if c == nil {
		return nil, errors.New("there is no source")
	}
	return c.read, nil
}

func (c *crm) told() []bot.Table {
	if c == nil {
		return nil
	}
	return []bot.Table{{Name: "lead", Unit: "leads", Set: c.opt.Tables[0].Settable, Removable: c.opt.Tables[0].Archive.Column != "", Lists: []string{"weekly"}}}
}

func (c *crm) queries() []rollback.Query {
	if c == nil {
		return nil
	}
	return c.asks
}

func (c *crm) typists() map[string]string {
	if c == nil || c.typed == "" {
		return nil
	}
	return map[string]string{"crm": c.typed}
}

func (c *crm) approvals(w *workspace) []approval.Source {
	if c == nil {
		return nil
	}
	b := rollback.DefaultBatching()
	b.Start, b.Min, b.Max, b.Rest = 100, 100, 100, 50*time.Millisecond
	listed := []string{w.id("chi").User(), w.id("dev").User()}
	for _, name := range c.also {
		listed = append(listed, w.id(name).User())
	}
	group := ""
	if c.group != "" {
		listed, group = nil, c.group
	}
	return []approval.Source{{
		Name: "crm", Title: "The CRM", Tables: c.opt.Tables, Automations: c.opt.Automations, Users: listed, Usergroup: group, Needed: 2, BreakGlass: c.glass, Discussed: c.discussed,
		Limits: rollback.DefaultLimits(), Tolerance: rollback.DefaultTolerance(), Batch: b,
	}}
}

// work adds the jobs of freezing and running.
func (c *crm) work(w *workspace, set *jobs.Set, plans *approval.Approval) {
	if c == nil {
		return
	}
	e := c.executor(w, plans)
	jobs.Handle(set, e.Freeze)
	jobs.Handle(set, e.Run)
	jobs.Handle(set, e.Switch)
	jobs.Handle(set, plans.SecondDue)
	jobs.Handle(set, plans.Expire)
}

func (c *crm) executor(w *workspace, plans *approval.Approval) *executor.Executor {
	return executor.New(executor.Options{
		Throttles: map[string]executor.Throttle{"crm": {Query: c.busy}},
		DB:        w.db, Approval: plans, ExportDir: c.dir, Holder: "test", Readers: c.reader, Staged: w.counts.Staged,
		Writers: func(string) (source.Writer, error) {
			return postgres.OpenWriter(context.Background(), c.opt)
		},
	})
}

// samples reads records of a frozen plan.
func (c *crm) samples(w *workspace, plans *approval.Approval) func(context.Context, rollback.ID, int64, int64) ([]rollback.Sampled, error) {
	if c == nil {
		return nil
	}
	return func(ctx context.Context, plan rollback.ID, cohort, seed int64) ([]rollback.Sampled, error) {
		return c.executor(w, plans).Samples(ctx, plan, cohort, seed)
	}
}

// lists writes the lists of a run.
func (c *crm) lists(w *workspace, plans *approval.Approval) func(context.Context, rollback.ID, rollback.ListOf) (bot.List, error) {
	if c == nil {
		return nil
	}
	return func(ctx context.Context, plan rollback.ID, of rollback.ListOf) (bot.List, error) {
		list, err := c.executor(w, plans).List(ctx, plan, of)
		return bot.List{Path: list.Path, Rows: list.Rows, SHA256: list.SHA256}, err
	}
}
