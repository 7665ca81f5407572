package view

import (
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// SameCard asks somebody who wants to open a snafu whether it is one of those
// that are open.
type SameCard struct {
	Title string // what they wrote
	Found []incidents.Incident
	At    time.Time
	Key   string // under which what they wrote is kept
}

// shownSame is how many open ones are offered: more is a list, not a question.
const shownSame = 3

// IsItOne asks whether it is one of those; what was typed is kept.
func IsItOne(c SameCard) Message {
	first := c.Found[0]
	text := "Is it " + same(first, c.At) + "?"
	if len(c.Found) > 1 {
		text = "Is it one of these?"
	}
	blocks := section(text)
	for _, i := range c.Found[:min(len(c.Found), shownSame)] {
		blocks = append(blocks, sameRow(i, c)...)
	}
	return Message{Text: cut(text, maxFallback), Blocks: stack(
		blocks,
		buttons("same", button("open.anyway", "Open a new one", Stamp{Choice: c.Key})),
		context("You wrote: "+Escape(cut(c.Title, maxHomeTitle))+". It is kept: *Open a new one* opens it as you typed it."),
	)}
}

// sameInForm shows them in the form in which somebody is about to open one.
func sameInForm(c SameCard) []slack.Block {
	if len(c.Found) == 0 {
		return nil
	}
	blocks := section("*Is it one of these?* If so, join it and type nothing more.")
	for _, i := range c.Found[:min(len(c.Found), shownSame)] {
		blocks = append(blocks, sameRow(i, c)...)
	}
	return blocks
}

func sameRow(i incidents.Incident, c SameCard) []slack.Block {
	line := fmt.Sprintf("*%s*\n%s · %s · %s · lead %s", Escape(i.Title), same(i, c.At), i.Phase(), i.Severity, Mention(i.Lead))
	if i.Channel != "" {
		line += " · <#" + i.Channel + ">"
	}
	return row(line, button("join.channel."+i.Key(), "Join it", Stamp{Incident: i.ID}))
}

// same names an incident by when and where: "SNAFU-41, opened 3 min ago on crm".
func same(i incidents.Incident, at time.Time) string {
	said := fmt.Sprintf("%s, opened %s ago", i.ID, Duration(at.Sub(i.Opened).Truncate(time.Minute)))
	if at.Sub(i.Opened) < time.Minute {
		said = fmt.Sprintf("%s, opened just now", i.ID)
	}
	if i.System != "" {
		said += " on " + Escape(i.System)
	}
	return said
}

// Opened is the answer to whoever opened a snafu, and the question whether it is
// an earlier one that has come back.
func Opened(text string, id incidents.ID, earlier incidents.Incident, yes bool) Message {
	m := Said(text)
	if !yes {
		return m
	}
	ask := fmt.Sprintf("Is it %s again? %s, %s.", earlier.ID, Escape(cut(earlier.Title, maxHomeTitle)), over(earlier))
	m.Blocks = stack(section(text), row(ask, button("relate.again", "It is that again", Stamp{Incident: id, Choice: earlier.Key() + " again"})))
	return m
}

// OpenedFrom stands below the message that somebody opened a snafu from.
func OpenedFrom(id incidents.ID, by incidents.Person, channel string, drill bool) Message {
	text := fmt.Sprintf("%s opened %s from this message, and leads it.", Mention(by), id)
	if drill {
		text = fmt.Sprintf("DRILL · %s opened %s from this message, and leads it. Nothing of it is real.", Mention(by), id)
	}
	if channel != "" {
		text += " It goes on in <#" + channel + ">."
	}
	return Said(text)
}

func over(i incidents.Incident) string {
	if !i.ClosedAt.IsZero() {
		return "closed " + Day(i.ClosedAt)
	}
	return "resolved " + Day(i.ResolvedAt)
}

// MovedOn stands at the head of a thread whose incident got its channel.
func MovedOn(i incidents.Incident, channel string) Message {
	text := fmt.Sprintf("%s · %s", i.ID, Escape(i.Title))
	return Message{Text: cutMarkup(text, maxFallback), Blocks: stack(section(text + "\nIt has a channel of its own now and goes on in <#" + channel + ">."))}
}
