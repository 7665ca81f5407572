package slacksim_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// manifest asks for commands, events and scopes.
func manifest(t *testing.T, events, scopes []string) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"features": map[string]any{
			"slash_commands": []any{map[string]any{"command": "/snafu", "should_escape": false}},
			"shortcuts": []any{
				map[string]any{"type": "global", "name": "Open", "callback_id": "open"},
				map[string]any{"type": "message", "name": "Note", "callback_id": "note"},
			},
		},
		"oauth_config": map[string]any{"scopes": map[string]any{"bot": scopes}},
		"settings":     map[string]any{"event_subscriptions": map[string]any{"bot_events": events}},
	})
	require.NoError(t, err)
	return raw
}

// heard lists the types of the events sent so far, messages with their subtype.
func heard(sim *slacksim.Sim) []string {
	var out []string
	for _, x := range sim.Traffic("envelope") {
		frame, _ := x.Request.(map[string]any)
		payload, _ := frame["payload"].(map[string]any)
		if event, ok := payload["event"].(map[string]any); ok {
			kind, _ := event["type"].(string)
			if sub, _ := event["subtype"].(string); sub != "" {
				kind += "/" + sub
			}
			out = append(out, kind)
		}
	}
	return out
}

// lives does to a channel what people and administrators do.
func lives(t *testing.T, d *desk, name string) {
	t.Helper()
	ctx, ana, ben, admin := d.ctx(), d.sim.As("ana"), d.sim.As("ben"), d.sim.Admin()
	yes, no, external, none, newName := true, false, "external", "none", name+"-2"
	said, err := ana.Says(ctx, "#"+name, "hello @snafu")
	require.NoError(t, err)
	_, err = ana.Edits(ctx, "#"+name, said.TS, "hello")
	require.NoError(t, err)
	_, err = ben.Reacts(ctx, "#"+name, said.TS, "eyes")
	require.NoError(t, err)
	_, err = ben.Unreacts(ctx, "#"+name, said.TS, "eyes")
	require.NoError(t, err)
	_, err = ana.Deletes(ctx, "#"+name, said.TS)
	require.NoError(t, err)
	_, err = ana.Invites(ctx, "#"+name, "chi")
	require.NoError(t, err)
	require.NoError(t, admin.Kick(name, "chi"))
	require.NoError(t, admin.Channel(name, slacksim.ChannelChange{Shared: &external}))
	require.NoError(t, admin.Channel(name, slacksim.ChannelChange{Shared: &none}))
	require.NoError(t, admin.Channel(name, slacksim.ChannelChange{Archived: &yes}))
	require.NoError(t, admin.Channel(name, slacksim.ChannelChange{Archived: &no}))
	require.NoError(t, admin.Channel(name, slacksim.ChannelChange{Name: &newName}))
	require.NoError(t, admin.Renumber(newName))
	require.NoError(t, admin.Channel(newName, slacksim.ChannelChange{Deleted: &yes}))
}

var channelLife = []string{
	"member_joined_channel", "message/channel_join", "message", "app_mention", "message/message_changed", "reaction_added", "reaction_removed",
	"message/message_deleted", "member_left_channel", "message/channel_leave", "channel_shared", "channel_unshared",
	"message/channel_archive", "message/channel_unarchive", "message/channel_name", "channel_id_changed",
}

func rooms() []slacksim.WorkspaceRoom {
	return []slacksim.WorkspaceRoom{
		{Name: "open", Members: []string{"ana", "ben"}, App: true},
		{Name: "closed", Private: true, Members: []string{"ana", "ben"}, App: true},
		{Name: "elsewhere", Members: []string{"ana", "ben"}},
	}
}

func TestEveryEventOfAChannelsLife(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ room, family string }{
		"a public channel":  {"open", "channel_"},
		"a private channel": {"closed", "group_"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, slacksim.Options{Workspace: slacksim.Workspace{Seed: 1, People: slacksim.DefaultWorkspace().People, Channels: rooms()}})
			d.connect(ackAll)
			lives(t, d, c.room)
			require.NoError(t, d.sim.Admin().Uninstall())
			got := heard(d.sim)
			want := slices.Clone(channelLife)
			for _, what := range []string{"archive", "unarchive", "rename", "deleted"} {
				want = append(want, c.family+what)
			}
			want = append(want, "app_uninstalled", "tokens_revoked")
			for _, kind := range want {
				require.Contains(t, got, kind)
			}
		})
	}
}

func TestTheAppHearsNothingWhereItIsNot(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Workspace: slacksim.Workspace{Seed: 1, People: slacksim.DefaultWorkspace().People, Channels: rooms()}})
	d.connect(ackAll)
	lives(t, d, "elsewhere")
	require.Empty(t, heard(d.sim))
}

func TestAnEventNeedsASubscriptionAndItsScope(t *testing.T) {
	t.Parallel()
	everything := []string{
		"message.channels", "message.groups", "message.im", "app_mention", "reaction_added", "member_joined_channel", "user_change",
		"subteam_members_changed", "channel_archive", "app_home_opened", "tokens_revoked",
	}
	for name, c := range map[string]struct {
		events, scopes []string
		want           []string
	}{
		"no subscription": {nil, []string{"channels:history", "channels:read", "reactions:read", "users:read", "usergroups:read"}, nil},
		"no scope":        {everything, nil, []string{"app_home_opened", "tokens_revoked"}},
		"one scope":       {everything, []string{"channels:history"}, []string{"message", "app_home_opened", "tokens_revoked"}},
		"another":         {everything, []string{"reactions:read", "usergroups:read"}, []string{"reaction_added", "subteam_members_changed", "app_home_opened", "tokens_revoked"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, slacksim.Options{Workspace: slacksim.Workspace{
				Seed: 1, App: slacksim.WorkspaceApp{Name: "snafu", Manifest: manifest(t, c.events, c.scopes)},
				People: slacksim.DefaultWorkspace().People, Channels: rooms(),
			}})
			d.connect(ackAll)
			ctx, ana, yes := d.ctx(), d.sim.As("ana"), true
			said, err := ana.Says(ctx, "#open", "hello")
			require.NoError(t, err)
			_, err = ana.Reacts(ctx, "#open", said.TS, "eyes")
			require.NoError(t, err)
			require.NoError(t, d.sim.Admin().Usergroup("oncall", "ana"))
			require.NoError(t, d.sim.Admin().Person("dev", slacksim.PersonChange{Deactivated: &yes}))
			_, err = ana.OpensHome(ctx)
			require.NoError(t, err)
			require.NoError(t, d.sim.Admin().RevokeToken())
			require.ElementsMatch(t, c.want, heard(d.sim))
		})
	}
}

func TestAnEventComesInItsWrapping(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{
		Clock:     slacksim.FrozenClock(noon),
		Workspace: slacksim.Workspace{Seed: 1, Team: slacksim.WorkspaceTeam{Enterprise: "Acme Group"}, People: slacksim.DefaultWorkspace().People, Channels: rooms()},
	})
	w, _ := d.dial()
	external := "external"
	require.NoError(t, d.sim.Admin().Channel("open", slacksim.ChannelChange{Shared: &external}))
	w.ack(w.next())
	d.ok("POST", "/sim/as/ana/message", `{"channel":"#open","text":"hello","wait":false}`)
	frame := w.next()
	w.ack(frame)
	require.Equal(t, "events_api", frame["type"])
	require.Equal(t, false, frame["accepts_response_payload"])
	require.EqualValues(t, 0, frame["retry_attempt"])
	require.Equal(t, "", frame["retry_reason"])
	payload := frame["payload"].(map[string]any)
	require.Equal(t, "event_callback", payload["type"])
	require.Regexp(t, "^Ev0[0-9A-Z]{9}$", payload["event_id"])
	require.EqualValues(t, noon.Unix(), payload["event_time"])
	require.Equal(t, true, payload["is_ext_shared_channel"])
	require.Regexp(t, "^4-", payload["event_context"])
	app := d.ok("GET", "/sim/app", "")
	by := payload["authorizations"].([]any)[0].(map[string]any)
	require.Equal(t, app["bot_user_id"], by["user_id"])
	require.Equal(t, app["team_id"], by["team_id"])
	require.Regexp(t, "^E", by["enterprise_id"])
	require.Equal(t, true, by["is_bot"])

	d.ok("POST", "/sim/as/ana/home", `{"wait":false}`)
	event := w.next()["payload"].(map[string]any)["event"].(map[string]any)
	require.Equal(t, "home", event["tab"])
	require.NotContains(t, event, "view", "nothing was published yet")
	_, err := d.sim.As("ana").Profile()
	require.NoError(t, err)
}

func TestTheOtherTabOfTheApp(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.connect(ackAll)
	_, err := d.api.PublishView(d.id("ana"), home("Nothing is open."), "")
	require.NoError(t, err)
	act, err := d.sim.As("ana").OpensMessages(d.ctx())
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	x := d.sim.Traffic("envelope")
	event := x[len(x)-1].Request.(map[string]any)["payload"].(map[string]any)["event"].(map[string]any)
	require.Equal(t, "messages", event["tab"])
	require.Equal(t, "home", event["view"].(map[string]any)["type"])
}

func TestADroppedEventStandsInTheTraffic(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.connect(ackAll)
	d.room("general")
	d.fault(slacksim.Fault{Kind: "event.drop", Match: slacksim.Match{Event: "message", Person: "ana"}})
	_, err := d.sim.As("ben").Says(d.ctx(), "#general", "heard")
	require.NoError(t, err)
	_, err = d.sim.As("ana").Says(d.ctx(), "#general", "not heard")
	require.NoError(t, err)
	x := d.sim.Traffic("envelope")
	require.Equal(t, "event.drop", x[len(x)-1].Fault)
	require.Equal(t, "dropped", x[len(x)-1].Error)
}
