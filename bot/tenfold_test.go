package bot_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

// logged keeps everything that is logged, at every level.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func TestEverythingPressedTenTimesIsOneRepairAndNoPersonOfTheSourceIsNamedAnywhere(t *testing.T) {
	t.Parallel()
	var log logged
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), withAnnouncements, func(o *bot.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w.crm = newCRM(t)
	w.begin()
	w.fault(slacksim.Fault{Kind: "socket.duplicate", Copies: 9, Always: true})
	ch, stamp := w.proposed()
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": "1,176", "samples": []string{"looked"}})
		w.quiet()
	}
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("dev", ch, slacksim.Shows("Continue"))
	w.quiet()

	// The first records are written. Who may not approve may not go on either,
	// nor end it; anybody who is a member may let it rest.
	order := func(action, who string) string {
		return w.ended(w.presses(action, forgery{by: w.id(who), meta: stamp.String(), channel: w.channelID(ch)}))
	}
	for _, who := range []string{"ben", "gus", "snafu"} {
		require.Contains(t, order("plan.continue", who), "refused forbidden", who)
		require.Contains(t, order("plan.resume", who), "refused forbidden", who)
		require.Contains(t, w.ended(w.sends("abort", forgery{by: w.id(who), fields: map[string]string{"why": "no"}, meta: stamp.String()})), "refused forbidden", who)
	}
	require.Equal(t, 1, w.count(`select count(*) from revisions where state = 'paused'`))
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, slacksim.Contains("1,176 written"))
	w.quiet()

	require.Equal(t, int64(1176), w.crm.number(`select count(*) from crm.lead where lead_status = 'MQL'`))
	for kind, times := range map[string]int{
		"opened/1": 1, "plan-drafted/1": 1, "plan-proposed/1": 1, "approval-given/1": 2, "plan-approved/1": 1,
		"run-claimed/1": 1, "run-continued/1": 1, "run-finished/1": 1,
	} {
		require.Equal(t, times, w.count(`select count(*) from journal where kind = $1`, kind), kind)
	}
	require.NotContains(t, w.told(), "did not open in time")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()

	// What is said, logged and kept names no record.
	people := w.people()
	traffic, err := json.Marshal(w.sim.Traffic(""))
	require.NoError(t, err)
	var kept string
	require.NoError(t, w.admin().QueryRow(w.ctx(), `select string_agg(t::text, '') from (
		select detail::text || coalesce(encode(body, 'escape'), '') from snafu.journal
		union all select coalesce(encode(payload, 'escape'), '') from snafu.receipts
		union all select args::text || coalesce(errors::text, '') from river.river_job) t`).Scan(&kept))
	for place, text := range map[string]string{"Slack": string(traffic), "log": log.String(), "log database": kept} {
		require.NotEmpty(t, text, place)
		for _, word := range personal.FindAllString(text, -1) {
			require.False(t, people[word], "%s names %s", place, word)
		}
	}
	require.True(t, personal.MatchString("ana@acme.example"))
	files, err := filepath.Glob(filepath.Join(w.crm.dir, "*", "*"))
	require.NoError(t, err)
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s is for us alone", f)
	}
}

// personal finds what may be an address or a number of somebody.
var personal = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+\w|\+[\d ()-]{6,}\d`)

// people are the addresses and numbers in the source.
func (w *workspace) people() map[string]bool {
	w.t.Helper()
	rows, err := w.crm.admin.Query(w.ctx(), `select email from crm.lead where email is not null union select phone from crm.lead where phone is not null`)
	require.NoError(w.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(w.t, err)
	require.Greater(w.t, len(all), 1000)
	known := map[string]bool{}
	for _, word := range all {
		require.Equal(w.t, word, strings.TrimSpace(personal.FindString(word)), "the net would let it through")
		known[word] = true
	}
	return known
}
