package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Page shows a call and who is on it. The channel and the direct message show
// the same; the buttons vanish when nobody is called any more.
func Page(c PageCard) Message {
	p := c.Page
	line := pageLine(c)
	m := Message{
		Text: cutMarkup(fmt.Sprintf("%s: %s", p.Incident, line), maxFallback),
		Blocks: stack(
			section(line),
			context(fmt.Sprintf("%s · %s · %s", p.Incident, c.Severity, Escape(c.Title))),
			context(why(p.Why)),
			context(sendLines(p)),
		),
	}
	if p.State == incidents.PageUnanswered {
		s := Stamp{Incident: p.Incident, Page: p.ID}
		m.Blocks = append(m.Blocks, buttons(fmt.Sprintf("page-%d", p.ID), primary("call.again", "Call again", s), button("page.ack", "On it", s))...)
	}
	if p.State == incidents.PageCalling {
		s := Stamp{Incident: p.Incident, Page: p.ID}
		m.Blocks = append(m.Blocks, buttons(fmt.Sprintf("page-%d", p.ID), primary("page.ack", "On it", s), button("page.pass", "Can't, next", s))...)
	}
	return m
}

// StillOnIt asks whoever answered a call whether they still are on it.
func StillOnIt(c PageCard, f incidents.CallStillAsked) Message {
	s := Stamp{Incident: c.Page.Incident, Page: c.Page.ID}
	line := fmt.Sprintf("Are you still on it? Nothing was heard of you in %s for %s. Without a word the call goes on at %s.",
		c.Page.Incident, Duration(time.Duration(f.Silent)*time.Second), Clock(f.Due))
	return Message{
		Text: cutMarkup(fmt.Sprintf("%s: %s", c.Page.Incident, line), maxFallback),
		Blocks: stack(
			section(line),
			context(fmt.Sprintf("%s · %s · %s", c.Page.Incident, c.Severity, Escape(c.Title))),
			buttons(fmt.Sprintf("still-%d", c.Page.ID), primary("page.ack", "Still on it", s), button("page.later", "Ask me later", s)),
		),
	}
}

// StillModal asks how often whoever is on it is asked whether they still are.
func StillModal(s Stamp) slack.ModalViewRequest {
	every := []Option{{"30m", "30 minutes"}, {"1h", "an hour"}, {"2h", "two hours"}, {"off", "not at all"}}
	return modal("ack", "When to ask again", "Set", s,
		section(fmt.Sprintf("Whoever is on %s is asked whether they still are, when nothing was heard of them for so long. Without a word the call goes on.", s.Incident)),
		field("every", "After how long?", "", false, radioInput("1h", every)),
		field("why", "Why?", "Needed where nobody is asked any more.", true, textInput("", "I wait for the vendor", false)))
}

const sendsShown = 8

// sendLines are what became of what was sent outside of Slack, the newest ones.
func sendLines(p incidents.Page) string {
	var lines []string
	for _, s := range p.Sends[max(0, len(p.Sends)-sendsShown):] {
		lines = append(lines, Say(s.Words()))
	}
	return strings.Join(lines, "\n")
}

func why(s string) string {
	if s == "" {
		return ""
	}
	return "Why: " + Escape(s)
}

func pageLine(c PageCard) string {
	p := c.Page
	switch p.State {
	case incidents.PageAnswered:
		line := fmt.Sprintf("%s is on it (%s)", Mention(p.AnsweredBy), Duration(p.AnsweredAt.Sub(p.Started)))
		if len(p.Joined) > 0 {
			line += ", and " + Mentions(p.Joined)
		}
		if !p.Asked.IsZero() {
			line += ". Asked at " + Clock(p.Asked) + " whether that still holds."
		}
		return line
	case incidents.PageUnanswered:
		fallback := "There is no fallback contact in the configuration."
		if p.Fallback != "" {
			fallback = "Fallback: " + Escape(p.Fallback) + "."
		}
		return fmt.Sprintf("Nobody answered. %s Lead %s told.", fallback, Mention(c.Lead))
	case incidents.PageEnded:
		return fmt.Sprintf("Call ended %s: %s", Clock(p.EndedAt), Escape(p.EndedWhy))
	}
	return calling(p)
}

// calling is the whole way up the ladder so far, newest last.
func calling(p incidents.Page) string {
	var lines []string
	for n, s := range p.Steps {
		if n == len(p.Steps)-1 && s.Outcome == incidents.StepCalling {
			break
		}
		lines = append(lines, stepLine(s))
	}
	if s, ok := p.Step(); ok && s.Outcome == incidents.StepCalling {
		line := fmt.Sprintf("Calling %s", Mentions(s.People))
		if s.Name != "" {
			line += " (" + Escape(s.Name) + ")"
		}
		line += "."
		if len(p.Next) > 0 {
			line += fmt.Sprintf(" Next: %s at %s.", Mentions(p.Next), Clock(s.Due))
		}
		lines = append(lines, line)
	}
	if lines == nil {
		return "Calling " + Escape(p.Target) + "."
	}
	return strings.Join(lines, "\n")
}

func stepLine(s incidents.PageStep) string {
	switch s.Outcome {
	case incidents.StepNobody:
		return fmt.Sprintf("Nobody to call at %s: %s", Escape(s.Name), Escape(s.Why))
	case incidents.StepPassed:
		return strings.TrimSuffix(fmt.Sprintf("%s can't: %s", Mention(s.By), Escape(s.Why)), ": ") + "."
	case incidents.StepSilent:
		return fmt.Sprintf("%s did not answer in %s.", Mentions(s.People), Duration(s.Due.Sub(s.At)))
	}
	return fmt.Sprintf("%s called %s.", Mentions(s.People), Clock(s.At))
}
