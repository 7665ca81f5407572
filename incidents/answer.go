package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Answered is one answer of triage. A later one to the same question replaces
// it on the card; both stay in the journal.
type Answered struct {
	Question Question
	Choices  []string
	Text     string
	Time     time.Time
	Guess    bool
	Measured bool
	Corrects bool  // there was an answer before
	Count    int64 // questions answered now
}

// Kind names the fact.
func (Answered) Kind() string { return "answered/1" }

// TriageComplete says that each question has an answer.
type TriageComplete struct{}

// Kind names the fact.
func (TriageComplete) Kind() string { return "triage-complete/1" }

// SystemNamed says which system the incident is about, as an answer or a count has
// shown it.
type SystemNamed struct{ Was, Now string }

// Kind names the fact.
func (SystemNamed) Kind() string { return "system-named/1" }

// Named lets the incident be about a system; facts get one more if that is news.
func (i Incident) Named(system string, facts []Fact) (Incident, []Fact) {
	if system == "" || system == i.System {
		return i, facts
	}
	facts = append(facts, SystemNamed{Was: i.System, Now: system})
	i.System = system
	return i, facts
}

// Answer records what somebody says to a question of triage. It refuses with
// NotFound a question that does not exist, with Invalid an answer that does
// not fit, and with Conflict once the incident is over. The answer to "is the
// error still occurring" may move the phase.
func (i Incident) Answer(by Actor, n Question, a Answer, at time.Time) (Incident, []Fact, error) {
	q, ok := n.Ask()
	if !ok {
		return i, nil, refusal.NotFound("Triage has questions 1 to %d; there is no question %d.", len(Questions), n)
	}
	if err := i.open(); err != nil {
		return i, nil, err
	}
	a, err := q.check(a, at)
	if err != nil {
		return i, nil, err
	}
	if n == QuestionCause && NamesPerson(a.Text) {
		return i, nil, ErrNamesPerson
	}
	old, wasComplete := i.Triage.Answer(n), i.Triage.Complete()
	a.By, a.At, a.Measured = by, at, false
	i.Triage = i.Triage.with(n, a)
	facts := []Fact{i.answered(n, a, old.Given())}
	if !wasComplete && i.Triage.Complete() {
		facts = append(facts, TriageComplete{})
	}
	return i.settle(facts, at)
}

// Unanswered refuses with Conflict a question that has an answer, and says which.
func (i Incident) Unanswered(n Question) error {
	a := i.Triage.Answer(n)
	if !a.Given() {
		return nil
	}
	by := a.By.Mention()
	if a.Measured {
		by = "a count"
	}
	return refusal.Conflict("Question %d was answered already, by %s: %s. To put it right: `/snafu triage %d`.", n, by, shorten(a.Say(n), 80), n).Coded("answered")
}

func (i Incident) answered(n Question, a Answer, corrects bool) Answered {
	return Answered{
		Question: n, Choices: a.Choices, Text: a.Text, Time: a.Time, Guess: a.Guess,
		Measured: a.Measured, Corrects: corrects, Count: int64(i.Triage.Answered()),
	}
}

// Restorable refuses with Conflict while a plan may not be proposed, and says
// what is missing: the cause contained, the error and its cause recorded.
func (i Incident) Restorable() error {
	switch i.phase {
	case PhaseContained, PhaseRestoring:
	case PhaseTriage:
		if _, acted := i.Acted(); !acted {
			return refusal.Conflict("Nobody has stopped the cause yet, so new records could go wrong behind the plan. Record it first: /snafu contain stopped WHAT.").Coded("not-contained")
		}
		return refusal.Conflict("The cause was acted on, but nothing shows yet that the error has ended. Count twice, or answer triage question %d with No.", QuestionStill).Coded("not-contained")
	default:
		return refusal.Conflict("%s is %s, so no plan can be proposed.", i.ID, i.phase)
	}
	if missing := i.MissingForPlan(); len(missing) > 0 {
		return refusal.Conflict("Before a plan is proposed, triage has to say: %s Answer with /snafu triage. The lead may do without: /snafu waive triage WHY.", strings.Join(missing, " ")).Coded("triage-open")
	}
	return nil
}

// MissingForPlan is what triage still has to say before a plan is proposed, in
// words: nothing once the lead has waived it.
func (i Incident) MissingForPlan() []string {
	if i.TriageWaived != "" {
		return nil
	}
	return i.Triage.MissingForPlan()
}

// TriageWaived says that a plan may be proposed although triage does not say all
// that it should.
type TriageWaived struct {
	Why     string
	Missing []string // the questions, as they are asked
}

// Kind names the fact.
func (TriageWaived) Kind() string { return "triage-waived/1" }

// Words tell who does without which answers, and why.
func (f TriageWaived) Words(by Actor) Words {
	return Sentence("A plan may be proposed without the answer to: "+strings.Join(f.Missing, " ")+" Waived by ", by, ": "+f.Why)
}

// waiveMin is the shortest reason for doing without an answer, in characters.
const waiveMin = 10

// WaiveTriage lets a plan be proposed although triage does not say what the error
// and its cause are. It refuses with Forbidden anybody but the lead, with Invalid
// too short a reason, and with Conflict when nothing is missing or the incident is
// over.
func (i Incident) WaiveTriage(by Actor, why string) (Incident, TriageWaived, error) {
	if err := i.open(); err != nil {
		return i, TriageWaived{}, err
	}
	if err := i.led(by, "waive answers of"); err != nil {
		return i, TriageWaived{}, err
	}
	missing := i.MissingForPlan()
	why = oneLine(why)
	switch n := len([]rune(why)); {
	case len(missing) == 0:
		return i, TriageWaived{}, refusal.Conflict("Triage lacks nothing that a plan needs, so there is nothing to waive.")
	case n < waiveMin:
		return i, TriageWaived{}, refusal.Invalid("Why can a plan do without? Say it in %d characters or more: /snafu waive triage WHY.", waiveMin)
	case n > textMax:
		return i, TriageWaived{}, refusal.Invalid("That is longer than %d characters.", textMax)
	}
	i.TriageWaived = why
	return i, TriageWaived{Why: why, Missing: missing}, nil
}
