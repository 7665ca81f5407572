package response_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
)

// monday is the first day of a month in which summer time begins in Europe.
var monday = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)

// ahead is an instant of the month: so many days after its first Monday.
func ahead(day, hour, minute int) time.Time {
	return time.Date(2026, 3, 16+day, hour, minute, 0, 0, time.UTC)
}

// A month is lived twice. The model goes through it minute by minute and keeps by
// hand who is owed what. The program goes through it as it does in life: its duties
// and the jobs of River come round, it is down for hours, it is killed in the middle
// of a sweep, two of it sweep at once. What both tell, and when, is the same.
func TestInAMonthNothingThatIsDueIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	zones := map[incidents.Person]*time.Location{ana: zone(t, "Europe/London"), ben: zone(t, "Asia/Tokyo"), chi: zone(t, "America/New_York")}
	var o response.Options
	h := newHouse(t, func(p *response.Options) {
		p.Home = zones[ana]
		p.Zone = func(_ context.Context, p incidents.Person) *time.Location { return zones[p] }
		o = *p
	})
	h.now.Store(monday.UnixMicro())
	m := &month{h: h, o: o, zones: zones}
	dice := rand.New(rand.NewPCG(42, 7)) //nolint:gosec // the same month in each run

	m.open(ahead(0, 12, 0), "slow", ana, incidents.SEV2, "crm")
	m.at(ahead(0, 15, 20), "slow", func(id incidents.ID) error { // what is offered runs out
		return h.OfferLead(t.Context(), h.by(ana), id, ben, "")
	}, func(p *pulse) { p.offered = m.now })
	m.update(ahead(1, 9, 10), "slow", ahead(1, 16, 0))
	m.snooze(ahead(1, 16, 5), "slow", ahead(1, 17, 35))
	m.update(ahead(2, 10, 0), "slow", ahead(2, 10, 40))
	m.resolve(ahead(2, 11, 12), "slow")
	m.release(ahead(12, 10, 3), "slow")

	m.open(ahead(3, 2, 0), "worst", ben, incidents.SEV1, "crm")
	m.update(ahead(3, 4, 30), "worst", ahead(3, 5, 0))
	m.off(ahead(3, 6, 40), "worst")
	m.resolve(ahead(3, 9, 0), "worst")
	m.release(ahead(3, 9, 30), "worst")

	m.open(ahead(5, 10, 0), "long", chi, incidents.SEV3, "") // on a Saturday
	for day := 7; day < 29; day += 2 {
		m.update(ahead(day, 15, dice.IntN(60)), "long", ahead(day+2, 14, dice.IntN(60)))
	}
	m.snooze(ahead(20, 13, 58), "long", ahead(21, 9, 0))
	for range 7 {
		from := monday.Add(time.Duration(dice.IntN(29*24*60)) * time.Minute)
		m.down = append(m.down, [2]time.Time{from, from.Add(time.Duration(10+dice.IntN(300)) * time.Minute)})
	}

	minutes := m.imagine()
	require.Greater(t, len(m.expected), 120, "something happens in a month")
	for range 80 { // and at most times nothing is due
		minutes = append(minutes, monday.Add(time.Duration(dice.IntN(30*24*60))*time.Minute))
	}
	for _, e := range m.expected {
		minutes = append(minutes, e.at.Add(-time.Minute), e.at)
	}
	slices.SortFunc(minutes, time.Time.Compare)
	for n, at := range slices.Compact(minutes) {
		m.live(at, n, dice)
	}
	require.Equal(t, lines(told(m.expected, false)), lines(m.found()))
	require.Len(t, m.digests(), len(told(m.expected, true)))
	for _, e := range told(m.expected, true) {
		require.Contains(t, m.digests(), strings.TrimPrefix(e.what, "digest "))
	}
}

// told are the digests, or all else.
func told(all []event, digests bool) (some []event) {
	for _, e := range all {
		if strings.HasPrefix(e.what, "digest ") == digests {
			some = append(some, e)
		}
	}
	return some
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

// event is something that is told, at a minute.
type event struct {
	at   time.Time
	what string
}

func lines(all []event) []string {
	out := make([]string, len(all))
	for n, e := range all {
		out[n] = e.at.Format("Mon 02 15:04 ") + e.what
	}
	slices.Sort(out)
	return out
}

// deed is what somebody does: in the program, and in the model.
type deed struct {
	at   time.Time
	name string
	do   func(incidents.ID) error
	mind func(*pulse)
}

// pulse is one incident in the model.
type pulse struct {
	name    string
	lead    incidents.Person
	sev     incidents.Severity
	live    bool
	due     time.Time
	told    int // by how much it is overdue
	missed  bool
	update  beat
	left    beat
	hushed  time.Time
	off     bool
	offered time.Time
	page    []time.Duration // steps of the call that are still to come
	paged   time.Time
}

// beat is one reminder in the model: owed to somebody, and shown to them.
type beat struct {
	from                  time.Time
	active, owed, showing bool
}

type month struct {
	h        *house
	o        response.Options
	zones    map[incidents.Person]*time.Location
	now      time.Time
	deeds    []deed
	down     [][2]time.Time
	ids      map[string]incidents.ID
	expected []event
}

func (m *month) at(at time.Time, name string, do func(incidents.ID) error, mind func(*pulse)) {
	m.deeds = append(m.deeds, deed{at, name, do, mind})
}

func (m *month) open(at time.Time, name string, lead incidents.Person, sev incidents.Severity, system string) {
	m.at(at, name, func(incidents.ID) error {
		m.ids[name] = m.h.open(response.OpenRequest{Title: name, Reporter: lead, Severity: sev, System: system})
		return nil
	}, func(p *pulse) {
		p.lead, p.sev, p.live, p.paged = lead, sev, true, m.now
		switch sev {
		case incidents.SEV1:
			p.promise(m.now.Add(30 * time.Minute))
			p.page = []time.Duration{5 * time.Minute, 5 * time.Minute, 5 * time.Minute}
		case incidents.SEV2:
			p.promise(m.now.Add(time.Hour))
			p.page = []time.Duration{10 * time.Minute, 10 * time.Minute, 10 * time.Minute}
		case incidents.SEV3: // on a Saturday: four hours of Monday's work
			p.promise(ahead(7, 13, 0))
		}
	})
}

func (p *pulse) promise(due time.Time) {
	p.due, p.missed, p.told = due, false, 0
	p.update = beat{from: due, active: true, showing: p.update.showing}
}

func (m *month) update(at time.Time, name string, due time.Time) {
	m.at(at, name, func(id incidents.ID) error {
		return m.h.Update(m.h.t.Context(), m.h.by(dev), id, incidents.Update{Changed: "it goes on"}, due)
	}, func(p *pulse) { p.promise(due) })
}

func (m *month) snooze(at time.Time, name string, until time.Time) {
	m.at(at, name, func(id incidents.ID) error {
		return m.h.Snooze(m.h.t.Context(), m.h.by(dev), id, response.About{}, until)
	}, func(p *pulse) { p.hushed = until })
}

func (m *month) off(at time.Time, name string) {
	m.at(at, name, func(id incidents.ID) error {
		return m.h.NagOff(m.h.t.Context(), m.h.by(dev), id, response.About{Kind: response.NagUpdateDue}, "all are in one room")
	}, func(p *pulse) { p.off = true })
}

func (m *month) resolve(at time.Time, name string) {
	m.at(at, name, func(id incidents.ID) error {
		ctx, lead := m.h.t.Context(), m.h.get(id).Lead
		act := m.h.by(lead)
		if err := m.h.Contain(ctx, act, id, incidents.Containment{How: incidents.Stopped, What: "the sync", Was: "on", Now: "off"}); err != nil {
			return err
		}
		m.h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
		m.h.holds(id, true)
		return m.h.Resolve(ctx, m.h.by(lead), id, "there is no source to count in")
	}, func(p *pulse) {
		p.live, p.due, p.update.active, p.page = false, time.Time{}, false, nil
		p.left = beat{from: m.now, active: true}
	})
}

func (m *month) release(at time.Time, name string) {
	m.at(at, name, func(id incidents.ID) error { m.h.holds(id, false); return nil }, func(p *pulse) { p.left.active = false })
}

func (m *month) isDown(at time.Time) bool {
	return slices.ContainsFunc(m.down, func(d [2]time.Time) bool { return !at.Before(d[0]) && at.Before(d[1]) })
}

// imagine goes through the month in the model, and returns when people act.
func (m *month) imagine() (minutes []time.Time) {
	pulses, names := map[string]*pulse{}, []string{}
	for m.now = monday; m.now.Before(monday.Add(30 * 24 * time.Hour)); m.now = m.now.Add(time.Minute) {
		for _, d := range m.deeds {
			if !d.at.Equal(m.now) {
				continue
			}
			if pulses[d.name] == nil {
				pulses[d.name] = &pulse{name: d.name}
				names = append(names, d.name)
			}
			d.mind(pulses[d.name])
			minutes = append(minutes, d.at)
		}
		for _, name := range names {
			m.beat(pulses[name])
		}
		m.morning()
	}
	return minutes
}

func (m *month) say(p *pulse, what string) {
	m.expected = append(m.expected, event{m.now, p.name + " " + what})
}

func (m *month) beat(p *pulse) {
	up := !m.isDown(m.now)
	if len(p.page) > 0 && up && !m.now.Before(p.paged.Add(p.page[0])) {
		what := "called-next/1"
		if p.page = p.page[1:]; len(p.page) == 0 {
			what = "call-unanswered/1"
		}
		p.paged = m.now
		m.say(p, what)
	}
	if !p.offered.IsZero() && up && !m.now.Before(p.offered.Add(15*time.Minute)) {
		p.offered = time.Time{}
		m.say(p, "lead-offer-ended/1")
	}
	if late := m.now.Sub(p.due); p.live && up && late > 0 {
		if !p.missed {
			p.missed = true
			m.say(p, "update-missed/1")
		}
		told := 0
		if late >= 5*time.Minute {
			told = 1
		}
		if late >= 15*time.Minute && p.sev == incidents.SEV1 {
			told = 2
		}
		if told > p.told {
			p.told = told
			m.say(p, "update-overdue/1")
		}
	}
	since := m.now.Sub(p.update.from)
	m.remind(p, &p.update, response.NagUpdateDue, p.off, since >= -5*time.Minute,
		since == -5*time.Minute || since == 0 || since >= 15*time.Minute && (since-15*time.Minute)%time.Hour == 0)
	since = m.now.Sub(p.left.from)
	m.remind(p, &p.left, response.NagContainmentOn, false, since >= 24*time.Hour, since >= 24*time.Hour && since%(24*time.Hour) == 0)
}

func (m *month) remind(p *pulse, b *beat, what string, off, begun, now bool) {
	if b.active && begun && (now || m.now.Equal(p.hushed)) {
		b.owed = true
	}
	if m.isDown(m.now) {
		return
	}
	if b.showing && (!b.active || !begun) {
		b.showing = false
		m.say(p, "nag-over/1 "+what)
	}
	here := m.now.In(m.zones[p.lead])
	rests := here.Weekday() == time.Saturday || here.Weekday() == time.Sunday || here.Hour() >= 20 || here.Hour() < 8
	if b.active && b.owed && begun && !off && !m.now.Before(p.hushed) && (p.sev == incidents.SEV1 || !rests) {
		b.owed, b.showing = false, true
		m.say(p, "nagged/1 "+what)
	}
}

func (m *month) morning() {
	here := m.now.In(m.zones[ana])
	what := "digest " + here.Format(time.DateOnly)
	if m.isDown(m.now) || here.Weekday() == time.Saturday || here.Weekday() == time.Sunday || here.Hour() < 9 || here.Hour() >= 12 {
		return
	}
	if !slices.ContainsFunc(m.expected, func(e event) bool { return e.what == what }) {
		m.expected = append(m.expected, event{m.now, what})
	}
}
