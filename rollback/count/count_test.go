package count_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/count"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const ana = incidents.Person("T0ACME00001/U0ANA000001")

var began = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

// house is an incident about the sample CRM, with the rooms that count it.
type house struct {
	t     *testing.T
	db    *pgdb.DB
	admin *pgx.Conn
	count *count.Count
	read  source.Reader
	opt   postgres.Options
	id    incidents.ID
	acts  int
}

// sample is the CRM of the story, with slice 1 of the erroneous run.
var sample = pgtest.Prepare(func(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "begin;"+manifests.LeadStatusSchema+";"+manifests.LeadStatusWorld+";commit"); err != nil {
		return err
	}
	for _, sql := range []string{`select world.load($1)`, `select world.weekly_41($1)`, `select world.weekly_42(1, $1)`} {
		if _, err := conn.Exec(ctx, sql, began); err != nil {
			return err
		}
	}
	return nil
})

// told says that Slack has heard all there is to tell, as the close demands.
func (h *house) told() {
	h.t.Helper()
	_, err := h.db.Pool().Exec(h.t.Context(), `update deliveries set expanded_at = now() where expanded_at is null`)
	require.NoError(h.t, err)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	sourceURL := sample.New(t)
	h := &house{t: t, db: pgtest.New(t), admin: pgtest.Connect(t, sourceURL)}
	pgtest.Login(t, "snafu_count")
	opt := postgres.Options{Name: "crm", CountURL: as(t, sourceURL, "snafu_count"), Tables: []rollback.Table{leads()}}
	h.exec(postgres.SetupSQL(opt))
	reader, err := postgres.OpenReader(context.WithoutCancel(t.Context()), opt)
	require.NoError(t, err)
	t.Cleanup(reader.Close)
	h.read, h.opt = reader, opt
	h.count = count.New(count.Options{DB: h.db, Reader: func(name string) (source.Reader, error) {
		if name != "crm" {
			return nil, refusal.NotFound("There is no source %q.", name)
		}
		return reader, nil
	}})
	r, err := response.New(response.Options{DB: h.db, Sources: []response.SourceInfo{{Name: "crm"}}})
	require.NoError(t, err)
	h.id, err = r.Open(t.Context(), h.act(), response.OpenRequest{Title: "Leads moved to SQL by mistake", Reporter: ana, System: "crm"})
	require.NoError(t, err)
	return h
}

func as(t *testing.T, raw, login string) string {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	q := u.Query()
	q.Set("options", "-crole="+login)
	u.RawQuery = q.Encode()
	return u.String()
}

func leads() rollback.Table {
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

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.admin.Exec(h.t.Context(), sql, args...)
	require.NoError(h.t, err)
}

func (h *house) act() journal.Act {
	h.acts++
	return journal.Act{By: ana.Actor(), Key: h.t.Name() + "#" + time.Duration(h.acts).String()}
}

// picked is the house after somebody said that weekly-42 did it.
func picked(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	runs, err := h.count.Runs(t.Context(), "crm", "lead", began)
	require.NoError(t, err)
	require.Equal(t, "weekly-42", runs[0].Run)
	require.NoError(t, h.count.Pick(t.Context(), h.act(), h.id, count.ScopeOf("crm", "lead", []string{"lead_status"}, runs[0])))
	return h
}

func (h *house) latest() count.Measurement {
	h.t.Helper()
	m, ok, err := h.count.Latest(h.t.Context(), h.id)
	require.NoError(h.t, err)
	require.True(h.t, ok)
	return m
}

func (h *house) kinds() map[string]int {
	h.t.Helper()
	entries, err := journal.Entries(h.t.Context(), h.db, h.id, 0)
	require.NoError(h.t, err)
	kinds := map[string]int{}
	for _, e := range entries {
		kinds[e.Kind]++
	}
	return kinds
}

func says(t *testing.T, err error, kind refusal.Kind, part string) {
	t.Helper()
	r, ok := refusal.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, kind, r.Kind)
	require.Contains(t, r.Say, part)
}

func TestPickingARunCountsWhatItTouched(t *testing.T) {
	t.Parallel()
	h := picked(t)
	m := h.latest()
	require.EqualValues(t, 2500, m.Table.Members)
	require.EqualValues(t, -1, m.Before)
	require.Equal(t, 1, h.kinds()["scope-picked/1"])
	require.Equal(t, 1, h.kinds()["measured/1"])
	c, err := m.Classified()
	require.NoError(t, err)
	require.EqualValues(t, 2500, c.Classes().Undecided)
}

func TestARecountSeesARunThatStillGoesOn(t *testing.T) {
	t.Parallel()
	h := picked(t)
	h.exec(`select world.weekly_42(2, $1)`, began)
	require.NoError(t, h.count.Measure(t.Context(), h.act(), h.id))
	m := h.latest()
	require.EqualValues(t, 2926, m.Table.Members)
	require.EqualValues(t, 2500, m.Before)
	require.Equal(t, 1, h.kinds()["grew/1"])
}

func TestDecisionsMakeTheWrongRowsComputable(t *testing.T) {
	t.Parallel()
	h := picked(t)
	h.exec(`select world.weekly_42(2, $1)`, began)
	require.NoError(t, h.count.Measure(t.Context(), h.act(), h.id))
	pair := func(was string) rollback.Pair {
		return rollback.Pair{Initial: rollback.One(was), Error: rollback.One("SQL")}
	}
	require.NoError(t, h.count.Decide(t.Context(), h.act(), h.id, []rollback.Decision{
		{Pair: pair("Prospect"), Desired: rollback.One("SQL")}, // changed a moment later
		{Pair: pair("Nurturing"), Desired: rollback.One("MQL")},
		{Pair: pair("MQL"), Desired: rollback.One("SQL")},
		{Pair: pair("SQL"), NoChange: true},
	}))
	require.NoError(t, h.count.Decide(t.Context(), h.act(), h.id, []rollback.Decision{{Pair: pair("Prospect"), Desired: rollback.One("MQL")}}))
	c, err := h.latest().Classified()
	require.NoError(t, err)
	require.EqualValues(t, 1176, c.Wrong())
	require.Equal(t, rollback.Counts{Write: 1176, Right: 1750}, c.Classes())
	require.Equal(t, 2, h.kinds()["decided/1"])
}

func TestCountingRefusesInWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	says(t, h.count.Measure(ctx, h.act(), h.id), refusal.KindInvalid, "/snafu triage 2")
	says(t, h.count.Decide(ctx, h.act(), h.id, nil), refusal.KindInvalid, "at least one cohort")
	run := rollback.RunSeen{Run: "weekly-99", From: began}
	says(t, h.count.Pick(ctx, h.act(), h.id, count.ScopeOf("crm", "lead", []string{"lead_status"}, run)), refusal.KindNotFound, "no trace")
	run.Run = "weekly-42"
	scope := count.ScopeOf("crm", "lead", []string{"lead_status"}, rollback.RunSeen{Run: "weekly-42", From: began.Add(-time.Hour)})
	require.NoError(t, h.count.Pick(ctx, h.act(), h.id, scope))
	says(t, h.count.Pick(ctx, h.act(), h.id, scope), refusal.KindConflict, "already")
	stranger := rollback.Decision{Pair: rollback.Pair{Initial: rollback.One("Lost"), Error: rollback.One("SQL")}, NoChange: true}
	says(t, h.count.Decide(ctx, h.act(), h.id, []rollback.Decision{stranger}), refusal.KindConflict, "has changed")
	require.Empty(t, h.kinds()["decided/1"])
}

func TestTheSameActMeasuresOnce(t *testing.T) {
	t.Parallel()
	h := picked(t)
	act := h.act()
	require.NoError(t, h.count.Measure(t.Context(), act, h.id))
	require.ErrorIs(t, h.count.Measure(t.Context(), act, h.id), journal.ErrAlready)
	require.Equal(t, 2, h.kinds()["measured/1"])
}

func TestMeasurementsAreNeverRewrittenByTheBot(t *testing.T) {
	t.Parallel()
	h := picked(t)
	for _, sql := range []string{
		`update measurements set groups = '{}'`, `delete from measurements`, `update decisions set by = 'x'`, `delete from scopes`,
	} {
		_, err := h.db.Pool().Exec(t.Context(), sql)
		require.ErrorContains(t, err, "42501", sql)
	}
}
