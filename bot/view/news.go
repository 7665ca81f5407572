package view

import (
	"fmt"

	"snafu/incidents"
)

// News is one sentence about an incident for somebody who follows it; what is
// foreign in it has been escaped.
func News(i incidents.Incident, line string) Message {
	return Message{
		Text: cutMarkup(line, maxFallback),
		Blocks: stack(section(line), context(fmt.Sprintf("%s · %s · %s", i.ID, i.Severity, Escape(i.Title))),
			buttons("news", button("status.show", "Summary", Stamp{Incident: i.ID}))),
	}
}

// PrivateNews is all that a phone may show of a private incident.
func PrivateNews(i incidents.Incident) Message {
	line := i.Key() + " has news"
	if i.Channel == "" {
		return Message{Text: line, Blocks: section(line + ".")}
	}
	return Message{Text: line, Blocks: section(line + ": <#" + i.Channel + ">")}
}
