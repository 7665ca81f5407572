package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// WalkCard is the expected flow beside the observed one.
type WalkCard struct {
	Incident incidents.ID
	Walk     incidents.Walk
}

// WalkForm asks for one step.
type WalkForm struct {
	Stamp  Stamp
	Walk   incidents.Walk
	Number int64 // of the step that is changed; 0 adds one
	When   string
}

// Walk shows the steps of a flow, and the first one that went wrong with where,
// when and how.
func Walk(c WalkCard) Message {
	broke := c.Walk.Broke()
	head, text := fmt.Sprintf("*Walk-through* · %d of %d steps looked at", c.Walk.Seen(), len(c.Walk)), fmt.Sprintf("%s: walk-through, %d steps", c.Incident, len(c.Walk))
	if broke > 0 {
		head += fmt.Sprintf(" · *broke at step %d*", broke)
		text = fmt.Sprintf("%s: walk-through, broke at step %d of %d", c.Incident, broke, len(c.Walk))
	}
	var lines []string
	for i, s := range c.Walk {
		lines = append(lines, walkLines(int64(i+1), s, int64(i+1) == broke)...)
	}
	s := Stamp{Incident: c.Incident}
	elements := []slack.BlockElement{button("walk.add", "Add a step", s)}
	var options []Option
	for i, step := range c.Walk {
		s.Sheet = int64(i + 1)
		options = append(options, Option{Value: s.String(), Label: fmt.Sprintf("%d. %s", i+1, step.Step)})
	}
	if len(options) > 0 {
		elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Change a step", maxPlaceholder), "walk.change", choices(options)...))
	}
	return Message{Text: text, Blocks: stack(section(head), paragraphs(lines), []slack.Block{slack.NewActionBlock("walk", elements...)})}
}

// mostWalked is how much of each thing the card says of a step; all of it stands
// in its form, and of the one that broke here too.
const mostWalked = 120

func walkLines(n int64, s incidents.WalkStep, broke bool) []string {
	short := func(text string) string { return Escape(cut(text, mostWalked)) }
	if broke {
		short = Escape
	}
	line := fmt.Sprintf("%d. %s", n, short(s.Step))
	switch {
	case broke:
		line = fmt.Sprintf("*%d. %s · broke here*", n, short(s.Step))
	case s.Went == incidents.WentRight:
		return []string{line + " · as expected"}
	case s.Went == incidents.WentWrong:
		line += " · differs too"
	case s.Expected == "" && s.Observed == "":
		return []string{line + " · not looked at"}
	default:
		line += " · not looked at"
	}
	lines := []string{line}
	add := func(what, text string) {
		if text != "" {
			lines = append(lines, "    "+what+": "+text)
		}
	}
	add("expected", short(s.Expected))
	add("observed", short(s.Observed))
	if s.Went == incidents.WentWrong {
		when := ""
		if !s.When.IsZero() {
			when = Day(s.When)
		}
		add("when", when)
		add("how", short(s.How))
	}
	return []string{strings.Join(lines, "\n")}
}

// WalkModal asks for a step: what should happen in it, and what did.
func WalkModal(f WalkForm) slack.ModalViewRequest {
	var s incidents.WalkStep
	title, submit := "Add a step", "Add"
	if f.Number > 0 {
		s, title, submit = f.Walk[f.Number-1], fmt.Sprintf("Step %d", f.Number), "Save"
	}
	wents := []Option{{string(incidents.WentRight), "As expected"}, {string(incidents.WentWrong), "It went wrong"}, {"unseen", "Nobody has looked"}}
	went := string(s.Went)
	if f.Number > 0 && s.Went == incidents.WentUnseen {
		went = "unseen"
	}
	blocks := stack(
		field("step", "Which step of the flow?", "Name the system and what it does, not a person.", false, walkInput(s.Step, "The weekly sync changes the stage")),
		field("expected", "What should happen in it?", "", true, walkInput(s.Expected, "to MQL, of the leads on the list")),
		field("observed", "What did happen?", "", true, walkInput(s.Observed, "to SQL, of all leads")),
		field("went", "How did it go?", "Left open, the same words are as expected and others went wrong.", true, radioInput(went, wents)),
		field("when", "If it went wrong: when?", "Write 10:42, yesterday 17:00 or 2026-03-28 10:42.", true, textInput(f.When, "", false)),
		field("how", "If it went wrong: how?", "", true, walkInput(s.How, "")),
	)
	switch {
	case f.Number > 0:
		blocks = append(blocks, field("drop", "Or take it out", "", true, checkInput(nil, []Option{{"drop", "Take this step out"}}))...)
	case len(f.Walk) > 0:
		places := []Option{{"0", "At the end"}}
		for i, other := range f.Walk {
			places = append(places, Option{Number(int64(i + 1)), fmt.Sprintf("Before %d. %s", i+1, other.Step)})
		}
		blocks = append(blocks, field("place", "Where in the flow?", "", false, selectInput("Choose", "0", places))...)
	}
	return modal("walk", title, submit, f.Stamp, blocks)
}

func walkInput(initial, placeholder string) *slack.PlainTextInputBlockElement {
	e := textInput(initial, placeholder, false)
	e.MaxLength = 300
	return e
}
