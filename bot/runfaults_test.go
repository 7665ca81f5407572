package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// A repair is approved, started and looked after while everything between the
// bot and Slack goes wrong, at every step of it anew.
func TestWhateverGoesWrongWhileARepairRunsItIsDoneOnceAndToldOnce(t *testing.T) {
	t.Parallel()
	calls := func(methods []string, faults ...slacksim.Fault) (all []slacksim.Fault) {
		for _, m := range methods {
			for _, f := range faults {
				f.Match.Method = m
				all = append(all, f)
			}
		}
		return all
	}
	words := []string{"chat.postMessage", "chat.update", "views.open", "views.update", "chat.postEphemeral", "pins.add", "views.publish"}
	for name, faults := range map[string][]slacksim.Fault{
		"answers and requests are lost, and Slack is not well": calls(words,
			slacksim.Fault{Kind: "api.lost_reply"}, slacksim.Fault{Kind: "api.lost_request", Skip: 1},
			slacksim.Fault{Kind: "api.http_error", Status: 500, Skip: 2}, slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 1, Skip: 3}),
		"connections are cut, acknowledgements are dropped, and payloads come four times": {
			{Kind: "socket.cut"}, {Kind: "socket.drop_ack"}, {Kind: "socket.drop_ack", Skip: 2}, {Kind: "socket.duplicate", Copies: 3, Times: 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), withAnnouncements)
			w.crm = newCRM(t)
			w.begin()
			ch, _ := w.proposed()
			goesWrong := func() {
				w.sim.Unfault("")
				for _, f := range faults {
					w.fault(f)
				}
			}
			form := func(who, label, callback string, fill slacksim.Values, kind string, times int) {
				t.Helper()
				goesWrong()
				w.persists(wish{
					who: who, ch: ch, form: callback, fill: fill, is: func() bool { return w.happened(kind) >= times },
					ask: func(ctx context.Context) (slacksim.Act, error) { return w.sim.As(who).Press(ctx, ch, label) },
				})
				require.Equal(t, times, w.happened(kind), kind)
			}
			approval := slacksim.Values{"rows": "1176", "samples": []string{"looked"}}
			form("chi", "Review and approve", "approve", approval, "approval-given/1", 1)
			form("dev", "Review and approve", "approve", approval, "approval-given/1", 2)
			w.settles()
			form("chi", "Run", "run", slacksim.Values{"ref": "R1"}, "run-claimed/1", 1)
			w.reachesState("paused")
			w.settles()
			goesWrong()
			goOn := wish{who: "dev", ch: ch, is: func() bool { return w.happened("run-continued/1") > 0 }}
			for began := time.Now(); !goOn.is() && time.Since(began) < patience; {
				w.does(goOn, func(ctx context.Context) (slacksim.Act, error) { return w.sim.As("dev").Press(ctx, ch, "Continue") })
				w.nobodyWaits()
			}
			w.reachesState("done")
			w.settles()
			w.sim.Unfault("")
			w.settles()

			for kind, times := range map[string]int{
				"plan-proposed/1": 1, "approval-given/1": 2, "plan-approved/1": 1, "run-claimed/1": 1, "run-continued/1": 1, "run-finished/1": 1,
			} {
				require.Equal(t, times, w.happened(kind), kind)
			}
			require.Equal(t, int64(1176), w.crm.number(`select count(*) from crm.lead where lead_status = 'MQL'`))
			require.Equal(t, int64(1176), w.crm.number(`select count(*) from snafu.ledger`), "each record is written once")
			w.toldOnce(ch, "1,176 written")
			require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
			require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
			w.sound()
		})
	}
}

// happened counts the entries of a kind.
func (w *workspace) happened(kind string) int {
	w.t.Helper()
	return w.count(`select count(*) from journal where kind = $1`, kind)
}

// reachesState waits until the plan stands there.
func (w *workspace) reachesState(state string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		return w.count(`select count(*) from revisions where state = $1`, state) == 1
	}, patience, 5*time.Millisecond, state)
}

// toldOnce holds that each step was posted once, and one of them says this.
func (w *workspace) toldOnce(ch, words string) {
	w.t.Helper()
	seen, err := w.sim.As("ana").Sees("#" + ch)
	require.NoError(w.t, err)
	tags, said := map[string]string{}, 0
	for _, m := range seen {
		payload, marked := m.Metadata["event_payload"].(map[string]any)
		if !marked || m.Deleted {
			continue
		}
		tag, _ := payload["delivery"].(string)
		require.NotContains(w.t, tags, tag, "posted twice: %s", m.Plain)
		tags[tag] = m.Plain
		if strings.Contains(m.Plain, words) {
			said++
		}
	}
	require.Positive(w.t, said, "%q in %v", words, tags)
}
