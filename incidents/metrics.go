package incidents

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Life is what one incident adds to the metrics. An instant that is zero was
// not reached, or is not known.
type Life struct {
	ID      ID
	System  string
	Drill   bool
	Light   bool
	Phase   Phase
	Began   time.Time // as people said
	Noticed string    // code of who noticed it, "" while nobody said
	Reached map[Milestone]Reached

	Wrong, Fixed, Kept, Lost int64 // as of its resolution

	Pages, PagesInTime       int64 // calls, and those answered before the next one was called
	Promises, PromisesKept   int64 // of the next update
	FollowUps, FollowUpsLate int64
	Again                    bool // it is related to an earlier one as the same again
	Corrections              int64
}

func (l Life) first(m Milestone) time.Time { return l.Reached[m].First }
func (l Life) last(m Milestone) time.Time  { return l.Reached[m].Last }

// held is when it was contained for good; zero if it was not.
func (l Life) held() time.Time {
	if at := l.last(MilestoneContained); at.After(l.last(MilestoneUncontained)) {
		return at
	}
	return time.Time{}
}

// SpanFew is below how many incidents each is told instead of a median.
const SpanFew = 5

// Span is how long one part of the work took.
type Span struct {
	Name string // detect, answer, stop, count, approve, fix, resolve, tell
	Say  string // from what to what
	Took []time.Duration
}

// N is how many incidents had both ends of it.
func (s Span) N() int { return len(s.Took) }

// Median is the middle one; of an even number the mean of the two in the middle.
func (s Span) Median() time.Duration {
	n := len(s.Took)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return s.Took[n/2]
	}
	return (s.Took[n/2-1] + s.Took[n/2]) / 2
}

// P90 is the shortest time within which nine of ten were done.
func (s Span) P90() time.Duration {
	if len(s.Took) == 0 {
		return 0
	}
	return s.Took[int(math.Ceil(0.9*float64(len(s.Took))))-1]
}

// spans are the parts of the work, each between two instants of a life.
var spans = []struct {
	name, say string
	from, to  func(Life) time.Time
}{
	{"detect", "began to opened", func(l Life) time.Time { return l.Began }, at(MilestoneOpened)},
	{"answer", "first call to first \"on it\"", at(MilestoneCalled), at(MilestoneAnswered)},
	{"stop", "opened to contained for good", at(MilestoneOpened), Life.held},
	{"count", "opened to all decided", at(MilestoneOpened), at(MilestoneDecided)},
	{"approve", "proposed to approved", at(MilestoneProposed), at(MilestoneApproved)},
	{"fix", "run start to verified", at(MilestoneStarted), func(l Life) time.Time { return l.last(MilestoneVerified) }},
	{"resolve", "opened to resolved", at(MilestoneOpened), func(l Life) time.Time { return l.last(MilestoneResolved) }},
	{"tell", "customers reached to all told", at(MilestoneCustomers), func(l Life) time.Time { return l.last(MilestoneTold) }},
}

func at(m Milestone) func(Life) time.Time { return func(l Life) time.Time { return l.first(m) } }

// Metrics are the figures of many incidents. Drills and what was cancelled are
// no part of them; light ones are counted apart.
type Metrics struct {
	Incidents, Light, Open   int64
	Spans                    []Span
	Noticed                  []NoticedBy // how long until it was opened, by who noticed it
	Wrong, Fixed, Kept, Lost int64

	Pages, PagesInTime       int64
	Promises, PromisesKept   int64
	FollowUps, FollowUpsLate int64
	Refused                  int64 // approvals that were not counted
	Undone, Reopened, Again  int64 // rework
	Corrections              int64
}

// NoticedBy is the time to detect of what one kind of person or thing noticed.
type NoticedBy struct {
	Who string // as a question of triage says it
	Span
}

// Measure computes the figures. The order of the incidents does not matter.
func Measure(lives []Life) Metrics {
	var m Metrics
	took := make([][]time.Duration, len(spans))
	noticed := map[string][]time.Duration{}
	for _, l := range lives {
		switch {
		case l.Drill || l.Phase == PhaseCancelled:
			continue
		case l.Light:
			m.Light++
			continue
		}
		m.add(l)
		for n, s := range spans {
			from, to := s.from(l), s.to(l)
			if from.IsZero() || to.Before(from) {
				continue
			}
			took[n] = append(took[n], to.Sub(from))
			if s.name == "detect" && l.Noticed != "" {
				noticed[l.Noticed] = append(noticed[l.Noticed], to.Sub(from))
			}
		}
	}
	for n, s := range spans {
		m.Spans = append(m.Spans, Span{Name: s.name, Say: s.say, Took: slices.Sorted(slices.Values(took[n]))})
	}
	row, _ := QuestionNoticed.Ask()
	for code, all := range noticed {
		m.Noticed = append(m.Noticed, NoticedBy{Who: row.Say(code), Span: Span{Name: "detect", Took: slices.Sorted(slices.Values(all))}})
	}
	slices.SortFunc(m.Noticed, func(a, b NoticedBy) int { return cmp.Compare(a.Who, b.Who) })
	return m
}

func (m *Metrics) add(l Life) {
	m.Incidents++
	if !l.Phase.Ended() {
		m.Open++
	}
	m.Wrong += l.Wrong
	m.Fixed += l.Fixed
	m.Kept += l.Kept
	m.Lost += l.Lost
	m.Pages += l.Pages
	m.PagesInTime += l.PagesInTime
	m.Promises += l.Promises
	m.PromisesKept += l.PromisesKept
	m.FollowUps += l.FollowUps
	m.FollowUpsLate += l.FollowUpsLate
	m.Refused += l.Reached[MilestoneRefused].Times
	m.Undone += l.Reached[MilestoneUndone].Times
	m.Reopened += l.Reached[MilestoneReopened].Times
	m.Corrections += l.Corrections
	if l.Again {
		m.Again++
	}
}
