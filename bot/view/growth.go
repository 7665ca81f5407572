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
	resolved := c.Grew.Phase == incidents.PhaseResolved.String()
	line := Say(c.Grew.Words()) + " · " + Mention(i.Lead)
	if resolved {
		line += "\nIt was resolved, and stays so until somebody decides."
	}
	rows := buttons("growth", danger("contain.open", "Stop the cause", s), button("call.open", "Call", s))
	return Message{
		Text:   cutMarkup(i.Key()+": "+Say(c.Grew.Words()), maxFallback),
		Blocks: stack(section(line), rows),
	}
}
