package view

import (
	"fmt"
	"strings"

	"snafu/incidents"
)

// Stop shows what was done to the causes, and whether counts bear it out.
func Stop(c StopCard) Message {
	i := c.Incident
	var lines []string
	for _, act := range i.Acts {
		lines = append(lines, Say(act.Words())+" · "+Clock(act.DoneAt))
	}
	lines = append(lines, automationLines(c.Automations)...)
	if len(lines) == 0 {
		lines = []string{"Nothing is switched off."}
	}
	first := i.Key() + ": what was done about the cause"
	if len(i.Acts) > 0 {
		first = i.Key() + ": " + Say(i.Acts[len(i.Acts)-1].Words())
	}
	s := Stamp{Incident: i.ID}
	return Message{Text: cutMarkup(first, maxFallback), Blocks: stack(
		section(strings.Join(lines, "\n")),
		context(verdict(c)),
		buttons("stop", button("count.run", "Recount", s), button("contain.open", "Stop the cause", s)),
		automationButtons(c.Automations, s),
	)}
}

func verdict(c StopCard) string {
	r := c.Incident.Recount
	switch {
	case !r.Measured():
		return "Not counted yet."
	case c.Incident.Triage.Still() == incidents.No:
		return Say(incidents.Quiet{Touched: r.Touched, Since: r.Since, At: r.At}.Words())
	}
	return fmt.Sprintf("%s touched by %s, counted %s", Number(r.Touched), Escape(r.Run), Clock(r.At))
}
