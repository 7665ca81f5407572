package view

import (
	"strings"
	"testing"
	"time"

	"snafu/incidents"
	"snafu/incidents/rota"
)

// calls are the messages and forms about who is on call.
func calls(t *testing.T, name string) map[string]any {
	t.Helper()
	cover := incidents.Cover{ID: 7, Rota: "crm-data", Person: ben, From: noon, To: noon.Add(3 * time.Hour), Why: name, By: ana}
	asked, gone := cover, cover
	asked.Person, gone.Cancelled = "", noon
	options := []Option{{"crm-data", name}, {"mail", "mail"}}
	vendor := VendorCard{
		Incident: incident(t, name), Summary: incidents.Summarize(incident(t, name), incidents.Moment{At: noon}), Vendor: "acme", Title: name, Hours: name, Phone: name,
		Contract: name, URL: "https://support.example.com/new", Within: 4 * time.Hour, Why: name, By: ana, Cases: []incidents.Case{
			{Ref: name, Title: name, By: ana, At: noon, Answered: noon.Add(time.Hour), Text: name},
			{Ref: "4711", URL: "https://support.example.com/cases/4711", By: ben, At: noon},
		},
	}
	page := incidents.Page{
		ID: 7, Incident: 42, Target: "crm-data", State: incidents.PageAnswered, Started: noon, AnsweredBy: chi, AnsweredAt: noon.Add(time.Minute), Asked: noon.Add(time.Hour),
	}
	card := PageCard{Page: page, Title: name, Severity: incidents.SEV1, Lead: ana}
	return map[string]any{
		"page-asked": Page(card), "still-on-it": StillOnIt(card, incidents.CallStillAsked{Page: 7, Silent: 1800, Due: noon.Add(65 * time.Minute)}),
		"oncall": OnCall(OnCallCard{Now: true, Rotas: []OnCallRow{
			{Rota: "crm-data", Duty: rota.Duty{People: []incidents.Person{ben}, Until: noon.Add(time.Hour), Next: []incidents.Person{chi}}, Fallback: name, Covers: []incidents.Cover{cover, asked}},
			{Rota: name, Duty: rota.Duty{Until: noon.Add(time.Hour)}, Calendar: true, Good: noon.Add(-30 * time.Hour), Problem: name, Unread: []string{name}},
			{Rota: "mail", Duty: rota.Duty{People: []incidents.Person{ana}}},
			{Rota: "billing", Calendar: true},
		}}, noon),
		"cover-made": CoverSaid(cover, "made", ana), "cover-asked": CoverSaid(asked, "asked", ana),
		"cover-taken": CoverSaid(cover, "taken", ben), "cover-cancelled": CoverSaid(gone, "cancelled", ana),
		"calendar-old": OldCalendar(name, noon, name), "handover": Handover(HandoverCard{Rota: name, Ends: []incidents.Person{ana}, Begins: []incidents.Person{ben, chi}, Until: noon.Add(7 * 24 * time.Hour), Inherited: []incidents.Incident{incident(t, name)}}),
		"handover-calm": Handover(HandoverCard{Rota: name, Ends: []incidents.Person{ana, ben}}), "group-stays": GroupStays(name, name),
		"contacts": Contacts([]ContactRow{{Way: "phone", Address: name, Verified: noon}, {Way: "email", Address: name}}), "contacts-none": Contacts(nil),
		"contact-asked": ContactAsked("phone"), "contact-entered": ContactEntered("email"), "code-failed": CodeFailed("phone", name),
		"modal-contact": ContactModal(Stamp{}, []ContactRow{{Way: "phone", Address: name}}), "vendor": Vendor(vendor), "modal-case": CaseModal(CaseForm{Stamp: Stamp{Incident: 42}, Whose: options, Whom: "v:MQL", Ref: name}),
		"modal-cover": CoverModal(CoverForm{Rotas: options}),
	}
}

func TestWhatIsSaidOfCallsReadsAsReviewed(t *testing.T) {
	for name, v := range calls(t, "Prospect") {
		t.Run(name, func(t *testing.T) { golden(t, name, v) })
	}
}

func TestNoNameBreaksSlacksLimitsInWhatIsSaidOfCalls(t *testing.T) {
	for _, name := range []string{hostile, strings.Repeat("ä", 3000), strings.Repeat("<!channel>", 300), "\u202Eabc"} {
		for view, v := range calls(t, name) {
			t.Run(view, func(t *testing.T) { within(t, v) })
		}
	}
}
