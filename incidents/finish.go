package incidents

import (
	"slices"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// whyMin is the shortest reason that waives an item of a gate, in characters.
const whyMin = 10

// Resolved says that the data is right again or decided upon.
type Resolved struct {
	Why    string
	Waived []string
	Wrong  int64
	Fixed  int64
	Kept   int64
	Lost   int64
	Left   int64
}

// Kind names the fact.
func (Resolved) Kind() string { return "resolved/1" }

// Closed says that nothing is open any more.
type Closed struct {
	Why    string
	Waived []string
}

// Kind names the fact.
func (Closed) Kind() string { return "closed/1" }

// ResolveGate returns what Resolve demands, in order.
func (i Incident) ResolveGate(e Evidence, why string) []Gate {
	var live []string
	for _, p := range e.Plans {
		if p.Live() {
			live = append(live, p.Ref+" is "+p.State)
		}
	}
	open, _ := i.held()
	held := len(live) > 0 || len(open) > 0
	if len(live) == 0 {
		for _, h := range open {
			live = append(live, h+" is not finished")
		}
	}
	gates := []Gate{{
		Name: "no plan under way", Met: !held, Hard: true,
		Say: strings.Join(live, ", ") + ". Run it, reject it or abort it first.",
	}}
	if e.Tally == nil {
		return waive(append(gates, Gate{
			Name: "counted", Say: "nothing was counted. Count with /snafu count, or say why no count is needed: /snafu resolve WHY.",
		}, processGate(e)), why)
	}
	t := *e.Tally
	unit := t.Unit
	if unit == "" {
		unit = "records"
	}
	sums := Gate{Name: "the counts add up", Met: true, Hard: true}
	if err := t.Holds(); err != nil {
		sums.Met, sums.Say = false, "the counts do not add up ("+err.Error()+"). Count again: /snafu count."
	}
	return waive(append(gates,
		sums,
		Gate{
			Name: "counted since the last write", Met: t.At.After(e.LastWrite) || e.LastWrite.IsZero(), Hard: true,
			Say: "the last count is older than the last write. Count again: /snafu count.",
		},
		Gate{
			Name: "every cohort decided", Met: t.Undecided == 0, Hard: true,
			Say: Count(t.Undecided) + " " + unit + " have no decision yet. Say what they should be: /snafu table.",
		},
		Gate{
			Name: "nothing left", Met: t.Left == 0, Hard: true,
			Say: Count(t.Left) + " " + unit + " are still wrong. Fix them with a plan, or decide to keep them: /snafu table keep COHORT WHY.",
		},
		processGate(e)), why)
}

// processGate is the second track: the data being right again says nothing about
// the next run. Either the process is mended, or somebody owes that by a day.
func processGate(e Evidence) Gate {
	g := Gate{Name: "the process is mended, or somebody owes it by a day"}
	open := e.FollowUps.Open()
	switch {
	case len(open) > 0:
		g.Say = lacking(open, "owner", "/snafu todo %s @user.")
		if g.Say == "" {
			g.Say = lacking(open, "due date", "/snafu todo %s by friday.")
		}
		g.Met = g.Say == ""
	case len(e.FollowUps) > 0 || e.FixNoted:
		g.Met = true
	default:
		g.Say = "nobody has said what keeps it from happening again. Record the fix with /snafu note fix TEXT, or who owes it with /snafu todo TEXT, or say why neither is needed: /snafu resolve WHY."
	}
	return g
}

// Resolve says that the data is right again or decided upon. Only the lead
// can. It refuses with Conflict the first item that is not met; a reason of 10
// characters or more lets those pass that are not about the data.
func (i Incident) Resolve(by Actor, e Evidence, why string, at time.Time) (Incident, Resolved, error) {
	if i.phase == PhaseResolved || i.phase.Ended() {
		return i, Resolved{}, refusal.Conflict("%s is %s already.", i.ID, i.phase)
	}
	if err := i.led(by, "resolve"); err != nil {
		return i, Resolved{}, err
	}
	if i.phase == PhaseTriage {
		return i, Resolved{}, refusal.Conflict("Not yet: the cause is not contained. %s", i.containNext()).Coded("not-yet")
	}
	waived, err := pass(i.ResolveGate(e, why), why)
	if err != nil {
		return i, Resolved{}, err
	}
	if err := i.move(PhaseResolved); err != nil {
		return i, Resolved{}, err
	}
	i.ResolvedAt, i.ResolvedWhy = at, shorten(clean(why), textMax)
	i.Recount.From, i.Recount.FromAt = 0, time.Time{} // growth from here on is news
	fact := Resolved{Why: i.ResolvedWhy, Waived: waived}
	if t := e.Tally; t != nil {
		fact.Wrong, fact.Fixed, fact.Kept, fact.Lost, fact.Left = t.Wrong, t.Fixed, t.Kept, t.Unrestorable, t.Left
	}
	return i, fact, nil
}

// containNext says how a cause comes to be contained from here.
func (i Incident) containNext() string {
	if _, acted := i.Acted(); !acted {
		return "Stop it and record that: /snafu contain stopped WHAT."
	}
	return "Count twice, or answer triage question 3 with No: /snafu triage 3."
}

// Close says that nothing is open any more. Only the lead can, and only after
// Resolved. It refuses with Conflict the first item that is not met; a reason
// of 10 characters or more lets all pass but a plan that is not finished and a log
// that does not verify.
func (i Incident) Close(by Actor, e Evidence, why string, at time.Time) (Incident, Closed, error) {
	switch {
	case i.phase.Ended():
		return i, Closed{}, refusal.Conflict("%s is %s already.", i.ID, i.phase)
	case i.phase != PhaseResolved:
		return i, Closed{}, refusal.Conflict("Not yet: %s is %s. Resolve it first: /snafu resolve.", i.ID, i.phase).Coded("not-yet")
	}
	if err := i.led(by, "close"); err != nil {
		return i, Closed{}, err
	}
	waived, err := pass(i.CloseGate(e, why, at), why)
	if err != nil {
		return i, Closed{}, err
	}
	if err := i.move(PhaseClosed); err != nil {
		return i, Closed{}, err
	}
	i.ClosedAt, i.ClosedWhy = at, shorten(clean(why), textMax)
	return i, Closed{Why: i.ClosedWhy, Waived: waived}, nil
}

// HoldsBetween stands in the name of a hold between a plan and what its owner
// has stopped for it: "R1 holds sync map_push".
const HoldsBetween = " holds "

// offHolds begins the name of a hold for what was switched off in a source.
const offHolds = "off: "

// OffHold names the hold of what was switched off for an incident.
func OffHold(what string) string { return offHolds + what }

// SwitchedOff is what was switched off in sources for an incident, and not
// released since.
func (i Incident) SwitchedOff() (what []string) {
	for _, h := range i.Holds {
		if name, off := strings.CutPrefix(h, offHolds); off {
			what = append(what, name)
		}
	}
	return what
}

// held tells the plans that are not finished from what owners have stopped for
// plans, which is theirs to start again.
func (i Incident) held() (open, stopped []string) {
	for _, h := range i.Holds {
		if strings.HasPrefix(h, offHolds) {
			continue
		}
		if strings.Contains(h, HoldsBetween) {
			stopped = append(stopped, h)
		} else {
			open = append(open, h)
		}
	}
	return open, stopped
}

// Hold adds a reason why the incident cannot end; the same one twice is one.
func (i Incident) Hold(name string) Incident {
	if !slices.Contains(i.Holds, name) {
		i.Holds = append(slices.Clone(i.Holds), name)
	}
	return i
}
