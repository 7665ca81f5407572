package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// An answer goes to the address that came with the command. It works for half an
// hour and five times, and Slack may be unwell; the person reads the answer once
// all the same, in the channel or, where the bot is not in it, as a direct message.
func TestAnAnswerWhoseAddressDoesNotWorkReachesWhoAskedOnceAnotherWay(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	unwell := func(status int) func(slacksim.Act) {
		return func(slacksim.Act) { w.fault(slacksim.Fault{Kind: "response.http_error", Status: status, Always: true}) }
	}
	late := func(slacksim.Act) { require.NoError(w.t, w.sim.Advance(31*time.Minute)) }
	used := func(act slacksim.Act) {
		for range 5 {
			res, err := http.Post(act.ResponseURL, "application/json", strings.NewReader(`{"text":"somebody else's words"}`))
			require.NoError(w.t, err)
			require.NoError(w.t, res.Body.Close())
			require.Equal(w.t, http.StatusOK, res.StatusCode)
		}
	}
	for name, row := range map[string]struct {
		in     string
		spoil  func(slacksim.Act)
		direct bool
	}{
		"it works":                                        {ch, func(slacksim.Act) {}, false},
		"a server error":                                  {ch, unwell(500), false},
		"a gateway that is down":                          {ch, unwell(502), false},
		"a server error where the bot is not":             {"general", unwell(500), true},
		"half an hour has passed":                         {ch, late, false},
		"half an hour has passed where the bot is not":    {"general", late, true},
		"it was used five times":                          {ch, used, false},
		"it was used five times in a place without a bot": {"general", used, true},
	} {
		t.Run(name, func(t *testing.T) {
			outer := w.t
			w.t = t
			defer func() { w.t = outer; w.sim.Unfault("") }()
			answers := func(place string) (n int) {
				seen, err := w.sim.As("ana").Sees(place)
				require.NoError(t, err)
				for _, m := range seen {
					if strings.Contains(m.Plain, "There is no SNAFU-99 that you can see.") {
						n++
					}
				}
				return n
			}
			here, direct := answers("#"+row.in), answers("@snafu")
			w.kill()
			w.start(false) // it records and does nothing yet
			act := w.slash("ana", "#"+row.in, "/snafu status SNAFU-99")
			row.spoil(act)
			w.kill()
			w.start(true)
			w.settles()
			if row.direct {
				require.Equal(t, direct+1, answers("@snafu"))
				require.Equal(t, here, answers("#"+row.in))
				return
			}
			require.Equal(t, here+1, answers("#"+row.in))
			require.Equal(t, direct, answers("@snafu"))
		})
	}
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
}
