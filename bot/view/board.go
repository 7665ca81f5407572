package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// BoardCard is what was tried against the error.
type BoardCard struct {
	Incident incidents.ID
	Board    incidents.Board
}

// Board shows what is tried, by whom, until when, and what came of it.
func Board(c BoardCard) Message {
	tried, works, part := c.Board.Tried()
	said := fmt.Sprintf("%d tried", tried)
	if works > 0 {
		said += fmt.Sprintf(", %d works", works)
	}
	if part > 0 {
		said += fmt.Sprintf(", %d works in part", part)
	}
	if open := c.Board.Open(); open > 0 {
		said += fmt.Sprintf(", %d going on", open)
	}
	lines := fitting(len(c.Board), func(n, width int) string { return tryLine(c.Board[n], width) })
	s := Stamp{Incident: c.Incident}
	elements := []slack.BlockElement{button("try.add", "Add", s)}
	var options []Option
	for _, t := range c.Board {
		s.Sheet = t.Number
		options = append(options, Option{s.String(), cut(t.Ref()+" "+t.Approach, 40)})
	}
	if len(options) > 0 {
		elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Result", maxPlaceholder), "try.result", choices(options)...))
	}
	return Message{
		Text:   fmt.Sprintf("%s options board: %s", c.Incident, said),
		Blocks: stack(section("*Options board* · "+said), paragraphs(lines), []slack.Block{slack.NewActionBlock("board", elements...)}),
	}
}

func tryLine(t incidents.Try, width int) string {
	line := fmt.Sprintf("%s %s · %s", t.Ref(), Escape(cut(t.Approach, width)), Mention(t.Owner))
	switch {
	case t.Result != incidents.TryOpen:
		t.Said = cut(t.Said, width)
		line += " · *" + Say(t.Outcome()) + "*"
	case !t.Until.IsZero():
		line += " · until " + Clock(t.Until)
	default:
		line += " · goes on"
	}
	return line
}

const boxHint = "30m or 2 hours. When it is over, you are asked once what came of it."

// TryModal asks what is tried.
func TryModal(s Stamp, me string) slack.ModalViewRequest {
	who := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Who?", maxPlaceholder), Input)
	who.InitialUser = me
	return modal("try", "Try something", "Add", s,
		field("approach", "What is tried?", "", false, walkInput("", "Restore the list from the backup")),
		field("who", "Who?", "", true, who),
		field("box", "For how long?", boxHint, true, textInput("30m", "", false)))
}

// TriedModal asks what came of a try.
func TriedModal(s Stamp, t incidents.Try) slack.ModalViewRequest {
	count := ""
	if t.Counted {
		count = Number(t.Count)
	}
	results := []Option{{string(incidents.TryWorks), "It works"}, {string(incidents.TryPart), "It works in part"}, {string(incidents.TryNo), "It does not work"}}
	return modal("try", t.Ref(), "Save", s,
		section(Escape(t.Approach)),
		field("result", "What came of it?", "", true, radioInput(string(t.Result), results)),
		field("count", "For how many records?", "", true, textInput(count, "1,200", false)),
		field("said", "In words", "", true, walkInput(t.Said, "")),
		field("box", "Or give it more time", boxHint, true, textInput("", "30m", false)))
}
