package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
)

// opening handles "open": the incident exists at once, its channel a moment
// later. Before that, whoever opens what looks like one that is open is asked
// whether it is that.
func (b *Bot) opening(ctx context.Context, c command) (reply, error) {
	if c.in.kind == kindPress {
		id, req, err := b.o.Response.OpenKept(ctx, c.by, c.stamp.Choice)
		if err != nil {
			return quiet, err
		}
		return b.opened(ctx, c, id, req)
	}
	req, anyway := openRequest(c)
	req.Reporter = c.by
	if !anyway {
		if question, asked := b.isItOne(ctx, c, req); asked {
			return question, nil
		}
	}
	id, err := b.o.Response.Open(ctx, c.act(), req)
	if err != nil {
		return quiet, err
	}
	return b.opened(ctx, c, id, req)
}

// opened keeps the message that it was opened from, and leads to where it goes
// on as soon as that is known.
func (b *Bot) opened(ctx context.Context, c command, id incidents.ID, req response.OpenRequest) (reply, error) {
	quote := view.Quote{Channel: req.Quote.Channel, TS: req.Quote.TS, Thread: req.Quote.Thread, Author: req.Quote.Author, Text: req.Quote.Text}
	if quote.TS != "" {
		act := c.act()
		act.Key += ":note"
		if err := b.noteQuote(ctx, act, id, quote); err != nil && !errors.Is(err, journal.ErrAlready) {
			return quiet, err
		}
	}
	channel, refused, err := b.withChannel(ctx, id)
	direct := strings.HasPrefix(channel, "D")
	var text string
	switch {
	case err != nil:
		return quiet, err
	case refused && req.Light && direct:
		text = fmt.Sprintf("%s is open, and you lead it. It is a light one: it goes on below its Summary in my direct message with you. `/snafu promote %s` gives it a channel.", id, id)
	case refused && req.Light:
		text = fmt.Sprintf("%s is open, and you lead it. It is a light one: it goes on below its Summary in <#%s>. `/snafu promote %s` gives it a channel.", id, channel, id)
	case refused && direct:
		text = fmt.Sprintf("%s is open, and you lead it. Slack makes no channel for it, so I go on in my direct message with you.", id)
	case refused:
		text = fmt.Sprintf("%s is open, and you lead it. Slack makes no channel for it, so I go on in <#%s>.", id, channel)
	case channel == "":
		text = fmt.Sprintf("%s is open, and you lead it. Its channel follows as soon as Slack makes it.", id)
	default:
		text = fmt.Sprintf("%s is open, and you lead it: <#%s>", id, channel)
	}
	earlier, yes := b.earlier(ctx, c, req)
	if b.confirmBelow(ctx, c, id, req, channel) && !yes {
		return quiet, nil
	}
	return say(view.Opened(text, id, earlier, yes)), nil
}

// confirmBelow tells in the thread of the message that a snafu was opened from
// where it goes on, to all who read that message, and says whether it did. Of a
// private one nothing is told there, and nothing where another company reads.
func (b *Bot) confirmBelow(ctx context.Context, c command, id incidents.ID, req response.OpenRequest, channel string) bool {
	q := req.Quote
	if q.TS == "" || req.Private {
		return false
	}
	if shared, err := b.sharedRoom(ctx, q.Channel); err != nil || shared {
		return false
	}
	if strings.HasPrefix(channel, "D") {
		channel = ""
	}
	m := view.OpenedFrom(id, c.by, channel, req.Drill)
	_, _, err := b.slack.write.PostMessageContext(ctx, q.Channel, append(content(m), slack.MsgOptionTS(first(q.Thread, q.TS)))...)
	if err != nil {
		b.log.WarnContext(ctx, "answer below a message", "incident", id, "err", err)
	}
	return err == nil
}

// openRequest reads the typed words or the form. anyway says that nobody is to be
// asked whether it is another one.
func openRequest(c command) (req response.OpenRequest, anyway bool) {
	if c.form {
		severity, err := incidents.ParseSeverity(c.in.fields.get("severity"))
		if err != nil {
			severity = 0
		}
		return response.OpenRequest{
			In: c.stamp.Channel, Quote: response.Quote{Channel: c.quote.Channel, TS: c.quote.TS, Thread: c.quote.Thread, Author: c.quote.Author, Text: c.quote.Text},
			Title: c.in.fields.get("title"), System: c.in.fields.get("system"),
			Still: c.in.fields.get("still"), Severity: severity,
			Private: slices.Contains(c.in.fields["how"], "private"), Drill: slices.Contains(c.in.fields["how"], "drill"),
			Light: slices.Contains(c.in.fields["how"], "light"),
		}, false
	}
	req.In = c.in.channel
	args := c.words.args
	req.System, args, _ = flag(args, "on")
	args, req.Drill = toggle(args, "drill")
	args, req.Private = toggle(args, "private")
	args, req.Light = toggle(args, "light")
	args, anyway = toggle(args, "new")
	if len(args) > 1 {
		if severity, err := incidents.ParseSeverity(args[0]); err == nil && strings.HasPrefix(strings.ToLower(args[0]), "sev") {
			req.Severity, args = severity, args[1:]
		}
	}
	req.Title = strings.Join(args, " ")
	return req, anyway
}

const channelLook = 50 * time.Millisecond

// withChannel waits for the channel of an incident, or for where it goes on
// because Slack makes none. It returns "" when neither is known in time.
func (b *Bot) withChannel(ctx context.Context, id incidents.ID) (channel string, refused bool, err error) {
	until, cancel := context.WithTimeout(ctx, b.o.ChannelWithin)
	defer cancel()
	for {
		inc, err := b.o.Response.Get(ctx, id)
		if err != nil || inc.Channel != "" {
			return inc.Channel, false, err
		}
		refuge, err := b.refuge(ctx, id)
		if err != nil || refuge != "" || !pause(until, channelLook) {
			return refuge, refuge != "", err
		}
	}
}

// learnedShown is how much of what was learned before the opener tells.
const learnedShown = 3

// opener draws the calm first message, with what is known of the system.
func (b *Bot) opener(ctx context.Context, inc incidents.Incident) (view.Message, error) {
	c := view.OpenerCard{Incident: inc, Backup: b.backup(inc.System)}
	if s, err := b.source(inc.System); err == nil && s.History > 0 {
		began := inc.Triage.Answer(incidents.QuestionBegan).Time
		if began.IsZero() {
			began = inc.Opened
		}
		c.HistoryUntil = began.Add(s.History)
	}
	if inc.System == "" {
		return view.Opener(c), nil
	}
	known, err := b.o.Response.Learned(ctx, inc.System, inc.ID, learnedShown)
	if err != nil {
		return view.Message{}, err
	}
	for _, f := range known {
		c.Learned = append(c.Learned, f.Safeguard)
	}
	c.Checklist, err = b.o.Response.Checklist(ctx, inc)
	return view.Opener(c), err
}

// openForm draws the form, and anew once a system is chosen in it: then it shows
// what is open there, and keeps what was typed.
func (b *Bot) openForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	f := view.OpenForm{Channel: c.in.channel, Reply: c.in.responseURL, Quote: c.quote, Title: suggestedTitle(c.quote.Text)}
	if c.stamp.Choice == view.ChoosePrivate {
		f.How = []string{"private"}
	}
	if c.turn {
		head, _, _ := strings.Cut(c.in.meta, "\n")
		c.stamp, c.quote, c.form = view.ParseStamp(head), quoted(c.in.meta), true
		req, _ := openRequest(c)
		req.Reporter = c.by
		f = view.OpenForm{
			Channel: c.stamp.Channel, Reply: c.stamp.Reply, Quote: c.quote, Title: c.in.fields.get("title"), System: req.System,
			Still: req.Still, Severity: c.in.fields.get("severity"), How: c.in.fields["how"],
			Same: view.SameCard{Found: b.alike(ctx, c, req), At: c.received},
		}
	}
	for _, s := range b.o.Sources {
		f.Systems = append(f.Systems, view.Option{Value: s.Name, Label: first(s.Title, s.Name)})
	}
	return view.OpenModal(f), nil
}

func checkOpen(c command) map[string]string {
	if c.in.fields.get("title") == "" {
		return map[string]string{"title": "What happened? One line is enough."}
	}
	return nil
}
