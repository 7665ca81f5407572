package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// What the button of an item does; the same words are typed.
const (
	ChooseTick   = "tick"
	ChooseUntick = "untick"
)

// mostChecked is how many items have a button of their own.
const mostChecked = 10

// ticklist is what earlier snafus have left to look at, each item with its
// button. One that was ticked says by whom and when.
func ticklist(i incidents.Incident, list incidents.Checklist) []slack.Block {
	if len(list) == 0 {
		return nil
	}
	blocks := section(fmt.Sprintf("*Checklist of earlier snafus* · %d of %d ticked", len(list)-len(list.Open()), len(list)))
	for _, c := range list[:min(len(list), mostChecked)] {
		line := fmt.Sprintf(":white_large_square: %s · %s", Escape(cut(c.Text, 300)), c.Ref())
		s, label := Stamp{Incident: i.ID, Subject: c.Ref(), Choice: ChooseTick}, "Tick"
		if c.Ticked() {
			line = fmt.Sprintf(":white_check_mark: %s · %s · %s, %s", Escape(cut(c.Text, 300)), c.Ref(), c.By.Mention(), Clock(c.At))
			s.Choice, label = ChooseUntick, "Take it off"
		}
		if i.Phase().Ended() {
			blocks = append(blocks, section(line)...)
			continue
		}
		blocks = append(blocks, row(line, button(fmt.Sprintf("checklist.tick.%d.%d", c.From, c.Number), label, s))...)
	}
	if more := len(list) - mostChecked; more > 0 {
		blocks = append(blocks, context(fmt.Sprintf("and %d more: `/snafu todos %s` lists all", more, i.ID))...)
	}
	return blocks
}

// Todos is the list of what is owed, below what earlier snafus have left to look
// at.
func Todos(i incidents.Incident, list incidents.Checklist, owed Message) Message {
	lines := []string{}
	for _, c := range list[min(len(list), mostChecked):] {
		box := ":white_large_square:"
		if c.Ticked() {
			box = ":white_check_mark:"
		}
		lines = append(lines, fmt.Sprintf("%s %s · %s", box, Escape(cut(c.Text, 100)), c.Ref()))
	}
	head := list[:min(len(list), mostChecked)]
	owed.Blocks = stack(ticklist(i, head), paragraphs(lines), owed.Blocks)
	if len(list) > 0 {
		owed.Text = fmt.Sprintf("%s: checklist, %d of %d ticked. %s", i.ID, len(list)-len(list.Open()), len(list), owed.Text)
	}
	return owed
}
