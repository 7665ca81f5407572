package bot

import (
	"context"
	"errors"
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
// later. The reply waits for the channel, so that it can lead there.
func (b *Bot) opening(ctx context.Context, c command) (reply, error) {
	req := openRequest(c)
	req.Reporter = c.by
	id, err := b.o.Response.Open(ctx, c.act(), req)
	if err != nil {
		return quiet, err
	}
	if c.quote.TS != "" {
		act := c.act()
		act.Key += ":note"
		if err := b.noteQuote(ctx, act, id, c.quote); err != nil && !errors.Is(err, journal.ErrAlready) {
			return quiet, err
		}
	}
	channel, refused, err := b.withChannel(ctx, id)
	switch {
	case err != nil:
		return quiet, err
	case refused && strings.HasPrefix(channel, "D"):
		return said("%s is open, and you lead it. Slack makes no channel for it, so I go on in my direct message with you.", id), nil
	case refused:
		return said("%s is open, and you lead it. Slack makes no channel for it, so I go on in <#%s>.", id, channel), nil
	case channel == "":
		return said("%s is open, and you lead it. Its channel follows as soon as Slack makes it.", id), nil
	}
	return said("%s is open, and you lead it: <#%s>", id, channel), nil
}

// openRequest reads the typed words or the form.
func openRequest(c command) response.OpenRequest {
	if c.form {
		severity, err := incidents.ParseSeverity(c.in.fields.get("severity"))
		if err != nil {
			severity = 0
		}
		return response.OpenRequest{
			Title: c.in.fields.get("title"), System: c.in.fields.get("system"),
			Still: c.in.fields.get("still"), Severity: severity,
			Private: slices.Contains(c.in.fields["how"], "private"), Drill: slices.Contains(c.in.fields["how"], "drill"),
		}
	}
	var req response.OpenRequest
	args := c.words.args
	req.System, args, _ = flag(args, "on")
	args, req.Drill = toggle(args, "drill")
	args, req.Private = toggle(args, "private")
	if len(args) > 1 {
		if severity, err := incidents.ParseSeverity(args[0]); err == nil && strings.HasPrefix(strings.ToLower(args[0]), "sev") {
			req.Severity, args = severity, args[1:]
		}
	}
	req.Title = strings.Join(args, " ")
	return req
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

func (b *Bot) openForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	f := view.OpenForm{Channel: c.in.channel, Quote: c.quote, Title: suggestedTitle(c.quote.Text)}
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
