package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
)

// firstMonday is when the month begins. It lies ahead, so that the machine's own
// clock makes nothing due.
var firstMonday = time.Date(2036, 3, 3, 12, 0, 0, 0, time.UTC)

func day(n, hour, minute int) time.Time {
	return time.Date(2036, 3, 3+n, hour, minute, 0, 0, time.UTC)
}

// A month passes in steps. At each the clocks are moved, and the schedule, the jobs
// and the bot of the running program do what is due: nobody calls a duty by hand.
// Four times the program is ended in the middle of its work and starts anew, once
// because its database is taken from it as well.
func TestInAMonthTheScheduleAndTheJobsDoEachThingAtItsTimeAndOnce(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	m.start()

	m.at(day(0, 12, 0), func() { m.opened(incidents.SEV1) })
	m.expect(day(0, 12, 20), "triage-stalls/1")
	for offset, due := range map[int]int{6: 13, 12: 19, 18: 21} { // in good time
		m.at(day(offset, 13, 30), func() { m.update(day(due, 12, 30)) })
	}
	for _, offset := range []int{0, 21} {
		m.rings(offset)
		m.at(day(offset, 12, 50), func() { m.update(day(offset+7, 12, 30)) })
		m.at(day(offset, 13, 0), m.call)
		m.expect(day(offset, 13, 0), "called/1")
		m.expect(day(offset, 13, 5), "called-next/1")
		m.expect(day(offset, 13, 10), "call-unanswered/1")
		m.at(day(offset, 14, 0), m.offer)
		m.expect(day(offset, 14, 15), "lead-offer-ended/1")
	}
	m.rings(28)
	m.at(day(28, 12, 50), func() { m.update(day(35, 12, 30)) })
	for n := range 30 {
		if at := day(n, 9, 0); at.After(firstMonday) && at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
			m.expect(at, "digest")
		}
	}

	steps := m.steps()
	dice := rand.New(rand.NewPCG(42, 7)) //nolint:gosec // the same month in each run
	killed := map[int]bool{}
	for len(killed) < 4 {
		n := 1 + dice.IntN(len(steps)-1)
		killed[n] = steps[n].Minute() != 5 // from there the next step of a call is counted
		if !killed[n] {
			delete(killed, n)
		}
	}
	for n, at := range steps {
		m.moves(at)
		for _, d := range m.deeds {
			if d.at.Equal(at) {
				d.do()
			}
		}
		if killed[n] {
			m.dies(time.Duration(dice.IntN(20))*time.Millisecond, len(m.late) == 1)
			m.start()
			m.late[at] = true
			m.moves(at.Add(time.Minute)) // the schedule of the next one begins to beat
		}
		m.settles()
	}
	m.agrees()
}

type deed struct {
	at time.Time
	do func()
}

// month is a program whose every clock is moved by hand.
type month struct {
	*stand
	t        *testing.T
	clock    *slacksim.Clock        // of Slack, of the log database and of the jobs
	beats    *clockwork.FakeClock   // of the schedule
	admin    *pgx.Conn              // looks on
	deeds    []deed                 // of people
	expected map[string][]time.Time // what is told, and when
	late     map[time.Time]bool     // the program was killed there
	keys     int

	a    *App
	stop func()
	id   incidents.ID
	ana  incidents.Person
	ben  incidents.Person
}

func newMonth(t *testing.T) *month {
	t.Helper()
	m := &month{t: t, clock: slacksim.FrozenClock(firstMonday.Add(-time.Hour)), expected: map[string][]time.Time{}, late: map[time.Time]bool{}}
	m.stand = newStandAt(t, m.clock)
	m.config.Rotas = map[string]RotaConfig{"crm-data": {
		Zone: "UTC", Anchor: "2036-03-03", Handover: "00:00", Unit: "week", Length: 1, Members: []string{m.stand.id(t, "ben"), m.stand.id(t, "chi")},
	}}
	m.admin = pgtest.Connect(t, pgtest.AdminURL(t, m.stand.db))
	t.Cleanup(func() {
		if m.stop != nil {
			m.stop()
		}
	})
	return m
}

// start opens the program and runs it until stop.
func (m *month) start() {
	m.t.Helper()
	db, err := pgdb.Open(m.t.Context(), pgdb.Options{URL: m.config.Database.URL.Reveal(), MaxConns: 12, Clock: m.clock.Now})
	require.NoError(m.t, err)
	m.beats = clockwork.NewFakeClockAt(m.clock.Now())
	o := m.options()
	o.DB, o.EditEvery, o.Unhurried = db, -1, true
	o.beats, o.now = []gocron.SchedulerOption{gocron.WithClock(m.beats)}, m.clock.Now
	m.a, err = Open(m.t.Context(), o)
	require.NoError(m.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = m.a.Run(ctx)
	}()
	m.stop = func() {
		cancel()
		<-ended
		m.a.Close()
		db.Close()
		m.stop = nil
	}
	m.ana, m.ben = m.a.workspace.Person(m.stand.id(m.t, "ana")), m.a.workspace.Person(m.stand.id(m.t, "ben"))
	eventually(m.t, "it leads", m.a.lease.Trusted)
	m.waitsForTime()
}

// waitsForTime returns when each duty of the schedule has its next instant.
func (m *month) waitsForTime() {
	m.t.Helper()
	soon, done := context.WithTimeout(m.t.Context(), 90*time.Second)
	defer done()
	require.NoError(m.t, m.beats.BlockUntilContext(soon, len(duties)))
}

// dies ends the program a moment later, whatever it does; where cut is true, every
// session of its database is gone first, so that nothing it does is completed.
func (m *month) dies(after time.Duration, cut bool) {
	m.t.Helper()
	time.Sleep(after) // the instant of a death is nobody's choice
	if cut {
		_, err := m.admin.Exec(m.t.Context(), endAllSessions)
		require.NoError(m.t, err)
	}
	m.stop()
	_, err := m.admin.Exec(m.t.Context(), expire)
	require.NoError(m.t, err)
}

// The term of what it held passes while nobody lives.
const expire = `update snafu.leases set expires_at = clock_timestamp()`

func (m *month) at(at time.Time, do func()) { m.deeds = append(m.deeds, deed{at, do}) }

func (m *month) expect(at time.Time, what string) { m.expected[what] = append(m.expected[what], at) }

// rings expects what an update is told by that was promised for half past twelve.
func (m *month) rings(n int) {
	for _, minute := range []int{25, 30, 45} {
		m.expect(day(n, 12, minute), "nagged/1")
	}
	m.expect(day(n, 12, 31), "update-missed/1")
	m.expect(day(n, 12, 35), "update-overdue/1")
	m.expect(day(n, 12, 45), "update-overdue/1")
}

// steps are the instants at which something happens, and as many more at which
// nothing does.
func (m *month) steps() (all []time.Time) {
	for _, when := range m.expected {
		all = append(all, when...)
	}
	for _, d := range m.deeds {
		all = append(all, d.at)
	}
	for n := range 5 {
		all = append(all, day(n*6+1, 3, 10), day(n*7, 12, 55))
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.Compact(all)
}

// What River's leader does every five seconds of the machine: a month has too many
// of those.
const promote = `
	update river.river_job
	set state = 'available'
	where state in ('scheduled', 'retryable') and scheduled_at <= $1`

// moves brings every clock to an instant. That of the schedule comes last: what
// beats sees the others.
func (m *month) moves(at time.Time) {
	m.t.Helper()
	d := at.Sub(m.clock.Now())
	require.NoError(m.t, m.clock.Advance(d))
	_, err := m.admin.Exec(m.t.Context(), promote, at)
	require.NoError(m.t, err)
	m.beats.Advance(d)
}

const (
	beaten   = `select count(*) from river.river_job where kind = 'tick' and state = 'completed' and (args ->> 'period')::timestamptz > $1::timestamptz - interval '1 minute' and args ->> 'duty' = any($2)`
	underWay = `select count(*) from river.river_job where state in ('available', 'running') or state in ('scheduled', 'retryable') and scheduled_at <= $1`
)

// settles waits until every duty that beats each minute has beaten, and all that
// came of it is done.
func (m *month) settles() {
	m.t.Helper()
	var each []string
	for _, d := range duties {
		if d.every <= time.Minute {
			each = append(each, d.name)
		}
	}
	now, looks := m.clock.Now(), 0
	require.Eventually(m.t, func() bool {
		var ticks, busy int
		require.NoError(m.t, m.admin.QueryRow(m.t.Context(), beaten, now, each).Scan(&ticks))
		require.NoError(m.t, m.admin.QueryRow(m.t.Context(), underWay, now).Scan(&busy))
		// A beat for which a busy machine did not renew the lease in time is left to
		// the next one. Only the schedule sees that one: the instant stays.
		if looks++; ticks < len(each) && looks%300 == 0 {
			m.beats.Advance(time.Minute)
		}
		if ticks < len(each) || busy > 0 {
			_, err := m.admin.Exec(m.t.Context(), promote, now)
			require.NoError(m.t, err)
			return false
		}
		return true
	}, 90*time.Second, 10*time.Millisecond, "all that is due is done")
	m.waitsForTime()
}

func (m *month) by(p incidents.Person) journal.Act {
	m.keys++
	return journal.Act{By: p.Actor(), Key: fmt.Sprintf("month:%d", m.keys)}
}

func (m *month) opened(s incidents.Severity) {
	ctx := m.t.Context()
	var err error
	m.id, err = m.a.response.Open(ctx, m.by(m.ana), response.OpenRequest{Title: "Leads moved", Severity: s, Reporter: m.ana})
	require.NoError(m.t, err)
	require.NoError(m.t, m.a.response.NagOff(ctx, m.by(m.ana), m.id, response.About{Kind: response.NagNothingTried}, "one reminder is enough here"))
}

func (m *month) update(due time.Time) {
	require.NoError(m.t, m.a.response.Update(m.t.Context(), m.by(m.ana), m.id, incidents.Update{Changed: "it goes on"}, due))
}

func (m *month) call() {
	require.NoError(m.t, m.a.response.Call(m.t.Context(), m.by(m.ana), m.id, response.Target{Rota: "crm-data"}, ""))
}

func (m *month) offer() {
	require.NoError(m.t, m.a.response.OfferLead(m.t.Context(), m.by(m.ana), m.id, m.ben, ""))
}

const digestsTold = `select told_at from snafu.digests order by told_at`

// agrees compares what was told, and when, with what was expected: at its instant,
// or within the minute after a death.
func (m *month) agrees() {
	m.t.Helper()
	found := map[string][]time.Time{}
	entries, err := journal.Entries(m.t.Context(), m.a.db, m.id, 0)
	require.NoError(m.t, err)
	for _, e := range entries {
		if _, wanted := m.expected[e.Kind]; wanted {
			found[e.Kind] = append(found[e.Kind], e.At)
		}
	}
	rows, err := m.admin.Query(m.t.Context(), digestsTold)
	require.NoError(m.t, err)
	found["digest"], err = pgx.CollectRows(rows, pgx.RowTo[time.Time])
	require.NoError(m.t, err)
	for what, want := range m.expected {
		slices.SortFunc(want, time.Time.Compare)
		var got []time.Time
		for n, at := range found[what] {
			if n < len(want) && m.late[want[n]] && at.Equal(want[n].Add(time.Minute)) {
				at = want[n]
			}
			got = append(got, at.UTC())
		}
		require.Equal(m.t, said(want), said(got), what)
	}
}

func said(all []time.Time) string {
	var b strings.Builder
	for _, at := range all {
		b.WriteString(at.Format("Jan 02 15:04:05\n"))
	}
	return b.String()
}
