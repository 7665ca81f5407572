package view

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// HandoverCard is who ends and who begins to be on call.
type HandoverCard struct {
	Rota      string
	Ends      []incidents.Person
	Begins    []incidents.Person
	Until     time.Time // zero if no change is in sight
	Inherited []incidents.Incident
}

const inheritedShown = 8

// Handover tells the channel of a rota who is on call now, and what goes on.
func Handover(c HandoverCard) Message {
	line := "Hand-over in *" + Escape(c.Rota) + "*:"
	switch {
	case len(c.Begins) == 0:
		line += " " + does(c.Ends, "end") + "."
	case len(c.Ends) == 0:
		line += " " + does(c.Begins, "begin")
	default:
		line += " " + does(c.Ends, "end") + ", " + does(c.Begins, "begin")
	}
	if len(c.Begins) > 0 {
		if !c.Until.IsZero() {
			line += ", until " + Day(c.Until)
		}
		line += "."
	}
	lines := []string{"Nothing is handed over: no snafu of this rota is open."}
	if len(c.Inherited) > 0 {
		lines = []string{"What goes on:"}
	}
	for _, inc := range c.Inherited[:min(len(c.Inherited), inheritedShown)] {
		where := ""
		if inc.Channel != "" {
			where = " · <#" + inc.Channel + ">"
		}
		lines = append(lines, fmt.Sprintf("%s · %s · %s · %s · lead %s%s", inc.ID, inc.Severity, inc.Phase(), Escape(inc.Title), Mention(inc.Lead), where))
	}
	if more := len(c.Inherited) - inheritedShown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more: `/snafu list`", more))
	}
	return Message{Text: cutMarkup(line, maxFallback), Blocks: stack(section(line), paragraphs(lines))}
}

func does(people []incidents.Person, verb string) string {
	if len(people) == 1 {
		verb += "s"
	}
	return Mentions(people) + " " + verb
}

// GroupStays tells why a user group of Slack was not changed.
func GroupStays(name, why string) Message {
	return Said("The user group of " + Escape(name) + " stays as it is. " + Escape(why))
}

// OnCallNow is a short look at who is on call, with the button that covers.
func OnCallNow(c OnCallCard) []slack.Block {
	if len(c.Rotas) == 0 {
		return nil
	}
	var lines []string
	for _, r := range c.Rotas[:min(len(c.Rotas), rotasShown)] {
		lines = append(lines, "*"+Escape(cut(r.Rota, 60))+"* "+onCallLine(r))
	}
	if more := len(c.Rotas) - rotasShown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more: `/snafu oncall`", more))
	}
	return stack(section("*On call*"), paragraphs(lines), buttons("oncall", button("cover.open", "Cover", Stamp{})))
}

const rotasShown = 8
