package incidents

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// textMax is the longest text of an answer, a note or a reason, in characters.
const textMax = 3000

// Answer is what somebody said to one question of triage. "Don't know" is a
// valid answer and stays visible.
type Answer struct {
	Choices  []string  // codes of the choices taken; DontKnow stands alone
	Text     string    // words beside or instead of choices
	Time     time.Time // for a question about an instant
	Guess    bool      // not known for sure
	Measured bool      // found by a count, not said by a person
	By       Actor     // who answered; set by the decision
	At       time.Time // when; set by the decision
}

// Given says whether there is an answer at all.
func (a Answer) Given() bool { return !a.At.IsZero() }

// Unknown says whether the answer is "don't know".
func (a Answer) Unknown() bool { return slices.Contains(a.Choices, DontKnow) }

func (a Answer) is(code string) bool { return a.Given() && slices.Contains(a.Choices, code) }

// Say returns the answer to q in words, without who and when. A time is
// printed in UTC.
func (a Answer) Say(q Question) string {
	row, ok := q.Ask()
	if !ok || !a.Given() {
		return ""
	}
	var parts []string
	for _, c := range a.Choices {
		parts = append(parts, row.Say(c))
	}
	said := strings.Join(parts, ", ")
	if !a.Time.IsZero() {
		said = a.Time.UTC().Format("2006-01-02 15:04 UTC")
	}
	if a.Text != "" {
		if said != "" {
			said += ": "
		}
		said += a.Text
	}
	if a.Guess {
		said += " (a guess)"
	}
	return said
}

// Triage holds the newest answer to each question; older ones stay in the
// journal.
type Triage struct{ answers map[Question]Answer }

// NewTriage rebuilds triage from stored answers.
func NewTriage(answers map[Question]Answer) Triage { return Triage{maps.Clone(answers)} }

// Answer returns the answer to q; it is not Given while the question is open.
func (t Triage) Answer(q Question) Answer { return t.answers[q] }

// Answered returns how many questions have an answer.
func (t Triage) Answered() int { return len(t.answers) }

// Complete says whether every question has an answer.
func (t Triage) Complete() bool { return t.Answered() == len(Questions) }

// Progress returns "Triage 4 of 11", or "Triage complete".
func (t Triage) Progress() string {
	if t.Complete() {
		return "Triage complete"
	}
	return "Triage " + strconv.Itoa(t.Answered()) + " of " + strconv.Itoa(len(Questions))
}

// Next returns the first open question, and whether one is open.
func (t Triage) Next() (Asked, bool) {
	for _, q := range Questions {
		if !t.answers[q.N].Given() {
			return q, true
		}
	}
	return Asked{}, false
}

// Still returns the answer to "is the error still occurring": Yes, No,
// DontKnow, or "" while nobody has said.
func (t Triage) Still() string {
	a := t.answers[QuestionStill]
	if !a.Given() || len(a.Choices) == 0 {
		return ""
	}
	return a.Choices[0]
}

// MissingForPlan returns what must be recorded before a plan may be proposed,
// in words: a rollback without the source is useless.
func (t Triage) MissingForPlan() []string {
	var missing []string
	for _, q := range []Question{QuestionError, QuestionCause} {
		if a := t.answers[q]; !a.Given() || a.Unknown() {
			row, _ := q.Ask()
			missing = append(missing, row.Next)
		}
	}
	return missing
}

func (t Triage) with(q Question, a Answer) Triage {
	t.answers = maps.Clone(t.answers)
	if t.answers == nil {
		t.answers = map[Question]Answer{}
	}
	t.answers[q] = a
	return t
}

// check returns a cleaned answer, or Invalid if it does not fit the question.
func (q Asked) check(a Answer, at time.Time) (Answer, error) {
	a.Text = clean(a.Text)
	if len([]rune(a.Text)) > textMax {
		return a, refusal.Invalid("That answer is longer than %d characters. Write the rest as notes: /snafu note TEXT.", textMax)
	}
	a.Choices = slices.Compact(slices.Sorted(slices.Values(a.Choices)))
	if a.Unknown() {
		a.Choices, a.Time, a.Guess = []string{DontKnow}, time.Time{}, false
		return a, nil
	}
	for _, c := range a.Choices {
		if !q.offers(c) {
			return a, refusal.Invalid("%q is not an answer to %q %s", shorten(c, 40), q.Ask, q.how())
		}
	}
	switch {
	case q.Form == FormTime:
		if a.Time.IsZero() {
			return a, refusal.Invalid("%q wants a time, or don't know. Write 10:42, yesterday 17:00 or 2026-03-28 10:42.", q.Ask)
		}
		a.Time = a.Time.UTC().Truncate(time.Microsecond)
		if a.Time.After(at) {
			return a, refusal.Invalid("That lies in the future. When did it begin? Write a time that has passed.")
		}
		return a, nil
	case q.Form == FormChoice && len(a.Choices) != 1, q.Form == FormChoices && len(a.Choices) == 0:
		return a, refusal.Invalid("%q %s", q.Ask, q.how())
	case len(a.Choices) == 0 && a.Text == "":
		return a, refusal.Invalid("%q needs a few words, or don't know.", q.Ask)
	}
	a.Time = time.Time{}
	return a, nil
}

// how tells which answers fit.
func (q Asked) how() string {
	if len(q.Choices) == 0 {
		return "Write a few words, or don't know."
	}
	var names []string
	for _, c := range q.Choices {
		names = append(names, c.Say)
	}
	if q.Form == FormChoices {
		return "Choose one or several of " + joined(names) + ", or don't know."
	}
	return "Choose one of " + joined(names) + ", or don't know."
}
