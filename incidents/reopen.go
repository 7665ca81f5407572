package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Again says why an incident is taken up again.
type Again string

// The two reasons, which lead to different phases.
const (
	AgainOccurs Again = "again" // the error occurs again: the cause comes first
	AgainMore   Again = "more"  // more records need fixing; the cause is contained
)

// ParseAgain reads a reason as people type it, and says whether it is one.
func ParseAgain(word string) (Again, bool) {
	a := Again(strings.ToLower(word))
	return a, a == AgainOccurs || a == AgainMore
}

// Say returns the reason in words.
func (a Again) Say() string {
	if a == AgainMore {
		return "more records need fixing"
	}
	return "the error occurs again"
}

// Reopened says that an incident which was over is worked on again.
type Reopened struct {
	Which Again
	Why   string
	Was   string // the phase before
	Now   string
	// Promise is when the next update was promised by it.
	Promise time.Time
}

// Kind names the fact.
func (Reopened) Kind() string { return "reopened/1" }

// Words returns "Reopened by @ana: the error occurs again. The sync was
// switched on at noon".
func (r Reopened) Words(by Actor) Words {
	return Sentence("Reopened by ", by, ": "+r.Which.Say()+". "+r.Why)
}

// Reopenable refuses with Conflict what is under way.
func (i Incident) Reopenable() error {
	if i.phase.Live() {
		return refusal.Conflict("%s is %s, so there is nothing to reopen. /snafu status shows where it stands.", i.ID, i.phase)
	}
	return nil
}

// Reopen takes up again what was resolved, closed or cancelled. That the error
// occurs again leads to Triage and answers that question; that more records
// need fixing leads to Restoring. It refuses with Invalid a missing reason, and
// with Conflict what is under way, or a repair while the error still occurs.
func (i Incident) Reopen(by Actor, which Again, why string, at time.Time) (Incident, []Fact, error) {
	if err := i.Reopenable(); err != nil {
		return i, nil, err
	}
	why = shorten(oneLine(why), textMax)
	switch still := i.Triage.Still() == Yes; {
	case which != AgainOccurs && which != AgainMore:
		return i, nil, refusal.Invalid("Say what it is about: /snafu reopen again WHY if the error occurs again, /snafu reopen more WHY if more records need fixing.")
	case why == "":
		return i, nil, refusal.Invalid("Say why: /snafu reopen %s WHY.", which)
	case which == AgainMore && still:
		return i, nil, refusal.Conflict("The error still occurs, and what is fixed now would go wrong again. The cause comes first: /snafu reopen again WHY.")
	case which == AgainMore && i.phase == PhaseCancelled:
		return i, nil, refusal.Conflict("%s was cancelled before its cause was contained. Take it up from there: /snafu reopen again WHY.", i.ID)
	}
	was, to := i.phase, PhaseTriage
	if which == AgainMore {
		to = PhaseRestoring
	}
	if err := i.move(to); err != nil {
		return i, nil, err
	}
	i.ResolvedAt, i.ResolvedWhy, i.ClosedAt, i.ClosedWhy = time.Time{}, "", time.Time{}, ""
	facts := []Fact{Reopened{Which: which, Why: why, Was: was.String(), Now: to.String()}}
	if which == AgainMore {
		i.RestoringAt = at
		return i, facts, nil
	}
	i.ContainedAt = time.Time{}
	// What was counted before says nothing about the time from now on.
	i.Recount.Equal, i.Recount.Quiet = 0, 0
	old, complete := i.Triage.Answer(QuestionStill), i.Triage.Complete()
	if old.is(Yes) {
		return i, facts, nil
	}
	a := Answer{Choices: []string{Yes}, By: by, At: at}
	i.Triage = i.Triage.with(QuestionStill, a)
	facts = append(facts, i.answered(QuestionStill, a, old.Given()))
	if !complete && i.Triage.Complete() {
		facts = append(facts, TriageComplete{})
	}
	return i, facts, nil
}

// regrown says whether counts have found more since it was resolved.
func (i Incident) regrown() bool {
	still := i.Triage.Answer(QuestionStill)
	return i.phase == PhaseResolved && still.is(Yes) && still.Measured
}

// Regrows says whether growth that a count finds now is news in an incident
// that was thought to be over: the first of a row, since it was resolved.
func (i Incident) Regrows() bool { return i.phase == PhaseResolved && !i.Recount.Growing() }
