package incidents

import (
	"time"

	"snafu/incidents/refusal"
)

// SeverityChanged says how bad it is from now on.
type SeverityChanged struct {
	Was, Now Severity
	Why      string
	By       Person
	Call     bool      // nobody is called yet, and this severity would have called somebody at open
	Promise  time.Time // of the next update, where this severity wants it sooner; zero: as it was
}

// Kind names the fact.
func (SeverityChanged) Kind() string { return "severity-changed/1" }

// Words returns "SEV1 (was SEV2), raised by @ana: customers wait".
func (f SeverityChanged) Words() Words {
	how := "raised"
	if f.Now > f.Was {
		how = "lowered"
	}
	w := Sentence(f.Now.String()+" (was "+f.Was.String()+"), "+how+" by ", f.By)
	if f.Why == "" {
		return Sentence(w, ".")
	}
	return Sentence(w, ": "+f.Why)
}

// SetSeverity says how bad it is. Anybody may raise it; to lower it takes the
// lead and a reason. It calls nobody and moves no lead. It refuses with Conflict
// the severity that it has, or when the incident is over.
func (i Incident) SetSeverity(by Person, s Severity, why string, at time.Time) (Incident, SeverityChanged, error) {
	if err := i.open(); err != nil {
		return i, SeverityChanged{}, err
	}
	why = Line(why, 300)
	switch {
	case s < SEV1 || s > SEV3:
		return i, SeverityChanged{}, refusal.Invalid("There is no %s. Write /snafu sev 1, 2 or 3; 1 is the worst.", s)
	case s == i.Severity:
		return i, SeverityChanged{}, refusal.Conflict("%s is %s already.", i.ID, s)
	case s > i.Severity && by != i.Lead:
		return i, SeverityChanged{}, refusal.Forbidden("Only the lead can lower the severity. That is %s.", i.Lead.Mention())
	case s > i.Severity && why == "":
		return i, SeverityChanged{}, refusal.Invalid("Say why it is less bad than it was: /snafu sev %d WHY.", int64(s))
	}
	fact := SeverityChanged{Was: i.Severity, Now: s, Why: why, By: by}
	i.Severity, i.SeverityChosen, i.SeverityWhy = s, true, why
	if why == "" {
		i.SeverityWhy = chosenAt(at)
	}
	return i, fact, nil
}

func chosenAt(at time.Time) string { return "chosen at " + at.UTC().Format("15:04 UTC") }
