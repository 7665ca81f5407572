package incidents

import (
	"slices"
	"time"
)

// Nag is something that people are to be called to mind of, while its cause
// lasts. It is made from rows and an instant alone, so that a restart loses none;
// what is stored is only which of its beats was heard, and what was silenced.
type Nag struct {
	Kind    string // of the table of nags: "update-due"
	Subject string // what of the incident it is about: "R1", "T3"; "" for the whole
	To      []Person
	From    time.Time // its beats are counted from here
	Beats   Beats
	Say     Words    // the fact and what is asked for
	Do      []NagAct // the buttons that do it, beside Snooze and Off
}

// NagAct is a button of a nag: the id of its action, and what it says.
type NagAct struct{ Action, Label string }

// Beats are when a nag rings: first at each of the instants at these distances
// from its beginning, which may lie before it, then again and again.
type Beats struct {
	At    []time.Duration // ascending, one at least
	Every time.Duration   // after the last of them; 0 is never again
}

// Last returns the newest beat that is not later than an instant, and whether
// there is one.
func (b Beats) Last(from, at time.Time) (time.Time, bool) {
	var last time.Time
	for _, d := range b.At {
		if beat := from.Add(d); !beat.After(at) {
			last = beat
		}
	}
	if last.IsZero() {
		return last, false
	}
	if end := from.Add(b.At[len(b.At)-1]); b.Every > 0 && !at.Before(end) {
		last = end.Add(at.Sub(end) / b.Every * b.Every)
	}
	return last, true
}

// Rang is the newest beat of a nag that somebody was told of.
type Rang struct {
	Kind, Subject string
	Person        Person
	Beat, At      time.Time
	Over          bool // and that its cause is gone
}

// Hush is what silences a nag: for a while, or for good. Without a kind it is
// for all of an incident, without a subject for all of the kind.
type Hush struct {
	Kind, Subject string
	Until         time.Time // zero: it was not put off
	Off           bool
	By            Actor
	Why           string
}

func (h Hush) silences(n Nag) bool {
	return (h.Kind == "" || h.Kind == n.Kind) && (h.Subject == "" || h.Subject == n.Subject)
}

// Nagging is what there is to nag about in one incident, and what was done of it.
type Nagging struct {
	Severity Severity
	Nags     []Nag // the most pressing first
	Rang     []Rang
	Hushes   []Hush
}

// NagPause is how long an incident keeps still after one nag before another one.
// A nag that rings again takes its own place, so it keeps its own pace.
const NagPause = 10 * time.Minute

// Ring is a nag that is due.
type Ring struct {
	Nag
	People []Person // who is told now; others of To rest, or know
	Beat   time.Time
}

// Wanted returns a nag as it stands, and whether it has begun and is not silenced.
func (g Nagging) Wanted(kind, subject string, at time.Time) (Nag, bool) {
	for _, n := range g.Nags {
		if n.Kind != kind || n.Subject != subject {
			continue
		}
		_, begun := n.Beats.Last(n.From, at)
		_, silent := g.hushed(n, at)
		return n, begun && !silent
	}
	return Nag{}, false
}

// Hushed returns what silences a nag at an instant, and whether anything does.
func (g Nagging) Hushed(kind, subject string, at time.Time) (Hush, bool) {
	return g.hushed(Nag{Kind: kind, Subject: subject}, at)
}

func (g Nagging) hushed(n Nag, at time.Time) (found Hush, silent bool) {
	for _, h := range g.Hushes {
		if !h.silences(n) || !h.Off && !at.Before(h.Until) {
			continue
		}
		if h.Off || !found.Off && h.Until.After(found.Until) {
			found, silent = h, true
		}
	}
	return found, silent
}

// Due returns the one nag that is to ring at an instant, the most pressing first,
// and whether there is one. rests says who is not to be disturbed; at SEV1
// nobody's rest counts.
func (g Nagging) Due(rests func(Person) bool, at time.Time) (Ring, bool) {
	for _, n := range g.Nags {
		beat, begun := n.Beats.Last(n.From, at)
		if _, silent := g.hushed(n, at); !begun || silent || g.paused(n, at) {
			continue
		}
		// What was put off rings once when that is over, beat or not.
		for _, h := range g.Hushes {
			if h.silences(n) && h.Until.After(beat) {
				beat = h.Until
			}
		}
		ring := Ring{Nag: n, Beat: beat}
		for _, p := range n.To {
			if !g.heard(n, p, beat) && (g.Severity == SEV1 || !rests(p)) && !slices.Contains(ring.People, p) {
				ring.People = append(ring.People, p)
			}
		}
		if len(ring.People) > 0 {
			return ring, true
		}
	}
	return Ring{}, false
}

// paused says whether another nag of the incident rang a moment ago.
func (g Nagging) paused(n Nag, at time.Time) bool {
	return slices.ContainsFunc(g.Rang, func(r Rang) bool {
		return (r.Kind != n.Kind || r.Subject != n.Subject) && at.Sub(r.At) < NagPause
	})
}

func (g Nagging) heard(n Nag, p Person, beat time.Time) bool {
	return slices.ContainsFunc(g.Rang, func(r Rang) bool {
		return r.Kind == n.Kind && r.Subject == n.Subject && r.Person == p && !r.Beat.Before(beat)
	})
}

// Over returns what people were told of that has no cause any more, and who they
// are that do not know it yet.
func (g Nagging) Over(at time.Time) (gone []Rang) {
	for _, r := range g.Rang {
		if r.Over {
			continue
		}
		stands := slices.ContainsFunc(g.Nags, func(n Nag) bool {
			_, begun := n.Beats.Last(n.From, at)
			return begun && n.Kind == r.Kind && n.Subject == r.Subject && slices.Contains(n.To, r.Person)
		})
		if !stands {
			gone = append(gone, r)
		}
	}
	return gone
}

// Nagged says that somebody was called to mind of something.
type Nagged struct {
	Nag, Subject string
	People       []Person
	Beat         time.Time
	Line         string
}

// Kind names the fact.
func (Nagged) Kind() string { return "nagged/1" }

// NagOver says that the cause of a nag is gone.
type NagOver struct {
	Nag, Subject string
	People       []Person // who had been told
}

// Kind names the fact.
func (NagOver) Kind() string { return "nag-over/1" }

// NagSnoozed says that somebody put a nag off, this once; without a name all of
// an incident.
type NagSnoozed struct {
	Nag, Subject string
	Until        time.Time
}

// Kind names the fact.
func (NagSnoozed) Kind() string { return "nag-snoozed/1" }

// NagSilenced says that somebody switched a nag off; without a name all of an
// incident.
type NagSilenced struct{ Nag, Subject, Why string }

// Kind names the fact.
func (NagSilenced) Kind() string { return "nag-silenced/1" }

// Words returns what all who work on it are to know, "" where it is about one nag.
func (s NagSilenced) Words(by Actor) Words {
	if s.Nag != "" {
		return nil
	}
	return Sentence(by, " switched all reminders off, also of plans that wait for approval: "+s.Why+". `/snafu nag on` switches them on again.")
}

// NagResumed says that somebody switched all nags of an incident on again.
type NagResumed struct{}

// Kind names the fact.
func (NagResumed) Kind() string { return "nag-resumed/1" }

// Words returns "@ben switched all reminders on again."
func (NagResumed) Words(by Actor) Words { return Sentence(by, " switched all reminders on again.") }
