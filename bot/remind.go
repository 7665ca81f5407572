package bot

import (
	"context"
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
)

// What somebody was called to mind of is one direct message of each kind and
// subject: the newest replaces the one before, and it says so when it is done,
// put off or switched off.

// asides are steps that the lead hears nothing of when Slack refuses them: what they
// say stands elsewhere too.
var asides = []string{"remind", "unremind", "role", "newcomer", "knock"}

// remindKind names the message by which one person is called to mind.
func remindKind(kind, subject string, who incidents.Person) string {
	return "remind:" + kind + ":" + subject + ":" + string(who)
}

// prepareRemind calls somebody to mind, unless that came to nothing meanwhile.
func (b *Bot) prepareRemind(ctx context.Context, t task, what string) (send, error, error) {
	var f incidents.Nagged
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	who := incidents.Person(strings.TrimPrefix(what, ":"))
	g, at, err := b.o.Response.Nagging(ctx, t.Incident)
	if err != nil {
		return nil, nil, err
	}
	n, wanted := g.Wanted(f.Nag, f.Subject, at)
	if !wanted || !slices.Contains(n.To, who) {
		return nil, errUnchanged, nil
	}
	m := badged(t.inc, view.Reminder(view.ReminderCard{Nag: n, Incident: t.inc}))
	return b.replacing(t, remindKind(f.Nag, f.Subject, who), who, m), nil, nil
}

// prepareUnremind tells somebody what became of what they were called to mind of.
func (b *Bot) prepareUnremind(ctx context.Context, t task, what string) (send, error, error) {
	who, kind, subject := incidents.Person(strings.TrimPrefix(what, ":")), textOf(t.entry, "nag"), textOf(t.entry, "subject")
	old, there, err := findPosted(ctx, b.o.DB, t.Incident, remindKind(kind, subject, who))
	if err != nil || !there {
		return nil, errUnchanged, err
	}
	g, at, err := b.o.Response.Nagging(ctx, t.Incident)
	if err != nil {
		return nil, nil, err
	}
	if _, wanted := g.Wanted(kind, subject, at); wanted {
		return nil, errUnchanged, nil // it began anew meanwhile
	}
	m := badged(t.inc, view.ReminderOver(t.inc))
	return func(ctx context.Context) (sent, error) {
		_, _, _, err := b.slack.write.UpdateMessageContext(ctx, old.Channel, old.TS, content(m)...)
		if f, _ := fateOf(err); err != nil && f != fateGone {
			return sent{}, err
		}
		where := sent{old.Channel, old.TS}
		return where, b.keepDrawn(ctx, t, remindKind(kind, subject, who), where, m)
	}, nil, nil
}
