package rota

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// This is the only file that knows the library of recurrences. It works on civil
// times written as if in UTC, so that the library meets no change of a clock.

// maxOnsets is far above any calendar of shifts: every hour for eleven years.
const maxOnsets = 100_000

var errTooMany = errors.New("repeats too often")

// walls are the civil begins of an event that may touch the reading's window.
func (w *reading) walls(e *ics.VEvent, begin moment, span time.Duration) ([]time.Time, error) {
	walls := []time.Time{begin.wall}
	rule := value(e, ics.ComponentPropertyRrule)
	if rule != "" {
		// The edges are wide by a day, because they are instants and these are not.
		from, to := w.from.Add(-span-24*time.Hour), w.to.Add(24*time.Hour)
		var err error
		if walls, err = onsets(rule, begin, from, to); err != nil {
			return nil, err
		}
	}
	for _, p := range e.GetProperties(ics.ComponentPropertyRdate) {
		more, err := w.zones.readAll(p.BaseProperty)
		if err != nil {
			return nil, err
		}
		for _, m := range more {
			walls = append(walls, begin.zone.wall(m.instant()))
		}
	}
	var gone []time.Time
	for _, p := range e.GetProperties(ics.ComponentPropertyExdate) {
		out, err := w.zones.readAll(p.BaseProperty)
		if err != nil {
			return nil, err
		}
		for _, m := range out {
			gone = append(gone, m.instant())
		}
	}
	return slices.DeleteFunc(walls, func(wall time.Time) bool {
		return slices.ContainsFunc(gone, begin.zone.instant(wall).Equal)
	}), nil
}

// onsets are the civil begins of a rule between two of them.
func onsets(rule string, begin moment, from, to time.Time) ([]time.Time, error) {
	option, err := rrule.StrToROption(rule)
	if err != nil {
		return nil, err
	}
	if option.Freq > rrule.HOURLY {
		return nil, errTooMany
	}
	// An end is written in UTC where the begin has a zone.
	if !option.Until.IsZero() && strings.Contains(strings.ToUpper(rule), "Z") {
		option.Until = begin.zone.wall(option.Until)
	}
	option.Dtstart = begin.wall
	if option.Until.IsZero() || option.Until.After(to) {
		option.Until = to
	}
	r, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, err
	}
	var all []time.Time
	next := r.Iterator()
	for n := 0; ; n++ {
		wall, ok := next()
		if !ok || wall.After(to) {
			return all, nil
		}
		if n > maxOnsets {
			return nil, errTooMany
		}
		if !wall.Before(from) {
			all = append(all, wall)
		}
	}
}

// yearly are the changes of a clock by a rule, as many as can matter.
func yearly(rule string, begin time.Time) ([]time.Time, error) {
	utc := moment{wall: begin, zone: zone{name: "UTC", loc: time.UTC}}
	return onsets(rule, utc, begin, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))
}

var durationRule = regexp.MustCompile(`^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$`)

// duration reads P1W, P2D or PT8H30M.
func duration(text string) (time.Duration, error) {
	parts := durationRule.FindStringSubmatch(strings.ToUpper(text))
	if parts == nil {
		return 0, errors.New("no length of time")
	}
	var d time.Duration
	for n, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if parts[n+1] == "" {
			continue
		}
		count, err := strconv.Atoi(parts[n+1])
		if err != nil {
			return 0, err
		}
		d += time.Duration(count) * unit
	}
	return d, nil
}
