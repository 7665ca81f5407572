package bot

import (
	"context"
	"slices"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// exposedOffers lets people go on among few eyes.
func exposedOffers(inc incidents.Incident, _ journal.Entry) []slack.Block {
	if inc.Private {
		return view.CallOffer(inc.ID)
	}
	return view.PrivateOffer(inc.ID)
}

// callOffers lets people call for help where nobody was called.
func callOffers(inc incidents.Incident, _ journal.Entry) []slack.Block { return view.CallOffer(inc.ID) }

// stallOffers lets people answer what is open, or call somebody who might know.
func stallOffers(inc incidents.Incident, e journal.Entry) []slack.Block {
	var f incidents.TriageStalls
	if e.Into(&f) != nil || len(f.Questions) == 0 {
		return view.CallOffer(inc.ID)
	}
	return view.StallOffer(inc.ID, f.Questions[0])
}

// offerAdmins names who looks after the systems that an answer has added, to
// whoever gave it.
func (b *Bot) offerAdmins(ctx context.Context, c command, before, now string) reply {
	known := b.o.Response.Named(before)
	var offers []view.AdminOffer
	for _, s := range b.o.Response.Named(now) {
		was := slices.ContainsFunc(known, func(k response.SourceInfo) bool { return k.Name == s.Name })
		if was || len(s.Admins) == 0 || slices.Contains(s.Admins, c.by) {
			continue
		}
		offers = append(offers, view.AdminOffer{System: first(s.Title, s.Name), Admin: s.Admins[0], Name: b.name(ctx, s.Admins[0].User())})
	}
	if len(offers) == 0 {
		return quiet
	}
	return say(view.AdminOffers(c.incident, offers))
}

// propose asks for approvals of a frozen plan. Whoever begins the restore with it reads
// who looks after the system, to them alone and once.
func (b *Bot) propose(ctx context.Context, c command, stamp rollback.Stamp) (reply, error) {
	before, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if err := b.o.Approval.Propose(ctx, c.act(), stamp); err != nil || before.Phase() == incidents.PhaseRestoring {
		return quiet, err
	}
	h, err := b.o.Response.Help(ctx, c.incident)
	if err != nil {
		b.log.WarnContext(ctx, "look who can help", "incident", c.incident, "err", err)
		return quiet, nil
	}
	offer := view.SupportOffer{Incident: c.incident, System: h.System, Vendor: h.Vendor}
	for _, p := range h.Admins {
		if p != c.by {
			offer.Admins = append(offer.Admins, view.AdminOffer{System: h.System, Admin: p, Name: b.name(ctx, p.User())})
		}
	}
	if len(offer.Admins) == 0 && offer.Vendor == "" {
		return quiet, nil
	}
	return say(view.Support(offer)), nil
}
