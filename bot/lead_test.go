package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/response"
)

// leadDue lets time pass, and what is due of an offer of the lead happen.
func (w *workspace) leadDue(after time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.sim.Advance(after))
	for id := range w.count(`select count(*) from lead_offers`) {
		w.wake(response.LeadDue{Incident: 1, Offer: int64(id + 1)})
	}
	w.quiet()
}

func (w *workspace) leads() incidents.Person {
	w.t.Helper()
	inc, err := w.response.Get(w.ctx(), 1)
	require.NoError(w.t, err)
	return inc.Lead
}

func TestTheLeadIsOfferedAndAccepted(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu lead @gus")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("Only a full member of this workspace can lead, and that account is a guest."))
	w.slash("ben", "#general", "/snafu lead SNAFU-1 @chi")
	w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("Only the lead can offer it to somebody else. That is @ana."))
	w.quiet()
	w.slash("ana", ch, "/snafu lead")
	w.quiet()
	w.press("ana", ch, "Hand over")
	form := w.form("ana", "lead")
	require.NotEmpty(t, w.submit(form, slacksim.Values{"points": "Ask Rosa which list it was"}).Errors)
	require.Equal(t, map[string]string{"to": "That is you. Choose somebody else."}, w.submit(form, slacksim.Values{"to": "@ana"}).Errors)
	w.submit(form, slacksim.Values{"to": "@ben", "points": "Ask Rosa which list it was"})
	w.quiet()
	require.Equal(t, w.id("ana"), w.leads(), "an offer changes nothing")
	w.press("ana", ch, "Accept")
	w.quiet()
	require.NoError(t, w.sim.Advance(time.Minute))
	w.press("ben", "@snafu", "Accept")
	w.quiet()
	require.Equal(t, w.id("ben"), w.leads())
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("lead @ben"))
	w.sees("ana", "#data-incidents", slacksim.Contains("lead @ben"))
	w.slash("ben", "#general", "/snafu lead SNAFU-1 accept")
	w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("The lead of SNAFU-1 is on offer to nobody. @ben leads"))
	w.quiet()
	told := w.sees("ben", "@snafu", slacksim.Contains("You lead SNAFU-1 now (was @ana)."), slacksim.Shows("Hand over"))
	w.golden("lead-offered-and-accepted", ch, told.Channel)
}

func TestAnOfferOfTheLeadRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu lead @ben")
	w.quiet()
	w.sees("ben", "@snafu", slacksim.Contains("@ana offers @ben the lead. Until @ben accepts, @ana leads."), slacksim.Shows("Accept"))
	w.leadDue(14 * time.Minute)
	w.sees("ben", "@snafu", slacksim.Shows("Accept"))
	w.leadDue(time.Minute)
	w.sees("ana", ch, slacksim.Contains("The offer of the lead to @ben ran out at 12:15. @ana leads."))
	w.sees("ben", "@snafu", slacksim.Contains("The offer of the lead to @ben ran out"))
	w.slash("ben", "#general", "/snafu lead SNAFU-1 accept")
	w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("on offer to nobody. @ana leads"))
	w.quiet()
	require.Equal(t, w.id("ana"), w.leads())
}

func TestTheLeadIsTakenBecauseNobodyAnswers(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	_, err := w.sim.As("ben").Joins(w.ctx(), ch)
	require.NoError(t, err)
	w.quiet()
	w.slash("ben", ch, "/snafu lead ana is in a meeting")
	w.quiet()
	w.slash("ben", ch, "/snafu lead")
	w.sees("ben", ch, slacksim.OnlyForMe(), slacksim.Contains("You have asked @ana already, who can answer until 12:10 UTC."))
	w.slash("chi", "#general", "/snafu lead SNAFU-1")
	w.sees("chi", "#general", slacksim.OnlyForMe(), slacksim.Contains("@ben has asked for the lead before you"))
	w.leadDue(10 * time.Minute)
	w.press("ben", "@snafu", "Take the lead")
	form := w.form("ben", "lead")
	require.NotEmpty(t, w.submit(form, slacksim.Values{"why": " "}).Errors)
	w.submit(form, slacksim.Values{"why": "customers wait and nobody decides"})
	w.quiet()
	require.Equal(t, w.id("ben"), w.leads())
	told := w.sees("ben", "@snafu", slacksim.Contains("You lead SNAFU-1 now (was @ana)."), slacksim.Shows("Hand over"))
	w.golden("lead-taken-because-nobody-answers", ch, told.Channel)
}
