package bot_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhateverBecomesOfAFormItIsFilledInOnceAndWhoAskedReadsWhy(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	n := 0
	adds := func(t *testing.T) (told []string) {
		outer := w.t
		w.t = t
		defer func() { w.t = outer }()
		n++
		words := fmt.Sprintf("campaign %d was copied", n)
		is := func() bool {
			return w.count(`select count(*) from journal where kind = 'noted/1' and detail->>'text' = $1`, words) > 0
		}
		told = w.persists(wish{
			who: "ana", ch: ch, form: "note", fill: slacksim.Values{"text": words}, is: is, heard: true,
			ask: func(ctx context.Context) (slacksim.Act, error) {
				return w.sim.As("ana").Slash(ctx, "#"+ch, "/snafu note")
			},
		})
		w.sim.Unfault("")
		w.settles()
		require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1' and detail->>'text' = $1`, words))
		return told
	}
	const late, stuck = "The form did not open in time. Press again", "Slack does not let me fill in the form. Close it and press again"
	for _, row := range []struct {
		name, method string
		fault        slacksim.Fault
		told         string // "" if nobody notices
	}{
		{"the answer to opening is lost", "views.open", slacksim.Fault{Kind: "api.lost_reply"}, ""},
		{"the answers to opening are lost", "views.open", slacksim.Fault{Kind: "api.lost_reply", Times: 2}, ""},
		{"opening is lost", "views.open", slacksim.Fault{Kind: "api.lost_request"}, ""},
		{"opening is lost twice", "views.open", slacksim.Fault{Kind: "api.lost_request", Times: 2}, late},
		{"opening meets a server error", "views.open", slacksim.Fault{Kind: "api.http_error", Status: 500}, ""},
		{"opening meets a page instead of an answer", "views.open", slacksim.Fault{Kind: "api.http_error", Status: 502, HTML: true, Times: 3}, late},
		{"opening meets an error of Slack's own", "views.open", slacksim.Fault{Kind: "api.error", Error: "internal_error"}, ""},
		{"opening is slow", "views.open", slacksim.Fault{Kind: "api.slow", Delay: "50ms"}, ""},
		{"too many forms are opened", "views.open", slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 2}, late},
		{"the three seconds are over", "views.open", slacksim.Fault{Kind: "api.error", Error: "expired_trigger_id"}, late},
		{"the answer to filling in is lost", "views.update", slacksim.Fault{Kind: "api.lost_reply"}, ""},
		{"filling in is lost", "views.update", slacksim.Fault{Kind: "api.lost_request"}, ""},
		{"filling in is lost again and again", "views.update", slacksim.Fault{Kind: "api.lost_request", Times: 3}, stuck},
		{"filling in meets a server error", "views.update", slacksim.Fault{Kind: "api.http_error", Status: 503, HTML: true}, ""},
		{"filling in meets another drawing", "views.update", slacksim.Fault{Kind: "api.error", Error: "hash_conflict"}, ""},
		{"too many forms are filled in", "views.update", slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 1}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.fault.Match.Method = row.method
			before := w.struck(row.fault.Kind)
			w.fault(row.fault)
			told := adds(t)
			require.Greater(t, w.struck(row.fault.Kind), before, "the fault was there")
			if row.told == "" {
				require.Empty(t, told)
				return
			}
			require.NotEmpty(t, told)
			for _, words := range told {
				require.Contains(t, words, row.told)
			}
		})
	}
}

// What only one person is told is never repeated after a lost answer, and goes to
// the direct message where Slack says that it was not shown.
func TestARefusalReachesWhoAskedOnceOrIsLostAndNothingElseIs(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	for name, row := range map[string]struct {
		fault slacksim.Fault
		times int // how often it is read
	}{
		"nothing goes wrong":        {slacksim.Fault{Kind: "api.slow", Delay: "20ms"}, 1},
		"the answer is lost":        {slacksim.Fault{Kind: "api.lost_reply"}, 1},
		"the request is lost":       {slacksim.Fault{Kind: "api.lost_request"}, 0},
		"Slack does not show it":    {slacksim.Fault{Kind: "ephemeral.lost"}, 0},
		"a server error":            {slacksim.Fault{Kind: "api.http_error", Status: 500}, 0},
		"too many calls":            {slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 3}, 1},
		"ana is not in the channel": {slacksim.Fault{Kind: "api.error", Error: "user_not_in_channel"}, 1},
		"the blocks are refused":    {slacksim.Fault{Kind: "api.error", Error: "invalid_blocks"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			outer := w.t
			w.t = t
			defer func() {
				w.t = outer
				w.sim.Unfault("")
				require.NoError(t, w.sim.Admin().Person("ana", slacksim.PersonChange{Guest: ptr("none")}))
				w.forget()
			}()
			w.slash("ana", "#"+ch, "/snafu note")
			form := w.form("ana", "note")
			require.NoError(t, w.sim.Admin().Person("ana", slacksim.PersonChange{Guest: ptr("multi")}))
			w.forget()
			before, notes := len(w.whispers("ana", ch)), w.count(`select count(*) from journal`)
			if row.fault.Kind != "ephemeral.lost" {
				row.fault.Match.Method = "chat.postEphemeral"
			}
			w.fault(row.fault)
			require.Equal(t, "closed", w.submit(form, slacksim.Values{"text": "I am a guest by now"}).Result)
			w.settles()
			said := w.whispers("ana", ch)[before:]
			require.Len(t, said, row.times)
			for _, words := range said {
				require.Contains(t, words, "Only full members of this workspace can do that, and this account is a guest.")
			}
			require.Equal(t, notes, w.count(`select count(*) from journal`))
		})
	}
}
