package incidents_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// resolvedOf is an incident that meets all that its close demands, with the
// evidence for it.
func resolvedOf(s incidents.Severity) (incidents.Incident, incidents.Evidence) {
	i := in(incidents.PhaseResolved)
	i.Severity, i.Recount.At = s, noon.Add(30*time.Hour)
	e := shown
	e.LastWrite, e.Log = noon, &incidents.LogState{}
	return i, e
}

func unmetOf(gates []incidents.Gate) (items []string) {
	for _, g := range gates {
		if !g.Met {
			items = append(items, g.Item)
		}
	}
	return items
}

func TestTheCloseWantsEachOfItsItems(t *testing.T) {
	day := noon.Add(31 * time.Hour)
	for name, c := range map[string]struct {
		spoil func(*incidents.Incident, *incidents.Evidence)
		at    time.Time
		item  string
		say   string
	}{
		"a plan is not finished": {func(i *incidents.Incident, _ *incidents.Evidence) { *i = i.Hold("R1") }, day, "holds", "R1 is not finished"},
		"the log does not verify": {func(_ *incidents.Incident, e *incidents.Evidence) {
			e.Log = &incidents.LogState{Fault: "entry 7: link"}
		}, day, "log", "the log does not verify (entry 7: link)"},
		"Slack was not told": {func(_ *incidents.Incident, e *incidents.Evidence) {
			e.Log = &incidents.LogState{Untold: 2, Since: noon}
		}, day, "log", "2 entries were not told in Slack yet, the oldest since 12:00 UTC"},
		"the last write is young":      {nil, noon.Add(23 * time.Hour), "quiet", "the last write is less than 24 h old"},
		"nobody has counted since":     {func(i *incidents.Incident, _ *incidents.Evidence) { i.Recount.At = noon.Add(time.Hour) }, day, "quiet", "Count once more"},
		"something is off":             {func(i *incidents.Incident, _ *incidents.Evidence) { *i = i.Hold(incidents.OffHold("Weekly sync")) }, day, "released", "Weekly sync is off"},
		"nobody asked about customers": {func(i *incidents.Incident, _ *incidents.Evidence) { i.Triage = incidents.NewTriage(nil) }, day, "customers", "triage 9"},
		"none affected, without evidence": {func(i *incidents.Incident, _ *incidents.Evidence) {
			i.Triage = incidents.NewTriage(map[incidents.Question]incidents.Answer{incidents.QuestionCustomers: {Choices: []string{"none"}, At: noon}})
		}, day, "customers", "but not how one sees it"},
		"no root cause":        {func(_ *incidents.Incident, e *incidents.Evidence) { e.Walk = nil }, day, "cause", "no root cause is shown yet"},
		"nothing was exported": {func(_ *incidents.Incident, e *incidents.Evidence) { e.Exported = false }, day, "post-mortem", "Do that: /snafu export."},
		"a case waits for its answer": {func(_ *incidents.Incident, e *incidents.Evidence) {
			e.Cases = []incidents.Case{{Whom: incidents.CaseCustomer, Ref: "12", Answered: noon}, {Whom: incidents.CaseVendor, Title: "Acme", Ref: "4711"}}
		}, day, "cases", "1 case waits for an answer: Acme case 4711. Once it has come: /snafu case answered 4711."},
		"a follow-up changes nothing": {func(_ *incidents.Incident, e *incidents.Evidence) {
			e.FollowUps = incidents.FollowUps{{Number: 2, Owner: ben, Due: noon, State: incidents.FollowOpen}}
		}, day, "follow-ups", "1 follow-up has no safeguard. Next: /snafu todo edit T2."},
	} {
		t.Run(name, func(t *testing.T) {
			i, e := resolvedOf(incidents.SEV2)
			require.Empty(t, unmetOf(i.CloseGate(e, "", day)))
			if c.spoil != nil {
				c.spoil(&i, &e)
			}
			require.Equal(t, []string{c.item}, unmetOf(i.CloseGate(e, "", c.at)))
			_, _, err := i.Close(ana.Actor(), e, "", c.at)
			refused(t, err, refusal.KindConflict, c.say)
		})
	}
}

func TestALighterSnafuIsWatchedForLess(t *testing.T) {
	i, e := resolvedOf(incidents.SEV3)
	i.Recount.At = noon.Add(4 * time.Hour)
	require.Empty(t, unmetOf(i.CloseGate(e, "", noon.Add(5*time.Hour))))
	i.Severity = incidents.SEV1
	gates := i.CloseGate(e, "", noon.Add(5*time.Hour))
	require.Equal(t, []string{"quiet"}, unmetOf(gates))
	_, _, err := i.Close(ana.Actor(), e, "", noon.Add(5*time.Hour))
	refused(t, err, refusal.KindConflict, "That is at 2026-03-29 12:00 UTC.")
}

func TestAnItemIsWaivedByTheLeadWithAReason(t *testing.T) {
	i, e := resolvedOf(incidents.SEV2)
	e.Walk = nil
	at := noon.Add(time.Hour) // the last write is young as well
	waive := func(by incidents.Person, n int64, why string) error {
		w, fact, err := i.WaiveGate(by.Actor(), e, n, why, at)
		if err == nil {
			require.Equal(t, why, fact.Why)
			e.Waivers = append(e.Waivers, w)
		}
		return err
	}
	refused(t, waive(ben, 3, "the sync is gone"), refusal.KindForbidden, "Only the lead can waive an item of SNAFU-42. That is <@UANA>")
	refused(t, waive(ana, 3, "enough"), refusal.KindInvalid, "10 characters or more")
	refused(t, waive(ana, 4, "the sync is gone"), refusal.KindConflict, "is met, so there is nothing to waive")
	refused(t, waive(ana, 1, "the sync is gone"), refusal.KindConflict, "can't be waived, whatever the reason")
	refused(t, waive(ana, 12, "the sync is gone"), refusal.KindInvalid, "nothing of number 12")
	require.NoError(t, waive(ana, 3, "the sync is gone"))
	refused(t, waive(ana, 3, "the sync is gone"), refusal.KindConflict, "is waived already")
	_, _, err := i.Close(ana.Actor(), e, "", at)
	refused(t, err, refusal.KindConflict, "no root cause is shown yet")
	require.NoError(t, waive(ana, 6, "a slip of one hand"))
	_, fact, err := i.Close(ana.Actor(), e, "", at)
	require.NoError(t, err)
	require.Equal(t, []string{"nothing came back since the last write", "root cause known"}, fact.Waived)

	e.Log = &incidents.LogState{Fault: "entry 7: link"}
	e.Waivers = append(e.Waivers, incidents.Waiver{Item: "log", Why: "whatever it takes"})
	_, _, err = i.Close(ana.Actor(), e, "a reason for everything", at)
	refused(t, err, refusal.KindConflict, "the log does not verify")
	triage := in(incidents.PhaseTriage)
	_, _, err = triage.WaiveGate(ana.Actor(), e, 3, "the sync is gone", at)
	refused(t, err, refusal.KindConflict, "waived once it is resolved")
}

// Whatever is held, written, waived and reasoned: nothing is closed that still
// holds something or whose log does not verify, and nothing without a reason for
// each item that is not met.
func TestNothingIsClosedThatHoldsSomething(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, e := resolvedOf(incidents.Severity(rapid.Int64Range(1, 3).Draw(t, "severity")))
		for _, hold := range rapid.SliceOfN(rapid.SampledFrom([]string{"R1", "R2" + incidents.HoldsBetween + "map", incidents.OffHold("sync")}), 0, 3).Draw(t, "holds") {
			i = i.Hold(hold)
		}
		if rapid.Bool().Draw(t, "no cause") {
			e.Walk = nil
		}
		if rapid.Bool().Draw(t, "broken log") {
			e.Log = &incidents.LogState{Fault: "entry 1: body"}
		}
		for _, item := range rapid.SliceOfN(rapid.SampledFrom([]string{"holds", "log", "quiet", "released", "cause"}), 0, 4).Draw(t, "waivers") {
			e.Waivers = append(e.Waivers, incidents.Waiver{Item: item, Why: "long enough a reason", By: ana.Actor()})
		}
		why := rapid.SampledFrom([]string{"", "short", "long enough a reason"}).Draw(t, "why")
		at := noon.Add(time.Duration(rapid.Int64Range(0, 60).Draw(t, "hours")) * time.Hour)
		closed, fact, err := i.Close(ana.Actor(), e, why, at)
		gates := i.CloseGate(e, why, at)
		if err != nil {
			require.Equal(t, i, closed)
			return
		}
		require.Equal(t, incidents.PhaseClosed, closed.Phase())
		require.Empty(t, e.Log.Fault)
		require.NotContains(t, i.Holds, "R1")
		unmet := unmetOf(gates)
		require.Len(t, fact.Waived, len(unmet))
		for _, g := range gates {
			require.True(t, g.Met || g.Waived && (g.Why != "" || why == "long enough a reason"), g.Item)
		}
	})
}
