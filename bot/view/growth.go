package view

import "snafu/incidents"

// GrowthCard is a count that found more than the one before it.
type GrowthCard struct {
	Incident incidents.Incident
	Grew     incidents.Grew
}

// Growth alarms the lead: the error goes on, with what can be done about it.
func Growth(c GrowthCard) Message {
	i, s := c.Incident, Stamp{Incident: c.Incident.ID}
	line := Say(c.Grew.Words()) + " · " + Mention(i.Lead)
	first := i.Key() + ": "
	stop, call := danger("contain.open", "Stop the cause", s), button("call.open", "Call", s)
	rows := buttons("growth", stop, call)
	if c.Grew.Phase == incidents.PhaseResolved.String() {
		first = i.Key() + " was resolved and grows again. "
		line += "\nIt was resolved, and stays so until somebody decides."
		rows = buttons("growth", primary("reopen.open", "Reopen", s), stop, call)
	}
	return Message{
		Text:   cutMarkup(first+Say(c.Grew.Words()), maxFallback),
		Blocks: stack(section(line), rows),
	}
}
