package incidents

import "snafu/incidents/refusal"

// ThreadReady says where the thread of a light incident is.
type ThreadReady struct{ Channel string }

// Kind names the fact.
func (ThreadReady) Kind() string { return "thread-ready/1" }

// Promoted says that a light incident gets a channel of its own.
type Promoted struct{}

// Kind names the fact.
func (Promoted) Kind() string { return "promoted/1" }

// Promote makes a whole incident of a light one; everything that was recorded
// stays. It refuses with Conflict one that has its channel, or is over.
func (i Incident) Promote() (Incident, Promoted, error) {
	if !i.Light {
		return i, Promoted{}, refusal.Conflict("%s is no light one: it has a channel of its own already.", i.ID)
	}
	if err := i.open(); err != nil {
		return i, Promoted{}, err
	}
	i.Light = false
	return i, Promoted{}, nil
}

// Whole refuses what a light incident cannot do before it has its channel.
func (i Incident) Whole(what string) error {
	if !i.Light {
		return nil
	}
	return refusal.Conflict("%s is a light one, without a channel: %s waits until it has one. /snafu promote %s gives it one, and everything recorded stays.", i.ID, what, i.ID).Coded("light")
}
