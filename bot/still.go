package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
)

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
