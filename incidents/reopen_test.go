package incidents_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// recount counts so many records at an instant, as a watch does.
func recount(t *testing.T, i incidents.Incident, touched int64, at time.Time) (incidents.Incident, []string) {
	t.Helper()
	i, facts, err := i.Recounted(incidents.System("watch"), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-42", Touched: touched, At: at}, at)
	require.NoError(t, err)
	return i, kindsOf(facts)
}

func TestGrowthAfterItWasResolvedIsNewsOnceAndAsksForADecision(t *testing.T) {
	i := in(incidents.PhaseRestoring)
	i, said := recount(t, i, 2930, noon.Add(time.Minute))
	require.Equal(t, []string{"grew/1", "answered/1"}, said)
	i, _, err := i.Resolve(ana.Actor(), incidents.Evidence{}, "nothing to count in", noon.Add(2*time.Minute))
	require.NoError(t, err)
	require.True(t, i.Regrows())

	i, said = recount(t, i, 2931, noon.Add(3*time.Minute))
	require.Equal(t, []string{"grew/1"}, said, "it grew before, but nobody has been told since it was resolved")
	require.False(t, i.Regrows(), "the next is no news")
	i, said = recount(t, i, 2932, noon.Add(4*time.Minute))
	require.Equal(t, []string{"grew-on/1"}, said)
	require.Equal(t, incidents.PhaseResolved, i.Phase(), "people decide what that means")

	s := incidents.Summarize(i, incidents.Moment{At: noon.Add(4 * time.Minute)})
	require.Equal(t, "a decision: it was resolved, and counts find more. To take it up again: /snafu reopen.", s.Ask.String())
	require.Equal(t, "decide whether it is reopened: /snafu reopen.", s.Next.String())
	require.Contains(t, s.Cause.String(), "Still growing: +2 since 12:01 UTC")
	_, _, err = i.Close(ana.Actor(), shown, "", noon.Add(5*time.Minute))
	require.ErrorContains(t, err, "Not yet: the last counts found more records. Reopen it: /snafu reopen again WHY")

	i, _ = recount(t, i, 2932, noon.Add(6*time.Minute))
	i, said = recount(t, i, 2932, noon.Add(7*time.Minute))
	require.Equal(t, []string{"quiet/1", "answered/1"}, said)
	require.Equal(t, incidents.NothingNeeded, incidents.Summarize(i, incidents.Moment{}).Ask.String())
	_, _, err = i.Close(ana.Actor(), shown, "", noon.Add(8*time.Minute))
	require.NoError(t, err)
	require.True(t, i.Regrows(), "and what grows after that is news again")
}

func TestWhatWasHeldForAPlanRunsAgainBeforeTheEndOrTheLeadSaysWhyNot(t *testing.T) {
	i := in(incidents.PhaseResolved)
	i.Triage = in(incidents.PhaseClosed).Triage
	held := i.Hold("R1" + incidents.HoldsBetween + "sync map_push")
	_, _, err := held.Close(ana.Actor(), shown, "", noon.Add(time.Hour))
	require.ErrorContains(t, err, "Not yet: R1 holds sync map_push. Its owner starts it again")
	_, fact, err := held.Close(ana.Actor(), shown, "the old sync is gone for good, a new one runs", noon.Add(time.Hour))
	require.NoError(t, err)
	require.Contains(t, fact.Waived, "what was stopped runs again")
	for _, g := range held.ResolveGate(incidents.Evidence{}, "") {
		if g.Name == "no plan under way" {
			require.True(t, g.Met, "what stands still is no plan under way")
		}
	}
	_, _, err = held.Hold("R2").Close(ana.Actor(), shown, "long enough a reason", noon.Add(time.Hour))
	require.ErrorContains(t, err, "Not yet: R2 is not finished")
}

func TestWhatIsReopenedGoesOnWhereItsReasonSays(t *testing.T) {
	at := noon.Add(time.Hour)
	i, facts, err := in(incidents.PhaseClosed).Reopen(ben.Actor(), incidents.AgainOccurs, "the sync\nwas switched on", at)
	require.NoError(t, err)
	require.Equal(t, []string{"reopened/1", "answered/1"}, kindsOf(facts))
	require.Equal(t, "Reopened by <@UBEN>: the error occurs again. the sync was switched on", facts[0].(incidents.Reopened).Words(ben.Actor()).String())
	require.Equal(t, incidents.PhaseTriage, i.Phase())
	require.True(t, i.ResolvedAt.IsZero() && i.ClosedAt.IsZero() && i.ContainedAt.IsZero())
	require.Equal(t, incidents.Yes, i.Triage.Still())
	i, _ = recount(t, i, 2926, at.Add(time.Minute))
	require.Equal(t, incidents.PhaseTriage, i.Phase(), "counts from before prove nothing about now")
	i, _ = recount(t, i, 2926, at.Add(2*time.Minute))
	require.Equal(t, incidents.PhaseContained, i.Phase(), "two new ones do")

	i, _, err = in(incidents.PhaseResolved).Reopen(ben.Actor(), incidents.AgainMore, "twelve more were found", at)
	require.NoError(t, err)
	require.Equal(t, incidents.PhaseRestoring, i.Phase())
	require.Equal(t, at, i.RestoringAt)
	require.NoError(t, i.Restorable(), "a plan may be proposed at once")
}

func TestAReopeningIsRefusedWithWhatToDo(t *testing.T) {
	grown, _ := recount(t, in(incidents.PhaseResolved), 3000, noon.Add(time.Minute))
	for say, c := range map[string]struct {
		inc   incidents.Incident
		which incidents.Again
		why   string
	}{
		"SNAFU-42 is Contained, so there is nothing to reopen.":  {in(incidents.PhaseContained), incidents.AgainOccurs, "x"},
		"Say what it is about: /snafu reopen again WHY":          {in(incidents.PhaseResolved), "", "x"},
		"Say why: /snafu reopen more WHY.":                       {in(incidents.PhaseResolved), incidents.AgainMore, " \n "},
		"The cause comes first: /snafu reopen again WHY.":        {grown, incidents.AgainMore, "x"},
		"SNAFU-42 was cancelled before its cause was contained.": {in(incidents.PhaseCancelled), incidents.AgainMore, "x"},
	} {
		after, facts, err := c.inc.Reopen(ana.Actor(), c.which, c.why, noon.Add(time.Hour))
		require.ErrorContains(t, err, say)
		_, refused := refusal.As(err)
		require.True(t, refused)
		require.Equal(t, c.inc, after, "a refusal changes nothing")
		require.Empty(t, facts)
	}
}
