package incidents

import (
	"slices"
	"time"

	"snafu/incidents/refusal"
)

// PageState says how a call stands.
type PageState string

// The states of a call.
const (
	PageCalling    PageState = "calling"
	PageAnswered   PageState = "answered"
	PageUnanswered PageState = "unanswered"
	PageEnded      PageState = "ended"
)

// The outcomes of one step of a call.
const (
	StepCalling  = "calling"
	StepSilent   = "silent"   // did not answer in time
	StepPassed   = "passed"   // said they can't
	StepNobody   = "nobody"   // nobody was there to be called
	StepAnswered = "answered" // somebody is on it
	StepEnded    = "ended"    // the call ended for another reason
)

// Page is one call for help and its way up the ladder.
type Page struct {
	ID         int64
	Incident   ID
	Target     string // name of the rota, or "" when a person was called
	Person     Person // the person called by name, if one was
	Why        string
	By         Actor // who called; a part of the program at open
	Severity   Severity
	State      PageState
	Steps      []PageStep // oldest first
	Rung       int64      // rungs of the ladder used up so far
	Next       []Person   // who is called next, as known now
	NextName   string     // where they come from
	Fallback   string     // contact outside Slack
	Started    time.Time
	AnsweredBy Person
	AnsweredAt time.Time
	Asked      time.Time // whoever answered was asked whether they still are on it; zero if not
	Joined     []Person  // those who said so later
	EndedAt    time.Time
	EndedWhy   string
	Sends      []PageSend // outside of Slack, oldest first
}

// PageStep is one rung that was called.
type PageStep struct {
	N       int64
	Name    string // rota, "admins of crm", or ""
	People  []Person
	At      time.Time
	Due     time.Time // the next rung is called then
	Outcome string
	Why     string
	By      Person // who passed, if somebody did
}

// Rung is the next one to call, found by the caller of a decision. Nobody in
// it is a gap, and Why says which.
type Rung struct {
	N        int64
	Name     string
	People   []Person
	Why      string
	Window   time.Duration
	Next     []Person
	NextName string
}

// Step returns the step being called or called last, and whether there is one.
func (p Page) Step() (PageStep, bool) {
	if len(p.Steps) == 0 {
		return PageStep{}, false
	}
	return p.Steps[len(p.Steps)-1], true
}

// TargetWords returns who was asked for: the rota or the person.
func (p Page) TargetWords() Words {
	if p.Person != "" {
		return Sentence(p.Person)
	}
	return Sentence(p.Target)
}

// Try calls a rung, or skips it when nobody is on it. The first step called is
// Called, each later one CalledNext. A call that is not calling any more
// refuses with Conflict.
func (p Page) Try(r Rung, at time.Time) (Page, Fact, error) {
	if p.State != PageCalling {
		return p, nil, p.over()
	}
	p.Rung = r.N
	silent, after := p.leave(StepSilent, at)
	step := PageStep{N: r.N, Name: r.Name, People: r.People, At: at, Due: at.Add(r.Window), Outcome: StepCalling, Why: r.Why}
	if len(r.People) == 0 {
		step.Due, step.Outcome = at, StepNobody
		p.Steps = append(slices.Clone(p.Steps), step)
		return p, CallSkipped{Page: p.ID, Step: r.N, Name: r.Name, Why: r.Why}, nil
	}
	first := !slices.ContainsFunc(p.Steps, func(s PageStep) bool { return s.Outcome != StepNobody })
	p.Steps = append(slices.Clone(p.Steps), step)
	p.Next, p.NextName = r.Next, r.NextName
	if first {
		return p, Called{
			Page: p.ID, Target: p.Target, Step: r.N, Name: r.Name, People: r.People, Why: p.Why,
			Due: step.Due, Next: r.Next, NextName: r.NextName,
		}, nil
	}
	return p, CalledNext{
		Page: p.ID, Silent: silent, After: after, Step: r.N, Name: r.Name, People: r.People,
		Due: step.Due, Next: r.Next, NextName: r.NextName,
	}, nil
}

// leave closes the step being called and returns who was silent for how many
// seconds; nobody if no step was being called.
func (p *Page) leave(outcome string, at time.Time) ([]Person, int64) {
	last := len(p.Steps) - 1
	if last < 0 || p.Steps[last].Outcome != StepCalling {
		return nil, 0
	}
	p.Steps = slices.Clone(p.Steps)
	p.Steps[last].Outcome = outcome
	return p.Steps[last].People, int64(at.Sub(p.Steps[last].At).Round(time.Second) / time.Second)
}

// GiveUp ends a call whose ladder has no rung left.
func (p Page) GiveUp(lead Person, at time.Time) (Page, CallUnanswered, error) {
	if p.State != PageCalling {
		return p, CallUnanswered{}, p.over()
	}
	silent, after := p.leave(StepSilent, at)
	p.State, p.Next, p.NextName, p.EndedAt = PageUnanswered, nil, "", at
	return p, CallUnanswered{Page: p.ID, Silent: silent, After: after, Fallback: p.Fallback, Lead: lead}, nil
}

// Ack says that by is on it. The first one stops the ladder, also after
// nobody had answered; later ones join; who was asked confirms. It refuses with Conflict who is on it
// already, and once the call has ended.
func (p Page) Ack(by Person, at time.Time) (Page, Fact, error) {
	switch {
	case p.State == PageEnded:
		return p, nil, p.over()
	case p.State == PageAnswered && p.AnsweredBy == by && !p.Asked.IsZero():
		p.Asked = time.Time{}
		return p, CallConfirmed{Page: p.ID, By: by}, nil
	case p.State == PageAnswered && (p.AnsweredBy == by || slices.Contains(p.Joined, by)):
		return p, nil, refusal.Conflict("You are on it already.").Coded("already")
	case p.State == PageAnswered:
		p.Joined = append(slices.Clone(p.Joined), by)
		return p, CallJoined{Page: p.ID, By: by}, nil
	}
	p.leave(StepAnswered, at)
	p.Asked = time.Time{}
	p.State, p.AnsweredBy, p.AnsweredAt, p.Next, p.NextName, p.EndedAt = PageAnswered, by, at, nil, "", time.Time{}
	return p, CallAnswered{Page: p.ID, By: by, After: int64(at.Sub(p.Started).Round(time.Second) / time.Second)}, nil
}

// Unreached says that somebody who is being called cannot be reached in Slack.
// Once that holds for everybody of the step, next is true: the next one is
// called at once. Of somebody who is not being called there is no fact.
func (p Page) Unreached(who Person, why string, at time.Time) (_ Page, fact Fact, next bool) {
	step, ok := p.Step()
	if p.State != PageCalling || !ok || step.Outcome != StepCalling || !slices.Contains(step.People, who) {
		return p, nil, false
	}
	if len(step.People) == 1 {
		p.leave(StepNobody, at)
		p.Steps[len(p.Steps)-1].Why = who.Mention() + " could not be reached in Slack."
		next = true
	}
	return p, CallUnreached{Page: p.ID, Who: who, Why: why}, next
}

// AskStill asks whoever answered whether they still are on it, because nothing
// was heard of them for a while. It refuses with Conflict a call that nobody
// answered.
func (p Page) AskStill(silent time.Duration, due, at time.Time) (Page, CallStillAsked, error) {
	if p.State != PageAnswered {
		return p, CallStillAsked{}, p.over()
	}
	p.Asked = at
	return p, CallStillAsked{Page: p.ID, People: []Person{p.AnsweredBy}, Silent: int64(silent / time.Second), Due: due}, nil
}

// Lapse takes the answer of a call back, because whoever gave it did not say
// that they still are on it. The ladder goes on where it stood. It refuses with
// Conflict a call whose answer is not in doubt.
func (p Page) Lapse(at time.Time) (Page, CallLapsed, error) {
	if p.State != PageAnswered || p.Asked.IsZero() {
		return p, CallLapsed{}, p.over()
	}
	fact := CallLapsed{Page: p.ID, Who: p.AnsweredBy, After: int64(at.Sub(p.Asked).Round(time.Second) / time.Second)}
	p.State, p.AnsweredBy, p.AnsweredAt, p.Asked = PageCalling, "", time.Time{}, time.Time{}
	return p, fact, nil
}

// Pass says that by, who is being called, can't. It refuses with Forbidden
// anybody else.
func (p Page) Pass(by Person, why string, at time.Time) (Page, CallPassed, error) {
	step, ok := p.Step()
	switch {
	case p.State != PageCalling:
		return p, CallPassed{}, p.over()
	case !ok || !slices.Contains(step.People, by):
		return p, CallPassed{}, refusal.Forbidden("Only who is being called can pass it on. That is %s.", Mentions(step.People))
	}
	p.leave(StepPassed, at)
	last := &p.Steps[len(p.Steps)-1]
	last.By, last.Why = by, shorten(oneLine(why), 300)
	return p, CallPassed{Page: p.ID, By: by, Why: last.Why}, nil
}

// End stops a call that nobody needs any more.
func (p Page) End(why string, at time.Time) (Page, CallEnded, error) {
	if p.State == PageEnded {
		return p, CallEnded{}, p.over()
	}
	p.leave(StepEnded, at)
	p.State, p.EndedWhy, p.EndedAt, p.Next, p.NextName = PageEnded, why, at, nil, ""
	return p, CallEnded{Page: p.ID, Why: why}, nil
}

// Again ends a call that nobody answered, because they are called again. It
// refuses with Conflict any other.
func (p Page) Again(at time.Time) (Page, CallEnded, error) {
	if p.State != PageUnanswered {
		if p.State == PageCalling {
			return p, CallEnded{}, refusal.Conflict("They are being called already.")
		}
		return p, CallEnded{}, p.over()
	}
	return p.End("called again", at)
}

func (p Page) over() error {
	switch p.State {
	case PageAnswered:
		return refusal.Conflict("%s is on it already.", p.AnsweredBy.Mention())
	case PageUnanswered:
		return refusal.Conflict("That call ended without an answer. Call again: /snafu call.")
	}
	return refusal.Conflict("That call has ended: %s.", p.EndedWhy)
}
