package bot

import (
	"context"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// brief handles the form of "brief [@user]": a manager hears by direct message
// what the sender has written, and the channel hears what that was.
func (b *Bot) brief(ctx context.Context, c command) (reply, error) {
	to, err := b.member(ctx, c.in.fields.get("to"), "be told")
	if err != nil {
		return quiet, err
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if inc.Private && !b.isIn(ctx, to.User(), inc.Channel) {
		return quiet, refusal.Forbidden("%s is private, and %s is not in its channel. To let them in first: /snafu join %s.", inc.ID, to.Mention(), to.Mention())
	}
	return quiet, b.o.Response.Brief(ctx, c.act(), c.incident, to, c.in.fields.get("text"))
}

func (b *Bot) briefForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	u, err := b.who(ctx, inc.Lead.User())
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	to, _ := user(c.arg(0))
	return view.BriefModal(c.stamp, inc, to, incidents.BriefDraft(inc, moment, nameOf(u), c.zone)), nil
}

func checkBrief(c command) map[string]string {
	wrong := map[string]string{}
	if c.in.fields.get("to") == "" {
		wrong["to"] = "Whom shall I tell?"
	}
	switch text := c.in.fields.get("text"); {
	case text == "":
		wrong["text"] = "A brief needs a few words."
	case len([]rune(text)) > incidents.BriefMax:
		wrong["text"] = "That is too long; a manager reads less."
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// prepareBrief sends what somebody tells a manager ("brief"), and tells the
// channel that they did ("briefed").
func (b *Bot) prepareBrief(t task, doing string) (send, error, error) {
	var f incidents.Briefed
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	text := spoken(f.Text)
	if doing == "brief" {
		return b.directing(f.To, badged(t.inc, view.Brief(t.inc, f, text))), nil, nil
	}
	return b.posting(t, place{channel: t.inc.Channel}, badged(t.inc, view.Briefed(t.inc, f, text))), nil, nil
}
