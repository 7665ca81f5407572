package bot

import (
	"context"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// severity handles "sev 1|2|3 [WHY]", and its form.
func (b *Bot) severity(ctx context.Context, c command) (reply, error) {
	word, why := c.arg(0), c.text(1)
	if c.form {
		word, why = c.in.fields.get("severity"), c.why()
	}
	s, err := incidents.ParseSeverity(word)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.SetSeverity(ctx, c.act(), c.incident, s, why)
}

func (b *Bot) severityForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	suggested, why := incidents.Suggest(inc.Triage, -1)
	if b.o.Evidence != nil {
		known, err := b.o.Evidence(ctx, inc.ID)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		if known.Tally != nil && known.Tally.Holds() == nil {
			suggested, why = incidents.Suggest(inc.Triage, known.Tally.Wrong)
		}
	}
	return view.SeverityModal(c.stamp, inc, suggested, why), nil
}

func checkSeverity(c command) map[string]string {
	if c.in.fields.get("severity") == "" {
		return map[string]string{"severity": "How bad is it?"}
	}
	return nil
}

// prepareSeverity says how bad it is from now on, and offers to call somebody
// where that is due.
func (b *Bot) prepareSeverity(t task) (send, error, error) {
	var f incidents.SeverityChanged
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	m := view.SeverityChanged(t.inc, f, b.o.Response.RotaOf(t.inc))
	return b.posting(t, place{channel: t.inc.Channel}, badged(t.inc, m)), nil, nil
}
