package slacksim_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// What was due while the workspace was down happens when it is up again, and not
// before it can be reached.
func TestAScheduledMessageThatIsOverdueAtTheStartIsPosted(t *testing.T) {
	t.Parallel()
	for range 5 {
		file := filepath.Join(t.TempDir(), "slack.jsonl")
		o := slacksim.Options{StateFile: file, Log: logTo(t), Clock: slacksim.FrozenClock(noon)}
		first, err := slacksim.Start(o)
		require.NoError(t, err)
		d := &desk{t: t, sim: first}
		d.fine("conversations.join", args{"channel": d.roomID("general")})
		d.fine("chat.scheduleMessage", args{"channel": d.roomID("general"), "text": "at last", "post_at": noon.Add(time.Hour).Unix()})
		require.NoError(t, first.Close())
		o.Clock = slacksim.RealClock()
		again, err := slacksim.Start(o)
		require.NoError(t, err)
		_, err = again.As("ana").Await(d.ctx(), "#general", slacksim.Contains("at last"))
		require.NoError(t, err)
		require.NoError(t, again.Close())
	}
}

func TestAnInputIsFilledInAndNotPressed(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.room("general")
	heard := d.presses()
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu")
	require.NoError(t, err)
	input := func(block string, dispatch bool) args {
		return args{"type": "input", "block_id": block, "dispatch_action": dispatch, "label": args{"type": "plain_text", "text": block}, "element": args{
			"type": "static_select", "action_id": "pick " + block, "options": []any{args{"text": args{"type": "plain_text", "text": "One"}, "value": "1"}},
		}}
	}
	d.fine("views.open", args{"trigger_id": act.TriggerID, "view": args{
		"type": "modal", "title": args{"type": "plain_text", "text": "T"}, "submit": args{"type": "plain_text", "text": "Send"},
		"blocks": []any{input("silent", false), input("telling", true)},
	}})
	view, err := d.sim.As("ana").Modal(d.ctx())
	require.NoError(t, err)
	status, out := d.ask("POST", "/sim/as/ana/press", `{"view":"`+view.ID+`","action_id":"pick silent","value":"One"}`)
	require.Equal(t, 409, status, "%v", out)
	require.Contains(t, out["detail"], "not pressed")
	d.ok("POST", "/sim/as/ana/press", `{"view":"`+view.ID+`","action_id":"pick telling","value":"One"}`)
	require.Equal(t, "pick telling", (<-heard).ActionCallback.BlockActions[0].ActionID)
}

func TestAPersonPicksNoMoreThanAnElementTakes(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	heard := d.presses()
	d.fine("chat.postMessage", args{"channel": general, "text": "x", "blocks": []any{args{"type": "actions", "elements": []any{
		args{"type": "multi_users_select", "action_id": "who", "max_selected_items": 2}, args{"type": "datepicker", "action_id": "day"},
	}}}})
	var no *slacksim.NotPossible
	_, err := d.sim.As("ana").Press(d.ctx(), "#general", "who", slacksim.Choosing("ana", "ben", "chi"))
	require.ErrorAs(t, err, &no)
	require.ErrorContains(t, err, "no more than 2")
	_, err = d.sim.As("ana").Press(d.ctx(), "#general", "day", slacksim.Choosing("tomorrow"))
	require.ErrorAs(t, err, &no)
	require.ErrorContains(t, err, "no date like")
	_, err = d.sim.As("ana").Press(d.ctx(), "#general", "who", slacksim.Choosing("ana", "ben"))
	require.NoError(t, err)
	require.Len(t, (<-heard).ActionCallback.BlockActions[0].SelectedUsers, 2)
}

// Methods name the channel in different ways; a fault for a channel knows them.
func TestAFaultIsForAChannelHoweverTheMethodNamesIt(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general, random := d.room("general"), d.room("random")
	for method, key := range map[string]string{"bookmarks.list": "channel_id", "pins.list": "channel", "views.publish": "user_id"} {
		m := slacksim.Match{Method: method, Channel: "general"}
		here, there := general, random
		if key == "user_id" {
			m = slacksim.Match{Method: method, Person: "ana"}
			here, there = d.id("ana"), d.id("ben")
		}
		view := args{"type": "home", "blocks": []any{}}
		d.fault(slacksim.Fault{Kind: "api.error", Error: "internal_error", Match: m, Always: true})
		d.refusedWith("internal_error", method, args{key: here, "view": view})
		d.fine(method, args{key: there, "view": view})
	}
}

func TestAWorkspaceThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	ana := slacksim.WorkspacePerson{Name: "ana"}
	for want, w := range map[string]slacksim.Workspace{
		`two people are called "ana"`:          {People: []slacksim.WorkspacePerson{ana, ana}},
		`the id "U1" is given twice`:           {People: []slacksim.WorkspacePerson{{Name: "ana", ID: "U1"}, {Name: "ben", ID: "U1"}}},
		`two channels are called "data"`:       {People: []slacksim.WorkspacePerson{ana}, Channels: []slacksim.WorkspaceRoom{{Name: "data"}, {Name: "data"}}},
		`a channel cannot be called "My data"`: {People: []slacksim.WorkspacePerson{ana}, Channels: []slacksim.WorkspaceRoom{{Name: "My data"}}},
		`two user groups are called "oncall"`:  {People: []slacksim.WorkspacePerson{ana}, Usergroups: []slacksim.WorkspaceGroup{{Handle: "oncall"}, {Handle: "oncall"}}},
		`"ana" lives in no time zone "Mars"`:   {People: []slacksim.WorkspacePerson{{Name: "ana", TZ: "Mars"}}},
		`same_human_as of "ana" names nobody`:  {People: []slacksim.WorkspacePerson{{Name: "ana", SameHumanAs: "zoe"}}, Team: slacksim.WorkspaceTeam{Enterprise: "Group"}},
	} {
		_, err := slacksim.Start(slacksim.Options{Workspace: w})
		require.ErrorContains(t, err, want)
	}
}
