package view

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestADryRunSaysOfEveryRecordWhyItIsNotWritten(t *testing.T) {
	t.Parallel()
	p := plan(rollback.NameProposed, "Prospect")
	p.Freeze.Counts = []rollback.CohortCount{
		{Cohort: 0, Class: rollback.ClassUnrecoverable, Records: 6},
		{Cohort: 1, Class: rollback.ClassWrite, Records: 497},
		{Cohort: 1, Class: rollback.ClassAlready, Records: 1},
		{Cohort: 1, Class: rollback.ClassConflict, Records: 2},
		{Cohort: 1, Class: rollback.ClassConflictLater, Records: 3},
		{Cohort: 1, Class: rollback.ClassMissing, Records: 4},
		{Cohort: 1, Class: rollback.ClassAmbiguous, Records: 5},
		{Cohort: 2, Class: rollback.ClassWrite, Records: 9},
	}
	require.Equal(t, "```\nleft out     right changed gone no proof\nProspect SQL     1       5    4        5\nrest             0       0    0        6\n```", leaveTable(p))
	require.Contains(t, cohortTable(p), "Prospect  SQL MQL       512   497")
	p.Freeze.Counts = p.Freeze.Counts[7:]
	require.Empty(t, leaveTable(p), "a plan that writes all has no such table")
}

func TestACardSaysWhatWasChosenAboutTriggers(t *testing.T) {
	t.Parallel()
	p := plan(rollback.NameProposed, "Prospect")
	for effects, says := range map[rollback.Effects]string{
		rollback.EffectsFire: "accepts that they fire", rollback.EffectsGUC: "do not heed our setting",
		rollback.EffectsHold: "is held meanwhile", rollback.EffectsNone: "Nobody has chosen",
	} {
		p.Spec.Effects = effects
		require.Contains(t, inventory(p)[0], says)
	}
	require.Contains(t, inventory(p), "updated_at stays as it is: whoever copies by it never sees this.")
	p.Spec.TouchedAt.Keep = false
	require.NotContains(t, inventory(p), "updated_at stays as it is: whoever copies by it never sees this.")
}
