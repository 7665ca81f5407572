package bot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesToComeAreReadInTheTypistsZone(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	now := time.Date(2026, 3, 27, 12, 30, 0, 0, london) // a Friday, two days before the clock changes
	for text, want := range map[string]string{
		"now": "2026-03-27T12:30:00Z", "18:00": "2026-03-27T18:00:00Z", "9:00": "2026-03-28T09:00:00Z", "6pm": "2026-03-27T18:00:00Z",
		"in 30m": "2026-03-27T13:00:00Z", "in 2 h": "2026-03-27T14:30:00Z", "today 18:00": "2026-03-27T18:00:00Z",
		"tomorrow": "2026-03-28T00:00:00Z", "tomorrow 9:00": "2026-03-28T09:00:00Z", "Friday 18:00": "2026-03-27T18:00:00Z",
		"fri 9:00": "2026-04-03T08:00:00Z", "monday 9:00": "2026-03-30T08:00:00Z", "mon": "2026-03-29T23:00:00Z",
		"2026-03-30 09:00": "2026-03-30T08:00:00Z", "2026-03-30": "2026-03-29T23:00:00Z",
	} {
		got, err := ahead(text, london, now)
		require.NoError(t, err, text)
		require.Equal(t, want, got.UTC().Format(time.RFC3339), text)
	}
	for _, text := range []string{"", "soon", "in a while", "mo 9:00", "friday afternoon", "25:00", "tomorrow 9:61", "in -5m"} {
		_, err := ahead(text, london, now)
		require.Error(t, err, text)
	}
}
