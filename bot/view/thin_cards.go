package view

import (
	"fmt"
	"strings"

	"snafu/incidents"
)

// Opener is the first message: calm, and with one next step.
func Opener(c OpenerCard) Message {
	where := "the affected system"
	if c.Incident.System != "" {
		where = Escape(c.Incident.System)
	}
	next := "look at the numbers"
	stamp := Stamp{Incident: c.Incident.ID}
	if q, open := c.Incident.Triage.Next(); open {
		next, stamp.Question = q.Next, q.N
	}
	text := fmt.Sprintf("Take a breath: records can nearly always be repaired. Please change nothing in %s for now. Next: %s", where, next)
	return Message{Text: c.Incident.Key() + ": " + text, Blocks: stack(
		section(text),
		context(fmt.Sprintf("opened %s · Backup of %s: %s", Clock(c.Incident.Opened), where, c.Backup)),
		buttons("opener", primary("triage.open", "Answer", stamp), button("call.open", "Bring in a calm second person", stamp)),
	)}
}

// Triage shows all questions, the answers, and a way to give each.
func Triage(c TriageCard) Message {
	t := c.Incident.Triage
	blocks := stack(section("*" + t.Progress() + "*"))
	for _, q := range incidents.Questions {
		s := Stamp{Incident: c.Incident.ID, Question: q.N}
		a := t.Answer(q.N)
		if a.Given() {
			blocks = append(blocks, row(fmt.Sprintf("%d. %s: %s", q.N, q.Short, Escape(a.Say(q.N))), button(fmt.Sprintf("triage.open.%d", q.N), "Change", s))...)
			continue
		}
		if q.Form == incidents.FormChoice && len(q.Choices) == 2 {
			blocks = append(blocks, section(fmt.Sprintf("%d. %s", q.N, q.Ask))...)
			yes, no, dont := s, s, s
			yes.Choice, no.Choice, dont.Choice = q.Choices[0].Code, q.Choices[1].Code, incidents.DontKnow
			blocks = append(blocks, buttons(fmt.Sprintf("q%d", q.N),
				button("triage.answer.0", q.Choices[0].Say, yes), button("triage.answer.1", q.Choices[1].Say, no), button("triage.answer.2", "Don't know", dont))...)
			continue
		}
		blocks = append(blocks, row(fmt.Sprintf("%d. %s", q.N, q.Ask), button(fmt.Sprintf("triage.open.%d", q.N), "Answer", s))...)
	}
	text := c.Incident.Key() + " " + t.Progress()
	if q, open := t.Next(); open {
		text += ". Next: " + q.Next
	}
	return Message{Text: text, Blocks: blocks}
}

// Page shows a call and who is on it; the channel and the direct message show
// the same.
func Page(c PageCard) Message {
	p := c.Page
	var said incidents.Words
	step, _ := p.Step()
	switch p.State {
	case incidents.PageAnswered:
		said = incidents.Sentence(p.AnsweredBy, " is on it ("+incidents.Took(p.AnsweredAt.Sub(p.Started))+")")
	case incidents.PageUnanswered:
		said = incidents.Sentence("Nobody answered. Fallback: "+p.Fallback+". Lead ", c.Lead, " told.")
	case incidents.PageEnded:
		said = incidents.Sentence("Call ended ", p.EndedAt, ": "+p.EndedWhy)
	default:
		said = incidents.Sentence("Calling ", step.People, " ("+step.Name+").")
		if len(p.Next) > 0 {
			said = incidents.Sentence(said, " Next: ", p.Next, " at ", step.Due, ".")
		}
	}
	text := Say(incidents.Sentence(p.Incident.String()+" · "+c.Title+" · ", said))
	m := Message{Text: p.Incident.String() + ": call", Blocks: section(text)}
	if p.State == incidents.PageCalling {
		s := Stamp{Incident: p.Incident, Page: p.ID}
		m.Blocks = append(m.Blocks, buttons(fmt.Sprintf("page-%d", p.ID), primary("page.ack", "On it", s), button("page.pass", "Can't, next", s))...)
	}
	return m
}

// Announcement tells the central channel.
func Announcement(i incidents.Incident) Message {
	text := fmt.Sprintf("%s opened: %s (%s)", i.ID, Escape(i.Title), i.Severity)
	more := fmt.Sprintf("%s · lead %s", i.Phase(), Mention(i.Lead))
	if i.Channel != "" {
		more += " · <#" + i.Channel + ">"
	}
	return Message{Text: text, Blocks: stack(section(text), context(more), buttons("announce", button("status.show", "Summary", Stamp{Incident: i.ID})))}
}

// Stop shows what was done to the causes.
func Stop(c StopCard) Message {
	var lines []string
	for _, act := range c.Incident.Acts {
		lines = append(lines, Say(act.Words()))
	}
	s := Stamp{Incident: c.Incident.ID}
	text := strings.Join(lines, "\n")
	return Message{Text: c.Incident.Key() + ": cause", Blocks: stack(section(text), buttons("stop", button("count.run", "Recount", s), button("contain.open", "Stop the cause", s)))}
}
