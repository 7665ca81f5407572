package view

import "time"

// countTicks are round numbers from zero to just above most, at most six.
func countTicks(most int64) []int64 {
	step := int64(1)
	for i := 0; step*5 < most+most/20; i++ {
		step = []int64{2, 5, 10}[i%3] * pow10(i/3)
	}
	ticks := []int64{0}
	for v := step; ; v += step {
		ticks = append(ticks, v)
		if v > most {
			return ticks
		}
	}
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// Steps between two ticks of a time axis.
var timeSteps = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 2 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 28 * 24 * time.Hour, 91 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// mostTimes fit under a picture as wide as a phone.
const mostTimes = 5

// timeTicks are round instants of UTC between two instants, and how they are
// written.
func timeTicks(from, to time.Time) (ticks []time.Time, layout string) {
	if !to.After(from) {
		return []time.Time{from}, "15:04"
	}
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if to.Sub(from) <= s*mostTimes {
			step = s
			break
		}
	}
	layout = "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 24*time.Hour:
		layout = "2 Jan"
	}
	at := from.UTC().Truncate(step)
	if at.Before(from) {
		at = at.Add(step)
	}
	for ; !at.After(to); at = at.Add(step) {
		ticks = append(ticks, at)
	}
	return ticks, layout
}

// days says which days a time axis spans, and in which zone.
func days(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	first, last := from.Format("2 January 2006"), to.Format("2 January 2006")
	if first == last {
		return "UTC, " + first
	}
	return "UTC, " + from.Format("2 January") + " to " + last
}
