package incidents

import "snafu/incidents/refusal"

// Phase says how far an incident has come.
type Phase string

// The phases, in the order of a good day.
const (
	PhaseTriage    Phase = "triage"
	PhaseContained Phase = "contained"
	PhaseRestoring Phase = "restoring"
	PhaseResolved  Phase = "resolved"
	PhaseClosed    Phase = "closed"
	PhaseCancelled Phase = "cancelled"
)

// Phases lists all phases, in order.
var Phases = []Phase{PhaseTriage, PhaseContained, PhaseRestoring, PhaseResolved, PhaseClosed, PhaseCancelled}

// moves is the whole truth about which phase may follow which. The evidence
// for a move is demanded by the decision that makes it.
var moves = map[Phase][]Phase{
	PhaseTriage:    {PhaseContained, PhaseCancelled},
	PhaseContained: {PhaseTriage, PhaseRestoring, PhaseResolved, PhaseCancelled},
	PhaseRestoring: {PhaseResolved},
	PhaseResolved:  {PhaseClosed, PhaseTriage, PhaseRestoring},
	PhaseClosed:    {PhaseTriage, PhaseRestoring},
	PhaseCancelled: {PhaseTriage},
}

// String returns the phase as shown: Triage, Contained, and so on.
func (p Phase) String() string {
	if p == "" {
		return "unknown"
	}
	return string(p[0]-'a'+'A') + string(p[1:])
}

// Live says whether work on the incident goes on: not resolved, closed or
// cancelled.
func (p Phase) Live() bool {
	return p == PhaseTriage || p == PhaseContained || p == PhaseRestoring
}

// Ended says whether the incident is over: closed or cancelled.
func (p Phase) Ended() bool { return p == PhaseClosed || p == PhaseCancelled }

func (p Phase) may(to Phase) bool {
	for _, next := range moves[p] {
		if next == to {
			return true
		}
	}
	return false
}

// move is the one door to another phase.
func (i *Incident) move(to Phase) error {
	if !i.phase.may(to) {
		return refusal.Conflict("%s is %s, so it can't become %s.", i.ID, i.phase, to)
	}
	i.phase = to
	return nil
}
