package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// Needs tells somebody, wherever they read it, that a private incident needs
// them, and nothing of what it is about.
func Needs(i incidents.Incident) Message {
	text := i.Key() + " needs you"
	said := text + "."
	if i.Channel != "" {
		said = text + ": <#" + i.Channel + ">"
	}
	return Message{Text: text, Blocks: section(said)}
}

// NeedsAnswer calls somebody for a private incident.
func NeedsAnswer(i incidents.Incident, p incidents.Page) Message {
	m := Needs(i)
	if p.State != incidents.PageCalling && p.Asked.IsZero() {
		line := i.Key() + ": the call is over."
		return Message{Text: line, Blocks: section(line)}
	}
	s := Stamp{Incident: i.ID, Page: p.ID}
	m.Blocks = append(m.Blocks, buttons(fmt.Sprintf("page-%d", p.ID), primary("page.ack", "On it", s), button("page.pass", "Can't, next", s))...)
	return m
}

// NeedsReview asks for the voice of somebody about a plan of a private incident.
func NeedsReview(i incidents.Incident, p PlanCard) Message {
	m := Needs(i)
	b := primary("plan.reviewed", "I have looked at it", p.Stamp())
	if p.State == rollback.NameProposed {
		b = primary("plan.review", "Review and approve", p.Stamp())
	}
	m.Blocks = append(m.Blocks, buttons("nag", b)...)
	return m
}

// Drill says of a message that it is for practice: in front of what a phone
// shows, and above what a channel shows unless it says so already.
func Drill(m Message) Message {
	if m.Text == "" && len(m.Blocks) == 0 {
		return m
	}
	limit := maxMessageText
	if units(m.Text) <= maxFallback {
		limit = maxFallback
	}
	m.Text = cutMarkup("DRILL · "+m.Text, limit)
	if len(m.Blocks) > 0 {
		if head, ok := m.Blocks[0].(*slack.HeaderBlock); ok && strings.HasPrefix(head.Text.Text, "DRILL") {
			return m
		}
	}
	if len(m.Blocks) < maxMessageBlocks {
		m.Blocks = append(context("DRILL · nothing of this is real"), m.Blocks...)
	}
	return m
}
