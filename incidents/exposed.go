package incidents

import (
	"strings"
	"time"
)

// DataExposed says that data was shown to someone who should not see it. Called is
// whether the security contact is called; Why says why not.
type DataExposed struct {
	Called bool
	Why    string
}

// Kind names the fact.
func (DataExposed) Kind() string { return "data-exposed/1" }

// Words tell what follows from it.
func (f DataExposed) Words() Words {
	w := Sentence("Data was shown to someone who should not see it.")
	if f.Called {
		return Sentence(w, " The security contact is called.")
	}
	return Sentence(w, " "+f.Why)
}

// Exposed says whether somebody has answered that data was exposed.
func (t Triage) Exposed() bool { return t.answers[QuestionExposed].is(Yes) }

// StallAfter is how long the questions that decide what to do may stay open before
// help is offered.
const StallAfter = 20 * time.Minute

// TriageStalls says that questions without which nothing can be stopped or counted
// have been open for a while.
type TriageStalls struct{ Questions []Question }

// Kind names the fact.
func (TriageStalls) Kind() string { return "triage-stalls/1" }

// Words ask for help, and blame nobody.
func (f TriageStalls) Words() Words {
	var asks []string
	for _, n := range f.Questions {
		if q, ok := n.Ask(); ok {
			asks = append(asks, q.Ask)
		}
	}
	return Sentence("Open for " + Took(StallAfter) + ": " + strings.Join(asks, " ") + " Who might know? \"Don't know\" is an answer too.")
}

// Stalls returns what there is to say of questions that stay open, and whether
// there is anything.
func (i Incident) Stalls(at time.Time) (TriageStalls, bool) {
	if i.phase != PhaseTriage || at.Sub(i.Opened) < StallAfter {
		return TriageStalls{}, false
	}
	var f TriageStalls
	for _, n := range []Question{QuestionRun, QuestionStill} {
		if !i.Triage.Answer(n).Given() {
			f.Questions = append(f.Questions, n)
		}
	}
	return f, len(f.Questions) > 0
}
