package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Triage shows what is answered, and asks the next open question. All others can
// be chosen, for there is no order that fits every incident, and an answer that
// was given can be put right.
func Triage(c TriageCard) Message {
	i := c.Incident
	text := i.Key() + " " + i.Triage.Progress()
	next, open := i.Triage.Next()
	if open {
		text += ". Next: " + next.Next
	}
	blocks := stack(section("*"+i.Triage.Progress()+"*"), paragraphs(answers(c)))
	switch {
	case i.Phase().Ended():
	case open:
		blocks = stack(blocks, section(fmt.Sprintf("*Next: %d. %s*", next.N, next.Ask)), ask(i, next), others(i, next.N, "Another question"))
	default:
		blocks = stack(blocks, others(i, 0, "Correct an answer"))
	}
	return Message{Text: cut(text, maxFallback), Blocks: blocks}
}

// answers are the answered questions, a line each.
func answers(c TriageCard) []string {
	var given []incidents.Asked
	for _, q := range incidents.Questions {
		if c.Incident.Triage.Answer(q.N).Given() {
			given = append(given, q)
		}
	}
	return fitting(len(given), func(n, width int) string {
		q := given[n]
		a := c.Incident.Triage.Answer(q.N)
		return fmt.Sprintf("%d. %s: %s · _%s_", q.N, q.Short, Escape(cut(inOneLine(a.Say(q.N)), width)), answeredBy(c, q, a))
	})
}

// ask offers the answers to a question: by a press where there are few, in a form
// for words.
func ask(i incidents.Incident, q incidents.Asked) []slack.Block {
	s := Stamp{Incident: i.ID, Question: q.N}
	given := append(q.Choices[:len(q.Choices):len(q.Choices)], incidents.Choice{Code: incidents.DontKnow, Say: "Don't know"})
	press := func(c incidents.Choice) string {
		with := s
		with.Choice = c.Code
		return with.String()
	}
	var elements []slack.BlockElement
	form := button(fmt.Sprintf("triage.open.%d", q.N), "Answer", s)
	switch {
	case q.Form != incidents.FormChoice:
		elements = append(elements, form)
		given = given[len(given)-1:]
	case len(given) > 3:
		var options []Option
		for _, c := range given {
			options = append(options, Option{press(c), c.Say})
		}
		return acts(i, q.N, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose", maxPlaceholder), "triage.answer", choices(options)...))
	}
	for n, c := range given {
		elements = append(elements, slack.NewButtonBlockElement(fmt.Sprintf("triage.answer.%d", n), press(c), plain(c.Say, maxButtonText)))
	}
	if q.Form == incidents.FormChoice && q.Hint != "" {
		form.Text = plain("Say how you know", maxButtonText)
		elements = append(elements, form)
	}
	return acts(i, q.N, elements...)
}

// others lets choose any question but one; an answered one shows its answer.
func others(i incidents.Incident, but incidents.Question, say string) []slack.Block {
	var options []Option
	for _, q := range incidents.Questions {
		if q.N == but {
			continue
		}
		label := fmt.Sprintf("%d. %s", q.N, q.Ask)
		if a := i.Triage.Answer(q.N); a.Given() {
			label = fmt.Sprintf("%d. %s: %s", q.N, q.Short, inOneLine(a.Say(q.N)))
		}
		options = append(options, Option{Stamp{Incident: i.ID, Question: q.N}.String(), label})
	}
	return acts(i, 0, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(say, maxPlaceholder), "triage.open.other", choices(options)...))
}

// acts is a row whose name changes with each answer: of a row that keeps its name
// Slack goes on showing what was chosen in its selects.
func acts(i incidents.Incident, q incidents.Question, elements ...slack.BlockElement) []slack.Block {
	last := time.Unix(0, 0)
	for _, asked := range incidents.Questions {
		if a := i.Triage.Answer(asked.N); a.At.After(last) {
			last = a.At
		}
	}
	return []slack.Block{slack.NewActionBlock(fmt.Sprintf("q%d %d", q, last.UnixMicro()), elements...)}
}

func inOneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

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
