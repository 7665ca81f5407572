package bot

import (
	"context"
	"slices"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/response"
)

// panelShown is how much of one kind the answer to a bare command names.
const panelShown = 5

// panel is the answer to a bare "/snafu": in an incident's channel what this
// person can sensibly do next, elsewhere the ways in and what waits for them.
func (b *Bot) panel(ctx context.Context, c command) (reply, error) {
	c.verb = named("status")
	if err := b.locate(ctx, &c); err == nil {
		inc, err := b.o.Response.Get(ctx, c.incident)
		if err != nil {
			return quiet, err
		}
		acts, err := b.acts(ctx, inc, c.by)
		if err != nil {
			return quiet, err
		}
		return say(view.NextActs(inc, acts)), nil
	}
	sees, err := b.sees(ctx, c.in.user)
	if err != nil {
		return quiet, err
	}
	card := view.PanelCard{}
	if card.Mine, err = b.o.Response.List(ctx, response.Filter{Which: response.ListMine, Of: c.by, Sees: sees, Limit: panelShown}); err != nil {
		return quiet, err
	}
	open, err := b.o.Response.List(ctx, response.Filter{Which: response.ListOpen, Of: c.by, Sees: sees, Limit: homesOnView})
	if err != nil {
		return quiet, err
	}
	for _, inc := range open {
		waits, err := b.waiting(ctx, inc, c.by)
		if err != nil {
			return quiet, err
		}
		card.Waits = append(card.Waits, waits...)
	}
	card.Waits = card.Waits[:min(len(card.Waits), panelShown)]
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return quiet, err
	}
	if len(b.o.Rotas) > 0 {
		all, err := b.o.Response.OnCall(ctx, "", now)
		if err != nil {
			return quiet, err
		}
		card.OnCall = onCallCard(all[:min(len(all), panelShown)], true)
	}
	return say(view.Panel(card)), nil
}

// acts are the five most sensible next acts of one person in an incident, the
// most urgent first.
func (b *Bot) acts(ctx context.Context, inc incidents.Incident, p incidents.Person) ([]view.Act, error) {
	all, err := b.waiting(ctx, inc, p)
	if err != nil {
		return nil, err
	}
	all = append(all, sensible(inc, p)...)
	return all[:min(len(all), panelShown)], nil
}

// sensible are the acts that fit where the incident stands. The lead is shown
// what only the lead can do, or has promised.
func sensible(inc incidents.Incident, p incidents.Person) (all []view.Act) {
	stamp := view.Stamp{Incident: inc.ID}
	add := func(when bool, a view.Act) {
		if a.Stamp = stamp; when {
			all = append(all, a)
		}
	}
	phase := inc.Phase()
	live, leads := phase.Live(), p == inc.Lead
	_, acted := inc.Acted()
	stop := view.Act{Say: "Stop the cause, and say what was done", Typed: "contain", Action: "contain.open", Label: "Stop the cause"}
	add(inc.StopFirst(), stop)
	if q, open := inc.Triage.Next(); open && !phase.Ended() {
		add(true, view.Act{Say: "Answer: " + q.Next, Typed: "triage", Action: "triage.open", Label: "Answer"})
		all[len(all)-1].Stamp.Question = q.N
	}
	add(live && !acted && !inc.StopFirst(), stop)
	add(live && leads && phase != incidents.PhaseTriage, view.Act{Say: "Resolve it, once all is right again", Typed: "resolve", Action: "resolve.open", Label: "Resolve"})
	add(phase == incidents.PhaseResolved, view.Act{Say: "Close it when nothing comes back", Typed: "close", Action: "gate.close", Label: "Close"})
	add(phase == incidents.PhaseResolved, view.Act{Say: "Say what has to change, so that it does not come back", Typed: "todo WHAT", Action: "todo.open", Label: "Add a follow-up"})
	add(live && inc.Light, view.Act{Say: "Give it a channel of its own", Typed: "promote " + inc.Key(), Action: "promote.do", Label: "Give it a channel"})
	add(live && !inc.Light, view.Act{Say: "Bring in a second person", Typed: "call", Action: "call.open", Label: "Call"})
	add(live && leads, view.Act{Say: "Tell all who wait for news", Typed: "update", Action: "update.open", Label: "Post update"})
	add(!live, view.Act{Say: "Take it up again, with the reason", Typed: "reopen", Action: "reopen.open", Label: "Reopen"})
	add(true, view.Act{Say: "See where it stands, and your part in it", Typed: "status", Action: "status.show", Label: "Details"})
	add(live, view.Act{Say: "Add a line to the timeline", Typed: "note WHAT HAPPENED", Action: "note.open", Label: "Add a note"})
	add(slices.Contains([]incidents.Person{inc.Lead, inc.Reporter}, p) && phase == incidents.PhaseTriage,
		view.Act{Say: "End it, if it is none after all", Typed: "cancel", Action: "cancel.open", Label: "Cancel it"})
	return all
}

// waiting are the calls and approvals of an incident that wait for one person.
func (b *Bot) waiting(ctx context.Context, inc incidents.Incident, p incidents.Person) (all []view.Act, err error) {
	pages, err := b.o.Response.Pages(ctx, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		if step, ok := page.Step(); ok && page.State == incidents.PageCalling && slices.Contains(step.People, p) {
			all = append(all, view.Act{
				Say: "You are called for " + inc.Key(), Typed: "ack " + inc.Key(), Action: "page.ack", Label: "On it",
				Stamp: view.Stamp{Incident: inc.ID, Page: page.ID},
			})
		}
	}
	plans, err := b.o.Approval.OfIncident(ctx, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range plans {
		if !slices.Contains(v.Can, p) {
			continue
		}
		c, err := b.planCard(ctx, v)
		if err != nil {
			return nil, err
		}
		all = append(all, view.Act{
			Say: string(v.Spec.Ref) + " of " + inc.Key() + " waits for your approval", Typed: "approve " + inc.Key() + " " + string(v.Spec.Ref),
			Action: "plan.review", Label: "Review and approve", Stamp: c.Stamp(),
		})
	}
	return all, nil
}

// version handles "version".
func (b *Bot) version(context.Context, command) (reply, error) {
	return said("snafu %s", first(b.o.Version, "of an unknown version")), nil
}
