package rota

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// moment is a civil time of a calendar with the zone it is meant in.
type moment struct {
	wall time.Time // written as if in UTC
	zone zone
	day  bool // a whole day
}

func (m moment) instant() time.Time { return m.zone.instant(m.wall) }

// zone turns civil times into instants: by the tables of the world's zones, or
// by what the calendar itself says about a zone that they do not know.
type zone struct {
	name    string
	loc     *time.Location
	changes []change
}

// change is an instant from which a civil clock shows another offset.
type change struct {
	at     time.Time
	offset time.Duration
}

func (z zone) instant(wall time.Time) time.Time {
	if z.loc != nil {
		return instant(wall, z.loc)
	}
	// Before its first change a zone keeps the offset of that.
	for n, c := range z.changes {
		shown := wall.Add(-c.offset)
		switch {
		case n > 0 && shown.Before(c.at):
			return c.at
		case n == len(z.changes)-1 || shown.Before(z.changes[n+1].at):
			return shown
		}
	}
	return wall
}

// wall is what the civil clock shows at an instant, written as if in UTC.
func (z zone) wall(at time.Time) time.Time {
	if z.loc != nil {
		local := at.In(z.loc)
		return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	}
	offset := z.changes[0].offset
	for _, c := range z.changes {
		if !c.at.After(at) {
			offset = c.offset
		}
	}
	return at.UTC().Add(offset)
}

// zones are those that a calendar may name.
type zones struct {
	own   map[string]zone
	local zone // of times that name none
}

func zonesOf(cal *ics.Calendar, local *time.Location) zones {
	z := zones{own: map[string]zone{}, local: zone{name: local.String(), loc: local}}
	for _, t := range cal.Timezones() {
		p := t.GetProperty(ics.ComponentPropertyTzid)
		if p == nil {
			continue
		}
		// A name of the world's tables says more than what was copied into the file.
		if _, err := time.LoadLocation(p.Value); err == nil && p.Value != "" && p.Value != "Local" {
			continue
		}
		if changes := changesOf(t); len(changes) > 0 {
			z.own[p.Value] = zone{name: p.Value, changes: changes}
		}
	}
	return z
}

// changesOf writes out when a zone of the calendar's own changes its clock, from
// the years before its oldest rule matters to those after any shift.
func changesOf(t *ics.VTimezone) []change {
	var all []change
	for _, c := range t.Components {
		var base ics.ComponentBase
		switch c := c.(type) {
		case *ics.Standard:
			base = c.ComponentBase
		case *ics.Daylight:
			base = c.ComponentBase
		default:
			continue
		}
		from, err1 := offsetOf(&base, ics.PropertyTzoffsetfrom)
		to, err2 := offsetOf(&base, ics.PropertyTzoffsetto)
		start := base.GetProperty(ics.ComponentPropertyDtStart)
		if err1 != nil || err2 != nil || start == nil {
			continue
		}
		begin, err := time.Parse(wallForm, start.Value)
		if err != nil {
			continue
		}
		onsets := []time.Time{begin}
		if p := base.GetProperty(ics.ComponentPropertyRrule); p != nil {
			if onsets, err = yearly(p.Value, begin); err != nil {
				continue
			}
		}
		for _, onset := range onsets {
			all = append(all, change{at: onset.Add(-from), offset: to})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return a.at.Compare(b.at) })
	return all
}

func offsetOf(base *ics.ComponentBase, name ics.Property) (time.Duration, error) {
	p := base.GetProperty(ics.ComponentProperty(name))
	if p == nil || len(p.Value) < 5 {
		return 0, errors.New("no offset")
	}
	n, err := strconv.Atoi(p.Value[1:5])
	d := time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if p.Value[0] == '-' {
		d = -d
	}
	return d, err
}

const (
	wallForm = "20060102T150405"
	dayForm  = "20060102"
)

// read reads one time of a property, in the zone that it names.
func (z zones) read(p ics.BaseProperty) (moment, error) {
	all, err := z.readAll(p)
	if err != nil || len(all) == 0 {
		return moment{}, errors.Join(err, errors.New("no time"))
	}
	return all[0], nil
}

func (z zones) readAll(p ics.BaseProperty) ([]moment, error) {
	here := z.local
	if names := p.ICalParameters[string(ics.ParameterTzid)]; len(names) > 0 {
		name := strings.Trim(names[0], `"`)
		own, ok := z.own[name]
		if !ok {
			loc, err := time.LoadLocation(name)
			if err != nil || name == "Local" {
				return nil, errors.New("unknown zone")
			}
			own = zone{name: name, loc: loc}
		}
		here = own
	}
	var all []moment
	for _, text := range strings.Split(p.Value, ",") {
		text = strings.TrimSpace(text)
		m := moment{zone: here}
		var err error
		switch {
		case len(text) == len(dayForm):
			// A whole day is one of the rota's, whatever the file says beside it.
			m.day, m.zone = true, z.local
			m.wall, err = time.Parse(dayForm, text)
		case strings.HasSuffix(text, "Z"):
			m.zone = zone{name: "UTC", loc: time.UTC}
			m.wall, err = time.Parse(wallForm, strings.TrimSuffix(text, "Z"))
		default:
			m.wall, err = time.Parse(wallForm, text)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
