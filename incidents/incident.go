package incidents

import (
	"slices"
	"time"

	"snafu/incidents/refusal"
)

// Incident is one data snafu. Its decisions return a changed copy.
type Incident struct {
	ID             ID
	Title          string
	Severity       Severity
	SeverityChosen bool   // a person chose it
	SeverityWhy    string // the reason of the suggestion, or who chose
	System         string // name of the source; "" while unknown
	Reporter       Person
	Lead           Person // never empty
	Drill          bool
	Private        bool   // only the members of its channel know of it
	Light          bool   // a thread instead of a channel, until it is promoted
	OpenedIn       string // Slack's id of the channel of that thread
	Channel        string // Slack's id; "" until it is made
	ChannelName    string
	Opened         time.Time
	Triage         Triage
	Acts           []Containment // oldest first
	Recount        Recounts
	Holds          []string // why it cannot close, for example "R1"
	TriageWaived   string   // why a plan needs no more answers of triage; "" while it does
	ContainedAt    time.Time
	RestoringAt    time.Time
	ResolvedAt     time.Time
	ResolvedWhy    string
	ClosedAt       time.Time
	ClosedWhy      string

	phase Phase
}

// Saved is an incident as stored: everything, and its phase.
type Saved struct {
	Incident
	Phase Phase
}

// Load rebuilds an incident from what was stored.
func Load(s Saved) Incident {
	i := s.Incident
	i.phase = s.Phase
	return i
}

// Phase says how far the incident has come.
func (i Incident) Phase() Phase { return i.phase }

// Key returns the key as people say it: SNAFU-42.
func (i Incident) Key() string { return i.ID.String() }

// Badges are what every card of the incident says before its title.
func (i Incident) Badges() (all []string) {
	if i.Drill {
		all = append(all, "DRILL")
	}
	if i.Private {
		all = append(all, "PRIVATE")
	}
	return all
}

// Outside is what may be said of the incident to whoever is not in its channel
// yet, by direct message or outside of Slack: its title, or "" while it is
// private.
func (i Incident) Outside() string {
	if i.Private {
		return ""
	}
	return i.Title
}

// Acted returns the first act on the cause that can end the error, and
// whether there is one.
func (i Incident) Acted() (Containment, bool) {
	for _, c := range i.Acts {
		if c.Acts() {
			return c, true
		}
	}
	return Containment{}, false
}

// Opening is what is known when somebody says that there is a snafu. Only the
// title is needed.
type Opening struct {
	Title    string
	Severity Severity // 0: suggest one
	System   string
	Still    string // Yes, No, DontKnow, or "" if nobody was asked
	Reporter Person
	Drill    bool
	Private  bool   // a private channel, and nobody else hears of it
	Light    bool   // no channel yet: a thread of In
	In       string // channel where it was asked for, for a light one
}

// Opened is the first fact of every incident.
type Opened struct {
	ID             ID
	Title          string
	Severity       Severity
	SeverityWhy    string
	SeverityChosen bool
	System         string
	Reporter       Person
	Lead           Person
	Drill          bool
	Private        bool
	Light          bool
	In             string    // channel of the thread of a light one
	Still          string    // what was said of whether it goes on
	Promise        time.Time // of the first update
}

// Kind names the fact.
func (Opened) Kind() string { return "opened/1" }

// ChannelReady says that the incident's channel can be used.
type ChannelReady struct{ Channel, Name string }

// Kind names the fact.
func (ChannelReady) Kind() string { return "channel-ready/1" }

// Open makes an incident whose lead is the reporter. A title that had to be
// cut becomes the first note, whole. It refuses with Invalid when the title
// is empty.
func Open(id ID, o Opening, at time.Time) (Incident, []Fact, error) {
	short, whole, err := title(o.Title)
	if err != nil {
		return Incident{}, nil, err
	}
	if o.Reporter == "" {
		return Incident{}, nil, refusal.Invalid("A snafu needs somebody who reports it.")
	}
	if o.Severity < 0 || o.Severity > SEV3 {
		return Incident{}, nil, refusal.Invalid("There is no %s. Write sev1, sev2 or sev3; sev1 is the worst.", o.Severity)
	}
	if o.Private && o.Light {
		return Incident{}, nil, refusal.Invalid("A private snafu needs a channel of its own, so it can't be light. Leave one of the two out.")
	}
	i := Incident{
		ID: id, Title: short, Severity: o.Severity, System: o.System, Reporter: o.Reporter,
		Lead: o.Reporter, Drill: o.Drill, Private: o.Private, Light: o.Light, Opened: at, phase: PhaseTriage,
	}
	if o.Light {
		i.OpenedIn = o.In
	}
	if o.System != "" {
		i.Triage = i.Triage.with(QuestionWhere, Answer{Text: o.System, By: o.Reporter.Actor(), At: at})
	}
	if o.Still != "" {
		a := Answer{Choices: []string{o.Still}, By: o.Reporter.Actor(), At: at}
		if a, err = Questions[QuestionStill-1].check(a, at); err != nil {
			return Incident{}, nil, err
		}
		i.Triage = i.Triage.with(QuestionStill, a)
	}
	if i.SeverityChosen = i.Severity != 0; i.SeverityChosen {
		i.SeverityWhy = "chosen at open"
	} else {
		i.Severity, i.SeverityWhy = Suggest(i.Triage, -1)
	}
	facts := []Fact{Opened{
		ID: id, Title: short, Severity: i.Severity, SeverityWhy: i.SeverityWhy,
		SeverityChosen: i.SeverityChosen, System: i.System, Reporter: i.Reporter, Lead: i.Lead, Drill: i.Drill,
		Private: i.Private, Light: i.Light, In: i.OpenedIn, Still: o.Still,
	}}
	if whole != "" {
		facts = append(facts, Noted{Note: NotePlain, Text: shorten(whole, textMax), When: at})
	}
	return i, facts, nil
}

// Ready records the incident's channel. A second channel is refused with
// Conflict, because people have begun to talk in the first.
func (i Incident) Ready(channel, name string) (Incident, ChannelReady, error) {
	if i.Channel != "" && i.Channel != channel {
		return i, ChannelReady{}, refusal.Conflict("%s has its channel already.", i.ID)
	}
	if channel == "" {
		return i, ChannelReady{}, refusal.Invalid("A channel needs an id.")
	}
	i.Channel, i.ChannelName = channel, name
	return i, ChannelReady{Channel: channel, Name: name}, nil
}

// open refuses when the incident is over.
func (i Incident) open() error {
	if i.phase.Ended() {
		return refusal.Conflict("%s is %s. /snafu reopen WHY starts it again; something else is a new one: /snafu open TITLE.", i.ID, i.phase)
	}
	return nil
}

// led refuses unless by is the lead.
func (i Incident) led(by Actor, what string) error {
	if p, ok := by.Person(); ok && p == i.Lead {
		return nil
	}
	return refusal.Forbidden("Only the lead can %s %s. That is %s.", what, i.ID, i.Lead.Mention())
}

// withAct returns a copy with one act more; the incident it was made from
// keeps its own list.
func (i Incident) withAct(c Containment) Incident {
	i.Acts = append(slices.Clone(i.Acts), c)
	return i
}
