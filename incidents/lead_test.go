package incidents_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func TestTheLeadChangesOnlyByTheAnswerOfWhoWasAsked(t *testing.T) {
	i := in(incidents.PhaseTriage)
	for name, c := range map[string]struct {
		to, by incidents.Person
		kind   refusal.Kind
		say    string
	}{
		"to nobody":                       {"", ana, refusal.KindInvalid, "Whom shall I offer the lead to?"},
		"to the lead":                     {ana, ana, refusal.KindConflict, "leads SNAFU-42 already"},
		"by somebody who does not lead":   {chi, ben, refusal.KindForbidden, "Only the lead can offer it to somebody else. That is <@UANA>"},
		"to oneself, who asks in a while": {ben, ben, refusal.KindForbidden, "To ask for it yourself: /snafu lead."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := i.OfferLead(c.by.Actor(), c.to, "", noon)
			refused(t, err, c.kind, c.say)
		})
	}
	o, err := i.OfferLead(ana.Actor(), ben, "R1 waits", noon)
	require.NoError(t, err)
	require.Equal(t, ana, i.Lead)
	late := noon.Add(incidents.LeadOfferFor)
	for name, c := range map[string]struct {
		by   incidents.Person
		at   time.Time
		kind refusal.Kind
		say  string
	}{
		"a third person":                 {chi, noon, refusal.KindForbidden, "Only <@UBEN> can say yes to that"},
		"the lead, who offers it":        {ana, noon, refusal.KindForbidden, "Only <@UBEN> can say yes to that"},
		"the right one, when it is over": {ben, late, refusal.KindConflict, "That offer ran out after 15 min. <@UANA> leads SNAFU-42"},
	} {
		t.Run(name+" cannot accept", func(t *testing.T) {
			still, _, _, err := i.AcceptLead(c.by, o, c.at)
			refused(t, err, c.kind, c.say)
			require.Equal(t, ana, still.Lead)
		})
	}
	_, _, _, err = i.TakeLead(ben, o, "", "nobody answers", late.Add(-time.Second))
	refused(t, err, refusal.KindForbidden, "Only who asked for the lead can take it")
	led, o, fact, err := i.AcceptLead(ben, o, late.Add(-time.Second))
	require.NoError(t, err)
	require.Equal(t, ben, led.Lead)
	require.Equal(t, "Lead: <@UBEN> (was <@UANA>)", fact.Words().String())
	_, _, _, err = led.AcceptLead(ben, o, noon)
	refused(t, err, refusal.KindConflict, "<@UBEN> was given the lead of SNAFU-42 already. <@UBEN> leads now.")
	_, _, err = led.DeclineLead(ben, o, noon)
	refused(t, err, refusal.KindConflict, "<@UBEN> leads now")
}

func TestWhoAsksForTheLeadWaitsForAnAnswerAndThenSaysItASecondTimeWithAReason(t *testing.T) {
	i := in(incidents.PhaseRestoring)
	_, err := i.AskLead(ana, "", "", noon)
	refused(t, err, refusal.KindConflict, "You lead SNAFU-42 already. To hand it over: /snafu lead @colleague.")
	o, err := i.AskLead(ben, "", "ana is in the air", noon)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		by        incidents.Person
		gone, why string
		after     time.Duration
		kind      refusal.Kind
		say       string
	}{
		"too early":        {ben, "", "no answer", incidents.LeadAskFor - time.Second, refusal.KindConflict, "<@UANA> has 1 s more to answer"},
		"without a reason": {ben, "", " ", incidents.LeadAskFor, refusal.KindInvalid, "Say why you take the lead without an answer"},
		"another person":   {chi, "", "no answer", incidents.LeadAskFor, refusal.KindForbidden, "Only who asked"},
		"when it is over":  {ben, "", "no answer", incidents.LeadAskFor + incidents.LeadOfferFor, refusal.KindConflict, "That offer ran out after 25 min"},
		"gone, but no why": {ben, "the account is deactivated", "", 0, refusal.KindInvalid, "Say why"},
	} {
		t.Run(name, func(t *testing.T) {
			still, _, _, err := i.TakeLead(c.by, o, c.gone, c.why, noon.Add(c.after))
			refused(t, err, c.kind, c.say)
			require.Equal(t, ana, still.Lead)
		})
	}
	_, _, fact, err := i.TakeLead(ben, o, "the account is deactivated", "ana has left.", noon)
	require.NoError(t, err)
	require.Equal(t, "Lead: <@UBEN> (was <@UANA>), taken without an answer: ana has left (the account is deactivated)", fact.Words().String())

	told, wakes, again := o.Wake(noon.Add(incidents.LeadAskFor))
	require.Equal(t, "lead-unanswered/1", wakes.Kind())
	require.Equal(t, o.Due, again)
	_, wakes, again = told.Wake(noon.Add(incidents.LeadAskFor))
	require.Nil(t, wakes, "it is said once")
	require.Equal(t, o.Due, again)
	led, _, _, err := i.TakeLead(ben, told, "", "no answer", noon.Add(incidents.LeadAskFor))
	require.NoError(t, err)
	require.Equal(t, ben, led.Lead)
	led, _, _, err = i.AcceptLead(ana, told, noon.Add(incidents.LeadAskFor+time.Minute))
	require.NoError(t, err, "a late yes is a yes")
	require.Equal(t, ben, led.Lead)
}

func TestNobodyGetsTheLeadOfWhatIsOver(t *testing.T) {
	i := in(incidents.PhaseRestoring)
	o, err := i.OfferLead(ana.Actor(), ben, "", noon)
	require.NoError(t, err)
	closed := in(incidents.PhaseClosed)
	_, _, _, err = closed.AcceptLead(ben, o, noon)
	refused(t, err, refusal.KindConflict, "SNAFU-42 is Closed")
	_, err = closed.AskLead(ben, "", "", noon)
	refused(t, err, refusal.KindConflict, "SNAFU-42 is Closed")
	_, left := closed.Left(ana)
	require.False(t, left)
}

// However people offer, ask, answer, take and wait: there is always exactly one
// lead, and it changes only by the yes of who was asked, or by the second word of
// who asked and had no answer in time.
func TestThereIsAlwaysOneLeadWhoeverOffersAsksAndTakes(t *testing.T) {
	people := []incidents.Person{ana, ben, chi}
	rapid.Check(t, func(t *rapid.T) {
		i, at := in(incidents.PhaseTriage), noon
		var open []incidents.LeadOffer // also those that are over: buttons stay
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "minutes")) * time.Minute)
			by := rapid.SampledFrom(people).Draw(t, "who")
			was, gone := i.Lead, rapid.SampledFrom([]string{"", "", "deactivated"}).Draw(t, "gone")
			var err error
			n := 0
			if len(open) > 0 {
				n = rapid.IntRange(0, len(open)-1).Draw(t, "which")
			}
			what := rapid.SampledFrom([]string{"offer", "ask", "accept", "take", "decline", "wake"}).Draw(t, "what")
			if len(open) == 0 && what != "ask" {
				what = "offer"
			}
			var o incidents.LeadOffer
			if len(open) > 0 {
				o = open[n]
			}
			switch before := o; what {
			case "offer":
				if o, err = i.OfferLead(by.Actor(), rapid.SampledFrom(people).Draw(t, "to"), "", at); err == nil {
					open = append(open, o)
				}
			case "ask":
				if o, err = i.AskLead(by, "", "", at); err == nil {
					open = append(open, o)
				}
			case "accept":
				if i, open[n], _, err = i.AcceptLead(by, o, at); err == nil {
					require.Equal(t, before.Answers(), by)
					require.Equal(t, was, before.From, "of an offer that the present lead is part of")
					require.Equal(t, before.To, i.Lead)
					was = i.Lead
				}
			case "take":
				if i, open[n], _, err = i.TakeLead(by, o, gone, "no answer", at); err == nil {
					require.True(t, before.Asked && before.To == by && (gone != "" || !at.Before(before.Free)))
					require.Equal(t, by, i.Lead)
					was = i.Lead
				}
			case "decline":
				open[n], _, _ = i.DeclineLead(by, o, at)
			case "wake":
				open[n], _, _ = o.Wake(at)
			}
			require.Equal(t, was, i.Lead, "%s changed who leads", what)
			require.Contains(t, people, i.Lead)
			require.Equal(t, incidents.PhaseTriage, i.Phase())
			for _, o := range open {
				if o.State != incidents.OfferOpen {
					_, _, _, err := i.AcceptLead(o.Answers(), o, at)
					require.Error(t, err, "an offer is answered once")
				}
			}
		}
	})
}
