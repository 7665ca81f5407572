package executor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback/approval"
)

// risky is a switchboard whose weekly sync nobody switches off alone.
func risky(t *testing.T) *shop {
	t.Helper()
	s := switchboard(t)
	s.opt.Automations[0].Risky = true
	s.restarts(s.opt.Automations...)
	return s
}

func (s *shop) confirms(who incidents.Person, name string) error {
	return s.a.SecondSwitch(s.t.Context(), s.act(who), s.id, "crm", name)
}

func TestARiskyAutomationIsSwitchedOffByTwoPeopleAlone(t *testing.T) {
	t.Parallel()
	s := risky(t)
	require.Contains(t, said(t, s.confirms(ben, "weekly")), "Weekly sync waits for nobody's confirmation")
	require.NoError(t, s.off(ana, "weekly"))
	require.Zero(t, s.rowsOf(`select count(*) from automations`), "nothing is switched yet, nor about to be")
	require.Contains(t, said(t, s.off(ben, "weekly")), "Weekly sync waits for a second person until")
	require.Contains(t, said(t, s.confirms(ana, "weekly")), "You asked for Weekly sync to be switched off, so somebody else has to confirm it")
	require.Contains(t, said(t, s.confirms(incidents.Person("T1/DEV"), "weekly")), "Only the lead or an approver of crm can switch Weekly sync.")
	s.mute = true
	require.Error(t, s.confirms(ben, "weekly"), "Slack does not say who that is")
	s.mute = false
	require.True(t, s.active(7))

	require.NoError(t, s.confirms(ben, "weekly"))
	s.switches()
	require.False(t, s.active(7))
	require.Equal(t, []int{1, 1, 1}, []int{s.happened("second-wanted/1"), s.happened("seconded/1"), s.happened("automation-switched/1")})
	require.Contains(t, said(t, s.confirms(chi, "weekly")), "waits for nobody's confirmation")
	for name, sql := range map[string]string{
		"by who asked": `update automation_seconds set second_by = asked_by`,
		"by nobody":    `update automation_seconds set second_by = null`,
		"too late":     `update automation_seconds set ended_at = expires_at`,
	} {
		_, err := s.db.Pool().Exec(t.Context(), sql)
		require.Error(t, err, name)
	}
}

func TestARiskyAutomationThatNobodyConfirmsWorksOn(t *testing.T) {
	t.Parallel()
	s := risky(t)
	require.NoError(t, s.off(ben, "weekly"))
	var due approval.SecondDue
	require.NoError(t, s.db.Pool().QueryRow(t.Context(), `select incident, id, expires_at from automation_seconds`).Scan(&due.Incident, &due.Ask, &due.At))
	over := func() error { return s.a.SecondDue(t.Context(), jobs.Job[approval.SecondDue]{Args: due, Attempt: 1}) }
	require.Error(t, over(), "asked too early it is asked again")
	require.Zero(t, s.happened("second-expired/1"))

	s.db.Clock = func() time.Time { return due.At }
	require.Contains(t, said(t, s.confirms(chi, "weekly")), "was to be confirmed within 15 minutes, and they are over")
	require.NoError(t, over())
	require.NoError(t, over())
	require.Equal(t, 1, s.happened("second-expired/1"), "said once")
	require.Contains(t, said(t, s.confirms(chi, "weekly")), "waits for nobody's confirmation")
	require.True(t, s.active(7))
	require.NoError(t, s.off(chi, "weekly"), "somebody asks again")
	require.NoError(t, s.confirms(ben, "weekly"))
}

// rowsOf counts in the log database.
func (s *shop) rowsOf(sql string) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.db.Pool().QueryRow(s.t.Context(), sql).Scan(&n))
	return n
}

func TestNobodyIsToldToAskAgainOnceTheSnafuIsOver(t *testing.T) {
	t.Parallel()
	s := risky(t)
	require.NoError(t, s.off(ben, "weekly"))
	var due approval.SecondDue
	require.NoError(t, s.db.Pool().QueryRow(t.Context(), `select incident, id, expires_at from automation_seconds`).Scan(&due.Incident, &due.Ask, &due.At))
	_, err := s.db.Pool().Exec(t.Context(), `update incidents set phase = 'closed' where id = $1`, int64(s.id))
	require.NoError(t, err)
	s.db.Clock = func() time.Time { return due.At }
	require.NoError(t, s.a.SecondDue(t.Context(), jobs.Job[approval.SecondDue]{Args: due, Attempt: 1}))
	require.Zero(t, s.happened("second-expired/1"))
	require.Zero(t, s.rowsOf(`select count(*) from automation_seconds where state = 'waiting'`))
}

func TestAWishForARiskyAutomationIsTakenBackBeforeAnybodyConfirmsIt(t *testing.T) {
	t.Parallel()
	s := risky(t)
	takes := func(who incidents.Person) error {
		return s.a.Release(t.Context(), s.act(who), s.id, "weekly", "it was the wrong one")
	}
	require.Error(t, takes(ana), "nobody asked for it")
	require.NoError(t, s.off(ana, "weekly"))
	require.Contains(t, said(t, takes(incidents.Person("T1/DEV"))), "Only the lead or an approver of crm can switch Weekly sync.")
	require.NoError(t, takes(ana))
	require.Equal(t, 1, s.happened("automation-refused/1"))
	require.Contains(t, said(t, s.confirms(ben, "weekly")), "waits for nobody's confirmation")
	require.True(t, s.active(7))

	require.NoError(t, s.off(ana, "weekly"), "and asked for again")
	require.NoError(t, s.confirms(ben, "weekly"))
	s.switches()
	require.False(t, s.active(7))
}
