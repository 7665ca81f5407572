package rota

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

const (
	ana incidents.Person = "T1/UANA"
	ben incidents.Person = "T1/UBEN"
	chi incidents.Person = "T1/UCHI"
)

func rule() Rule {
	return Rule{
		Name: "crm-data", Zone: "Europe/London", Anchor: "2026-03-02", Handover: "09:00",
		Unit: Weekly, Length: 1, Members: []incidents.Person{ana, ben, chi},
	}
}

func just(p ...incidents.Person) []incidents.Person { return p }

func sound(t *testing.T, r Rule) Rota {
	t.Helper()
	rota, err := New(r)
	require.NoError(t, err)
	return rota
}

func in(t *testing.T, zone, wall string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	at, err := time.ParseInLocation("2006-01-02 15:04:05", wall, loc)
	require.NoError(t, err)
	return at
}

func TestAWeeklyHandoverStaysAtNineOverTheChangeOfTheClock(t *testing.T) {
	r := sound(t, rule())
	require.Equal(t, just(ana), r.OnCall(in(t, "Europe/London", "2026-03-09 08:59:59")).People)
	require.Equal(t, just(ben), r.OnCall(in(t, "Europe/London", "2026-03-09 09:00:00")).People)
	duty := r.OnCall(in(t, "Europe/London", "2026-03-28 12:00:00"))
	require.Equal(t, just(ana), duty.People)
	require.Equal(t, just(ben), duty.Next)
	require.Equal(t, "2026-03-30T08:00:00Z", duty.Until.Format(time.RFC3339), "09:00 in summer time is an hour earlier in UTC")
}

func TestMissingAndDoubledTimes(t *testing.T) {
	for _, c := range []struct{ name, zone, wall, want string }{
		{"London skips half past one: the first instant after the gap", "Europe/London", "2026-03-29 01:30", "2026-03-29T01:00:00Z"},
		{"London skips one o'clock", "Europe/London", "2026-03-29 01:00", "2026-03-29T01:00:00Z"},
		{"London shows half past one twice: the first", "Europe/London", "2026-10-25 01:30", "2026-10-25T00:30:00Z"},
		{"New York shows half past one twice: the first", "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"},
		{"New York skips half past two", "America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z"},
		{"Lord Howe skips a quarter past two", "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"},
		{"Lord Howe shows a quarter to two twice: the first", "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"},
		{"Samoa skipped a whole day", "Pacific/Apia", "2011-12-30 09:00", "2011-12-30T10:00:00Z"},
		{"an ordinary time", "Asia/Kolkata", "2026-06-01 09:00", "2026-06-01T03:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			require.NoError(t, err)
			wall, err := time.Parse("2006-01-02 15:04", c.wall)
			require.NoError(t, err)
			require.Equal(t, c.want, instant(wall, zone).Format(time.RFC3339))
		})
	}
}

// The walk knows only the civil clock: each time it reaches a handover, or
// jumps over one, the next member has the turn. A clock put back never takes a
// turn away again.
func TestWalkingWholePeriodsFindsTheExpectedPeopleAndNoGap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, from string
		days             int
		rule             Rule
	}{
		{"daily at nine, London in spring", "Europe/London", "2026-03-27", 5, Rule{Unit: Daily, Length: 1, Handover: "09:00"}},
		{"daily at the missing time, London", "Europe/London", "2026-03-27", 5, Rule{Unit: Daily, Length: 1, Handover: "01:30"}},
		{"daily at the doubled time, London", "Europe/London", "2026-10-23", 5, Rule{Unit: Daily, Length: 1, Handover: "01:30"}},
		{"every twelve hours, New York in spring", "America/New_York", "2026-03-06", 5, Rule{Unit: Hourly, Length: 12, Handover: "02:30"}},
		{"every twelve hours, New York in autumn", "America/New_York", "2026-10-30", 5, Rule{Unit: Hourly, Length: 12, Handover: "01:30"}},
		{"daily, Lord Howe's half hour in spring", "Australia/Lord_Howe", "2026-10-02", 5, Rule{Unit: Daily, Length: 1, Handover: "02:15"}},
		{"daily, Lord Howe's half hour in autumn", "Australia/Lord_Howe", "2026-04-03", 5, Rule{Unit: Daily, Length: 1, Handover: "01:45"}},
		{"weekly, London over a spring", "Europe/London", "2026-03-16", 22, Rule{Unit: Weekly, Length: 1, Handover: "01:30"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.rule.Name, c.rule.Zone, c.rule.Anchor = "walk", c.zone, c.from
			c.rule.Members = []incidents.Person{ana, ben, chi}
			r := sound(t, c.rule)
			p := r.plan.(rulePlan)
			at := p.start(0)
			turn, due := 0, p.anchor.Add(p.step())
			for end := at.Add(time.Duration(c.days) * 24 * time.Hour); at.Before(end); at = at.Add(30 * time.Second) {
				local := at.In(r.zone)
				wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
				for !wall.Before(due) {
					turn++
					due = due.Add(p.step())
				}
				if got := r.people(at)[0]; got != c.rule.Members[turn%3] {
					t.Fatalf("%s: on call is %s, expected %s", local, got, c.rule.Members[turn%3])
				}
			}
		})
	}
}

func TestAnOverrideReplacesUntilItsEnd(t *testing.T) {
	week := rule()
	tue := in(t, "Europe/London", "2026-03-03 12:00:00")
	week.Overrides = []Override{
		{Person: chi, From: tue, To: tue.Add(48 * time.Hour)},
		{Person: "", From: tue.Add(time.Hour), To: tue.Add(2 * time.Hour)},
	}
	r := sound(t, week)
	require.Equal(t, Duty{People: just(ana), Until: tue.UTC(), Next: just(chi)}, r.OnCall(tue.Add(-time.Hour)))
	require.Equal(t, just(chi), r.OnCall(tue).People)
	require.Empty(t, r.OnCall(tue.Add(time.Hour)).People, "the later one is a declared gap and wins")
	require.Equal(t, just(chi), r.OnCall(tue.Add(time.Hour)).Next)
	require.Equal(t, just(ana), r.OnCall(tue.Add(48*time.Hour)).People)
}

func TestTheNextToCallIsNobodyWhoWasTried(t *testing.T) {
	at := in(t, "Europe/London", "2026-03-03 12:00:00")
	r := sound(t, rule())
	require.Equal(t, just(ben), r.After(at, ana))
	require.Equal(t, just(chi), r.After(at, ana, ben))
	require.Empty(t, r.After(at, ana, ben, chi))

	alone := rule()
	alone.Members = []incidents.Person{ana}
	r = sound(t, alone)
	require.Equal(t, Duty{People: just(ana)}, r.OnCall(at), "one member is on call without an end")
	require.Empty(t, r.After(at, ana))
}

func TestAnUnsoundRuleIsRefusedWithWhatWouldBeRight(t *testing.T) {
	for name, spoil := range map[string]func(*Rule){
		"no name":           func(r *Rule) { r.Name = "" },
		"no zone":           func(r *Rule) { r.Zone = "" },
		"the machine's own": func(r *Rule) { r.Zone = "Local" },
		"an unknown zone":   func(r *Rule) { r.Zone = "Europe/Lodnon" },
		"no such day":       func(r *Rule) { r.Anchor = "2026-02-30" },
		"no such time":      func(r *Rule) { r.Handover = "25:00" },
		"a fortnight":       func(r *Rule) { r.Unit = "fortnight" },
		"month on the 31st": func(r *Rule) { r.Unit, r.Anchor = Monthly, "2026-01-31" },
		"half of hours":     func(r *Rule) { r.From = "09:00" },
		"no hours at all":   func(r *Rule) { r.From, r.To = "09:00", "09:00" },
		"nobody to add":     func(r *Rule) { r.Overrides = []Override{{Kind: Add, From: time.Unix(1, 0), To: time.Unix(2, 0)}} },
		"a strange cover": func(r *Rule) {
			r.Overrides = []Override{{Kind: "swap", Person: ana, From: time.Unix(1, 0), To: time.Unix(2, 0)}}
		},
		"no length":         func(r *Rule) { r.Length = 0 },
		"no members":        func(r *Rule) { r.Members = nil },
		"a nameless member": func(r *Rule) { r.Members = []incidents.Person{ana, ""} },
		"a backward cover":  func(r *Rule) { r.Overrides = []Override{{Person: ana, From: time.Unix(9, 0), To: time.Unix(9, 0)}} },
	} {
		t.Run(name, func(t *testing.T) {
			bad := rule()
			spoil(&bad)
			_, err := New(bad)
			said, ok := refusal.As(err)
			require.True(t, ok)
			require.Equal(t, refusal.KindInvalid, said.Kind)
		})
	}
}

// Whatever the rule: until the stated instant the same person is on call, at
// it another one is.
func TestUntilIsTheFirstChange(t *testing.T) {
	zones := []string{"UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}
	rapid.Check(t, func(t *rapid.T) {
		r, err := New(Rule{
			Name: "any", Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Anchor: "2026-01-05",
			Handover: rapid.SampledFrom([]string{"00:00", "01:30", "02:15", "09:00"}).Draw(t, "handover"),
			Unit:     rapid.SampledFrom([]Unit{Hourly, Daily, Weekly, Monthly}).Draw(t, "unit"),
			Length:   rapid.IntRange(1, 30).Draw(t, "length"),
			Members:  rapid.SliceOfN(rapid.SampledFrom([]incidents.Person{ana, ben, chi}), 1, 5).Draw(t, "members"),
		})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0)
		duty := r.OnCall(at)
		if len(duty.People) == 0 {
			t.Fatal("nobody is on call in a rota without gaps")
		}
		if duty.Until.IsZero() {
			return
		}
		if !duty.Until.After(at) || !slices.Equal(r.people(duty.Until), duty.Next) || slices.Equal(duty.Next, duty.People) {
			t.Fatalf("until %s, then %s", duty.Until, duty.Next)
		}
		if before := duty.Until.Add(-time.Second); !before.Before(at) && !slices.Equal(r.people(before), duty.People) {
			t.Fatalf("a second before the change %s is on call", r.people(before))
		}
	})
}
