package incidents

import (
	"time"

	"snafu/incidents/refusal"
)

// ArchiveAnnounced says when the channel of a closed incident is archived.
type ArchiveAnnounced struct {
	Channel string
	When    time.Time
}

// Kind names the fact.
func (ArchiveAnnounced) Kind() string { return "archive-announced/1" }

// Words tell it.
func (f ArchiveAnnounced) Words() Words {
	return Sentence("This channel is archived ", Dated(f.When), ", because its snafu was closed a while ago. What still belongs here can be said until then; the log and what is owed stay.")
}

// Archiving says that the channel's time is over.
type Archiving struct{ Channel string }

// Kind names the fact.
func (Archiving) Kind() string { return "archiving/1" }

// ChannelWanted says that an incident needs another channel, because its own is
// archived. Now is true if somebody does not want to wait for it to come back.
type ChannelWanted struct {
	Channel string
	Now     bool
}

// Kind names the fact.
func (ChannelWanted) Kind() string { return "channel-wanted/1" }

// ChannelMoved says where an incident goes on, and who is brought there.
type ChannelMoved struct {
	Was     string
	Channel string
	Name    string
	People  []Person
}

// Kind names the fact.
func (ChannelMoved) Kind() string { return "channel-moved/1" }

// Move gives an incident another channel. It refuses with Invalid one without an
// id, and with Conflict an incident that is over or has had no channel.
func (i Incident) Move(channel, name string, people []Person) (Incident, ChannelMoved, error) {
	switch {
	case channel == "":
		return i, ChannelMoved{}, refusal.Invalid("A channel needs an id.")
	case i.phase.Ended():
		return i, ChannelMoved{}, refusal.Conflict("%s is %s, so it needs no other channel.", i.ID, i.phase)
	case i.Channel == "" || i.Channel == channel:
		return i, ChannelMoved{}, refusal.Conflict("%s has its channel already.", i.ID)
	}
	was := i.Channel
	i.Channel, i.ChannelName = channel, name
	return i, ChannelMoved{Was: was, Channel: channel, Name: name, People: people}, nil
}
