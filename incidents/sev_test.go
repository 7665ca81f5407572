package incidents_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func TestAnybodyRaisesTheSeverityAndOnlyTheLeadLowersItWithAReason(t *testing.T) {
	i := in(incidents.PhaseTriage)
	i.Severity = incidents.SEV2
	for name, c := range map[string]struct {
		by   incidents.Person
		to   incidents.Severity
		why  string
		kind refusal.Kind
		say  string
	}{
		"lowered by a responder":        {ben, incidents.SEV3, "it is small", refusal.KindForbidden, "Only the lead can lower the severity. That is <@UANA>."},
		"lowered without a reason":      {ana, incidents.SEV3, " ", refusal.KindInvalid, "Say why it is less bad than it was: /snafu sev 3 WHY."},
		"as it is":                      {ana, incidents.SEV2, "again", refusal.KindConflict, "SNAFU-42 is SEV2 already."},
		"a severity that there is none": {ana, 4, "worse", refusal.KindInvalid, "There is no SEV4."},
	} {
		t.Run(name, func(t *testing.T) {
			still, _, err := i.SetSeverity(c.by, c.to, c.why, noon)
			refused(t, err, c.kind, c.say)
			require.Equal(t, incidents.SEV2, still.Severity)
		})
	}
	worse, fact, err := i.SetSeverity(ben, incidents.SEV1, "", noon)
	require.NoError(t, err)
	require.Equal(t, "SEV1 (was SEV2), raised by <@UBEN>.", fact.Words().String())
	require.Equal(t, ana, worse.Lead, "that moves no lead")
	require.True(t, worse.SeverityChosen)
	better, fact, err := worse.SetSeverity(ana, incidents.SEV3, "a test list", noon)
	require.NoError(t, err)
	require.Equal(t, "SEV3 (was SEV1), lowered by <@UANA>: a test list", fact.Words().String())
	require.Equal(t, "a test list", better.SeverityWhy)
	_, _, err = in(incidents.PhaseClosed).SetSeverity(ana, incidents.SEV1, "", noon)
	refused(t, err, refusal.KindConflict, "SNAFU-42 is Closed")
}

func TestARoleIsGivenTakenOverAndGivenBack(t *testing.T) {
	i := in(incidents.PhaseTriage)
	held := []incidents.Held{{Role: incidents.Roles[0]}, {Role: incidents.Roles[1], Person: ben}}
	_, err := i.GiveRole(held, "butler", ben)
	refused(t, err, refusal.KindNotFound, `There is no role "butler". There are comms and scribe: /snafu role comms @colleague.`)
	_, err = i.GiveRole(held, "SCRIBE", ben)
	refused(t, err, refusal.KindConflict, "<@UBEN> is scribe of SNAFU-42 already.")
	_, err = i.GiveRole(held, "comms", "")
	refused(t, err, refusal.KindConflict, "Nobody is comms of SNAFU-42.")
	fact, err := i.GiveRole(held, "scribe", chi)
	require.NoError(t, err)
	require.Equal(t, incidents.RoleChanged{Role: "scribe", Was: ben, Now: chi}, fact)
	_, err = in(incidents.PhaseClosed).GiveRole(held, "comms", chi)
	refused(t, err, refusal.KindConflict, "SNAFU-42 is Closed")

	require.Equal(t, "lead", i.RolesOf(ana, held))
	require.Equal(t, "scribe", i.RolesOf(ben, held))
	require.Equal(t, "none", i.RolesOf(chi, held))
	lines := incidents.RoleBrief(incidents.Summarize(i, incidents.Moment{At: noon}), held[1].Role)
	require.Len(t, lines, 5)
	for _, l := range lines {
		require.NotEmpty(t, l.String())
		require.NotContains(t, l.String(), "\n")
	}
}

func TestRolesStandInTheSummaryOnlyWhereThereIsRoom(t *testing.T) {
	i := in(incidents.PhaseTriage)
	status := func(name string) string {
		held := []incidents.Held{{Role: incidents.Role{Name: name}, Person: ben}}
		return incidents.Summarize(i, incidents.Moment{At: noon, Held: held}).Status.String()
	}
	require.Contains(t, status("scribe"), "lead <@UANA> · scribe <@UBEN>")
	long := status(strings.Repeat("a", 200))
	require.NotContains(t, long, "<@UBEN>")
	require.Equal(t, incidents.Summarize(i, incidents.Moment{At: noon}).Status.String(), long)
}

func TestADraftForAManagerSaysWhatNobodyKnowsAndInventsNothing(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	require.NoError(t, err)
	i, _, err := incidents.Open(42, incidents.Opening{Title: "Leads moved to SQL", Reporter: ana}, noon)
	require.NoError(t, err)
	draft := incidents.BriefDraft(i, incidents.Moment{At: noon}, "Ana", madrid)
	for _, want := range []string{
		"What: Leads moved to SQL (SNAFU-42, SEV2, Triage)", "Since: when it began is not known yet; opened ", "CET", "Size: not known yet.",
		"Customers e-mailed: not known yet.", "Way out: not known yet", "Not known yet: which run did it, whether it still occurs", "Lead: Ana",
	} {
		require.Contains(t, draft, want)
	}
	require.NotContains(t, draft, "<@", "a form shows no mention")
	require.NotRegexp(t, `\b0\b`, draft, "what was not counted is not nought")
	tally := &incidents.Tally{Run: "weekly-42", Table: "crm.lead", At: noon, Touched: 10, Wrong: 10, Left: 10, Rows: []incidents.TallyRow{{Total: 10, Wrong: 10, Left: 10}}}
	planned := incidents.Moment{At: noon, Tally: tally, Promise: noon.Add(time.Hour), Plans: []incidents.PlanLine{{Ref: "R1", State: "proposed", Writes: 1169}}}
	draft = incidents.BriefDraft(i, planned, "Ana", nil)
	require.Contains(t, draft, "Way out: R1 would write 1,169, and waits for approvals")
	require.Contains(t, draft, "Next update by 13:00 UTC")

	_, err = i.Brief(ana, "", "words")
	refused(t, err, refusal.KindInvalid, "Whom shall I tell?")
	_, err = i.Brief(ana, ana, "words")
	refused(t, err, refusal.KindInvalid, "That would go to yourself.")
	_, err = i.Brief(ana, ben, strings.Repeat("ä", incidents.BriefMax+1))
	refused(t, err, refusal.KindInvalid, "longer than 2000 characters")
}

func TestAHandOverNamesWhatIsOpen(t *testing.T) {
	i := in(incidents.PhaseRestoring)
	m := incidents.Moment{
		At: noon, Promise: noon.Add(30 * time.Minute),
		Plans: []incidents.PlanLine{{Ref: "R1", State: "proposed", Needs: 2, Approved: []incidents.Person{ben}}, {Ref: "R2", State: "done"}},
		Pages: []incidents.Page{{Target: "crm-data", State: incidents.PageCalling}, {State: incidents.PageAnswered}},
	}
	points := strings.Join(incidents.OpenPoints(i, m, nil), "\n")
	require.Contains(t, points, "R1 waits for 1 of 2 approvals")
	require.Contains(t, points, "Called, and not answered yet: crm-data")
	require.Contains(t, points, "Next update promised by 12:30 UTC")
	require.NotContains(t, points, "R2")
	m.Promise = noon.Add(20 * time.Hour)
	require.Contains(t, strings.Join(incidents.OpenPoints(i, m, nil), "\n"), "Next update promised by "+m.Promise.Format("Mon 2 Jan 15:04 MST"), "the hour alone would be today's")
	m.Promise = noon.Add(-time.Minute)
	require.Contains(t, strings.Join(incidents.OpenPoints(i, m, nil), "\n"), "The update is overdue since 11:59 UTC")
	require.Empty(t, incidents.OpenPoints(in(incidents.PhaseResolved), incidents.Moment{At: noon}, nil)[1:], "nothing but what is unanswered")
}
