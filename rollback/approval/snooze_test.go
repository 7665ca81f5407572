package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
