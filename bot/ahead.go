package bot

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// ahead reads a time as people plan one: 18:00, tomorrow 9:00, friday 18:00,
// 2026-03-28 18:00, in 30m. Without a zone it is the typist's. A time of day that
// has passed is tomorrow's, a weekday that is today's name is today until then
// and next week's after it; a day without a time is its midnight.
func ahead(text string, zone *time.Location, now time.Time) (time.Time, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	here := now.In(zone)
	if text == "now" {
		return now, nil
	}
	if rest, ok := strings.CutPrefix(text, "in "); ok {
		if d, err := time.ParseDuration(strings.ReplaceAll(rest, " ", "")); err == nil && d > 0 {
			return now.Add(d), nil
		}
	}
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, strings.ToUpper(text), zone); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t.UTC(), nil
	}
	word, clock, _ := strings.Cut(text, " ")
	days := -1 // of the next time of day
	weekly := false
	switch word {
	case "today":
		days = 0
	case "tomorrow":
		days = 1
	default:
		for name, day := range weekdays {
			if len(word) >= 3 && strings.HasPrefix(strings.ToLower(day.String()), word) && strings.HasPrefix(word, name) {
				days, weekly = (int(day)-int(here.Weekday())+7)%7, true
			}
		}
	}
	if days < 0 {
		clock = text
	}
	hour, ok := clockOf(clock)
	if !ok && (clock != "" || days < 0) {
		return time.Time{}, refusal.Invalid("%q is not a time. Write 18:00, tomorrow 9:00, friday 18:00, 2026-03-28 18:00 or in 30m.", short(text))
	}
	on := func(days int) time.Time {
		return time.Date(here.Year(), here.Month(), here.Day()+days, hour.Hour(), hour.Minute(), 0, 0, zone)
	}
	at := on(max(days, 0))
	switch {
	case days < 0 && !at.After(now):
		at = on(1)
	case weekly && !at.After(now):
		at = on(days + 7)
	}
	return at.UTC(), nil
}

func clockOf(text string) (time.Time, bool) {
	for _, layout := range clockLayouts {
		if t, err := time.Parse(layout, strings.ReplaceAll(text, " ", "")); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// takeTime takes a time from the front of the words: as many of them as make one.
func takeTime(args []string, zone *time.Location, now time.Time) (time.Time, []string, error) {
	var err error
	for n := min(3, len(args)); n > 0; n-- {
		var at time.Time
		if at, err = ahead(strings.Join(args[:n], " "), zone, now); err == nil {
			return at, args[n:], nil
		}
	}
	if err == nil {
		err = refusal.Invalid("A time is missing. Write 18:00, tomorrow 9:00, friday 18:00 or 2026-03-28 18:00.")
	}
	return time.Time{}, args, err
}
