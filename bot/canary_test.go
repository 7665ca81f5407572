package bot_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// vaultSQL is a source in which every value that is nobody's business sings:
// its key, its columns, who wrote its history.
const vaultSQL = `
	create schema vault;
	create table vault.person (mail text primary key, stage int, phone text, note text, touched timestamptz not null default now());
	create table vault.log (no bigint generated always as identity primary key, mail text, field text, was text, now text,
	                        at timestamptz not null default clock_timestamp(), job text, who text);
	create table vault.member (job text, mail text, at timestamptz not null default clock_timestamp());
	insert into vault.person (mail, stage, phone, note)
	select 'canary-key-' || n || '@canary-host.example', case when n % 2 = 0 then 1 else 2 end, 'canary-phone-' || n, 'canary-note-' || n
	  from generate_series(1, 12) n;
	insert into vault.log (mail, field, was, now, job, who) select mail, 'stage', stage::text, '9', 'bad-run', 'canary-who@canary-host.example' from vault.person;
	insert into vault.log (mail, field, was, now, job, who) select mail, 'phone', 'canary-old-phone', phone, 'bad-run', 'canary-who@canary-host.example' from vault.person;
	insert into vault.member (job, mail) select 'bad-run', mail from vault.person;
	insert into vault.member (job, mail) values ('bad-run', 'canary-gone@canary-host.example');
	update vault.person set stage = 9`

func newVault(t *testing.T) *crm {
	t.Helper()
	at := pgtest.Empty(t)
	c := &crm{t: t, admin: pgtest.Connect(t, at), dir: t.TempDir()}
	pgtest.Login(t, "snafu_count")
	c.exec(vaultSQL)
	personal := []string{"mail", "phone", "note", "who"}
	c.opt = postgres.Options{Name: "crm", CountURL: acting(t, at, "snafu_count"), ExecURL: acting(t, at, "snafu_exec"), Tables: []rollback.Table{{
		Name: "person", Relation: "vault.person", Unit: "people", Key: []string{"mail"}, Settable: []string{"stage"}, PII: personal,
		Export: []string{"mail", "phone", "note"}, TouchedAt: rollback.TouchedAt{Column: "touched"},
		History: rollback.History{
			Relation: "vault.log", Key: []string{"mail"}, Order: "no", At: "at", Field: "field", Old: "was", New: "now", Run: "job", Actor: "who",
			Retention: 90 * 24 * time.Hour,
		},
		Membership: rollback.Membership{Relation: "vault.member", Key: []string{"mail"}, Run: "job", At: "at"},
	}}}
	c.exec(postgres.SetupSQL(c.opt))
	r, err := postgres.OpenReader(t.Context(), c.opt)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	c.read = r
	return c
}

// vaultWorkspace has a bot in it whose whole log is heard.
func vaultWorkspace(t *testing.T, log *ear, opts ...func(*bot.Options)) *workspace {
	t.Helper()
	analysts := slacksim.Workspace{Usergroups: []slacksim.WorkspaceGroup{{ID: "S0ANALYSTS", Handle: "analysts", Members: []string{"ana"}}}}
	w := workspaceLike(t, slacksim.FrozenClock(time.Now()), analysts, append(opts, func(o *bot.Options) {
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Sources = []bot.Source{{Name: "crm", Title: "The CRM", Tables: []bot.Table{{Name: "person", Unit: "people", Set: []string{"stage"}}}}}
	})...)
	w.crm = newVault(t)
	return w
}

// ear keeps every line of the log.
type ear struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (e *ear) Write(line []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.log.Write(line)
}

func (e *ear) heard() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.log.String()
}

// Text of the log database that holds the word, by table.
const singing = `
	select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
	 where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`

func TestNoPersonalValueLeavesTheSourceButMaskedToWhoAsked(t *testing.T) {
	t.Parallel()
	var log ear
	w := vaultWorkspace(t, &log).begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 People were lost --on crm")
	w.slash("ana", ch, "/snafu triage 2 bad-run")
	w.sees("ana", ch, says("13 members, 1 without history"))
	w.slash("ana", ch, "/snafu pick")
	w.form("ana", "pick")
	w.slash("ana", ch, "/snafu table 1 initial")
	w.slash("ana", ch, "/snafu table 2 5")
	w.crm.exec(`insert into vault.log (mail, field, was, now, who) select mail, 'stage', '9', '1', 'canary-who' from vault.person where phone = 'canary-phone-3'`)
	w.crm.exec(`update vault.person set stage = 1 where phone = 'canary-phone-3'`)
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says("Does not match what the run left"), says("2 → 9, now 1: changed since"))

	w.slash("ana", ch, "/snafu example")
	shown := w.sees("ana", ch, mine, says("c…@c…"), says("broke here"))
	require.Contains(t, shown.Plain, "phone c…", "a mask says that there is something")
	w.slash("ana", ch, "/snafu example 1 changed")
	w.slash("ana", ch, "/snafu example 2")
	w.quiet()
	w.press("ana", ch, "Examples")

	w.slash("ana", ch, "/snafu example 1 changed share")
	shared := w.sees("ben", ch, says("E1 · 2 → 9 · cohort 1"))
	require.NotContains(t, shared.Plain, "c…", "what everybody reads holds nothing personal, not even masked")
	w.quiet()

	for _, file := range []string{
		"canary-key-1@canary-host.example;canary-wish\n", "canary-nobody;1\ncanary-key-2@canary-host.example;5\n",
		"canary-key-1@canary-host.example;=canary-formula\n", "canary-key-1@canary-host.example;\"canary-open\n",
		"canary-gone@canary-host.example;5\n", "canary-key-1@canary-host.example;5\ncanary-key-5@canary-host.example;1\n",
	} {
		m, err := w.sim.As("ana").Uploads(w.ctx(), ch, "", "people.csv", []byte(file))
		require.NoError(t, err)
		w.shortcut("ana", "desired.message", ch, m.TS)
		w.slash("ana", ch, "/snafu desired")
		w.sees("ana", ch, mine, says("Nothing was applied"), slacksim.After(m.TS))
	}

	// Slack sends the first lines of a text file along with its message.
	ack, err := w.bot.Hear(w.ctx(), "interactive", map[string]any{
		"type": "message_action", "callback_id": "desired.message", "trigger_id": "preview", "user": map[string]any{"id": w.id("ana").User(), "team_id": w.id("ana").Team()},
		"channel": map[string]any{"id": w.channelID(ch)}, "message": map[string]any{
			"ts": "1.2", "files": []any{map[string]any{"id": "F0NONE", "name": "people.csv", "preview": "canary-preview"}},
		},
	})
	require.NoError(t, err, "%v", ack)

	// What the server would say about a value that does not fit holds the value.
	w.crm.exec(`insert into vault.log (mail, field, was, now, job) select mail, 'stage', 'canary-was', '9', 'bad-run' from vault.person where phone = 'canary-phone-4'`)
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, mine, says("holds a value that vault.person cannot"))
	w.crm.exec(`revoke select (phone) on vault.person from snafu_count`)
	w.slash("ana", ch, "/snafu example 2")
	w.quiet()

	w.silent(&log)
}

// silent says that no value of the source was heard: by Slack, in whatever the
// bot sent it, in the log, or in a row of the log database.
func (w *workspace) silent(log *ear) {
	w.t.Helper()
	t, kinds := w.t, map[string]int{}
	for _, x := range w.sim.Traffic("") {
		if x.Dir != "from_app" {
			continue
		}
		kinds[x.Kind]++
		raw, err := json.Marshal(x.Request)
		require.NoError(t, err)
		require.NotContains(t, strings.ToLower(string(raw)), "canary-", "%s %s", x.Kind, x.Name)
	}
	require.Greater(t, kinds["api"], 20)
	require.Greater(t, kinds["ack"], 5)
	require.NotContains(t, strings.ToLower(log.heard()), "canary-")
	rows, err := w.admin().Query(w.ctx(), singing)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(tables), 20)
	for _, name := range tables {
		var n int
		require.NoError(t, w.admin().QueryRow(w.ctx(), `select count(*) from `+name+` t where t::text ilike '%canary-%' or t::text like '%63616e6172792d%'`).Scan(&n))
		require.Zero(t, n, "%s holds a personal value", name)
	}
}
