package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/manifests"
)

const oneShift = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260105T080000Z\r\nDTEND:20260106T080000Z\r\n" +
	"RRULE:FREQ=DAILY\r\nATTENDEE:mailto:ana@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestARotaIsReadFromItsCalendarAndStaysWhenThatGoesAway(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	calendar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if away.Load() {
			http.Error(w, "gone", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(oneShift))
	}))
	t.Cleanup(calendar.Close)
	s := newStand(t)
	ana, err := s.sim.As("ana").Profile()
	require.NoError(t, err)
	s.config.Outbound.Allow = []string{"127.0.0.1"}
	s.config.Rotas = map[string]RotaConfig{"crm-data": {
		Zone: "Europe/Berlin", ICalURL: calendar.URL, Calendar: NewSecret(calendar.URL), Names: map[string]string{"ana@example.com": ana.ID},
	}}
	a, err := Open(t.Context(), s.options())
	require.NoError(t, err)
	t.Cleanup(a.Close)
	_, err = a.fetchCalendars(t.Context())
	require.NoError(t, err)
	on, err := a.response.OnCall(t.Context(), "crm-data", time.Now())
	require.NoError(t, err)
	require.Equal(t, a.workspace.Person(ana.ID), on[0].Duty.People[0])

	away.Store(true)
	s.db.Clock = func() time.Time { return time.Now().Add(time.Hour) }
	a.db.Clock = s.db.Clock
	_, err = a.fetchCalendars(t.Context())
	require.NoError(t, err)
	on, err = a.response.OnCall(t.Context(), "crm-data", time.Now())
	require.NoError(t, err)
	require.Len(t, on[0].Duty.People, 1, "the last good copy stays")
	require.Contains(t, on[0].Problem, "answered 503 Service Unavailable")
}

func TestACalendarInTheConfigurationIsCheckedAtTheStart(t *testing.T) {
	const rule = "    anchor: 2026-01-05 # first day of the first turn\n    handover: \"09:00\"\n    unit: week # hour, day or week\n    length: 1\n    members: [U0TOM, U0IRIS]\n"
	require.Contains(t, manifests.ExampleConfig, rule)
	for name, c := range map[string]struct{ is, want string }{
		"both kinds":       {rule + "    ical_url: https://example.com/rota.ics\n", "A rota has members, or a calendar."},
		"nobody in it":     {"    ical_url: https://example.com/rota.ics\n", "Rota crm-data reads a calendar and knows nobody in it."},
		"no address":       {"    ical_url: example\n    names: {Tom: U0TOM}\n", "The address of the calendar is not possible: it is no web address."},
		"named twice":      {"    ical_url: https://example.com/\n    ical_url_env: ROTA_URL\n    names: {Tom: U0TOM}\n", "Name the calendar once"},
		"nothing in it":    {"    ical_url_env: ROTA_URL\n    names: {Tom: U0TOM}\n", "The environment has no ROTA_URL."},
		"names of nothing": {rule + "    names: {Tom: U0TOM}\n", "These are names of a calendar."},
		"a strange name":   {"    ical_url: https://example.com/rota.ics\n    names: {Tom: tom}\n", `"tom" is not a Slack user id.`},
		"a strange day":    {rule + "    days: [monday]\n", `"monday" is not a day. Write mon, tue`},
		"half of hours":    {rule + "    from: \"08:00\"\n", "are no hours"},
		"a strange kind":   {strings.Replace(rule, "members", "overrides: [{kind: swap, person: U0TOM, from: 2026-03-28 09:00, to: 2026-03-30 09:00}]\n    members", 1), "a second time"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := example(t, exampleEnv, rule, c.is)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := example(t, exampleEnv, "ladder:\n", "outbound: {allow: [home]}\nladder:\n")
	require.ErrorContains(t, err, `"home" is no address or range.`)
	env := map[string]string{"ROTA_URL": "https://example.com/secret.ics"}
	for k, v := range exampleEnv {
		env[k] = v
	}
	read, err := example(t, env, rule, "    ical_url_env: ROTA_URL\n    names: {Tom: U0TOM}\n")
	require.NoError(t, err)
	require.Equal(t, "https://example.com/secret.ics", read.Rotas["crm-data"].Calendar.Reveal())
}
