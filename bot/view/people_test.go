package view

import (
	"strings"
	"testing"
	"time"

	"snafu/incidents"
)

// peopleMoments are the cards about who does what in an incident.
func peopleMoments(t *testing.T, name string) map[string]any {
	i := incident(t, name)
	offer := incidents.LeadOffer{ID: 3, Incident: 42, From: ana, To: ben, Points: name, State: incidents.OfferOpen, At: noon, Due: noon.Add(15 * time.Minute)}
	asked := incidents.LeadOffer{
		ID: 4, Incident: 42, Asked: true, From: ana, To: ben, Why: name, State: incidents.OfferOpen, At: noon, Free: noon.Add(10 * time.Minute), Due: noon.Add(25 * time.Minute),
	}
	untold, gone, expired, taken := asked, asked, offer, asked
	untold.Told = noon.Add(10 * time.Minute)
	gone.Gone = "the account is deactivated"
	expired.State = incidents.OfferExpired
	taken.State, taken.EndedAt, taken.EndedBy, taken.EndedWhy = incidents.OfferTaken, noon.Add(time.Hour), ben, name
	card := func(o incidents.LeadOffer) LeadCard { return LeadCard{Incident: i, Offer: o} }
	held := []incidents.Held{{Role: incidents.Roles[0], Person: chi, At: noon}, {Role: incidents.Role{Name: "butler", Does: name}}}
	briefed := incidents.Briefed{By: ana, To: ben, Text: name}
	return map[string]any{
		"lead-offered": Lead(card(offer)), "lead-asked": Lead(card(asked)), "lead-unanswered": Lead(card(untold)), "lead-gone": Lead(card(gone)),
		"lead-expired": Lead(card(expired)), "lead-taken": Lead(card(taken)), "lead-untold": LeadUnanswered(card(untold)),
		"leading": Leading(i, incidents.LeadChanged{Offer: 3, Was: ana, Now: ben, Points: name}), "lead-away": LeadAway(i), "lead-own": LeadOwn(i),
		"status-roles": Status(StatusCard{Incident: 42, Summary: Said(Escape(name)), Role: "none", Held: held, Waits: []string{"The lead: `/snafu lead accept`."}, Free: true}), "status-lead": Status(StatusCard{Incident: 42, Summary: Said(Escape(name)), Role: "lead", Leads: true, Free: true}),
		"modal-role": RoleModal(Stamp{Incident: 42}, i, held, map[incidents.Person]string{chi: name}), "role-taken": RoleTaken(i, incidents.Summarize(i, incidents.Moment{At: noon}), held[1].Role, ana.Actor()),
		"severity-raised": SeverityChanged(i, incidents.SeverityChanged{Was: 3, Now: 1, Why: name, By: ben, Call: true}, "crm-data"), "severity-lowered": SeverityChanged(i, incidents.SeverityChanged{Was: 1, Now: 2, Why: name, By: ben}, ""),
		"modal-severity": SeverityModal(Stamp{Incident: 42}, i, 2, "the size is not known to be small"), "knock": Knock(i, ben),
		"modal-brief": BriefModal(Stamp{Incident: 42}, i, "U0BEN000001", incidents.BriefDraft(i, incidents.Moment{At: noon}, name, time.UTC)),
		"brief":       Brief(i, briefed, Escape(name)), "briefed": Briefed(i, briefed, Escape(name)),
		"modal-hand-over": HandOverModal(Stamp{Incident: 42}, i, name), "modal-take-lead": TakeLeadModal(Stamp{Incident: 42, Offer: 4}, gone),
	}
}

func TestEveryCardAboutPeopleReadsAsReviewed(t *testing.T) {
	for name, v := range peopleMoments(t, "Leads moved to SQL") {
		t.Run(name, func(t *testing.T) { golden(t, name, v) })
	}
}

func TestNoNameBreaksACardAboutPeople(t *testing.T) {
	for _, name := range []string{hostile, strings.Repeat("ä", 3000), strings.Repeat("<!channel>", 300)} {
		for view, v := range peopleMoments(t, name) {
			t.Run(view, func(t *testing.T) { within(t, v) })
		}
	}
}
