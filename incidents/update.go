package incidents

import (
	"time"

	"snafu/incidents/refusal"
)

// Update is what somebody tells all who wait for news.
type Update struct {
	Changed  string // what changed, at least
	Next     string // what comes next
	Need     string // what is needed of the readers
	Audience Audience
}

// Audience is who hears of an update.
type Audience string

// The audiences. AudienceAll are the channel, the central one and the followers.
const (
	AudienceAll     Audience = "all"
	AudienceChannel Audience = "channel"
)

// Promise is when the next update of an incident was promised. Whether it is
// overdue is computed from it and an instant.
type Promise struct {
	Due    time.Time // zero: there is none
	Made   time.Time
	By     Actor // who promised it; the program, where it is the usual one
	Missed bool  // that it was missed is told
	Told   int64 // how often the channel was told by how much
}

// Ahead says whether the promise is still to be kept.
func (p Promise) Ahead(at time.Time) bool { return p.Due.After(at) }

// PromiseWords returns "Next update by 11:30", or from then on "Update overdue since
// 11:30" and that it is overdue; nothing of what is not worked on.
func (i Incident) PromiseWords(due, at time.Time) (words Words, overdue bool) {
	switch {
	case !i.phase.Live() || due.IsZero():
		return nil, false
	case at.After(due):
		return Sentence("Update overdue since ", Due(due, at)), true
	}
	return Sentence("Next update by ", Due(due, at)), false
}

// Due is when something is promised, as a sentence wants it that is read at another
// instant: with its day once they are 12 hours apart. "By 10:00", read at 10:11,
// would be taken for missed.
func Due(due, read time.Time) any {
	if due.Sub(read).Abs() < 12*time.Hour {
		return due
	}
	return Dated(due)
}

// Updated says that an update was posted.
type Updated struct {
	Number        int64
	Changed, Next string
	Need          string
	Audience      string
	Promise       time.Time // when the next one is promised; zero: not at all
	Overdue       int64     // seconds by which it came after its promise; 0: in time
}

// Kind names the fact.
func (Updated) Kind() string { return "updated/1" }

// Promised says that somebody promised the next update.
type Promised struct{ Due time.Time }

// Kind names the fact.
func (Promised) Kind() string { return "promised/1" }

// Words returns "Next update by 11:30, promised by @elif." of what was promised at
// an instant.
func (p Promised) Words(by Actor, at time.Time) Words {
	return Sentence("Next update by ", Due(p.Due, at), ", promised by ", by, ".")
}

// UpdateMissed says that the instant of a promise has passed without an update.
type UpdateMissed struct{ Due time.Time }

// Kind names the fact.
func (UpdateMissed) Kind() string { return "update-missed/1" }

// UpdateOverdue says in the channel by how much an update is overdue.
type UpdateOverdue struct {
	Due  time.Time
	Late int64 // seconds
	Lead Person
}

// Kind names the fact.
func (UpdateOverdue) Kind() string { return "update-overdue/1" }

// Words returns "Update overdue by 5 min. It was promised by 11:30. @elif:
// /snafu update".
func (u UpdateOverdue) Words() Words {
	late := (time.Duration(u.Late) * time.Second).Truncate(time.Minute)
	return Sentence("Update overdue by "+Took(late)+". It was promised by ", Near(u.Due, u.Due.Add(late)), ". ", u.Lead, ": /snafu update posts one.")
}

// How late an update is when the channel hears of it, and at SEV1 again.
const (
	OverdueSaid  = 5 * time.Minute
	OverdueAgain = 15 * time.Minute
)

// Overdue is how often the channel has heard of an update that is so late.
func (s Severity) Overdue(late time.Duration) int64 {
	switch {
	case late >= OverdueAgain && s == SEV1:
		return 2
	case late >= OverdueSaid:
		return 1
	}
	return 0
}

// Promising returns facts that say when the next update is promised by them, where
// the program promises it.
func Promising(facts []Fact, due time.Time) []Fact {
	for n, f := range facts {
		switch f := f.(type) {
		case Opened:
			f.Promise = due
			facts[n] = f
		case SeverityChanged:
			f.Promise = due
			facts[n] = f
		case Reopened:
			f.Promise = due
			facts[n] = f
		}
	}
	return facts
}

// furthestPromise is how far ahead an update may be promised: whoever waits
// longer has forgotten what for.
const furthestPromise = 7 * 24 * time.Hour

// PromiseAt checks when somebody promises the next update. It refuses with
// Conflict what is resolved or over, and with Invalid an instant that has passed
// or lies more than a week ahead.
func (i Incident) PromiseAt(due, at time.Time) error {
	switch {
	case !i.phase.Live():
		return refusal.Conflict("%s is %s, so no update is promised any more. /snafu update still posts one.", i.ID, i.phase)
	case !due.After(at):
		return refusal.Invalid("That time has passed. Promise one that lies ahead: /snafu promise in 30m.")
	case due.Sub(at) > furthestPromise:
		return refusal.Invalid("That is more than a week ahead. Promise a nearer time: /snafu promise tomorrow 9:00.")
	}
	return nil
}

// Report checks an update, and says when the next one is promised: at due, or
// where that is zero at the promise that stands and lies ahead, or else after the
// usual time. It refuses with Invalid an update without a word of what changed,
// and with Conflict an incident that is over.
func (i Incident) Report(u Update, standing Promise, due, at time.Time, zone *time.Location) (Updated, error) {
	if err := i.open(); err != nil {
		return Updated{}, err
	}
	fact := Updated{Changed: Line(u.Changed, textMax), Next: Line(u.Next, textMax), Need: Line(u.Need, textMax), Audience: string(u.Audience)}
	if fact.Audience == "" {
		fact.Audience = string(AudienceAll)
	}
	if fact.Changed == "" {
		return fact, refusal.Invalid("What changed? One line is enough: /snafu update the sync is off, 2,926 leads are being counted.")
	}
	if !standing.Due.IsZero() && at.After(standing.Due) {
		fact.Overdue = int64(at.Sub(standing.Due) / time.Second)
	}
	switch {
	case !i.phase.Live():
		return fact, nil
	case !due.IsZero():
		fact.Promise = due
		return fact, i.PromiseAt(due, at)
	case standing.Ahead(at):
		fact.Promise = standing.Due
	default:
		fact.Promise = i.Severity.Promises(at, zone)
	}
	return fact, nil
}

// Promises returns when the next update is due if nobody says anything else: half
// an hour after at at SEV1, an hour at SEV2, and half a day of work in a zone at
// SEV3.
func (s Severity) Promises(at time.Time, zone *time.Location) time.Time {
	switch s {
	case SEV1:
		return at.Add(30 * time.Minute)
	case SEV2:
		return at.Add(time.Hour)
	}
	return WorkTime(at, 4*time.Hour, zone)
}

// Work is from 9:00 to 17:00, Monday to Friday.
const (
	workFrom = 9
	workTo   = 17
)

// WorkTime returns the instant at which so much time of work has passed.
func WorkTime(at time.Time, d time.Duration, zone *time.Location) time.Time {
	here := at.In(zone)
	for day := 0; ; day++ {
		from := time.Date(here.Year(), here.Month(), here.Day()+day, workFrom, 0, 0, 0, zone)
		to := time.Date(here.Year(), here.Month(), here.Day()+day, workTo, 0, 0, 0, zone)
		if from.Weekday() == time.Saturday || from.Weekday() == time.Sunday || !to.After(at) {
			continue
		}
		if from.Before(at) {
			from = at
		}
		if left := to.Sub(from); left < d {
			d -= left
			continue
		}
		return from.Add(d).UTC()
	}
}
