package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// stillEvery sets how often whoever is on it is asked whether they still are.
func (b *Bot) stillEvery(ctx context.Context, c command) (reply, error) {
	word, why := strings.ToLower(c.arg(1)), c.text(2)
	if c.form {
		word, why = c.in.fields.get("every"), c.why()
	}
	every := time.Duration(0)
	if word != "off" {
		var err error
		if every, err = time.ParseDuration(word); err != nil || every == 0 {
			return quiet, refusal.Invalid("How often? Write `/snafu ack every 30m`, `1h` or `2h`, or `/snafu ack every off WHY`.")
		}
	}
	return quiet, b.o.Response.SetStill(ctx, c.act(), c.incident, every, why)
}

func (b *Bot) stillForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	return view.StillModal(c.stamp), nil
}

func checkStill(c command) map[string]string {
	if c.in.fields.get("every") == "off" && c.in.fields.get("why") == "" {
		return map[string]string{"why": "Say why: the reason stays with it."}
	}
	return nil
}

// prepareStill asks whoever answered a call whether they still are on it.
func (b *Bot) prepareStill(ctx context.Context, t task, what string) (send, error, error) {
	number, who, _ := strings.Cut(what, ":")
	p, err := b.page(ctx, t.inc, number)
	if err != nil {
		return nil, nil, err
	}
	if p.Asked.IsZero() {
		return nil, errUnchanged, nil // they said so meanwhile, or others are called
	}
	var f incidents.CallStillAsked
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	m := view.StillOnIt(view.PageCard{Page: p, Title: t.inc.Title, Severity: t.inc.Severity, Lead: t.inc.Lead}, f)
	if t.inc.Private {
		m = view.NeedsAnswer(t.inc, p)
	}
	return b.directing(incidents.Person(who), badged(t.inc, m)), nil, nil
}

// unreached says that the direct message to somebody who is called was refused.
func (b *Bot) unreached(ctx context.Context, t task, reason string) error {
	_, what := t.parts()
	number, who, _ := strings.Cut(what, ":")
	page, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return fmt.Errorf("page %q: %w", number, err)
	}
	return b.o.Response.Unreached(ctx, t.Incident, page, incidents.Person(who), reason)
}
