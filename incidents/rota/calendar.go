package rota

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// What a calendar may hold, and how much of it is looked at.
const (
	MaxCalendar = 2 << 20 // bytes
	maxEvents   = 5000
	daysBack    = 14
	daysAhead   = 90
	maxSaid     = 20
)

// Feed says how the events of a calendar become shifts.
type Feed struct {
	Name string
	Zone string // of times that name none, and of whole days
	// People are those of the calendar, by the e-mail address of an attendee or by
	// the title of an event. Nobody else is ever guessed.
	People    map[string]incidents.Person
	Overrides []Override
}

// Check refuses with Invalid a feed that no calendar could make a rota of.
func (f Feed) Check() error {
	_, err := f.Shifts(nil)
	return err
}

// Shifts returns the rota of shifts that are known already. It refuses with
// Invalid what Check refuses.
func (f Feed) Shifts(shifts []Shift) (Rota, error) {
	if f.Name == "" {
		return Rota{}, refusal.Invalid("A rota needs a name.")
	}
	zone, err := zoneNamed(f.Name, f.Zone)
	if err != nil {
		return Rota{}, err
	}
	if len(f.People) == 0 {
		return Rota{}, refusal.Invalid("Rota %s reads a calendar and knows nobody in it. Say under names whose e-mail address or title means whom.", f.Name)
	}
	return Rota{name: f.Name, zone: zone, plan: shiftPlan{inOrder(slices.Clone(shifts))}}.With(f.Overrides...)
}

// Read returns the shifts that the text of a calendar holds from two weeks
// before at to three months after it, and what about it could not be read, in
// sentences. It refuses with Invalid a text that is no calendar.
func (f Feed) Read(text []byte, at time.Time) (shifts []Shift, unread []string, err error) {
	defer func() {
		// The text is a stranger's: what makes a parser stumble is no calendar.
		if r := recover(); r != nil {
			shifts, unread, err = nil, nil, refusal.Invalid("The calendar of rota %s cannot be read. Look at what its address answers.", f.Name)
		}
	}()
	empty, err := f.Shifts(nil)
	if err != nil {
		return nil, nil, err
	}
	if len(text) > MaxCalendar {
		return nil, nil, refusal.Invalid("The calendar of rota %s has more than %d MiB. Share one that holds the shifts alone.", f.Name, MaxCalendar>>20)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n\ufeff"), []byte("BEGIN:VCALENDAR")) {
		return nil, nil, refusal.Invalid("The calendar of rota %s is not in the iCalendar format: it does not begin with BEGIN:VCALENDAR. Look at what its address answers.", f.Name)
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	if err != nil {
		return nil, nil, refusal.Invalid("The calendar of rota %s cannot be read. Look at what its address answers.", f.Name)
	}
	events := cal.Events()
	if len(events) > maxEvents {
		return nil, nil, refusal.Invalid("The calendar of rota %s has %d events, more than %d. Share one that holds the shifts alone.", f.Name, len(events), maxEvents)
	}
	w := reading{
		feed: f, zones: zonesOf(cal, empty.zone), from: at.Add(-daysBack * 24 * time.Hour), to: at.Add(daysAhead * 24 * time.Hour),
		moved: map[string][]time.Time{},
	}
	for _, e := range events {
		w.note(e)
	}
	for _, e := range events {
		w.event(e)
	}
	return inOrder(w.shifts), w.said, nil
}

// reading is a calendar on its way to shifts.
type reading struct {
	feed     Feed
	zones    zones
	from, to time.Time
	moved    map[string][]time.Time // UID to the instants of a series that stand elsewhere
	shifts   []Shift
	said     []string
}

func (w *reading) say(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if len(w.said) < maxSaid && !slices.Contains(w.said, s) {
		w.said = append(w.said, s)
	}
}

func value(e *ics.VEvent, name ics.ComponentProperty) string {
	if p := e.GetProperty(name); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}

// note remembers which instants of a series an event of its own replaces.
func (w *reading) note(e *ics.VEvent) {
	p := e.GetProperty(ics.ComponentPropertyRecurrenceId)
	if p == nil {
		return
	}
	if at, err := w.zones.read(p.BaseProperty); err == nil {
		uid := value(e, ics.ComponentPropertyUniqueId)
		w.moved[uid] = append(w.moved[uid], at.instant())
	}
}

func (w *reading) event(e *ics.VEvent) {
	if strings.EqualFold(value(e, ics.ComponentPropertyStatus), string(ics.ObjectStatusCancelled)) {
		return
	}
	title := incidents.Line(ics.FromText(value(e, ics.ComponentPropertySummary)), 60)
	start := e.GetProperty(ics.ComponentPropertyDtStart)
	if start == nil {
		w.say("The event %q has no begin.", title)
		return
	}
	begin, err := w.zones.read(start.BaseProperty)
	if err != nil {
		w.say("The begin of the event %q cannot be read.", title)
		return
	}
	span, err := w.span(e, begin)
	if err != nil || span <= 0 {
		w.say("The end of the event %q cannot be read, or lies before its begin.", title)
		return
	}
	walls, err := w.walls(e, begin, span)
	if err != nil {
		w.say("The event %q repeats in a way that cannot be read.", title)
		return
	}
	people := w.people(e, title)
	uid := value(e, ics.ComponentPropertyUniqueId)
	single := e.GetProperty(ics.ComponentPropertyRecurrenceId) != nil
	for _, wall := range walls {
		from, to := begin.zone.instant(wall), begin.zone.instant(wall.Add(span))
		if !to.After(w.from) || !from.Before(w.to) || !to.After(from) {
			continue
		}
		if !single && slices.ContainsFunc(w.moved[uid], from.Equal) {
			continue
		}
		if len(people) == 0 {
			w.say("Nobody is known for the event %q. Add its title or its attendee to the names of rota %s.", title, w.feed.Name)
		}
		w.shifts = append(w.shifts, Shift{People: people, From: from, To: to})
	}
}

// span is how long an event lasts on the civil clock of its begin, so that a
// week from Monday nine to Monday nine ends at nine also over a change of the
// clock.
func (w *reading) span(e *ics.VEvent, begin moment) (time.Duration, error) {
	if p := e.GetProperty(ics.ComponentPropertyDtEnd); p != nil {
		end, err := w.zones.read(p.BaseProperty)
		if err != nil {
			return 0, err
		}
		if end.zone.name != begin.zone.name {
			return begin.zone.wall(end.instant()).Sub(begin.wall), nil
		}
		return end.wall.Sub(begin.wall), nil
	}
	if text := value(e, ics.ComponentPropertyDuration); text != "" {
		return duration(text)
	}
	if begin.day {
		return 24 * time.Hour, nil
	}
	return 0, refusal.Invalid("no end")
}

// people are those who attend, else whoever the title means.
func (w *reading) people(e *ics.VEvent, title string) []incidents.Person {
	var all []incidents.Person
	for _, a := range e.Attendees() {
		if declined := a.ICalParameters[string(ics.ParameterParticipationStatus)]; slices.Contains(declined, string(ics.ParticipationStatusDeclined)) {
			continue
		}
		address := strings.TrimSpace(a.Value)
		if len(address) > len("mailto:") && strings.EqualFold(address[:len("mailto:")], "mailto:") {
			address = address[len("mailto:"):]
		}
		if p, ok := w.named(address); ok {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		if p, ok := w.named(title); ok {
			all = append(all, p)
		}
	}
	return unique(all)
}

func (w *reading) named(name string) (incidents.Person, bool) {
	for known, p := range w.feed.People {
		if strings.EqualFold(known, name) && name != "" {
			return p, true
		}
	}
	return "", false
}
