package bot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

const onCallGroup = "S0ONCALL1"

// grouped is a workspace in which a user group follows two rotas: one with somebody
// at each hour, one with nobody at night.
func grouped(t *testing.T) *workspace {
	t.Helper()
	w := workspaceLike(t, slacksim.FrozenClock(noon), slacksim.Workspace{Usergroups: []slacksim.WorkspaceGroup{
		{ID: onCallGroup, Handle: "data-oncall", Name: "Data on call", Members: []string{"ana"}},
	}}, func(o *bot.Options) {
		o.RotaChannels = map[string]string{"crm-data": "#data-incidents", "day-data": "#data-incidents"}
	})
	w.helped = func(o *response.Options) {
		day, err := rota.New(rota.Rule{
			Name: "day-data", Zone: "UTC", Anchor: "2026-01-05", Handover: "09:00", Unit: rota.Daily, Length: 1,
			Members: []incidents.Person{w.id("dev")}, From: "08:00", To: "18:00",
		})
		require.NoError(t, err)
		o.Rotas = append(o.Rotas, day)
		o.Usergroups = map[string]string{"crm-data": onCallGroup, "day-data": onCallGroup}
	}
	return w.begin()
}

// members are who is in the user group, as Slack says.
func (w *workspace) members() (names []string) {
	w.t.Helper()
	api := slack.New(w.sim.Tokens().Bot, slack.OptionAPIURL(w.sim.APIURL()))
	ids, err := api.GetUserGroupMembersContext(w.ctx(), onCallGroup)
	require.NoError(w.t, err)
	for _, name := range []string{"ana", "ben", "chi", "dev"} {
		for _, id := range ids {
			if id == w.id(name).User() {
				names = append(names, name)
			}
		}
	}
	require.Len(w.t, names, len(ids))
	return names
}

// rotaTold is how often the channel of the rotas reads some words.
func (w *workspace) rotaTold(words string) (n int) {
	w.t.Helper()
	messages, err := w.sim.As("ana").Sees("#data-incidents")
	require.NoError(w.t, err)
	for _, m := range messages {
		if strings.Contains(m.Plain, words) {
			n++
		}
	}
	return n
}

// awaitsRota waits until the channel of the rotas reads some words so often: what a
// busy machine did not post in time is posted some seconds later.
func (w *workspace) awaitsRota(n int, words string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.rotaTold(words) == n }, patience, 20*time.Millisecond, "%d times: %s", n, words)
}

// awaitsGroup waits until these people are in the user group.
func (w *workspace) awaitsGroup(names ...string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return slices.Equal(names, w.members()) }, patience, 20*time.Millisecond, "%v", names)
}

func (w *workspace) handOver(later time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.sim.Advance(later))
	require.NoError(w.t, w.response.Handovers(w.ctx()))
	w.quiet()
}

func TestAUserGroupHoldsWhoIsOnCallAndStaysWhereSomebodyIsMissing(t *testing.T) {
	t.Parallel()
	w := grouped(t)
	w.handOver(0)
	w.awaitsGroup("chi", "dev")

	w.handOver(7 * time.Hour) // 19:00, when nobody of day-data is on call
	const why = "Nobody is on call in day-data now."
	w.awaitsRota(2, why) // once for each rota
	require.Equal(t, []string{"chi", "dev"}, w.members(), "half of a group would be a wrong one")
	w.handOver(time.Hour)
	require.Equal(t, 2, w.rotaTold(why), "once")

	w.handOver(7 * 24 * time.Hour) // 20:00, and another week: there still is a gap
	require.Equal(t, []string{"chi", "dev"}, w.members())
	w.handOver(14 * time.Hour) // 10:00, when everybody is there again
	w.awaitsGroup("ben", "dev")
	require.Equal(t, 2, w.rotaTold(why))

	w.fault(slacksim.Fault{Kind: "api.error", Error: "permission_denied", Match: slacksim.Match{Method: "usergroups.users.update"}, Always: true})
	w.handOver(7 * 24 * time.Hour)
	w.awaitsRota(2, "Slack refuses: permission_denied.")
	require.Equal(t, []string{"ben", "dev"}, w.members())
}

// A process that ends after it has posted leaves its job to the next one, which finds
// what was posted.
func TestWhatHappensToARotaIsToldOnceAlsoWhenAProcessEndsThere(t *testing.T) {
	t.Parallel()
	w := grouped(t)
	w.handOver(0)
	w.handOver(7 * time.Hour)
	w.handOver(6 * 24 * time.Hour)
	w.awaitsRota(2, "Nobody is on call in day-data now.")
	w.awaitsRota(1, "Hand-over in crm-data")
	before := w.rotaTold("")
	rows, err := w.admin().Query(w.ctx(), `select kind, args from river.river_job where kind in ('tell-handover', 'set-group')`)
	require.NoError(t, err)
	again := map[string]func([]byte) error{
		"tell-handover": func(raw []byte) error {
			var job jobs.Job[response.TellHandover]
			require.NoError(t, json.Unmarshal(raw, &job.Args))
			return w.bot.TellHandover(w.ctx(), job)
		},
		"set-group": func(raw []byte) error {
			var job jobs.Job[response.SetGroup]
			require.NoError(t, json.Unmarshal(raw, &job.Args))
			return w.bot.SetGroup(w.ctx(), job)
		},
	}
	type asked struct {
		kind string
		raw  []byte
	}
	var all []asked
	for rows.Next() {
		var a asked
		require.NoError(t, rows.Scan(&a.kind, &a.raw))
		all = append(all, a)
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, all)
	for _, a := range all {
		require.Eventually(t, func() bool { return again[a.kind](a.raw) == nil }, patience, 20*time.Millisecond)
	}
	require.Equal(t, before, w.rotaTold(""), "nothing is posted twice")
}

// Who is on call changes and Slack refuses the group at one instant: those are two
// things, and the channel hears of both.
func TestAChannelHearsOfTheHandOverAndOfTheGroupThatStays(t *testing.T) {
	t.Parallel()
	w := grouped(t)
	w.handOver(0)
	w.handOver(7 * 24 * time.Hour)
	w.awaitsRota(1, "Hand-over in crm-data")
	w.fault(slacksim.Fault{Kind: "api.error", Error: "permission_denied", Match: slacksim.Match{Method: "usergroups.users.update"}, Always: true})
	job := jobs.Job[response.SetGroup]{Args: response.SetGroup{Group: onCallGroup}}
	require.Eventually(t, func() bool { return w.bot.SetGroup(w.ctx(), job) == nil }, patience, 20*time.Millisecond)
	w.awaitsRota(2, "Slack refuses: permission_denied.") // once for each rota
}
