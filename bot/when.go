package bot

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Layouts of a time as people write one, with a date or without.
var (
	dateLayouts  = []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", time.RFC3339}
	clockLayouts = []string{"15:04", "15:04:05", "3:04pm", "3pm"}
)

// when reads a time that has passed: 10:42, yesterday 17:00, 2026-03-28 10:42,
// 30m ago. Without a zone it is the typist's. A time of day that lies ahead was
// yesterday's.
func when(text string, zone *time.Location, now time.Time) (time.Time, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	here := now.In(zone)
	day := here
	switch {
	case text == "now":
		return now, nil
	case strings.HasSuffix(text, " ago"):
		d, err := time.ParseDuration(strings.ReplaceAll(strings.TrimSuffix(text, " ago"), " ", ""))
		if err == nil && d > 0 {
			return now.Add(-d), nil
		}
	case strings.HasPrefix(text, "yesterday"):
		day, text = here.AddDate(0, 0, -1), strings.TrimSpace(strings.TrimPrefix(text, "yesterday"))
	case strings.HasPrefix(text, "today"):
		text = strings.TrimSpace(strings.TrimPrefix(text, "today"))
	}
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, strings.ToUpper(text), zone); err == nil {
			return t.UTC(), nil
		}
	}
	bare := strings.TrimSuffix(strings.TrimSuffix(text, " utc"), "utc")
	if bare != text {
		zone, day = time.UTC, day.UTC()
	}
	for _, layout := range clockLayouts {
		t, err := time.Parse(layout, strings.ReplaceAll(strings.TrimSpace(bare), " ", ""))
		if err != nil {
			continue
		}
		at := time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
		if day.Equal(here) && at.After(now) {
			at = at.AddDate(0, 0, -1)
		}
		return at.UTC(), nil
	}
	return time.Time{}, refusal.Invalid("%q is not a time. Write 10:42, yesterday 17:00, 2026-03-28 10:42 or 30m ago.", short(text))
}
