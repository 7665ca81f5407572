package rota

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func TestAMonthBeginsOnItsDay(t *testing.T) {
	r := sound(t, Rule{
		Name: "monthly", Zone: "Europe/London", Anchor: "2026-01-28", Handover: "09:00", Unit: Monthly, Length: 1,
		Members: []incidents.Person{ana, ben},
	})
	for wall, want := range map[string]incidents.Person{
		"2026-01-28 08:59:59": ben, "2026-01-28 09:00:00": ana, "2026-02-28 08:59:59": ana, "2026-02-28 09:00:00": ben,
		"2026-03-28 09:00:00": ana, "2027-01-28 08:59:59": ben, "2036-01-28 09:00:00": ana, "2025-12-28 09:00:00": ben,
	} {
		require.Equal(t, just(want), r.OnCall(in(t, "Europe/London", wall)).People, wall)
	}
}

func TestOutsideOfItsDaysAndHoursNobodyIsOnCall(t *testing.T) {
	office := rule()
	office.Days = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	office.From, office.To = "08:00", "18:00"
	r := sound(t, office)
	friday := in(t, "Europe/London", "2026-03-27 17:00:00")
	duty := r.OnCall(friday)
	require.Equal(t, just(ana), duty.People)
	require.Equal(t, in(t, "Europe/London", "2026-03-27 18:00:00").UTC(), duty.Until)
	require.Empty(t, duty.Next, "the evening is a gap")

	weekend := r.OnCall(in(t, "Europe/London", "2026-03-28 12:00:00"))
	require.Empty(t, weekend.People)
	require.Equal(t, in(t, "Europe/London", "2026-03-30 08:00:00").UTC(), weekend.Until, "an hour earlier in UTC: the clock changed")
	require.Equal(t, just(ana), weekend.Next, "whose turn it still is, for one hour")
	require.Equal(t, just(ana), r.After(in(t, "Europe/London", "2026-03-28 12:00:00")), "whose turn it is can be called out of hours")

	night := rule()
	night.Days, night.From, night.To = []time.Weekday{time.Saturday}, "20:00", "08:00"
	r = sound(t, night)
	require.Len(t, r.OnCall(in(t, "Europe/London", "2026-03-29 07:59:59")).People, 1, "a night belongs to the day on which it began")
	require.Empty(t, r.OnCall(in(t, "Europe/London", "2026-03-29 08:00:00")).People)
	require.Empty(t, r.OnCall(in(t, "Europe/London", "2026-03-27 23:00:00")).People)
}

func TestAnExceptionCanAddOrRemoveSomebody(t *testing.T) {
	at := in(t, "Europe/London", "2026-03-03 12:00:00")
	day := func(kind OverrideKind, p incidents.Person) Override {
		return Override{Kind: kind, Person: p, From: at, To: at.Add(24 * time.Hour)}
	}
	for _, c := range []struct {
		name string
		made []Override
		want []incidents.Person
	}{
		{"one more", []Override{day(Add, chi)}, just(ana, chi)},
		{"one more, twice", []Override{day(Add, chi), day(Add, chi)}, just(ana, chi)},
		{"one less", []Override{day(Remove, ana)}, just()},
		{"somebody who is not on call is taken off", []Override{day(Remove, ben)}, just(ana)},
		{"the later one wins", []Override{day(Add, chi), day(Replace, ben)}, just(ben)},
		{"also the other way round", []Override{day(Replace, ben), day(Add, chi)}, just(ben, chi)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := sound(t, rule()).With(c.made...)
			require.NoError(t, err)
			require.ElementsMatch(t, c.want, r.OnCall(at).People)
			require.Equal(t, just(ana), r.OnCall(at.Add(-time.Second)).People)
			require.Equal(t, just(ana), r.OnCall(at.Add(24*time.Hour)).People)
		})
	}
}

// Three years in three zones, each change of the clock in them, half an hour in
// Lord Howe: whoever is said to be on call until an instant is so a second
// before it, and at it somebody else is.
func TestThreeYearsHaveNoGapThatNobodyDeclared(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/London", "America/New_York", "Australia/Lord_Howe"} {
		for _, unit := range []Unit{Daily, Weekly, Monthly} {
			t.Run(zone+" "+string(unit), func(t *testing.T) {
				t.Parallel()
				week := Rule{
					Name: "walk", Zone: zone, Anchor: "2026-01-05", Handover: "02:15", Unit: unit, Length: 1,
					Members: []incidents.Person{ana, ben, chi},
				}
				r := sound(t, week)
				at, turn := r.plan.(rulePlan).start(0), 0
				for end := at.AddDate(3, 0, 0); at.Before(end); turn++ {
					duty := r.OnCall(at)
					require.Equal(t, just(week.Members[turn%3]), duty.People, at.In(r.zone))
					require.Equal(t, just(week.Members[(turn+1)%3]), duty.Next, at.In(r.zone))
					require.Equal(t, duty.People, r.OnCall(duty.Until.Add(-time.Second)).People)
					shown := duty.Until.In(r.zone).Format("15:04")
					require.Contains(t, []string{"02:15", "02:30", "03:00"}, shown, "handed over at the civil time, or right after a gap in it")
					at = duty.Until
				}
			})
		}
	}
}
