package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Cancelled says that there was no snafu: a false alarm, one that is open
// already, a drill that is over.
type Cancelled struct {
	Why string
	Of  ID // the one it is a duplicate of; 0 for none
}

// Kind names the fact.
func (Cancelled) Kind() string { return "cancelled/1" }

// Words returns "Cancelled by @ana: the test data was meant to be so".
func (c Cancelled) Words(by Actor) Words {
	return Sentence("Cancelled by ", by, ": "+c.Why+". If that was wrong: /snafu reopen again WHY.")
}

// Cancel ends an incident that was none. Only its lead or who reported it can.
// It refuses with Invalid a missing reason, and with Conflict once a plan wrote
// records, while one is under way or something is still switched off.
func (i Incident) Cancel(by Actor, e Evidence, why string, of ID, at time.Time) (Incident, Cancelled, error) {
	if err := i.cancellable(by, e); err != nil {
		return i, Cancelled{}, err
	}
	why = strings.TrimRight(shorten(oneLine(why), textMax), ".")
	if why == "" {
		return i, Cancelled{}, refusal.Invalid("Say why: /snafu cancel WHY. For example: it was a false alarm.")
	}
	if err := i.move(PhaseCancelled); err != nil {
		return i, Cancelled{}, err
	}
	i.ClosedAt, i.ClosedWhy = at, why
	return i, Cancelled{Why: why, Of: of}, nil
}

// Cancellable refuses what Cancel would, but for the reason.
func (i Incident) Cancellable(by Actor, e Evidence) error { return i.cancellable(by, e) }

func (i Incident) cancellable(by Actor, e Evidence) error {
	if p, ok := by.Person(); !ok || p != i.Lead && p != i.Reporter {
		return refusal.Forbidden("Only the lead and who reported it can cancel %s. Ask %s.", i.ID, i.Lead.Mention())
	}
	open, stopped := i.held()
	off := i.SwitchedOff()
	switch {
	case i.phase == PhaseResolved:
		return refusal.Conflict("%s was resolved, so it was one. Close it when nothing comes back: /snafu close.", i.ID)
	case i.phase.Ended():
		return refusal.Conflict("%s is %s already.", i.ID, i.phase)
	case !e.LastWrite.IsZero():
		return refusal.Conflict("A plan of %s wrote records, so it can't be cancelled any more. Resolve it: /snafu resolve.", i.ID)
	case i.phase == PhaseRestoring:
		return refusal.Conflict("%s is being restored, so it can't be cancelled any more. Resolve it: /snafu resolve.", i.ID)
	case len(open) > 0:
		return refusal.Conflict("%s is not finished. Withdraw, reject or abort it first.", strings.Join(open, ", "))
	case len(stopped) > 0:
		return refusal.Conflict("%s. Its owner starts it again and presses Runs again first.", strings.Join(stopped, ", "))
	case len(off) > 0:
		return refusal.Conflict("%s is off. Give it back the state it had first: /snafu release NAME WHY.", strings.Join(off, ", "))
	}
	return nil
}
