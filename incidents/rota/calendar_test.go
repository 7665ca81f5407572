package rota

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func feed() Feed {
	return Feed{Name: "crm-data", Zone: "Europe/London", People: map[string]incidents.Person{
		"ana@example.com": ana, "ben@example.com": ben, "Chi": chi,
	}}
}

// spring is when the calendars of these tests are read.
var spring = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func calendar(events ...string) []byte {
	text := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n"
	for _, e := range events {
		text += strings.TrimSpace(e) + "\n"
	}
	return []byte(strings.ReplaceAll(text+"END:VCALENDAR\n", "\n", "\r\n"))
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\nUID:" + lines[0] + "\nDTSTAMP:20260101T000000Z\n" + strings.Join(lines[1:], "\n") + "\nEND:VEVENT"
}

func read(t *testing.T, text []byte) ([]Shift, []string) {
	t.Helper()
	shifts, unread, err := feed().Read(text, spring)
	require.NoError(t, err)
	return shifts, unread
}

func TestWeeklyShiftsOfACalendarHandOverAtNineOverTheChangeOfTheClock(t *testing.T) {
	shifts, unread := read(t, calendar(
		event("a", "DTSTART;TZID=Europe/London:20260105T090000", "DTEND;TZID=Europe/London:20260112T090000", "RRULE:FREQ=WEEKLY;INTERVAL=2", "SUMMARY:On call", "ATTENDEE;CN=Ana:mailto:Ana@Example.com"),
		event("b", "DTSTART;TZID=Europe/London:20260112T090000", "DTEND;TZID=Europe/London:20260119T090000", "RRULE:FREQ=WEEKLY;INTERVAL=2", "SUMMARY:On call", "ATTENDEE:mailto:ben@example.com"),
	))
	require.Empty(t, unread)
	r, err := feed().Shifts(shifts)
	require.NoError(t, err)
	duty := r.OnCall(in(t, "Europe/London", "2026-03-28 12:00:00"))
	require.Equal(t, just(ben), duty.People)
	require.Equal(t, "2026-03-30T08:00:00Z", duty.Until.Format(time.RFC3339), "nine o'clock in summer time")
	require.Equal(t, just(ana), duty.Next)
	require.Equal(t, just(ana), r.After(in(t, "Europe/London", "2026-03-28 12:00:00"), ben))
	at, far := in(t, "Europe/London", "2026-03-07 12:00:00"), in(t, "Europe/London", "2026-06-12 12:00:00")
	for ; at.Before(far); at = r.OnCall(at).Until {
		require.Len(t, r.OnCall(at).People, 1, "no gap and no overlap at %s", at)
	}
}

func TestWhatACalendarMaySay(t *testing.T) {
	berlin := `BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`
	who := "ATTENDEE:mailto:ana@example.com"
	for _, c := range []struct {
		name  string
		parts []string
		want  []string // from/to of each shift
	}{
		{
			"a floating time is the rota's",
			[]string{event("a", "DTSTART:20260401T090000", "DTEND:20260401T170000", who)},
			[]string{"2026-04-01T08:00:00Z/2026-04-01T16:00:00Z"},
		},
		{
			"a whole day is local midnight to midnight, also the one with 23 hours",
			[]string{event("a", "DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260330", who)},
			[]string{"2026-03-29T00:00:00Z/2026-03-29T23:00:00Z"},
		},
		{
			"a day without an end is one day",
			[]string{event("a", "DTSTART;VALUE=DATE:20260401", who)},
			[]string{"2026-03-31T23:00:00Z/2026-04-01T23:00:00Z"},
		},
		{
			"a length instead of an end",
			[]string{event("a", "DTSTART:20260401T100000Z", "DURATION:PT8H30M", who)},
			[]string{"2026-04-01T10:00:00Z/2026-04-01T18:30:00Z"},
		},
		{
			"a zone that only the file knows",
			[]string{berlin, event("a", "DTSTART;TZID=W. Europe Standard Time:20260327T090000", "DTEND;TZID=W. Europe Standard Time:20260327T100000", "RRULE:FREQ=DAILY;COUNT=4", who)},
			[]string{"2026-03-27T08:00:00Z/2026-03-27T09:00:00Z", "2026-03-28T08:00:00Z/2026-03-28T09:00:00Z", "2026-03-29T07:00:00Z/2026-03-29T08:00:00Z", "2026-03-30T07:00:00Z/2026-03-30T08:00:00Z"},
		},
		{
			"one of a series is left out",
			[]string{event("a", "DTSTART;TZID=Europe/London:20260401T090000", "DTEND;TZID=Europe/London:20260401T100000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/London:20260402T090000", who)},
			[]string{"2026-04-01T08:00:00Z/2026-04-01T09:00:00Z", "2026-04-03T08:00:00Z/2026-04-03T09:00:00Z"},
		},
		{
			"one of a series stands elsewhere",
			[]string{
				event("a", "DTSTART;TZID=Europe/London:20260401T090000", "DTEND;TZID=Europe/London:20260401T100000", "RRULE:FREQ=DAILY;COUNT=2", who),
				event("a", "RECURRENCE-ID;TZID=Europe/London:20260402T090000", "DTSTART;TZID=Europe/London:20260402T120000", "DTEND;TZID=Europe/London:20260402T130000", who),
			},
			[]string{"2026-04-01T08:00:00Z/2026-04-01T09:00:00Z", "2026-04-02T11:00:00Z/2026-04-02T12:00:00Z"},
		},
		{
			"one of a series is cancelled",
			[]string{
				event("a", "DTSTART;TZID=Europe/London:20260401T090000", "DTEND;TZID=Europe/London:20260401T100000", "RRULE:FREQ=DAILY;COUNT=2", who),
				event("a", "RECURRENCE-ID;TZID=Europe/London:20260402T090000", "STATUS:CANCELLED", "DTSTART;TZID=Europe/London:20260402T090000", "DTEND;TZID=Europe/London:20260402T100000", who),
			},
			[]string{"2026-04-01T08:00:00Z/2026-04-01T09:00:00Z"},
		},
		{
			"a series ends at an instant, in the summer of its zone",
			[]string{event("a", "DTSTART;TZID=Europe/London:20260401T090000", "DTEND;TZID=Europe/London:20260401T100000", "RRULE:FREQ=DAILY;UNTIL=20260402T080000Z", who)},
			[]string{"2026-04-01T08:00:00Z/2026-04-01T09:00:00Z", "2026-04-02T08:00:00Z/2026-04-02T09:00:00Z"},
		},
		{
			"what is long over, and what is far ahead, is left out",
			[]string{
				event("a", "DTSTART:20200401T090000", "DTEND:20200401T170000", who),
				event("b", "DTSTART:20290401T090000", "DTEND:20290401T170000", who),
			},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			shifts, unread := read(t, calendar(c.parts...))
			require.Empty(t, unread)
			var got []string
			for _, s := range shifts {
				got = append(got, s.From.Format(time.RFC3339)+"/"+s.To.Format(time.RFC3339))
				require.Equal(t, just(ana), s.People)
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestNobodyOfACalendarIsGuessed(t *testing.T) {
	shifts, unread := read(t, calendar(
		event("a", "DTSTART:20260401T090000", "DTEND:20260401T170000", "SUMMARY:chi"),
		event("b", "DTSTART:20260402T090000", "DTEND:20260402T170000", "SUMMARY:Ana is on call"),
		event("c", "DTSTART:20260403T090000", "DTEND:20260403T170000", "SUMMARY:Chi", "ATTENDEE;PARTSTAT=DECLINED:mailto:ana@example.com", "ATTENDEE:mailto:ben@example.com"),
	))
	require.Equal(t, []string{`Nobody is known for the event "Ana is on call". Add its title or its attendee to the names of rota crm-data.`}, unread)
	require.Len(t, shifts, 3)
	require.Equal(t, just(chi), shifts[0].People, "a title that the map knows, whatever its letters")
	require.Empty(t, shifts[1].People, "a title that begins like somebody is nobody")
	require.Equal(t, just(ben), shifts[2].People, "who declined does not come, and an attendee says more than a title")
	r, err := feed().Shifts(shifts)
	require.NoError(t, err)
	duty := r.OnCall(in(t, "Europe/London", "2026-04-02 12:00:00"))
	require.Empty(t, duty.People, "an event of nobody is a gap")
	require.Equal(t, just(ben), duty.Next)
}

func TestWhatIsNoCalendarIsRefusedAndABadEventIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"a page of a login": "<!doctype html><title>Sign in</title>",
		"nothing":           "",
		"cut in the middle": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n",
		"too large":         "BEGIN:VCALENDAR\r\n" + strings.Repeat("X-A:0123456789\r\n", MaxCalendar/16),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := feed().Read([]byte(text), spring)
			said, ok := refusal.As(err)
			require.True(t, ok)
			require.Equal(t, refusal.KindInvalid, said.Kind)
		})
	}
	shifts, unread := read(t, calendar(
		event("a", "DTSTART:20260401T090000", "DTEND:20260401T080000", "SUMMARY:backward"),
		event("b", "DTSTART;TZID=Nowhere/Land:20260401T090000", "DTEND:20260401T170000", "SUMMARY:nowhere"),
		event("c", "DTSTART:20260401T090000", "DTEND:20260401T170000", "RRULE:FREQ=SECONDLY", "SUMMARY:each second"),
		event("d", "DTSTART:20260401T090000", "DTEND:20260401T170000", "RRULE:FREQ=SOMETIMES", "SUMMARY:sometimes"),
		event("e", "DTSTART:20260401T090000", "DTEND:20260401T170000", "SUMMARY:chi"),
	))
	require.Len(t, shifts, 1, "the good one is read all the same")
	require.Len(t, unread, 4)
}

func FuzzCalendar(f *testing.F) {
	f.Add(string(calendar(event("a", "DTSTART;TZID=Europe/London:20260401T090000", "DTEND:20260401T170000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU", "EXDATE:20260402T090000", "SUMMARY:chi"))))
	f.Add(string(calendar("BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:20200101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:-0330\nEND:STANDARD\nEND:VTIMEZONE",
		event("a", "DTSTART;TZID=X:20260401T090000", "DURATION:P1D"))))
	f.Fuzz(func(t *testing.T, text string) {
		shifts, _, err := feed().Read([]byte(text), spring)
		if err != nil {
			if _, ok := refusal.As(err); !ok {
				t.Fatalf("not in words: %v", err)
			}
			return
		}
		for _, s := range shifts {
			if !s.To.After(s.From) {
				t.Fatalf("a shift ends before it begins: %+v", s)
			}
		}
	})
}
