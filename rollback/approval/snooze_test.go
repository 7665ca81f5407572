package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback/approval"
)

func TestWhoIsAskedIsLeftAloneForAnHourButNotOverTheLastReminder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	_, err := h.a.Snooze(t.Context(), h.act(ana), stamp.Plan)
	require.Equal(t, "not-asked", code(t, err))

	until, err := h.a.Snooze(t.Context(), h.act(ben), stamp.Plan)
	require.NoError(t, err)
	require.Equal(t, h.at().Add(time.Hour), until)
	require.Equal(t, 1, h.told("reminder-snoozed/1"))

	h.wait(30 * time.Minute)
	again, err := h.a.Snooze(t.Context(), h.act(ben), stamp.Plan)
	require.NoError(t, err)
	require.Equal(t, until.Add(30*time.Minute), again)
	for i, at := range []time.Time{until, again} {
		h.wait(30 * time.Minute)
		require.NoError(t, h.a.Remind(t.Context(), jobs.Job[approval.Remind]{Args: approval.Remind{Plan: stamp.Plan, Revision: 1, At: at, Person: ben}}))
		require.Equal(t, i, h.told(approval.Waiting{}.Kind()), "whoever put it off again hears of it once")
	}

	last := h.get(stamp.Plan).Expires.Add(-30 * time.Minute)
	h.wait(last.Add(-20 * time.Minute).Sub(h.at()))
	until, err = h.a.Snooze(t.Context(), h.act(ben), stamp.Plan)
	require.NoError(t, err)
	require.Equal(t, last, until, "the last reminder that helps comes all the same")
	h.wait(20 * time.Minute)
	_, err = h.a.Snooze(t.Context(), h.act(ben), stamp.Plan)
	require.Equal(t, "last-reminder", code(t, err))

	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))
	_, err = h.a.Snooze(t.Context(), h.act(ben), stamp.Plan)
	require.Equal(t, "state", code(t, err))
}

func TestWhatIsSilencedInASnafuIsSilentAboutItsPlansToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	r, err := response.New(response.Options{DB: h.db})
	require.NoError(t, err)
	id := h.get(stamp.Plan).Spec.Incident
	reminds := func() int {
		h.wait(30 * time.Minute)
		require.NoError(t, h.a.Remind(t.Context(), jobs.Job[approval.Remind]{Args: approval.Remind{Plan: stamp.Plan, Revision: 1, At: h.at()}}))
		return h.told(approval.Waiting{}.Kind())
	}
	require.Equal(t, 1, reminds())
	require.NoError(t, r.NagOff(t.Context(), h.act(chi), id, response.About{Kind: "update-due"}, "they read my mails"))
	require.Equal(t, 2, reminds(), "another reminder is not this one")

	require.NoError(t, r.NagOff(t.Context(), h.act(chi), id, response.About{}, "all are in one room"))
	require.Equal(t, 2, reminds())
	_, err = h.a.Snooze(t.Context(), h.act(ben), stamp.Plan)
	require.Equal(t, "silenced", code(t, err), "nobody is promised a reminder that never comes")
	require.NoError(t, r.NagOn(t.Context(), h.act(ben), id))
	require.Equal(t, 3, reminds(), "switched on again it goes on")

	require.NoError(t, r.Snooze(t.Context(), h.act(chi), id, response.About{}, h.at().Add(45*time.Minute)))
	require.Equal(t, 3, reminds())
	require.Equal(t, 4, reminds(), "what was put off holds once")
}
