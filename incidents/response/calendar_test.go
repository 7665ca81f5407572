package response_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

const shifts = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" +
	"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260105T080000Z\r\nDTEND:20260105T160000Z\r\nSUMMARY:Ben\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260105T160000Z\r\nDTEND:20260106T080000Z\r\nATTENDEE:mailto:chi@example.com\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20260107T080000Z\r\nDTEND:20260107T160000Z\r\nSUMMARY:Somebody\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func inACalendar(o *response.Options) {
	o.Rotas = nil
	o.Feeds = []rota.Feed{{Name: "crm-data", Zone: "UTC", People: map[string]incidents.Person{"Ben": ben, "chi@example.com": chi}}}
}

func TestACalendarSaysWhoIsCalled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, inACalendar)
	due, err := h.CalendarsDue(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"crm-data"}, due)
	early := h.open(response.OpenRequest{System: "crm"})
	require.Equal(t, []string{"opened/1", "call-skipped/1", "called/1"}, h.kinds(early), "before the first copy nobody is on call, and the admin is called at once")
	require.Equal(t, []incidents.Person{dev}, last[incidents.Called](h, early).People)

	require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", []byte(shifts), ""))
	due, err = h.CalendarsDue(t.Context())
	require.NoError(t, err)
	require.Empty(t, due, "it is fetched every quarter of an hour")
	id := h.open(response.OpenRequest{Title: "Prices are off", System: "crm"})
	called := last[incidents.Called](h, id)
	require.Equal(t, []incidents.Person{ben}, called.People)
	require.Equal(t, []incidents.Person{chi}, called.Next)
	h.cover(chi, dev, time.Hour, 2*time.Hour)
	require.Equal(t, []incidents.Person{dev}, h.onCallAt(start.Add(time.Hour)), "a cover lies over a calendar too")

	all, err := h.OnCall(t.Context(), "", start.Add(48*time.Hour))
	require.NoError(t, err)
	require.Empty(t, all[0].Duty.People, "an event of nobody is a gap")
	require.Equal(t, []string{`Nobody is known for the event "Somebody". Add its title or its attendee to the names of rota crm-data.`}, all[0].Unread)
}

func TestTheLastGoodCopyOfACalendarStaysAndItsAgeIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, inACalendar)
	require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", []byte(shifts), ""))
	h.pass(15 * time.Minute)
	due, err := h.CalendarsDue(t.Context())
	require.NoError(t, err)
	require.Len(t, due, 1)
	require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", []byte("<html>Sign in</html>"), ""))
	require.Equal(t, []incidents.Person{ben}, h.onCall(), "the last good copy counts")
	all, err := h.OnCall(t.Context(), "", h.db.Clock())
	require.NoError(t, err)
	require.Equal(t, start, all[0].Good)
	require.Contains(t, all[0].Problem, "not in the iCalendar format")

	h.pass(23 * time.Hour)
	require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", nil, "calendar.example.com answered 503 Service Unavailable"))
	old, err := h.OldCalendars(t.Context())
	require.NoError(t, err)
	require.Empty(t, old, "a day has not passed")
	h.pass(time.Hour)
	old, err = h.OldCalendars(t.Context())
	require.NoError(t, err)
	require.Equal(t, []response.OldCalendar{{Rota: "crm-data", Good: start, Problem: "calendar.example.com answered 503 Service Unavailable"}}, old)
	old, err = h.OldCalendars(t.Context())
	require.NoError(t, err)
	require.Empty(t, old, "told once")

	require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", []byte(shifts), ""))
	h.pass(25 * time.Hour)
	old, err = h.OldCalendars(t.Context())
	require.NoError(t, err)
	require.Len(t, old, 1, "and again when it goes away again")
}

const copiesKept = `select count(*) from calendar_copies`

func TestWhoWasOnCallByACalendarStaysAnswerable(t *testing.T) {
	t.Parallel()
	h := newHouse(t, inACalendar)
	keep := func(text string) (copies int) {
		require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", []byte(text), ""))
		require.NoError(t, h.db.Pool().QueryRow(t.Context(), copiesKept).Scan(&copies))
		return copies
	}
	require.Equal(t, 1, keep(shifts))
	h.pass(15 * time.Minute)
	require.Equal(t, 1, keep(shifts), "the same copy again is no other")
	require.Equal(t, 1, keep(strings.ReplaceAll(shifts, "SUMMARY:Ben", "DESCRIPTION:written anew\r\nSUMMARY:Ben")), "nor is one that says the same")

	h.pass(165 * time.Minute) // three hours after the first
	chiInstead := strings.ReplaceAll(shifts, "SUMMARY:Ben", "ATTENDEE:mailto:chi@example.com")
	require.Equal(t, 2, keep(chiInstead))
	require.Equal(t, []incidents.Person{chi}, h.onCall())
	h.pass(45 * time.Hour)
	over := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" + chiInstead[strings.Index(chiInstead, "BEGIN:VEVENT\r\nUID:3"):]
	require.Equal(t, 2, keep(over), "what is over was dropped, and nothing else is said")
	require.Equal(t, []incidents.Person{ben}, h.onCallAt(start.Add(time.Hour)), "by the copy of then")
	require.Equal(t, []incidents.Person{chi}, h.onCallAt(start.Add(210*time.Minute)), "from the second copy on")
	require.Equal(t, []incidents.Person{ben}, h.onCallAt(start.Add(-time.Minute)), "before the first copy the first counts")
}

// Many services write out a calendar until some months from now: what is new at its end
// says nothing yet.
func TestACalendarThatGrowsAtItsEndIsNotKeptEachTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, inACalendar)
	for range 6 {
		end := h.db.Clock().Add(60 * 24 * time.Hour).Format("20060102T150405Z")
		text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:9\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nDTEND:" + end +
			"\r\nSUMMARY:Ben\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		require.NoError(t, h.KeepCalendar(t.Context(), "crm-data", []byte(text), ""))
		require.Equal(t, []incidents.Person{ben}, h.onCall())
		h.pass(15 * time.Minute)
	}
	var copies int
	require.NoError(t, h.db.Pool().QueryRow(t.Context(), copiesKept).Scan(&copies))
	require.Equal(t, 1, copies)
	h.pass(50 * 24 * time.Hour)
	require.Equal(t, []incidents.Person{ben}, h.onCallAt(h.db.Clock().Add(-time.Hour)))
}
