package view

import (
	"fmt"
	"time"

	"snafu/incidents"
)

// CountingCard is a count that somebody waits for.
type CountingCard struct {
	Incident incidents.ID
	Took     time.Duration // so far, or in all
	By       incidents.Person
	Ended    bool
	Why      string // mrkdwn: why it ended without a result; "" if it has one
}

// Counting shows a count at work: one message, edited in place, with the button
// that ends it.
func Counting(c CountingCard) Message {
	took := Duration(c.Took)
	switch {
	case c.Ended && c.Why == "":
		return Said(fmt.Sprintf("%s: counted in %s.", c.Incident, took))
	case c.Ended:
		return Said(fmt.Sprintf("%s: the count ended without a result after %s. %s", c.Incident, took, c.Why))
	}
	line := fmt.Sprintf("Counting for %s: %s so far", Mention(c.By), took)
	return Message{
		Text:   fmt.Sprintf("%s: counting, %s so far", c.Incident, took),
		Blocks: stack(section(line), buttons("counting", button("count.cancel", "Cancel the count", Stamp{Incident: c.Incident}))),
	}
}
