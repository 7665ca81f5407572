package view

import (
	"fmt"

	"snafu/incidents"
)

// ChannelLost tells who reopened an incident that its channel is archived, and who
// can bring it back.
func ChannelLost(i incidents.Incident) Message {
	line := fmt.Sprintf("%s goes on, but <#%s> is archived, and Slack lets no app bring a channel back. Any full member can, for example %s: open it and choose Unarchive. "+
		"In 10 minutes I make a new one and link it.", i.ID, i.Channel, Mention(i.Lead))
	return Message{
		Text:   cutMarkup(fmt.Sprintf("%s goes on, but its channel is archived. A member can bring it back.", i.ID), maxFallback),
		Blocks: stack(section(line), buttons("lost", button("reopen.channel", "New channel", Stamp{Incident: i.ID}))),
	}
}

// ChannelMoved says in the new channel of an incident where the old one is.
func ChannelMoved(i incidents.Incident, was string) Message {
	line := fmt.Sprintf("%s goes on here. What was said before stands in <#%s>; the log has all of it.", i.ID, was)
	return Message{Text: cutMarkup(line, maxFallback), Blocks: section(line)}
}
