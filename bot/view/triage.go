package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Triage shows all of the field's questions, each with its answer or a way to
// give it. Two-way questions are answered by a press.
func Triage(c TriageCard) Message {
	t := c.Incident.Triage
	title := "*" + t.Progress() + "*"
	text := c.Incident.Key() + " " + t.Progress()
	if q, open := t.Next(); open {
		title += " · Next: " + q.Next
		text += ". Next: " + q.Next
	}
	blocks := section(title)
	for _, q := range incidents.Questions {
		blocks = append(blocks, question(c, q)...)
	}
	return Message{Text: cut(text, maxFallback), Blocks: stack(blocks)}
}

func question(c TriageCard, q incidents.Asked) []slack.Block {
	s := Stamp{Incident: c.Incident.ID, Question: q.N}
	open := fmt.Sprintf("triage.open.%d", q.N)
	if a := c.Incident.Triage.Answer(q.N); a.Given() {
		return row(fmt.Sprintf("%d. %s: %s\n_%s_", q.N, q.Short, Escape(a.Say(q.N)), answeredBy(c, q, a)), button(open, "Change", s))
	}
	if q.Form != incidents.FormChoice || len(q.Choices) != 2 {
		return row(fmt.Sprintf("%d. %s", q.N, q.Ask), button(open, "Answer", s))
	}
	var bs []*slack.ButtonBlockElement
	for n, choice := range append(q.Choices[:2:2], incidents.Choice{Code: incidents.DontKnow, Say: "Don't know"}) {
		with := s
		with.Choice = choice.Code
		bs = append(bs, button(fmt.Sprintf("triage.answer.%d", n), choice.Say, with))
	}
	return stack(section(fmt.Sprintf("%d. %s", q.N, q.Ask)), buttons(fmt.Sprintf("q%d", q.N), bs...))
}

// answeredBy says who answered when; a measured answer says so, and a count
// that disagrees with a person stands beside the answer.
func answeredBy(c TriageCard, q incidents.Asked, a incidents.Answer) string {
	said := a.By.Mention() + ", " + Clock(a.At)
	if a.Measured {
		said = "counted, " + Clock(a.At)
	}
	if q.N == incidents.QuestionStill && c.Measured != "" && !a.Measured {
		said += "; measured: " + Escape(c.Measured)
	}
	return said
}
