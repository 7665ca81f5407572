package view

import (
	"fmt"
	"time"

	"snafu/incidents"
)

const digestShown = 20

// Digest is what is open on a morning, worst first.
func Digest(open []incidents.StillOpen, at time.Time) Message {
	text := incidents.Digest(open, at)
	lines := []string{"*" + text + "*"}
	for n, s := range open {
		if n == digestShown {
			lines = append(lines, fmt.Sprintf("and %d more: `/snafu list`", len(open)-n))
			break
		}
		line := fmt.Sprintf("%s · %s · %s · %s · lead %s", s.ID, Escape(s.Title), s.Phase, s.Severity, Mention(s.Lead))
		switch {
		case s.Overdue(at):
			line += " · *update overdue since " + Day(s.Due) + "*"
		case s.Phase.Live() && !s.Due.IsZero():
			line += " · next update by " + Day(s.Due)
		}
		lines = append(lines, line)
	}
	return Message{Text: cutMarkup(text, maxFallback), Blocks: paragraphs(lines)}
}
