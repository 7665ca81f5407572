package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
)

// What somebody was called to mind of is one direct message of each kind and
// subject: the newest replaces the one before, and it says so when it is done,
// put off or switched off.

// asides are steps that the lead hears nothing of when Slack refuses them: what they
// say stands elsewhere too.
var asides = []string{"remind", "unremind", "role", "newcomer", "knock", "news", "follower"}

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

// prepareUnremind shows what became of what people were called to mind of: it is
// done, was put off or switched off, or counts again.
func (b *Bot) prepareUnremind(ctx context.Context, t task) (send, error, error) {
	g, at, err := b.o.Response.Nagging(ctx, t.Incident)
	if err != nil {
		return nil, nil, err
	}
	standing, err := nagsOf(ctx, b.o.DB, t.Incident, "remind:")
	if err != nil {
		return nil, nil, err
	}
	var changed []nag
	shows := map[string]view.Message{}
	for _, n := range standing {
		m := badged(t.inc, reminderNow(g, t.inc, n.Kind, at))
		drawn, err := drawing(m)
		if err != nil {
			return nil, nil, err
		}
		if string(drawn) != string(n.Drawn) && aboutSame(t, n.Kind) {
			changed, shows[n.Kind] = append(changed, n), m
		}
	}
	if len(changed) == 0 {
		return nil, errUnchanged, nil
	}
	return func(ctx context.Context) (sent, error) {
		for _, n := range changed {
			_, _, _, err := b.slack.write.UpdateMessageContext(ctx, n.Channel, n.TS, content(shows[n.Kind])...)
			if f, _ := fateOf(err); err != nil && f != fateGone {
				return sent{}, err
			}
			if err := b.keepDrawn(ctx, t, n.Kind, sent{n.Channel, n.TS}, shows[n.Kind]); err != nil {
				return sent{}, err
			}
		}
		return sent{}, nil
	}, nil, nil
}

// remindParts reads the name of a message back.
func remindParts(name string) (kind, subject string, who incidents.Person) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(name, "remind:"), ":")
	n := strings.LastIndex(rest, ":")
	if n < 0 {
		return kind, "", incidents.Person(rest)
	}
	return kind, rest[:n], incidents.Person(rest[n+1:])
}

// aboutSame says whether an entry is about a message: one that names no nag is
// about all of an incident.
func aboutSame(t task, name string) bool {
	kind, subject, who := remindParts(name)
	nag, of, people := textOf(t.entry, "nag"), textOf(t.entry, "subject"), peopleOf(t.entry, "people")
	return (nag == "" || nag == kind) && (of == "" || of == subject) && (len(people) == 0 || slices.Contains(people, string(who)))
}

// reminderNow draws a message as its nag stands.
func reminderNow(g incidents.Nagging, inc incidents.Incident, name string, at time.Time) view.Message {
	kind, subject, who := remindParts(name)
	n, wanted := g.Wanted(kind, subject, at)
	if !slices.Contains(n.To, who) {
		return view.ReminderOver(inc)
	}
	h, silent := g.Hushed(kind, subject, at)
	if _, begun := n.Beats.Last(n.From, at); wanted || silent && begun {
		return view.Reminder(view.ReminderCard{Nag: n, Incident: inc, Hush: h})
	}
	return view.ReminderOver(inc)
}

// directing writes to one person alone.
func (b *Bot) directing(to incidents.Person, m view.Message) send {
	return func(ctx context.Context) (sent, error) {
		dm, err := b.dm(ctx, to.User())
		if err != nil {
			return sent{}, err
		}
		channel, ts, err := b.slack.write.PostMessageContext(ctx, dm, content(m)...)
		return sent{channel, ts}, err
	}
}
