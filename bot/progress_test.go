package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

// A run tells how far it is in one message, which is edited no more often than
// agreed however many batches it writes, and which shows the end all the same.
func TestProgressIsOneMessageThatIsEditedAtMostEveryThreeSeconds(t *testing.T) {
	t.Parallel()
	const every = 3 * time.Second
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), withAnnouncements, func(o *bot.Options) { o.ProgressEvery = every })
	w.crm = newCRM(t)
	w.begin()
	ch, _ := w.proposed()
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": "1,176", "samples": []string{"looked"}})
		w.quiet()
	}
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.reachesState("paused")
	w.settles()
	w.press("dev", ch, "Continue")
	w.reachesState("done")
	w.settles()

	var ts string
	require.NoError(t, w.db.Pool().QueryRow(w.ctx(), `select ts from messages where kind = 'progress:R1'`).Scan(&ts))
	var drawn []slacksim.Traffic
	for _, x := range w.sim.Traffic("api") {
		request, _ := x.Request.(map[string]any)
		response, _ := x.Response.(map[string]any)
		if x.OK && strings.HasPrefix(x.Name, "chat.") && (request["ts"] == ts || response["ts"] == ts) {
			drawn = append(drawn, x)
		}
	}
	require.Greater(t, len(drawn), 2, "posted, edited for the first records, and for the end")
	require.Equal(t, "chat.postMessage", drawn[0].Name)
	for i, x := range drawn[1:] {
		require.Equal(t, "chat.update", x.Name)
		require.GreaterOrEqual(t, x.At.Sub(drawn[i].At), every)
	}
	require.Equal(t, 1, w.count(`select count(*) from messages where kind like 'progress:%'`))
	seen, err := w.sim.As("ana").Sees("#" + ch)
	require.NoError(t, err)
	for _, m := range seen {
		if m.TS == ts {
			require.Contains(t, m.Plain, "1,176 of 1,176 written")
			require.Contains(t, m.Plain, "100 %")
		}
	}
}
