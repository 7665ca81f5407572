package bot

import (
	"context"

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
	sees, err := b.sees(ctx, c.in.user)
	if err != nil {
		b.log.WarnContext(ctx, "look for the same snafu", "err", err)
		return quiet, false
	}
	found, err := b.o.Response.Duplicates(ctx, req, sees)
	if err != nil || len(found) == 0 {
		if err != nil {
			b.log.WarnContext(ctx, "look for the same snafu", "err", err)
		}
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

// orAgain is the answer to whoever opened a snafu. If one of the same system is
// over, it asks whether that has come back.
func (b *Bot) orAgain(ctx context.Context, c command, id incidents.ID, req response.OpenRequest, text string) view.Message {
	var earlier incidents.Incident
	var yes bool
	sees, err := b.sees(ctx, c.in.user)
	if err == nil {
		earlier, yes, err = b.o.Response.Earlier(ctx, req, sees)
	}
	if err != nil {
		b.log.WarnContext(ctx, "look for an earlier snafu", "err", err)
	}
	return view.Opened(text, id, earlier, yes && err == nil)
}
