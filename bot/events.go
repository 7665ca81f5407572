package bot

import "context"

// events is everything that happens in a workspace and that we want to hear of.
// The app manifest subscribes to these and to no others.
var events = []event{
	{kind: "app_home_opened", hear: (*Bot).homeOpened},
}

// event is a row of that table. Hearing one changes no incident: it makes no
// receipt, and it may come twice or late.
type event struct {
	kind string
	hear func(*Bot, context.Context, incoming) answer
}

func (b *Bot) heard(ctx context.Context, in incoming) answer {
	for _, e := range events {
		if e.kind == in.callback {
			return e.hear(b, ctx, in)
		}
	}
	return answer{}
}
