package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// The bounds of a watch, and what it is if nobody says anything.
const (
	WatchShortest = time.Minute
	WatchLongest  = 24 * time.Hour
	WatchAtMost   = 14 * 24 * time.Hour
	WatchEvery    = 15 * time.Minute
	WatchFor      = 24 * time.Hour
)

// WatchSoon is how often an incident is counted right after an act on its
// cause, and for how long: people wait for that answer.
const (
	WatchSoon    = time.Minute
	watchSoonFor = 10 * time.Minute
)

// Watch is a count repeated on a schedule.
type Watch struct {
	Run   string
	Every time.Duration
	Until time.Time
	Away  time.Time // the source does not answer since then; zero while it does
}

// CheckWatch refuses with Invalid a pace or a length outside the bounds.
func CheckWatch(every, length time.Duration) error {
	switch {
	case every < WatchShortest || every > WatchLongest:
		return refusal.Invalid("A watch counts every minute at most and every 24 hours at least. For example: /snafu watch every 15m for 24h.")
	case length < every:
		return refusal.Invalid("A watch of %s ends before it counts again every %s. For example: /snafu watch every 15m for 24h.", Took(length), Took(every))
	case length > WatchAtMost:
		return refusal.Invalid("A watch lasts 14 days at most. Start it again then, or open a new snafu.")
	}
	return nil
}

// Pace is how long a watch of this incident waits for its next count at an
// instant: soon is the pace for a while after each act on the cause.
func (i Incident) Pace(every, soon time.Duration, at time.Time) time.Duration {
	if n := len(i.Acts); n > 0 && i.Acts[n-1].Acts() && at.Before(i.Acts[n-1].At.Add(watchSoonFor)) {
		return min(every, soon)
	}
	return every
}

// Words returns how a watch stands: "watched every 15 min until tomorrow 10:30".
// It usually ends on another day, so the day is always told.
func (w Watch) Words() Words {
	s := Sentence("watched every "+Took(w.Every)+" until ", Dated(w.Until))
	if !w.Away.IsZero() {
		s = Sentence(s, ", no answer since ", Dated(w.Away))
	}
	return s
}

// WatchStarted says that a run is counted on a schedule, or on another one.
type WatchStarted struct {
	Run          string
	EverySeconds int64
	Until        time.Time
	ByItself     bool
}

// Kind names the fact.
func (WatchStarted) Kind() string { return "watch-started/1" }

// Watched says that a watch counted and found what was found before.
type Watched struct {
	Run     string
	Touched int64
	At      time.Time // instant of the count
}

// Kind names the fact.
func (Watched) Kind() string { return "watched/1" }

// WatchBlind says that a watch could not count. It is said once, until the
// source answers again.
type WatchBlind struct {
	Run       string
	Why       string // a whole sentence
	Touched   int64
	CountedAt time.Time // of the last count that succeeded
	NextAt    time.Time
}

// Kind names the fact.
func (WatchBlind) Kind() string { return "watch-blind/1" }

// Words returns "crm did not answer within 15 s. The last count of weekly-42
// is 2,926 at 10:31. Next try at 11:00."
func (w WatchBlind) Words() Words {
	return Sentence(strings.NewReplacer(" Try again in a minute; if", " If", " Try again in a minute.", "").Replace(w.Why)+" The last count of "+w.Run+" is ", w.Touched, " at ", Near(w.CountedAt, w.NextAt), ". Next try at ", Near(w.NextAt, w.CountedAt), ".")
}

// WatchSees says that the source of a watch answers again.
type WatchSees struct {
	Run     string
	Source  string
	Since   time.Time // it was away since then
	Touched int64
	At      time.Time
}

// Kind names the fact.
func (WatchSees) Kind() string { return "watch-sees/1" }

// Words returns "crm answers again: 2,926 touched by weekly-42 at 11:00. It
// could not be counted since 10:31."
func (w WatchSees) Words() Words {
	return Sentence(w.Source+" answers again: ", w.Touched, " touched by "+w.Run+" at ", w.At, ". It could not be counted since ", Near(w.Since, w.At), ".")
}

// WatchSlow says that a count took longer than the pace of its watch, so that
// the counts which came due meanwhile were left out. It is said once, until a
// count is in time again.
type WatchSlow struct {
	Run          string
	EverySeconds int64
	LeftOut      int64
	NextAt       time.Time
}

// Kind names the fact.
func (WatchSlow) Kind() string { return "watch-slow/1" }

// Words returns "A count of weekly-42 takes longer than 1 min: 2 were left
// out. Next at 11:00. A slower pace: /snafu watch every 15m."
func (w WatchSlow) Words() Words {
	every := time.Duration(w.EverySeconds) * time.Second
	return Sentence("A count of "+w.Run+" takes longer than "+Took(every)+", so ", w.LeftOut, " left out. Next at ", w.NextAt, ". A slower pace: /snafu watch every 15m.")
}

// Why a watch ended.
const (
	WatchTimeUp   = "time"     // its time was up
	WatchStopped  = "asked"    // somebody asked for it
	WatchReplaced = "replaced" // another run was picked
	WatchOver     = "over"     // the incident was closed
)

// WatchEnded says that a run is not counted by itself any more.
type WatchEnded struct {
	Run       string
	Why       string
	By        Actor
	Touched   int64
	Since     time.Time // instant of the first count that found this number
	CountedAt time.Time // of the last count
	Growing   bool
}

// Kind names the fact.
func (WatchEnded) Kind() string { return "watch-ended/1" }

// Words says how it ended, or nothing where another message says it.
func (w WatchEnded) Words() Words {
	var s Words
	switch w.Why {
	case WatchTimeUp:
		s = Sentence("The watch of " + w.Run + " ended: its time is up. ")
	case WatchStopped:
		s = Sentence("The watch of "+w.Run+" was ended by ", w.By, ". ")
	default:
		return nil
	}
	if w.Growing {
		s = Sentence(s, "It was still growing: ", w.Touched, " at ", w.CountedAt, ".")
	} else {
		s = Sentence(s, "The last count found ", w.Touched, " at ", w.CountedAt, ", nothing new since ", Near(w.Since, w.CountedAt), ".")
	}
	return Sentence(s, " Start it again: /snafu watch.")
}
