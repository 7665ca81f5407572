package bot

import (
	"context"
	"slices"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/response"
)

// isItOne asks whoever opens something much like one that is open whether it is
// that one, and keeps what they typed. That the question cannot be put is no
// reason not to open.
func (b *Bot) isItOne(ctx context.Context, c command, req response.OpenRequest) (reply, bool) {
	if req.Title == "" || b.o.Response.HasOpened(ctx, c.act()) {
		return quiet, false
	}
	found := b.alike(ctx, c, req)
	if len(found) == 0 {
		return quiet, false
	}
	at, err := b.o.DB.Now(ctx, nil)
	if err == nil {
		err = b.o.Response.KeepOpening(ctx, c.act(), req)
	}
	if err != nil {
		b.log.WarnContext(ctx, "keep what was to be opened", "err", err)
		return quiet, false
	}
	return say(view.IsItOne(view.SameCard{
		Title: req.Title, Found: found, At: at, Key: c.act().Key,
	})), true
}

// alike are the open ones that are much like what somebody wants to open, as far
// as they may know of them. That they cannot be found is no reason not to open.
func (b *Bot) alike(ctx context.Context, c command, req response.OpenRequest) []incidents.Incident {
	sees, err := b.sees(ctx, c.in.user)
	if err != nil {
		b.log.WarnContext(ctx, "look for the same snafu", "err", err)
		return nil
	}
	found, err := b.o.Response.Duplicates(ctx, req, sees)
	if err != nil {
		b.log.WarnContext(ctx, "look for the same snafu", "err", err)
		return nil
	}
	if c.answersDirectly() {
		found = slices.DeleteFunc(found, func(i incidents.Incident) bool { return i.Private })
	}
	return found
}

// answersDirectly says that a form has no other place for its answer than a direct
// message: that outlasts a membership, so nothing of a private one stands in it.
func (c command) answersDirectly() bool {
	return c.form && !c.turn && c.stamp.Channel == ""
}

// earlier is one of the same system that is over and may have come back, and
// whether there is one.
func (b *Bot) earlier(ctx context.Context, c command, req response.OpenRequest) (found incidents.Incident, yes bool) {
	sees, err := b.sees(ctx, c.in.user)
	if err == nil {
		found, yes, err = b.o.Response.Earlier(ctx, req, sees)
	}
	if err != nil {
		b.log.WarnContext(ctx, "look for an earlier snafu", "err", err)
	}
	return found, yes && err == nil && !(found.Private && c.answersDirectly())
}
