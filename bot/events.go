package bot

import (
	"context"
	"slices"
)

// events is everything that happens in a workspace and that we want to hear of.
// The app manifest subscribes to these and to no others.
var events = []event{
	{kind: "app_home_opened", hear: (*Bot).homeOpened},
	{kind: "reaction_added", hear: (*Bot).reacted, act: &pin},
	{kind: "reaction_removed", hear: (*Bot).reacted, act: &pin},
	{kind: "member_joined_channel", hear: (*Bot).memberMoved},
	{kind: "member_left_channel", hear: (*Bot).memberMoved},
}

// optional is what only an operator who wants it has Slack bring: without
// message.channels and message.groups it never comes, and nothing else is missing.
var optional = []event{
	{kind: messageEdited, hear: (*Bot).messageChanged},
}

// pin is what a reaction does. It is no word that can be typed: a note says the same.
var pin = verb{name: "pin", needs: true, run: (*Bot).pinning}

// event is a row of that table. Hearing one changes no incident, and it may come
// twice or late; one that is an act makes a receipt, from which the act is done.
type event struct {
	kind string
	act  *verb // nil where hearing is all
	hear func(*Bot, context.Context, incoming) answer
}

func (b *Bot) heard(ctx context.Context, in incoming) answer {
	for _, e := range slices.Concat(events, optional) {
		if e.kind == in.callback {
			return e.hear(b, ctx, in)
		}
	}
	return answer{}
}
