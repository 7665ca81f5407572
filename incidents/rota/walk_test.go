package rota_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/rota"
)

// The walks below compare a rota with a model that shares nothing with it: the
// model reads the civil clock of each instant and looks turns up in a list that
// is written out day by day. Whole periods are walked in coarse steps, and in
// steps of 30 s around every change of the clock and every hand-over.

const (
	walkBegins = 2026
	walkYears  = 3
	fine       = 30 * time.Second
)

// span is one turn of the model: these people from an instant until another.
type span struct {
	from, to time.Time
	who      incidents.Person
}

// firstAt is the first instant at which a clock shows a civil time or has passed
// it, found by looking at the clock every quarter of an hour: hand-overs and
// changes of these zones' clocks come at no other time.
func firstAt(zone *time.Location, wall time.Time) time.Time {
	at := wall.Add(-15 * time.Hour) // no zone is further from UTC
	shows := func(at time.Time) time.Time {
		l := at.In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
	}
	for shows(at).Add(3 * time.Hour).Before(wall) {
		at = at.Add(time.Hour)
	}
	for shows(at).Before(wall) {
		at = at.Add(15 * time.Minute)
	}
	return at.UTC()
}

// turnsOf writes out the turns of a rule over some years, and a while before and
// after them.
func turnsOf(rule rota.Rule, zone *time.Location) (turns []span) {
	begin, _ := time.Parse("2006-01-02 15:04", rule.Anchor+" "+rule.Handover)
	wall, from := begin, firstAt(zone, begin)
	for n := 0; wall.Year() <= walkBegins+walkYears; n++ {
		var next time.Time
		switch rule.Unit {
		case rota.Hourly:
			next = begin.Add(time.Duration((n+1)*rule.Length) * time.Hour)
		case rota.Daily:
			next = begin.AddDate(0, 0, (n+1)*rule.Length)
		case rota.Weekly:
			next = begin.AddDate(0, 0, 7*(n+1)*rule.Length)
		default:
			next = begin.AddDate(0, (n+1)*rule.Length, 0)
		}
		turns = append(turns, span{from: from, to: firstAt(zone, next), who: rule.Members[n%len(rule.Members)]})
		wall, from = next, turns[n].to
	}
	return turns
}

// edges are all instants in a period at which the clock of a zone changes.
func edges(zone *time.Location, from, to time.Time) (all []time.Time) {
	for at := from; ; {
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() || !end.Before(to) {
			return all
		}
		all, at = append(all, end), end
	}
}

func TestThreeYearsHaveNoGapAndTheExpectedPeopleAtEachInstant(t *testing.T) {
	people := []incidents.Person{"T/A", "T/B", "T/C"}
	zones := map[string]int{"Europe/London": 6, "America/New_York": 6, "Australia/Lord_Howe": 6} // with their changes in three years
	for name, changes := range zones {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		from, to := time.Date(walkBegins, 1, 10, 0, 0, 0, 0, time.UTC), time.Date(walkBegins+walkYears, 1, 10, 0, 0, 0, 0, time.UTC)
		require.Len(t, edges(zone, from, to), changes, "the zone changes its clock as it should")
		for _, rule := range []rota.Rule{
			{Unit: rota.Weekly, Length: 1, Handover: "09:00"},
			{Unit: rota.Weekly, Length: 2, Handover: "01:30"},
			{Unit: rota.Daily, Length: 1, Handover: "02:15"},
			{Unit: rota.Hourly, Length: 12, Handover: "02:00"},
			{Unit: rota.Monthly, Length: 1, Handover: "00:00"},
		} {
			rule.Name, rule.Zone, rule.Anchor, rule.Members = "crm-data", name, "2026-01-05", people
			t.Run(fmt.Sprintf("%s/%d %s from %s", name, rule.Length, rule.Unit, rule.Handover), func(t *testing.T) {
				t.Parallel()
				walkAll(t, rule, zone, from, to)
			})
		}
	}
}

func walkAll(t *testing.T, rule rota.Rule, zone *time.Location, from, to time.Time) {
	t.Helper()
	r, err := rota.New(rule)
	require.NoError(t, err)
	turns := turnsOf(rule, zone)
	at, n, looked := from, 0, 0
	look := func(at time.Time) {
		for !at.Before(turns[n].to) {
			n++
		}
		got := r.OnCall(at)
		if len(got.People) != 1 || got.People[0] != turns[n].who || !got.Until.Equal(turns[n].to) {
			require.Failf(t, "another is on call", "at %s: %v until %s, the model has %s until %s", at.In(zone), got.People, got.Until, turns[n].who, turns[n].to)
		}
		looked++
	}
	coarse := 23*time.Hour + 7*time.Minute
	if rule.Unit == rota.Hourly {
		coarse = 7*time.Hour + 11*time.Minute
	}
	for _, edge := range append(edges(zone, from, to), to) {
		for ; at.Before(edge.Add(-2 * time.Hour)); at = at.Add(coarse) {
			look(at)
			// The last instant of this turn, and the first of the next: spans are half-open.
			if end := turns[n].to; end.Before(at.Add(coarse)) && end.Before(edge.Add(-2*time.Hour)) {
				look(end.Add(-time.Nanosecond))
				look(end)
			}
		}
		if edge.Equal(to) {
			break
		}
		for at = edge.Add(-45 * time.Minute); at.Before(edge.Add(90 * time.Minute)); at = at.Add(fine) {
			if at.Before(turns[n].from) { // the coarse step went further than this
				n--
			}
			look(at)
		}
	}
	require.Greater(t, looked, 6*135*2)
}
