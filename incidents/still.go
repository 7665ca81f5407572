package incidents

import (
	"time"

	"snafu/incidents/refusal"
)

// StillSet says how often whoever is on it is asked whether they still are.
type StillSet struct {
	Page  int64 // the newest call that somebody answered; 0 if there is none
	Every int64 // seconds; 0 is not at all
	Why   string
}

// Kind names the fact.
func (StillSet) Kind() string { return "still-set/1" }

// Words returns "@ben: whoever is on it is asked after 2 h without a word, and no
// sooner."
func (s StillSet) Words(by Actor) Words {
	w := Sentence(by, ": whoever is on it is not asked any more whether they still are")
	if s.Every > 0 {
		w = Sentence(by, ": whoever is on it is asked whether they still are after "+Took(time.Duration(s.Every)*time.Second)+" without a word")
	}
	if s.Why == "" {
		return Sentence(w, ".")
	}
	return Sentence(w, ": "+s.Why)
}

const (
	stillLeast = 10 * time.Minute
	stillMost  = 24 * time.Hour
)

// SetStill says how often whoever is on it is asked whether they still are; 0 is not
// at all, and takes a reason. It refuses with Conflict what is resolved or over, with
// Invalid a pause of less than ten minutes or more than a day, and a missing reason.
func (i Incident) SetStill(every time.Duration, why string) (StillSet, error) {
	why = Line(why, 300)
	switch {
	case !i.phase.Live():
		return StillSet{}, refusal.Conflict("%s is %s, so nobody is asked any more.", i.ID, i.phase)
	case every == 0 && why == "":
		return StillSet{}, refusal.Invalid("Why is nobody to be asked whether they still are on it? Write it behind: /snafu ack every off WHY.")
	case every != 0 && (every < stillLeast || every > stillMost):
		return StillSet{}, refusal.Invalid("Whoever is on it is asked after 10 minutes to 24 hours without a word. Write /snafu ack every 30m, 1h or 2h.")
	}
	return StillSet{Every: int64(every / time.Second), Why: why}, nil
}
