package rota

import (
	"slices"
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// Unit is what the length of a turn is counted in.
type Unit string

// The units of a turn.
const (
	Hourly  Unit = "hour"
	Daily   Unit = "day"
	Weekly  Unit = "week"
	Monthly Unit = "month"
)

// Rule defines a rota, as people write it down.
type Rule struct {
	Name      string
	Zone      string // IANA name, for example Europe/London
	Anchor    string // date on which the first member's turn begins: 2026-01-05
	Handover  string // civil time of the hand-over: 09:00
	Unit      Unit
	Length    int // units of one turn, 1 or more
	Members   []incidents.Person
	Days      []time.Weekday // on which somebody is on call; every day if empty
	From, To  string         // civil hours in which somebody is on call: 08:00, 18:00; all day if both are empty
	Overrides []Override     // of two that overlap, the later in the list wins
}

// rulePlan is a rule that was found sound.
type rulePlan struct {
	rule   Rule
	zone   *time.Location
	anchor time.Time // civil date and time of the first hand-over, written as if in UTC
	hours  [2]time.Duration
}

// New checks a rule. It refuses with Invalid the first thing that is wrong,
// and says what would be right.
func New(rule Rule) (Rota, error) {
	if rule.Name == "" {
		return Rota{}, refusal.Invalid("A rota needs a name.")
	}
	zone, err := zoneNamed(rule.Name, rule.Zone)
	if err != nil {
		return Rota{}, err
	}
	date, err := time.Parse(time.DateOnly, rule.Anchor)
	if err != nil {
		return Rota{}, refusal.Invalid("Rota %s: %q is not a date. Write the first day of the first turn as 2026-01-05.", rule.Name, rule.Anchor)
	}
	handover, err := civil(rule.Handover)
	if err != nil {
		return Rota{}, refusal.Invalid("Rota %s: %q is not a time of day. Write the hand-over as 09:00.", rule.Name, rule.Handover)
	}
	switch {
	case !slices.Contains([]Unit{Hourly, Daily, Weekly, Monthly}, rule.Unit):
		return Rota{}, refusal.Invalid("Rota %s: %q is not a unit. Write hour, day, week or month.", rule.Name, rule.Unit)
	case rule.Unit == Monthly && date.Day() > 28:
		return Rota{}, refusal.Invalid("Rota %s: a turn of months begins on a day that every month has. Write an anchor on day 1 to 28.", rule.Name)
	case rule.Length < 1 || rule.Length > 1000:
		return Rota{}, refusal.Invalid("Rota %s: a turn of %d %ss is not possible. Write a length from 1 to 1000.", rule.Name, rule.Length, rule.Unit)
	case len(rule.Members) == 0:
		return Rota{}, refusal.Invalid("Rota %s has no members. Name at least one person.", rule.Name)
	case slices.Contains(rule.Members, ""):
		return Rota{}, refusal.Invalid("Rota %s has a member without a name.", rule.Name)
	}
	p := rulePlan{rule: rule, zone: zone, anchor: date.Add(handover)}
	if p.hours, err = hours(rule); err != nil {
		return Rota{}, err
	}
	return Rota{name: rule.Name, zone: zone, plan: p}.With(rule.Overrides...)
}

func zoneNamed(name, zone string) (*time.Location, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return nil, refusal.Invalid("Rota %s: %q is not a time zone. Write a name such as Europe/London.", name, zone)
	}
	return loc, nil
}

// hours are the civil hours of a rule; the end may lie after midnight.
func hours(rule Rule) ([2]time.Duration, error) {
	const day = 24 * time.Hour
	if rule.From == "" && rule.To == "" {
		return [2]time.Duration{0, day}, nil
	}
	from, err1 := civil(rule.From)
	to, err2 := civil(rule.To)
	if rule.To == "24:00" {
		to, err2 = day, nil
	}
	if err1 != nil || err2 != nil || from == to {
		return [2]time.Duration{}, refusal.Invalid("Rota %s: %q to %q are no hours. Write from and to as 08:00 and 18:00.", rule.Name, rule.From, rule.To)
	}
	if to < from {
		to += day
	}
	return [2]time.Duration{from, to}, nil
}

// civil reads a time of day: 09:00.
func civil(text string) (time.Duration, error) {
	clock, err := time.Parse("15:04", text)
	return time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute, err
}

func (p rulePlan) rounds() int {
	n := len(p.rule.Members)
	if p.limited() {
		n += 16 + int(8*24*time.Hour/p.step()) // a week of days, each with a begin, an end and its turns
	}
	return n
}

func (p rulePlan) limited() bool {
	return len(p.rule.Days) > 0 || p.hours != [2]time.Duration{0, 24 * time.Hour}
}

func (p rulePlan) people(at time.Time) []incidents.Person {
	if !p.answers(at) {
		return nil
	}
	return p.owner(at)
}

func (p rulePlan) owner(at time.Time) []incidents.Person {
	members := int64(len(p.rule.Members))
	return []incidents.Person{p.rule.Members[((p.number(at)%members)+members)%members]}
}

func (p rulePlan) turn(at time.Time) time.Time { return p.start(p.number(at) + 1) }

func (p rulePlan) change(at time.Time) time.Time {
	next := p.turn(at)
	if !p.limited() {
		return next
	}
	for _, w := range p.windows(at) {
		for _, edge := range w {
			if edge.After(at) && edge.Before(next) {
				next = edge
			}
		}
	}
	return next
}

// answers says whether at lies in the days and hours of the rule. A shift that
// ends after midnight belongs to the day on which it began.
func (p rulePlan) answers(at time.Time) bool {
	if !p.limited() {
		return true
	}
	return slices.ContainsFunc(p.windows(at), func(w [2]time.Time) bool { return !at.Before(w[0]) && at.Before(w[1]) })
}

// windows are the spans around at in which somebody is on call: from the day
// before to the one after a week.
func (p rulePlan) windows(at time.Time) [][2]time.Time {
	local := at.In(p.zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	var all [][2]time.Time
	for n := -1; n <= 8; n++ {
		day := today.AddDate(0, 0, n)
		if len(p.rule.Days) > 0 && !slices.Contains(p.rule.Days, day.Weekday()) {
			continue
		}
		w := [2]time.Time{instant(day.Add(p.hours[0]), p.zone), instant(day.Add(p.hours[1]), p.zone)}
		if last := len(all) - 1; last >= 0 && all[last][1].Equal(w[0]) {
			all[last][1] = w[1]
			continue
		}
		all = append(all, w)
	}
	return all
}

// number returns the number of the turn that holds at; the one that begins at
// the anchor is 0, those before are negative.
func (p rulePlan) number(at time.Time) int64 {
	local := at.In(p.zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
	n := int64(wall.Sub(p.anchor) / p.step())
	if p.rule.Unit == Monthly {
		months := (wall.Year()-p.anchor.Year())*12 + int(wall.Month()) - int(p.anchor.Month())
		n = int64(months / p.rule.Length)
	}
	// The civil clock jumps, so the estimate may be off by a turn or two.
	for p.start(n).After(at) {
		n--
	}
	for !p.start(n + 1).After(at) {
		n++
	}
	return n
}

// step is the length of a turn on the civil clock, where all turns are equal.
func (p rulePlan) step() time.Duration {
	unit := time.Hour
	switch p.rule.Unit {
	case Daily:
		unit = 24 * time.Hour
	case Weekly, Monthly:
		unit = 7 * 24 * time.Hour
	}
	return time.Duration(p.rule.Length) * unit
}

// start returns the instant at which turn n begins.
func (p rulePlan) start(n int64) time.Time {
	if p.rule.Unit == Monthly {
		return instant(p.anchor.AddDate(0, int(n)*p.rule.Length, 0), p.zone)
	}
	return instant(p.anchor.Add(time.Duration(n)*p.step()), p.zone)
}

// instant returns the first instant at which the civil clock of a zone shows
// wall or has passed it: a time that the clock skips is the first instant
// after the gap, and one that it shows twice is the first of the two. Go
// promises neither: it gave 02:30 for London's missing 01:30, and the second
// of the doubled times of London and Lord Howe.
func instant(wall time.Time, zone *time.Location) time.Time {
	at := wall.Add(-36 * time.Hour).In(zone) // before wall, whatever the offset
	for {
		begin, end := at.ZoneBounds()
		_, offset := at.Zone()
		shown := wall.Add(-time.Duration(offset) * time.Second)
		switch {
		case shown.Before(begin):
			return begin.UTC()
		case end.IsZero() || shown.Before(end):
			return shown.UTC()
		}
		at = end
	}
}
