package executor_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// letGo asks for the release of the weekly sync for one incident.
func (s *shop) letGo(who incidents.Person, id incidents.ID, name string) error {
	return s.a.Release(s.t.Context(), s.act(who), id, name, "fixed")
}

// Each of two incidents could believe that the other one keeps it off, and nobody
// would ever let it work again.
func TestTwoThatLetGoAtTheSameMomentSeeEachOther(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	one, two := s.id, s.another(ben, false)
	for range 5 {
		for lead, id := range map[incidents.Person]incidents.ID{ana: one, ben: two} {
			s.id = id
			require.NoError(t, s.off(lead, "weekly"))
			s.switches()
		}
		hold, err := s.db.Pool().Begin(t.Context()) // both have begun before either goes on
		require.NoError(t, err)
		_, err = hold.Exec(t.Context(), `select from automations where stage = 'off' for update`)
		require.NoError(t, err)
		var both sync.WaitGroup
		both.Go(func() { require.NoError(t, s.letGo(ana, one, "weekly")) })
		both.Go(func() { require.NoError(t, s.letGo(ben, two, "weekly")) })
		require.NoError(t, hold.Rollback(t.Context()))
		both.Wait()
		s.switches()
		require.True(t, s.active(7))
	}
}

func TestWhatAPersonKeepsOffForTwoIncidentsIsOnAgainAfterBoth(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	one, two := s.id, s.another(ana, false)
	says := func(id incidents.ID, was rollback.SwitchState) {
		t.Helper()
		require.NoError(t, s.a.Confirm(ctx, s.act(ben), id, "push", was))
	}
	require.NoError(t, s.off(ana, "push"))
	s.id = two
	require.Contains(t, said(t, s.off(ana, "push")), "is being switched just now, for SNAFU-1")
	says(one, rollback.SwitchOn)
	require.NoError(t, s.off(ana, "push"))
	require.Contains(t, said(t, s.letGo(ana, one, "push")), "is being switched just now, for SNAFU-2")
	says(two, rollback.SwitchOff) // it is: for the first
	require.NoError(t, s.letGo(ana, one, "push"))
	require.NoError(t, s.letGo(ana, two, "push"))
	all, err := s.a.Automations(ctx, two)
	require.NoError(t, err)
	require.Equal(t, rollback.StageReleasing, all[0].Stage, "its owner is asked, because it worked before the first")
	says(two, rollback.SwitchOn)
	require.Empty(t, s.incidentNow(two).SwitchedOff())
}

// A name in snafu.yaml may go while something is off. Nobody can look then, and
// nothing may hang on it for ever.
func TestWhatIsDeclaredNoLongerIsLetGoByTheLead(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	ctx := t.Context()
	all := s.opt.Automations
	require.NoError(t, s.off(ana, "weekly"))
	s.switches()
	require.NoError(t, s.off(ana, "asleep")) // asked for, and the process stops
	renamed := all[0]
	renamed.Title = "Renamed sync"
	s.restarts(renamed)
	s.switches()
	require.Equal(t, 1, s.happened("automation-refused/1"), "it is said that it cannot be switched")
	require.Contains(t, said(t, s.letGo(ana, s.id, "asleep")), "was not switched off for this incident")
	s.restarts()
	job := s.starts(s.frozen())
	require.Equal(t, rollback.NameDone, s.run(job).State, "nobody can look at it")
	require.NoError(t, s.letGo(ana, s.id, "weekly"))
	confirm := func(who incidents.Person) error {
		return s.a.Confirm(ctx, s.act(who), s.id, "weekly", rollback.SwitchOn)
	}
	require.Contains(t, said(t, confirm(ben)), "Only who looks after Weekly sync can say that. That is <@ANA>.")
	require.NoError(t, confirm(ana))
	require.Empty(t, s.incidentNow(s.id).SwitchedOff(), "under the name that it had then")
	require.False(t, s.active(7), "snafu has switched nothing")
}

func TestInADrillNothingRealIsSwitched(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	s.id = s.another(ana, true)
	require.Equal(t, "SNAFU-2 is a drill, and crm is a real system, so Weekly sync works on. `/snafu contain stopped WHAT` records what you would have done.", said(t, s.off(ana, "weekly")))
	require.True(t, s.active(7))
	require.NoError(t, s.off(ana, "push"), "a person can be asked")
}

func TestANameThatCouldBeSeveralIsAskedFor(t *testing.T) {
	t.Parallel()
	s := switchboard(t)
	crm := approvals(batches(10))[0]
	crm.Automations = s.opt.Automations
	erp := approval.Source{Name: "erp", Title: "erp", Automations: s.opt.Automations}
	s.a = approval.New(approval.Options{DB: s.db, Eligible: everybody, Sources: []approval.Source{crm, erp}})
	ctx := t.Context()
	ask := func(system, word string) error { return s.a.SwitchOff(ctx, s.act(ana), s.id, system, word) }
	require.Equal(t, `"push" could be several: crm/push, erp/push. Write one of these.`, said(t, ask("", "push")))
	require.NoError(t, ask("erp", `"MAP push"`), "that of the system of the incident")
	require.NoError(t, ask("erp", "CRM/push"))
	require.Contains(t, said(t, s.letGo(ana, s.id, "push")), "could be several: erp/push, crm/push")
	require.NoError(t, s.letGo(ana, s.id, "'erp/push'"))
	require.NoError(t, s.letGo(ana, s.id, "push"), "one is left")
}
