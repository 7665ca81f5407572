package incidents

import "snafu/incidents/refusal"

// Followed says that somebody hears of each update, change of phase and end of
// an incident, by direct message.
type Followed struct{ People []Person }

// Kind names the fact.
func (Followed) Kind() string { return "followed/1" }

// Unfollowed says that somebody follows no more.
type Unfollowed struct{ People []Person }

// Kind names the fact.
func (Unfollowed) Kind() string { return "unfollowed/1" }

// MayFollow refuses with Forbidden whoever is not the lead and decides for
// somebody else, and with Conflict an incident that is over.
func (i Incident) MayFollow(by Actor, who Person) error {
	if p, ok := by.Person(); ok && p != who {
		if err := i.led(by, "choose who else follows"); err != nil {
			return err
		}
	}
	return i.open()
}

// Settings are what one person wants of the bot. The zero value is not the usual
// one: UsualSettings is.
type Settings struct {
	Rest    Rest
	Updates bool // of what they follow: a direct message at each update
	Phases  bool // and at each change of phase; that it is resolved is always told
}

// UsualSettings are those of whoever has set nothing.
var UsualSettings = Settings{Rest: UsualRest, Updates: true, Phases: true}

// Check refuses with Invalid times that are none.
func (s Settings) Check() error {
	for _, minute := range []int64{s.Rest.From, s.Rest.To} {
		if minute < 0 || minute >= 24*60 {
			return refusal.Invalid("A quiet time begins and ends at a time of day. Write 20:00 or 8:00.")
		}
	}
	return nil
}
