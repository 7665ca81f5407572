package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// How says what was done to the cause.
type How string

// The ways to deal with a cause. Over means it ran once and has ended.
const (
	Stopped How = "stopped"
	Slowed  How = "slowed"
	Removed How = "removed"
	Cannot  How = "cannot"
	Over    How = "over"
)

// Hows lists all ways, in the order in which they are offered.
var Hows = []How{Stopped, Slowed, Removed, Cannot, Over}

// ParseHow reads one of the ways. It refuses with Invalid.
func ParseHow(s string) (How, error) {
	h := How(strings.ToLower(strings.TrimSpace(s)))
	for _, known := range Hows {
		if h == known {
			return h, nil
		}
	}
	return "", refusal.Invalid("%q is not a way to stop a cause. Write stopped, slowed, removed, cannot or over, then what.", shorten(s, 40))
}

// Containment is one act on one cause. Several stand side by side.
type Containment struct {
	How    How
	What   string    // the workflow or step; why, if it cannot be stopped
	Was    string    // its state before, for example "on"
	Now    string    // its state after, for example "off" or the old rate
	Proof  string    // how one sees it
	DoneAt time.Time // when it was done, if earlier than recorded
	By     Actor     // who recorded it; set by the decision
	At     time.Time // when; set by the decision
}

// Acts says whether something was done that can end the error.
func (c Containment) Acts() bool { return c.How != Cannot }

// Words returns the act in words: "Stopped by @maya: Weekly stage sync (was
// on, now off)".
func (c Containment) Words() Words {
	what := c.What
	var states []string
	if c.Was != "" {
		states = append(states, "was "+c.Was)
	}
	if c.Now != "" {
		states = append(states, "now "+c.Now)
	}
	if states != nil {
		what = strings.TrimSpace(what + " (" + strings.Join(states, ", ") + ")")
	}
	if what != "" {
		what = ": " + what
	}
	return Sentence(map[How]string{
		Stopped: "Stopped by ", Slowed: "Slowed down by ", Removed: "Step removed by ",
		Cannot: "Can't be stopped safely, says ", Over: "Over by itself, says ",
	}[c.How], c.By, what)
}

func (c Containment) check(at time.Time) (Containment, error) {
	if _, err := ParseHow(string(c.How)); err != nil {
		return c, err
	}
	c.What, c.Was, c.Now, c.Proof = oneLine(c.What), oneLine(c.Was), oneLine(c.Now), oneLine(c.Proof)
	for _, s := range []string{c.What, c.Was, c.Now, c.Proof} {
		if len([]rune(s)) > textMax {
			return c, refusal.Invalid("That is longer than %d characters. Write the rest as notes: /snafu note TEXT.", textMax)
		}
	}
	switch {
	case c.What == "" && c.How == Cannot:
		return c, refusal.Invalid("Why can't it be stopped? Write it behind: /snafu contain cannot WHY.")
	case c.What == "" && c.How != Over:
		return c, refusal.Invalid("What was %s? Name the workflow or the step: /snafu contain %s WHAT.", c.How, c.How)
	case c.DoneAt.After(at):
		return c, refusal.Invalid("That lies in the future. Record it when it is done.")
	}
	if c.DoneAt.IsZero() {
		c.DoneAt = at
	}
	c.DoneAt = c.DoneAt.UTC().Truncate(time.Microsecond)
	return c, nil
}
