package postgres

import (
	"context"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/source"
	"snafu/rollback/source/sourcetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var t0 = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

// lead is the declaration of the sample's table of leads.
func lead() rollback.Table {
	return rollback.Table{
		Name: "lead", Relation: "crm.lead", Unit: "leads", Key: []string{"id"}, Settable: []string{"lead_status"},
		PII: []string{"email", "phone"}, Export: []string{"email", "crm_id"}, TouchedAt: rollback.TouchedAt{Column: "updated_at"},
		History: rollback.History{
			Relation: "crm.lead_history", Key: []string{"lead_id"}, Order: "id", At: "at", Field: "field", Old: "old", New: "new",
			Run: "run", Actor: "by", Retention: 90 * 24 * time.Hour,
		},
		Membership: rollback.Membership{Relation: "crm.campaign_member", Key: []string{"lead_id"}, Run: "run", At: "joined_at"},
		Lists:      map[string]rollback.List{"weekly": {Relation: "crm.list_member", Key: []string{"lead_id"}, Name: "list"}},
	}
}

// world is a source of its own: the sample CRM, or tables a test makes itself.
type world struct {
	t     testing.TB
	url   string
	admin *pgx.Conn
	opt   Options

	staged source.Staged // what the next plan takes from a file
}

// empty is a source with only the declared tables, made by sql.
func empty(t testing.TB, sql string, tables ...rollback.Table) *world {
	t.Helper()
	w := at(t, pgtest.Empty(t))
	w.exec(sql)
	w.grant(tables...)
	return w
}

func at(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, url: url, admin: pgtest.Connect(t, url)}
	pgtest.Login(t, "snafu_count")
	return w
}

// grant lets snafu into the tables, as their admin would.
func (w *world) grant(tables ...rollback.Table) {
	w.t.Helper()
	w.opt = Options{Name: "crm", CountURL: w.as("snafu_count"), ExecURL: w.as("snafu_exec"), Tables: tables}
	w.exec(SetupSQL(w.opt))
}

var told = pgtest.Prepare(func(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "begin;"+manifests.LeadStatusSchema+";"+manifests.LeadStatusWorld+";commit"); err != nil {
		return err
	}
	for _, sql := range []string{`select world.load($1)`, `select world.weekly_41($1)`, `select world.weekly_42(1, $1)`} {
		if _, err := conn.Exec(ctx, sql, t0); err != nil {
			return err
		}
	}
	return nil
})

// sample is the CRM of the story, with slice 1 of the erroneous run.
func sample(t testing.TB) *world {
	t.Helper()
	w := at(t, told.New(t))
	w.grant(lead())
	return w
}

// story is the sample after the campaign was stopped at 2,926 leads.
func story(t testing.TB) *world {
	t.Helper()
	w := sample(t)
	w.exec(`select world.weekly_42(2, $1)`, t0)
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.admin.Exec(w.t.Context(), sql, args...)
	require.NoError(w.t, err)
}

func (w *world) number(sql string, args ...any) int64 {
	w.t.Helper()
	var n int64
	require.NoError(w.t, w.admin.QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

// as is the URL of the source for another login. On a server of the user's the
// passwords are not ours to set, so there the superuser takes the role.
func (w *world) as(login string) string {
	u, err := url.Parse(w.url)
	require.NoError(w.t, err)
	if os.Getenv("SNAFU_TEST_DATABASE_URL") == "" {
		u.User = url.User(login)
		return u.String()
	}
	q := u.Query()
	q.Set("options", "-crole="+login)
	u.RawQuery = q.Encode()
	return u.String()
}

func (w *world) reader() *Reader {
	w.t.Helper()
	r, err := OpenReader(context.WithoutCancel(w.t.Context()), w.opt)
	require.NoError(w.t, err)
	w.t.Cleanup(r.Close)
	return r
}

func (w *world) writer() *Writer {
	w.t.Helper()
	wr, err := OpenWriter(context.WithoutCancel(w.t.Context()), w.opt)
	require.NoError(w.t, err)
	w.t.Cleanup(wr.Close)
	return wr
}

func leadScope() rollback.Scope {
	return rollback.Scope{Source: "crm", Table: "lead", Set: []string{"lead_status"}, Run: "weekly-42", From: t0.Add(-47 * time.Minute)}
}

func pair(initial, left string) rollback.Pair {
	return rollback.Pair{Initial: rollback.One(initial), Error: rollback.One(left)}
}

// decided are the four decisions of the story.
func decided() []rollback.Decision {
	return []rollback.Decision{
		{Pair: pair("Prospect", "SQL"), Desired: rollback.One("MQL")},
		{Pair: pair("Nurturing", "SQL"), Desired: rollback.One("MQL")},
		{Pair: pair("MQL", "SQL"), Desired: rollback.One("SQL")},
		{Pair: pair("SQL", "SQL"), NoChange: true},
	}
}

func spec(scope rollback.Scope, decisions []rollback.Decision) rollback.Spec {
	b := rollback.DefaultBatching()
	b.Start, b.Min, b.Max = 100, 100, 100
	return rollback.Spec{
		Install: []byte("0123456789abcdef"), Incident: 1, Plan: 1, Ref: "R1", Revision: 1, Kind: rollback.KindRollback,
		Requester: "T0TEAM/U0ANA", Author: "T0TEAM/U0ANA", Needs: 2, Scope: scope, Decisions: decisions, Guard: rollback.GuardLaterWriter,
		TouchedAt: rollback.TouchedAt{Column: "updated_at"}, Effects: rollback.EffectsFire, Batch: b,
		Tolerance: rollback.DefaultTolerance(), Limits: rollback.DefaultLimits(), Unit: "leads",
	}
}

// running freezes a spec and lets two people approve it.
func (w *world) running(wr *Writer, s rollback.Spec) (rollback.Running, rollback.Freeze, []byte) {
	w.t.Helper()
	draft, err := rollback.NewDraft(s)
	require.NoError(w.t, err)
	var export writeCounter
	f, err := wr.Freeze(w.t.Context(), draft, w.staged, 1, &export)
	require.NoError(w.t, err)
	frozen, err := draft.Freeze(f)
	require.NoError(w.t, err)
	proposed, err := frozen.Propose(f.At)
	require.NoError(w.t, err)
	at := f.At.Add(time.Minute)
	var state rollback.State = proposed
	for _, by := range []incidents.Person{"T0TEAM/U0BEN", "T0TEAM/U0CHI"} {
		p, ok := state.(rollback.Proposed)
		require.True(w.t, ok)
		state, err = p.Approve(rollback.Click{By: by, Read: p.Digest(), Typed: f.Writes, Opened: at}, nil, at)
		require.NoError(w.t, err)
	}
	approved, ok := state.(rollback.Approved)
	require.True(w.t, ok)
	running, err := approved.Start("T0TEAM/U0BEN", at)
	require.NoError(w.t, err)
	return running, f, export
}

type writeCounter []byte

func (w *writeCounter) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

// walk applies the whole plan in spans of a size.
func (w *world) walk(wr *Writer, f rollback.Fence, size int64) []rollback.Batch {
	w.t.Helper()
	var out []rollback.Batch
	for lo := int64(1); lo <= f.Run().Writes(); lo += size {
		b, err := wr.Apply(w.t.Context(), f, rollback.Span{Number: int64(len(out) + 1), Lo: lo, Hi: min(lo+size-1, f.Run().Writes())})
		require.NoError(w.t, err)
		out = append(out, b)
	}
	return out
}

// automate declares the automation of the suite, as an admin who runs what source
// sql prints.
func (w *world) automate(s rollback.SwitchColumn) {
	w.t.Helper()
	w.opt.Automations = []rollback.Automation{{Name: sourcetest.Sync, Title: "Sync", Switch: s}}
	w.exec(SetupSQL(w.opt))
}

// holds is a transaction of somebody else that goes on.
func (w *world) holds(sql string, args ...any) pgx.Tx {
	w.t.Helper()
	tx, err := pgtest.Connect(w.t, w.url).Begin(w.t.Context())
	require.NoError(w.t, err)
	_, err = tx.Exec(w.t.Context(), sql, args...)
	require.NoError(w.t, err)
	return tx
}
