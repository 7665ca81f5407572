package incidents_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// counted opens an incident, and returns how to count its run, a minute later
// each time.
func counted(t *testing.T, still string) func(touched int64) []incidents.Fact {
	t.Helper()
	at := noon
	i, _, err := incidents.Open(1, incidents.Opening{Title: "x", System: "crm", Still: still, Reporter: ana}, noon)
	require.NoError(t, err)
	return func(touched int64) (facts []incidents.Fact) {
		t.Helper()
		at = at.Add(time.Minute)
		i, facts, err = i.Recounted(incidents.System("watch"), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-42", Touched: touched, At: at}, at)
		require.NoError(t, err)
		return facts
	}
}

func kindsOf(facts []incidents.Fact) (kinds []string) {
	for _, f := range facts {
		kinds = append(kinds, f.Kind())
	}
	return kinds
}

func TestCountsFlipTheAnswerOnlyAsFarAsTheyProveIt(t *testing.T) {
	for _, c := range []struct {
		name  string
		still string
		do    []int64 // counts; 0 is an act on the cause
		want  string
		phase incidents.Phase
		cause string
	}{
		{"one equal count proves nothing", incidents.DontKnow, []int64{5, 5}, incidents.DontKnow, incidents.PhaseTriage, "not known yet"},
		{"two equal counts: it does not grow", incidents.DontKnow, []int64{5, 5, 5}, incidents.No, incidents.PhaseTriage, "Not growing: 0 new since"},
		{"they answer what nobody has answered", "", []int64{5, 5, 5}, incidents.No, incidents.PhaseTriage, "Not growing"},
		{"they do not overrule a person before an act", incidents.Yes, []int64{5, 5, 5}, incidents.Yes, incidents.PhaseTriage, "though 0 new since"},
		{"growth overrules a person", incidents.No, []int64{5, 6}, incidents.Yes, incidents.PhaseTriage, "Still growing: +1 since"},
		{"growth adds up while it goes on", incidents.DontKnow, []int64{5, 6, 6, 8}, incidents.Yes, incidents.PhaseTriage, "Still growing: +3 since"},
		{"growth that ended is over without an act", incidents.DontKnow, []int64{5, 6, 6, 6}, incidents.No, incidents.PhaseTriage, "Not growing"},
		{"growth after a pause begins anew", incidents.DontKnow, []int64{5, 6, 6, 6, 8}, incidents.Yes, incidents.PhaseTriage, "Still growing: +2 since"},
		{"counts before the act prove nothing about the time after it", incidents.DontKnow, []int64{5, 5, 5, 0}, incidents.No, incidents.PhaseTriage, "not recounted yet"},
		{"nor does one after it", incidents.DontKnow, []int64{5, 5, 5, 0, 5}, incidents.No, incidents.PhaseTriage, "Acted on"},
		{"two after it do", incidents.DontKnow, []int64{5, 5, 5, 0, 5, 5}, incidents.No, incidents.PhaseContained, "0 new since"},
		{"an act, two counts, whatever a person said before", incidents.Yes, []int64{5, 0, 5, 5}, incidents.No, incidents.PhaseContained, "0 new since"},
		{"growth takes it back", incidents.DontKnow, []int64{5, 0, 5, 5, 9}, incidents.Yes, incidents.PhaseTriage, "Still growing: +4 since"},
		{"and two more counts bring it again", incidents.DontKnow, []int64{5, 0, 5, 5, 9, 9, 9}, incidents.No, incidents.PhaseContained, "0 new since"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := noon
			i, _, err := incidents.Open(1, incidents.Opening{Title: "x", System: "crm", Still: c.still, Reporter: ana}, noon)
			require.NoError(t, err)
			for _, n := range c.do {
				now = now.Add(time.Minute)
				if n == 0 {
					i, _, err = i.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: "sync"}, now)
				} else {
					i, _, err = i.Recounted(incidents.System("watch"), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-42", Touched: n, At: now}, now)
				}
				require.NoError(t, err)
			}
			require.Equal(t, c.want, i.Triage.Still())
			require.Equal(t, c.phase, i.Phase())
			require.Contains(t, incidents.Summarize(i, incidents.Moment{At: now}).Cause.String(), c.cause)
		})
	}
}

func TestAWatchThatEndsOnAnotherDaySaysSo(t *testing.T) {
	i, _, err := incidents.Open(1, incidents.Opening{Title: "x", System: "crm", Reporter: ana}, noon)
	require.NoError(t, err)
	w := &incidents.Watch{Run: "weekly-42", Every: 15 * time.Minute, Until: noon.Add(24 * time.Hour)}
	said := func() string {
		return incidents.Summarize(i, incidents.Moment{At: noon, Watch: w}).Provenance[1].String()
	}
	require.Equal(t, "watched every 15 min until 2026-03-29 12:00 UTC", said())
	w.Away = noon
	require.Equal(t, "watched every 15 min until 2026-03-29 12:00 UTC, no answer since 2026-03-28 12:00 UTC", said())

	ended := incidents.WatchEnded{Run: "weekly-42", Why: incidents.WatchTimeUp, Touched: 5, Since: noon, CountedAt: noon.Add(2 * time.Hour)}
	require.Contains(t, ended.Words().String(), "found 5 at 14:00 UTC, nothing new since 12:00 UTC.")
	ended.CountedAt = noon.Add(26 * time.Hour)
	require.Contains(t, ended.Words().String(), "found 5 at 14:00 UTC, nothing new since 2026-03-28 12:00 UTC.", "the same time of day was twice since")
}

func TestOnlyAChangeOfTheVerdictIsAnAlarm(t *testing.T) {
	again := counted(t, incidents.DontKnow)
	again(5)
	require.Equal(t, []string{"grew/1", "answered/1"}, kindsOf(again(6)))
	require.Equal(t, []string{"grew-on/1"}, kindsOf(again(7)))
	require.Empty(t, again(7))
	require.Equal(t, []string{"grew-on/1"}, kindsOf(again(8)), "one equal count ends nothing")
	require.Empty(t, again(8))
	require.Equal(t, []string{"quiet/1", "answered/1"}, kindsOf(again(8)))
	require.Empty(t, again(8))
	require.Equal(t, []string{"grew/1", "answered/1"}, kindsOf(again(9)))
}

func TestAWatchCountsSoonAfterAnActOnTheCause(t *testing.T) {
	i, _, err := incidents.Open(1, incidents.Opening{Title: "x", Reporter: ana}, noon)
	require.NoError(t, err)
	usual, soon := 15*time.Minute, time.Minute
	require.Equal(t, usual, i.Pace(usual, soon, noon))
	tried, _, err := i.Contain(ana.Actor(), incidents.Containment{How: incidents.Cannot, What: "payments depend on it"}, noon)
	require.NoError(t, err)
	require.Equal(t, usual, tried.Pace(usual, soon, noon), "nothing was done")
	i, _, err = i.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: "sync"}, noon)
	require.NoError(t, err)
	require.Equal(t, soon, i.Pace(usual, soon, noon.Add(9*time.Minute)))
	require.Equal(t, 30*time.Second, i.Pace(30*time.Second, soon, noon), "never slower than it was")
	require.Equal(t, usual, i.Pace(usual, soon, noon.Add(10*time.Minute)))
}
