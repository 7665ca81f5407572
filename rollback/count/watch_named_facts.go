package count

import (
	"time"

	"snafu/incidents"
)

// NamedWatchStarted is journalled when a named count is asked on a schedule from
// now on, or on another one.
type NamedWatchStarted struct {
	Label        string // the name with its values
	Source       string
	EverySeconds int64
	Until        time.Time
}

// Kind is the stored name of the fact.
func (NamedWatchStarted) Kind() string { return "named-watch-started/1" }

// NamedWatched is journalled when a watch asked again and found the same.
type NamedWatched struct {
	Label  string
	ReadAt time.Time
}

// Kind is the stored name of the fact.
func (NamedWatched) Kind() string { return "named-watched/1" }

// NamedChanged is journalled when a watch found other numbers than before. From
// and To are the numbers, or the sums of all groups; -1 is one that is too small
// to be told.
type NamedChanged struct {
	Label         string
	Unit          string
	From, To      int64
	Groups        int64 // of a grouped count: how many there are now
	GroupsChanged int64 // and how many of them, or of those before, differ
	Since         time.Time
	ReadAt        time.Time
}

// Kind is the stored name of the fact.
func (NamedChanged) Kind() string { return "named-changed/1" }

// Words returns "leads_of_run run=weekly-42: 2,500 -> 2,926 leads (+426) since
// 12:01".
func (f NamedChanged) Words() incidents.Words {
	w := incidents.Sentence(f.Label + ": ")
	if f.Groups > 0 || f.GroupsChanged > 0 {
		w = incidents.Sentence(w, f.GroupsChanged, " of ", f.Groups, " groups changed, ")
	}
	switch {
	case f.From < 0 || f.To < 0:
		w = incidents.Sentence(w, "another number of "+f.Unit+" than")
	case f.From == f.To:
		w = incidents.Sentence(w, f.To, " "+f.Unit+" in all as")
	default:
		sign := ""
		if f.To > f.From {
			sign = "+"
		}
		w = incidents.Sentence(w, f.From, " -> ", f.To, " "+f.Unit+" ("+sign, f.To-f.From, ")")
	}
	return incidents.Sentence(w, " since ", incidents.Near(f.Since, f.ReadAt))
}

// NamedBlind is journalled when a watch could not ask. It is said once, until
// the source answers again.
type NamedBlind struct {
	Label  string
	Why    string // a whole sentence
	NextAt time.Time
}

// Kind is the stored name of the fact.
func (NamedBlind) Kind() string { return "named-blind/1" }

// Words returns "crm did not answer within 15 s. leads_of_run is asked again at
// 11:00."
func (f NamedBlind) Words() incidents.Words {
	return incidents.Sentence(f.Why+" "+f.Label+" is asked again at ", f.NextAt, ".")
}

// NamedSees is journalled when the source of a watch answers again.
type NamedSees struct {
	Label string
	Since time.Time // it was away since then
	At    time.Time
}

// Kind is the stored name of the fact.
func (NamedSees) Kind() string { return "named-sees/1" }

// Words returns "leads_of_run is answered again. It was not since 10:31."
func (f NamedSees) Words() incidents.Words {
	return incidents.Sentence(f.Label+" is answered again. It was not since ", incidents.Near(f.Since, f.At), ".")
}

// namedChangedText says that the text of a count is another one than was meant.
const namedChangedText = "changed"

// NamedWatchEnded is journalled when a named count is not asked by itself any
// more.
type NamedWatchEnded struct {
	Label string
	Why   string // as of a watch of the run, or that its text changed
	By    incidents.Actor
}

// Kind is the stored name of the fact.
func (NamedWatchEnded) Kind() string { return "named-watch-ended/1" }

// Words says how it ended, or nothing where another message says it.
func (f NamedWatchEnded) Words() incidents.Words {
	again := " Start it again: /snafu watch " + f.Label + "."
	switch f.Why {
	case incidents.WatchTimeUp:
		return incidents.Sentence("The watch of " + f.Label + " ended: its time is up." + again)
	case incidents.WatchStopped:
		return incidents.Sentence("The watch of "+f.Label+" was ended by ", f.By, "."+again)
	case namedChangedText:
		return incidents.Sentence("The watch of " + f.Label + " ended: its file is gone or holds another text now. If that is what you want: /snafu watch " + f.Label + ".")
	}
	return nil
}
