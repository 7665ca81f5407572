package incidents

import "strconv"

// NothingNeeded is the ask when there is none.
const NothingNeeded = "Nothing needed from you."

// ask returns exactly one thing that is needed from the reader, with who can
// do it, or NothingNeeded.
func ask(i Incident, m Moment) Words {
	if i.regrown() {
		return Sentence("a decision: it was resolved, and counts find more. To take it up again: /snafu reopen.")
	}
	if !i.phase.Live() {
		return Sentence(NothingNeeded)
	}
	for _, p := range m.Plans {
		switch p.State {
		case "proposed":
			return askApproval(p)
		case "approved":
			return Sentence("somebody to run "+p.Ref+". ", p.CanRun, " can.")
		case "paused":
			if p.Canary {
				return Sentence("a look at the first ", p.Written, " records of "+p.Ref+", then Continue. ", p.CanRun, " can.")
			}
			return Sentence("a decision on "+p.Ref+", paused at ", p.Written, " of ", p.Writes, ": resume or abort. ", p.CanRun, " can.")
		}
	}
	for _, p := range m.Pages {
		if p.State == PageUnanswered {
			if p.Fallback != "" {
				return Sentence("somebody who can help: nobody answered the call. Fallback: " + p.Fallback + ".")
			}
			return Sentence("somebody who can help: nobody answered the call. Call again: /snafu call.")
		}
	}
	return Sentence(NothingNeeded)
}

func askApproval(p PlanLine) Words {
	given := int64(len(p.Approved))
	n := p.Needs - given
	w := Sentence("one more approval of " + p.Ref)
	if given == 0 || n != 1 {
		w = Sentence(strconv.FormatInt(n, 10) + " approvals of " + p.Ref)
	}
	w = Sentence(w, " (", given, " of ", p.Needs)
	if given > 0 {
		w = Sentence(w, ", ", p.Approved)
	}
	return Sentence(w, "). ", p.Missing, " can.")
}

// next returns the one next step of the incident.
func next(i Incident, m Moment) Words {
	switch i.phase {
	case PhaseTriage:
		return i.nextInTriage()
	case PhaseResolved:
		if i.regrown() {
			return Sentence("decide whether it is reopened: /snafu reopen.")
		}
		return Sentence("close it when nothing comes back: /snafu close.")
	case PhaseClosed, PhaseCancelled:
		return Sentence("nothing, it is " + string(i.phase) + ".")
	}
	for _, p := range m.Plans {
		switch p.State {
		case "proposed", "approved":
			return Sentence("run " + p.Ref + ".")
		case "running":
			return Sentence(p.Ref + " writes, then everything is counted again.")
		case "paused":
			return Sentence("continue " + p.Ref + ".")
		case "draft":
			return Sentence("freeze " + p.Ref + ": /snafu plan freeze " + p.Ref + ".")
		case "frozen":
			if p.Waits != "" {
				return Sentence("switch it off for " + p.Ref + ": /snafu contain switch " + p.Waits + ".")
			}
			return Sentence("propose " + p.Ref + ": /snafu plan propose " + p.Ref + ".")
		}
	}
	t := m.Tally
	if t != nil && t.Holds() != nil {
		return Sentence("count again, the numbers do not add up: /snafu count.")
	}
	q, open := i.Triage.Next()
	switch {
	case t == nil && open:
		return Sentence(q.Next)
	case t == nil:
		return Sentence("count what is wrong: /snafu table.")
	case t.Undecided > 0:
		return Sentence("say what ", t.Undecided, " "+unit(t)+" should be: /snafu table.")
	case t.Left > 0 && len(i.MissingForPlan()) > 0:
		return Sentence(i.MissingForPlan()[0])
	case t.Left > 0:
		return Sentence("plan the repair of ", t.Left, " "+unit(t)+": /snafu plan.")
	}
	return Sentence("resolve it: /snafu resolve.")
}

// StopFirst says that nothing comes before stopping the cause: the error still
// occurs, and whatever was done about it did not hold.
func (i Incident) StopFirst() bool {
	act, acted := i.Acted()
	return i.phase == PhaseTriage && i.Triage.Still() == Yes && (!acted || i.Triage.Answer(QuestionStill).At.After(act.DoneAt))
}

// WantsStop is StopFirst, or that no question is left and nothing was done about
// the cause.
func (i Incident) WantsStop() bool {
	_, acted := i.Acted()
	return i.StopFirst() || i.phase == PhaseTriage && !acted && i.Triage.Complete()
}

func (i Incident) nextInTriage() Words {
	_, acted := i.Acted()
	q, open := i.Triage.Next()
	proof := Sentence("count until nothing new comes: /snafu count.")
	if !i.Recount.Measured() { // there is no run to count
		proof = Sentence("see whether it still occurs, and answer: /snafu triage ", int64(QuestionStill), ".")
	}
	switch {
	case i.StopFirst():
		return Sentence("stop the cause: /snafu contain.")
	case i.Triage.Still() == Yes:
		return proof
	case open:
		return Sentence(q.Next)
	case !acted:
		return Sentence("stop the cause, or say that it is over: /snafu contain.")
	}
	return proof
}
