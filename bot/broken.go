package bot

import (
	"bytes"
	"context"

	"snafu/bot/view"
	"snafu/incidents"
)

// brokenKind is where it is kept that people were told of counts that do not
// add up, and of which.
const brokenKind = "broken"

// admins are those who look after the whole of it, as far as Slack says.
func (b *Bot) admins(ctx context.Context) []incidents.Person {
	all, err := b.o.Response.Admins(ctx)
	if err != nil {
		b.log.WarnContext(ctx, "ask who the admins are", "err", err)
	}
	return all
}

// alarmBroken tells the admins of the whole, those who look after the system where
// none are named, or the lead where nobody is known, that the counts do not add up:
// once for each wording, because the Summary is drawn again and again. Nobody can
// repair by such numbers. Into a private incident the admins of the whole are not
// let for that.
func (b *Bot) alarmBroken(ctx context.Context, inc incidents.Incident, s incidents.Summary) {
	if s.Broken == nil {
		return
	}
	m := badged(inc, view.Broken(inc, s.Broken))
	drawn, err := drawing(m)
	if err != nil {
		b.log.ErrorContext(ctx, "tell that counts do not add up", "incident", inc.ID, "err", err)
		return
	}
	if old, there, err := findPosted(ctx, b.o.DB, inc.ID, brokenKind); err != nil || there && bytes.Equal(old.Drawn, drawn) {
		return // without the log database this is tried again with the card
	}
	b.log.ErrorContext(ctx, "the counts do not add up", "incident", inc.ID, "err", s.Broken)
	if inc.Private { // its Summary says the rest
		m = badged(inc, view.Needs(inc))
	}
	people := []incidents.Person{inc.Lead}
	if system, ok := b.o.Response.Source(inc.System); ok && len(system.Admins) > 0 {
		people = system.Admins
	}
	if all := b.admins(ctx); len(all) > 0 && !inc.Private {
		people = all
	}
	reached := false
	for _, p := range people {
		if err := b.letIn(ctx, inc, p); err != nil {
			b.log.WarnContext(ctx, "let into a private incident", "incident", inc.ID, "err", err)
		}
		if err := b.direct(ctx, p.User(), m); err != nil {
			b.log.WarnContext(ctx, "tell that counts do not add up", "incident", inc.ID, "err", err)
			continue
		}
		reached = true
	}
	if !reached {
		return
	}
	at, err := b.o.DB.Now(ctx, nil)
	if err == nil {
		err = savePosted(ctx, b.o.DB, inc.ID, brokenKind, posted{Drawn: drawn, DrawnAt: at})
	}
	if err != nil {
		b.log.WarnContext(ctx, "tell that counts do not add up", "incident", inc.ID, "err", err)
	}
}
