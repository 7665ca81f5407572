package bot

import (
	"context"
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// status handles "status": the Summary, with the part of the person in it.
func (b *Bot) status(ctx context.Context, c command) (reply, error) {
	if word := c.arg(0); word != "" {
		return quiet, refusal.Invalid("%q is not the key of a snafu. `/snafu status SNAFU-42` shows one, `/snafu list` the open ones.", short(word)).Coded("key")
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if inc.Private && inc.Channel != "" && c.in.channel == "" {
		// The answer to the Home tab is a direct message, which outlasts a membership.
		return said("%s is private, so where it stands is told in its channel alone: <#%s>. There: `/snafu status`.", inc.ID, inc.Channel), nil
	}
	m, err := b.statusOf(ctx, inc, c.by)
	return say(m), err
}

// waits says what waits for one person.
func (b *Bot) waits(ctx context.Context, inc incidents.Incident, p incidents.Person) ([]string, error) {
	var list []string
	pages, err := b.o.Response.Pages(ctx, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		if step, ok := page.Step(); ok && page.State == incidents.PageCalling && slices.Contains(step.People, p) {
			list = append(list, "You are called: `/snafu ack`.")
		}
	}
	plans, err := b.o.Approval.OfIncident(ctx, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range plans {
		if slices.Contains(v.Can, p) {
			list = append(list, string(v.Spec.Ref)+" waits for your approval: `/snafu approve "+string(v.Spec.Ref)+"`.")
		}
	}
	return list, nil
}

// listed is how many incidents a page of a list shows.
const listed = 20

// list handles "list [mine|open|closed|all] [PAGE]" and the buttons that turn its
// pages.
func (b *Bot) list(ctx context.Context, c command) (reply, error) {
	name, page := c.arg(0), int64(1)
	if c.in.kind == kindPress {
		name, page = c.stamp.Choice, max(1, c.stamp.Sheet)
	} else if word := c.text(1); word != "" {
		n, err := number(word)
		if err != nil || n < 1 || n > 10000 {
			return quiet, refusal.Invalid("%q is not a page. Write its number: `/snafu list %s 2`.", short(word), short(name))
		}
		page = n
	}
	which := response.Which(strings.ToLower(first(name, string(response.ListOpen))))
	switch which {
	case response.ListOpen, response.ListMine, response.ListClosed, response.ListAll:
	default:
		return quiet, refusal.Invalid("%q is not a list. Write list, list mine, list closed or list all.", short(name))
	}
	sees, err := b.sees(ctx, c.in.user)
	if err != nil {
		return quiet, err
	}
	found, err := b.o.Response.List(ctx, response.Filter{Which: which, Of: c.by, Sees: sees, Limit: listed + 1, Offset: int(page-1) * listed})
	if err != nil {
		return quiet, err
	}
	card := view.ListCard{Name: string(which), Page: page, More: len(found) > listed}
	for _, inc := range found[:min(len(found), listed)] {
		card.Rows = append(card.Rows, view.ListRow{Incident: inc})
	}
	return say(view.List(card)), nil
}
