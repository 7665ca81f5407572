package incidents

import (
	"strings"
	"time"
)

// quietRecounts is how many recounts in a row must find nothing new after the
// act before "stopped" counts as measured.
const quietRecounts = 2

// Recounts remembers what the counts of one run have found, as far as the
// verdict about growth needs it.
type Recounts struct {
	Run     string
	Touched int64     // records touched by the run, at the last count
	At      time.Time // instant of the last count
	Since   time.Time // instant of the first count that found this number
	Equal   int64     // counts in a row that found nothing new, with or without an act
	Quiet   int64     // those of them that were made after the first act
	From    int64     // the number before the growth that goes on
	FromAt  time.Time // instant of the count that found From; zero while nothing grows
}

// Measured says whether there is a count at all.
func (r Recounts) Measured() bool { return !r.At.IsZero() }

// Growing says whether the last counts found more and more. It ends with two
// counts in a row that find nothing new.
func (r Recounts) Growing() bool { return !r.FromAt.IsZero() }

// CauseActed says what was done to a cause. Whether that ended the error is
// another fact: Contained.
type CauseActed struct {
	How                   How
	What, Was, Now, Proof string
	DoneAt                time.Time
}

// Kind names the fact.
func (CauseActed) Kind() string { return "cause-acted/1" }

// Contained says that an act is recorded and that the error no longer occurs.
type Contained struct {
	Measured bool // by counts, not by a person's word
	Run      string
	Touched  int64
	Since    time.Time // nothing new since then
}

// Kind names the fact.
func (Contained) Kind() string { return "contained/1" }

// Uncontained says that a contained error occurs again.
type Uncontained struct{ Measured bool }

// Kind names the fact.
func (Uncontained) Kind() string { return "uncontained/1" }

// Grew says that a count found more records than the one before it.
type Grew struct {
	Run      string
	From, To int64
	Since    time.Time // instant of the count that found From
	At       time.Time // instant of the count that found To
	Phase    string    // in which phase; a plan's approvals are void from here
}

// Kind names the fact.
func (Grew) Kind() string { return "grew/1" }

// Words returns "Still happening: 2,500 -> 2,926 (+426) since 09:10".
func (g Grew) Words() Words {
	return Sentence("Still happening: ", g.From, " -> ", g.To, " (+", g.To-g.From, ") since ", Near(g.Since, g.At))
}

// GrewOn says that what grew before has grown further. The verdict is the same,
// so nobody is alarmed once more.
type GrewOn struct {
	Run      string
	From, To int64
	Since    time.Time // instant of the count before the growth began, which found From
	At       time.Time // instant of the count that found To
	Phase    string
}

// Kind names the fact.
func (GrewOn) Kind() string { return "grew-on/1" }

// Quiet says that two counts in a row found nothing new: after the act if there
// was one.
type Quiet struct {
	Run     string
	Touched int64
	Since   time.Time
	At      time.Time
}

// Kind names the fact.
func (Quiet) Kind() string { return "quiet/1" }

// Words returns "No new ones since 09:41: 2,926".
func (q Quiet) Words() Words {
	return Sentence("No new ones since ", Near(q.Since, q.At), ": ", q.Touched)
}

// RestoringBegan says that the first plan was proposed.
type RestoringBegan struct{}

// Kind names the fact.
func (RestoringBegan) Kind() string { return "restoring-began/1" }

// Contain records an act on the cause. The phase moves only once the error no
// longer occurs, which may be now, if somebody has said so, or minutes later,
// when counts have shown it. It refuses with Invalid an act without its words,
// and with Conflict when the incident is over.
func (i Incident) Contain(by Actor, c Containment, at time.Time) (Incident, []Fact, error) {
	if err := i.open(); err != nil {
		return i, nil, err
	}
	c, err := c.check(at)
	if err != nil {
		return i, nil, err
	}
	_, acted := i.Acted()
	if c.By, c.At = by, at; c.Acts() && !acted {
		i.Recount.Quiet = 0
	}
	i = i.withAct(c)
	facts := []Fact{CauseActed{How: c.How, What: c.What, Was: c.Was, Now: c.Now, Proof: c.Proof, DoneAt: c.DoneAt}}
	return i.settle(facts, at)
}

// settle moves between Triage and Contained as the evidence says.
func (i Incident) settle(facts []Fact, at time.Time) (Incident, []Fact, error) {
	still := i.Triage.Answer(QuestionStill)
	act, acted := i.Acted()
	// What was counted before the act says nothing about the time after it.
	proven := still.is(No) && (!still.Measured || i.Recount.Quiet >= quietRecounts)
	switch {
	case i.phase == PhaseTriage && acted && proven:
		if err := i.move(PhaseContained); err != nil {
			return i, nil, err
		}
		i.ContainedAt = at
		since := act.DoneAt
		if still.Measured {
			since = i.quietSince()
		}
		facts = append(facts, Contained{Measured: still.Measured, Run: i.Recount.Run, Touched: i.Recount.Touched, Since: since})
	case i.phase == PhaseContained && still.is(Yes):
		if err := i.move(PhaseTriage); err != nil {
			return i, nil, err
		}
		i.ContainedAt = time.Time{}
		facts = append(facts, Uncontained{Measured: still.Measured})
	}
	return i, facts, nil
}

// quietSince is the later of the act and the first count with this number:
// nothing can be said about the time before either.
func (i Incident) quietSince() time.Time {
	since := i.Recount.Since
	if act, ok := i.Acted(); ok && act.DoneAt.After(since) {
		since = act.DoneAt
	}
	return since
}

// Recount is one count of the records that a run has touched.
type Recount struct {
	Source, Table, Run string
	Touched            int64
	At                 time.Time // instant of the snapshot
}

// Recounted takes in a count of the records that a run has touched. More than
// at the count before: the error still occurs, whatever anybody said. The same
// twice in a row after an act: it has stopped. The same twice without an act:
// it does not grow, unless a person says that it goes on. The first count of a
// run only remembers, and answers which run did it. In Restoring and Resolved
// growth is a fact and the phase stays, because people decide what that means.
// Counts of a closed or cancelled incident change nothing.
func (i Incident) Recounted(by Actor, c Recount, at time.Time) (Incident, []Fact, error) {
	was, counted := i.Recount, c.At.UTC().Truncate(time.Microsecond)
	if i.phase.Ended() || (was.Run == c.Run && was.Measured() && !counted.After(was.At)) {
		return i, nil, nil
	}
	now := Recounts{Run: c.Run, Touched: c.Touched, At: counted, Since: counted}
	if !was.Measured() || was.Run != c.Run {
		i.Recount = now
		i, facts := i.located(by, c, at)
		return i, facts, nil
	}
	run, touched := c.Run, c.Touched
	if touched < was.Touched {
		i.Recount = now
		return i, nil, nil
	}
	if touched > was.Touched {
		return i.grew(by, was, now, at)
	}
	now.Since, now.Equal, now.Quiet, now.From, now.FromAt = was.Since, was.Equal+1, was.Quiet, was.From, was.FromAt
	act, acted := i.Acted()
	if acted && counted.After(act.DoneAt) {
		now.Quiet++
	}
	if now.Equal >= quietRecounts {
		now.From, now.FromAt = 0, time.Time{}
	}
	i.Recount = now
	if acted && now.Quiet != quietRecounts || !acted && (now.Equal != quietRecounts || i.insisted()) {
		return i, nil, nil
	}
	facts := []Fact{Quiet{Run: run, Touched: touched, Since: i.quietSince(), At: counted}}
	i, facts = i.measured(by, No, facts, at)
	return i.settle(facts, at)
}

// grew takes in a count that found more. Only the first of a row is an alarm.
func (i Incident) grew(by Actor, was, now Recounts, at time.Time) (Incident, []Fact, error) {
	now.From, now.FromAt = was.Touched, was.At
	if was.Growing() {
		now.From, now.FromAt = was.From, was.FromAt
	}
	i.Recount = now
	var facts []Fact
	if was.Growing() {
		facts = []Fact{GrewOn{Run: now.Run, From: now.From, To: now.Touched, Since: now.FromAt, At: now.At, Phase: i.phase.String()}}
	} else {
		facts = []Fact{Grew{Run: now.Run, From: was.Touched, To: now.Touched, Since: was.At, At: now.At, Phase: i.phase.String()}}
	}
	i, facts = i.measured(by, Yes, facts, at)
	return i.settle(facts, at)
}

// insisted says whether a person said that the error still occurs. Without an
// act on the cause two equal counts do not overrule that: they may lie between
// two runs of it.
func (i Incident) insisted() bool {
	still := i.Triage.Answer(QuestionStill)
	return still.is(Yes) && !still.Measured
}

// measured answers "still occurring" from counts.
func (i Incident) measured(by Actor, code string, facts []Fact, at time.Time) (Incident, []Fact) {
	old := i.Triage.Answer(QuestionStill)
	if old.is(code) && old.Measured {
		return i, facts
	}
	a := Answer{Choices: []string{code}, Measured: true, By: by, At: at}
	i.Triage = i.Triage.with(QuestionStill, a)
	if !old.is(code) {
		facts = append(facts, i.answered(QuestionStill, a, old.Given()))
	}
	if !old.Given() && i.Triage.Complete() {
		facts = append(facts, TriageComplete{})
	}
	return i, facts
}

// located answers where it is and which run did it from a count of that run,
// as far as nobody has said the same.
func (i Incident) located(by Actor, c Recount, at time.Time) (Incident, []Fact) {
	var facts []Fact
	if i.System == "" {
		i, facts = i.Named(c.Source, nil)
	}
	complete := i.Triage.Complete()
	// Somebody's own words stay; a system alone is made exact.
	if said, where := i.Triage.Answer(QuestionWhere).Text, c.Where(); where != said && (said == "" || said == c.Source) {
		i, facts = i.counted(QuestionWhere, where, by, facts, at)
	}
	if !strings.Contains(i.Triage.Answer(QuestionRun).Text, c.Run) {
		i, facts = i.counted(QuestionRun, c.Run, by, facts, at)
	}
	if !complete && i.Triage.Complete() {
		facts = append(facts, TriageComplete{})
	}
	return i, facts
}

func (i Incident) counted(q Question, text string, by Actor, facts []Fact, at time.Time) (Incident, []Fact) {
	old := i.Triage.Answer(q)
	a := Answer{Text: text, By: by, At: at}
	i.Triage = i.Triage.with(q, a)
	return i, append(facts, i.answered(q, a, old.Given()))
}

// Where returns source and table as "crm.lead".
func (c Recount) Where() string {
	if c.Source == "" || strings.HasPrefix(c.Table, c.Source+".") {
		return c.Table
	}
	if c.Table == "" {
		return c.Source
	}
	return c.Source + "." + c.Table
}

// Restore moves to Restoring because the first plan was proposed; once there
// it changes nothing. It refuses with Conflict while the cause is not
// contained, because a rollback without the source is useless.
func (i Incident) Restore(at time.Time) (Incident, []Fact, error) {
	if i.phase == PhaseRestoring {
		return i, nil, nil
	}
	if err := i.Restorable(); err != nil {
		return i, nil, err
	}
	if err := i.move(PhaseRestoring); err != nil {
		return i, nil, err
	}
	i.RestoringAt = at
	return i, []Fact{RestoringBegan{}}, nil
}
