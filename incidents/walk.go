package incidents

import (
	"slices"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Went says how a step of a walk-through went.
type Went string

// The ways a step can go. Empty is a step that nobody has looked at.
const (
	WentUnseen Went = ""
	WentRight  Went = "right"
	WentWrong  Went = "wrong"
)

// WalkStep is one step of a flow: what should happen in it, and what did.
type WalkStep struct {
	Step     string
	Expected string
	Observed string
	Went     Went
	When     time.Time // when it went wrong; zero is not known
	How      string    // how it went wrong
	By       Actor
	At       time.Time // of its newest words
}

// Walk is the expected flow beside the observed one, step by step in the order
// of the flow.
type Walk []WalkStep

// The most that a walk-through holds, so that all of it is read on a phone.
const (
	walkMax     = 20
	walkTextMax = 300
)

// Walked is journalled for every step that is added, changed or taken out.
// Broke is the number of the first step that went wrong, 0 for none; Found says
// that it is another one than before.
type Walked struct {
	Number   int64
	Change   string // added, changed, removed
	Step     string
	Expected string
	Observed string
	Went     Went
	When     time.Time
	How      string
	Broke    int64
	Found    bool
	Where    WalkBroke
}

// WalkBroke is the first step that went wrong: where, when and how.
type WalkBroke struct {
	Step     string
	Expected string
	Observed string
	When     time.Time
	How      string
}

// Kind names the fact.
func (Walked) Kind() string { return "walked/1" }

// Words tell it, and are none unless another step than before is the first that
// went wrong.
func (f Walked) Words() Words {
	switch {
	case !f.Found:
		return nil
	case f.Broke == 0:
		return Sentence("Walk-through: no step is known to have gone wrong any more.")
	}
	w := Sentence("Walk-through: it broke at step ", f.Broke, ", "+f.Where.Step+".")
	if f.Where.Expected != "" {
		w = Sentence(w, " Expected: "+f.Where.Expected+".")
	}
	if f.Where.Observed != "" {
		w = Sentence(w, " Observed: "+f.Where.Observed+".")
	}
	if !f.Where.When.IsZero() {
		w = Sentence(w, " At ", f.Where.When, ".")
	}
	if f.Where.How != "" {
		w = Sentence(w, " How: "+f.Where.How+".")
	}
	return w
}

// Broke is the number of the first step that went wrong, 0 for none.
func (w Walk) Broke() int64 {
	return int64(slices.IndexFunc(w, func(s WalkStep) bool { return s.Went == WentWrong }) + 1)
}

// Seen is how many steps somebody has looked at.
func (w Walk) Seen() int64 {
	var n int64
	for _, s := range w {
		if s.Went != WentUnseen {
			n++
		}
	}
	return n
}

// Add puts a step before the one of that number, or at the end for 0. It refuses
// with Invalid a step without words, with too many, or that names a person, and
// with Conflict when the walk-through is as long as it may be.
func (w Walk) Add(before int64, s WalkStep, by Actor, at time.Time) (Walk, Walked, error) {
	if len(w) >= walkMax {
		return w, Walked{}, refusal.Conflict("A walk-through has at most %d steps. Change one, or take one out: /snafu walk drop 3.", walkMax)
	}
	if before < 1 || before > int64(len(w)) {
		before = int64(len(w)) + 1
	}
	s, err := s.check(by, at)
	if err != nil {
		return w, Walked{}, err
	}
	now := slices.Insert(slices.Clone(w), int(before-1), s)
	return now, w.became(now, before, "added", s), nil
}

// Change replaces the words of a step. It refuses with NotFound a step that does
// not exist, and what Add refuses of the words.
func (w Walk) Change(n int64, s WalkStep, by Actor, at time.Time) (Walk, Walked, error) {
	if err := w.has(n); err != nil {
		return w, Walked{}, err
	}
	s, err := s.check(by, at)
	if err != nil {
		return w, Walked{}, err
	}
	now := slices.Clone(w)
	now[n-1] = s
	return now, w.became(now, n, "changed", s), nil
}

// Remove takes a step out; the journal keeps it. It refuses with NotFound a step
// that does not exist.
func (w Walk) Remove(n int64) (Walk, Walked, error) {
	if err := w.has(n); err != nil {
		return w, Walked{}, err
	}
	now := slices.Delete(slices.Clone(w), int(n-1), int(n))
	return now, w.became(now, n, "removed", w[n-1]), nil
}

func (w Walk) has(n int64) error {
	switch {
	case len(w) == 0:
		return refusal.NotFound("The walk-through has no step yet. Write the first one: /snafu walk.")
	case n < 1 || n > int64(len(w)):
		return refusal.NotFound("The walk-through has steps 1 to %d; there is no step %d.", len(w), n)
	}
	return nil
}

func (w Walk) became(now Walk, n int64, change string, s WalkStep) Walked {
	f := Walked{
		Number: n, Change: change, Step: s.Step, Expected: s.Expected, Observed: s.Observed, Went: s.Went, When: s.When, How: s.How,
		Broke: now.Broke(),
	}
	where := now.where()
	f.Found = w.where().Step != where.Step
	if f.Found {
		f.Where = where
	}
	return f
}

func (w Walk) where() WalkBroke {
	n := w.Broke()
	if n == 0 {
		return WalkBroke{}
	}
	s := w[n-1]
	return WalkBroke{Step: s.Step, Expected: s.Expected, Observed: s.Observed, When: s.When, How: s.How}
}

// check makes a step storable. What nobody judged is judged by its words: the
// same as expected is right, another is wrong, none is not looked at.
func (s WalkStep) check(by Actor, at time.Time) (WalkStep, error) {
	for _, text := range []*string{&s.Step, &s.Expected, &s.Observed, &s.How} {
		*text = oneLine(*text)
		switch n := len([]rune(*text)); {
		case n > walkTextMax:
			return s, refusal.Invalid("A step says each thing in at most %d characters; this has %d. Split the step.", walkTextMax, n)
		case NamesPerson(*text):
			return s, ErrNamesPerson
		}
	}
	switch {
	case s.Step == "":
		return s, refusal.Invalid("Say which step of the flow it is, for example: The list feeds the campaign.")
	case s.When.After(at):
		return s, refusal.Invalid("That lies in the future. A step says when it went wrong.")
	case s.Went != WentUnseen && s.Went != WentRight && s.Went != WentWrong:
		return s, refusal.Invalid("%q is no way for a step to go. It went right or wrong, or nobody has looked.", shorten(string(s.Went), 40))
	}
	if s.Went == WentUnseen && s.Observed != "" && s.Expected != "" {
		s.Went = WentWrong
		if strings.EqualFold(s.Observed, s.Expected) {
			s.Went = WentRight
		}
	}
	s.When, s.By, s.At = s.When.UTC().Truncate(time.Microsecond), by, at
	return s, nil
}
