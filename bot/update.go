package bot

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// postUpdate handles "update [TEXT]" and its form. One line keeps the promise that
// stands; the form says when the next update comes.
func (b *Bot) postUpdate(ctx context.Context, c command) (reply, error) {
	u, due := incidents.Update{Changed: c.text(0)}, time.Time{}
	if c.form {
		u = incidents.Update{
			Changed: c.in.fields.get("changed"), Next: c.in.fields.get("next"), Need: c.in.fields.get("need"),
			Audience: incidents.Audience(c.in.fields.get("audience")),
		}
		now, err := b.o.DB.Now(ctx, nil)
		if err != nil {
			return quiet, err
		}
		if due, err = c.promised(now); err != nil {
			return quiet, err
		}
	}
	return quiet, b.o.Response.Update(ctx, c.act(), c.incident, u, due)
}

// promised is when the form promises the next update: at a time, or after a
// while; zero leaves the promise that stands.
func (c command) promised(now time.Time) (time.Time, error) {
	if text := c.in.fields.get("at"); text != "" {
		return ahead(text, c.zone, now)
	}
	if after, err := time.ParseDuration(c.in.fields.get("by")); err == nil && after > 0 {
		return now.Add(after), nil
	}
	return time.Time{}, nil
}

// updateForm is filled with the last update and what is counted now.
func (b *Bot) updateForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	s, err := b.summarized(ctx, inc)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	last, err := b.o.Response.LastUpdate(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	p, err := b.o.Response.Promised(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	f := view.UpdateForm{Stamp: c.stamp, Live: inc.Phase().Live(), Last: last, Numbers: s.Numbers.String(), Next: plainWords(s.Next)}
	if p.Ahead(c.received) {
		layout := "15:04"
		if _, far := incidents.Due(p.Due, c.received).(incidents.Dated); far {
			layout = "Mon 2 Jan 15:04"
		}
		f.Stands = p.Due.In(c.zone).Format(layout)
	}
	return view.UpdateModal(f), nil
}

// plainWords is a sentence without the people in it, for a field that somebody
// edits: a mention there would be read as letters.
func plainWords(w incidents.Words) string {
	var text strings.Builder
	for _, word := range w {
		if word.Person == "" {
			text.WriteString(incidents.Words{word}.String())
		}
	}
	return text.String()
}

func checkUpdate(c command) map[string]string {
	faults := map[string]string{}
	if c.in.fields.get("changed") == "" {
		faults["changed"] = "What changed? One line is enough."
	}
	if c.in.fields.get("next") == "" {
		faults["next"] = "What comes next? One line is enough."
	}
	if text := c.in.fields.get("at"); text != "" {
		if _, err := ahead(text, time.UTC, time.UnixMilli(c.stamp.Opened)); err != nil {
			faults["at"] = "Write 11:30, tomorrow 9:00 or in 45m."
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// promise handles "promise TIME".
func (b *Bot) promise(ctx context.Context, c command) (reply, error) {
	text := c.text(0)
	if text == "" {
		return quiet, refusal.Invalid("By when will the next update come? Write `/snafu promise 11:30` or `/snafu promise in 30m`.")
	}
	due, err := b.soon(ctx, c, text)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.Promise(ctx, c.act(), c.incident, due)
}

// soon reads a time ahead, also one that is only a length: 30m.
func (b *Bot) soon(ctx context.Context, c command, text string) (time.Time, error) {
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return time.Time{}, err
	}
	if d, err := time.ParseDuration(strings.ReplaceAll(text, " ", "")); err == nil && d > 0 {
		return now.Add(d), nil
	}
	return ahead(text, c.zone, now)
}

// prepareUpdate posts an update: in the channel, or as news in the thread of the
// announcement.
func (b *Bot) prepareUpdate(ctx context.Context, t task, doing string) (send, error, error) {
	card, err := updateCard(t)
	if err != nil {
		return nil, nil, err
	}
	m := badged(t.inc, view.Update(card))
	if doing == "update" {
		if t.inc.Channel == "" {
			return nil, errNotReady, nil
		}
		return b.posting(t, place{channel: t.inc.Channel}, m), nil, nil
	}
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "announce")
	if err != nil || !there || t.inc.Private || card.Fact.Audience != string(incidents.AudienceAll) {
		return nil, errUnchanged, err
	}
	return b.posting(t, place{channel: head.Channel, thread: head.TS}, m), nil, nil
}

func updateCard(t task) (view.UpdateCard, error) {
	var f incidents.Updated
	if err := t.entry.Into(&f); err != nil {
		return view.UpdateCard{}, err
	}
	return view.UpdateCard{Incident: t.inc, Fact: f, By: t.entry.Actor, At: t.entry.At}, nil
}

// announcement is what the central channel reads of an incident: when the next
// update comes, too.
func (b *Bot) announcement(ctx context.Context, inc incidents.Incident) (view.Message, place, error) {
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return view.Message{}, place{}, err
	}
	p, err := b.o.Response.Promised(ctx, inc.ID)
	if err != nil {
		return view.Message{}, place{}, err
	}
	words, _ := inc.PromiseWords(p.Due, at)
	home, err := b.announceID(ctx)
	return view.Announcement(inc, words), place{channel: home}, err
}

func promised(e journal.Entry) (incidents.Words, error) {
	var f incidents.Promised
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	return f.Words(e.Actor, e.At), nil
}

// findNews looks for news of unknown outcome in the thread of the announcement.
func (b *Bot) findNews(ctx context.Context, t task) (sent, bool, error) {
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "announce")
	if err != nil || !there {
		return sent{}, false, err
	}
	return b.marked(ctx, t, place{channel: head.Channel, thread: head.TS})
}
