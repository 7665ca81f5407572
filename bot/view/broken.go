package view

import "snafu/incidents"

// Broken tells who looks after a system that the counts of an incident do not
// add up, with both sides, as the Summary says it.
func Broken(i incidents.Incident, why error) Message {
	line := i.Key() + ": the counts do not add up: " + Escape(why.Error()) + "."
	return Message{
		Text: cutMarkup(line, maxFallback),
		Blocks: stack(
			section(":red_circle: "+line),
			context("Approve and run nothing by these numbers. Count again: `/snafu count`. If they still differ, tell whoever runs snafu: it is a mistake in snafu or in what it was told of the source."),
		),
	}
}
