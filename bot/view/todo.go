package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// FollowUpsCard is what is owed after an incident.
type FollowUpsCard struct {
	Incident incidents.ID
	All      incidents.FollowUps
	At       time.Time
}

// FollowUpForm asks for one follow-up; that of number 0 is a new one.
type FollowUpForm struct {
	Stamp    Stamp
	FollowUp incidents.FollowUp
	Due      string // its day where the reader lives, 2026-04-03
}

// mostOwed is how many open follow-ups have a button of their own; the others
// are changed by the menu. mostFollowText keeps the list within one message.
const (
	mostOwed       = 12
	mostFollowText = 7000
)

// FollowUps lists what is owed with its owner and day, and what was kept.
func FollowUps(c FollowUpsCard) Message {
	open := c.All.Open()
	var done, late, dropped int
	for _, f := range c.All {
		switch {
		case f.State == incidents.FollowDone:
			done++
		case f.State == incidents.FollowDropped:
			dropped++
		case f.Late(c.At):
			late++
		}
	}
	head := fmt.Sprintf("*Follow-ups* · %d open, %d done", len(open), done)
	if dropped > 0 {
		head += fmt.Sprintf(", %d dropped", dropped)
	}
	text := fmt.Sprintf("%s: follow-ups, %d open, %d done", c.Incident, len(open), done)
	if late > 0 {
		head += fmt.Sprintf(" · *%d late*", late)
		text += fmt.Sprintf(", %d late", late)
	}
	var rows []slack.Block
	var rest []string
	var options []Option
	left, more := mostFollowText, 0
	fits := func(line string) bool {
		if left -= units(line); left < 0 {
			more++
		}
		return left >= 0
	}
	for n, f := range open {
		s := Stamp{Incident: c.Incident, Sheet: f.Number}
		options = append(options, Option{Value: s.String(), Label: f.Ref() + " " + f.Text})
		switch line := followLines(f, f.Late(c.At)); {
		case !fits(line):
		case n >= mostOwed:
			rest = append(rest, line)
		case f.Safeguard == "":
			rows = append(rows, section(line)...)
		default:
			s.Choice = "done"
			rows = append(rows, row(line, button(fmt.Sprintf("todo.done.%d", f.Number), "Done", s))...)
		}
	}
	for _, f := range c.All {
		if line := endedLine(f); !f.Open() && fits(line) {
			rest = append(rest, line)
		}
	}
	if more > 0 {
		rest = append(rest, fmt.Sprintf("and %d more, in the menu", more))
	}
	elements := []slack.BlockElement{button("todo.open", "Add a follow-up", Stamp{Incident: c.Incident})}
	if len(options) > 0 {
		elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Change one", maxPlaceholder), "todo.edit", choices(options)...))
	}
	return Message{Text: text, Blocks: stack(section(head), rows, paragraphs(rest), []slack.Block{slack.NewActionBlock("todos", elements...)})}
}

func followLines(f incidents.FollowUp, late bool) string {
	owner, due := "*nobody owns it*", "*no day is set*"
	if f.Owner != "" {
		owner = Mention(f.Owner)
	}
	switch {
	case late:
		due = "*late: was due " + DayAlone(f.Due) + "*"
	case !f.Due.IsZero():
		due = "by " + DayAlone(f.Due)
	}
	parts := []string{owner, due}
	if f.For != "" {
		parts = append(parts, followKinds[f.For])
	}
	if f.Checklist {
		parts = append(parts, "checklist")
	}
	if f.Ticket != "" {
		parts = append(parts, "ticket "+Escape(f.Ticket))
	}
	lines := []string{fmt.Sprintf("*%s* %s", f.Ref(), Escape(f.Text)), "    " + strings.Join(parts, " · ")}
	if f.Safeguard == "" {
		lines = append(lines, "    *no safeguard is named*")
	} else {
		lines = append(lines, "    safeguard: "+Escape(f.Safeguard))
	}
	if f.Root != "" {
		lines = append(lines, "    cause: "+Escape(f.Root))
	}
	return strings.Join(lines, "\n")
}

func endedLine(f incidents.FollowUp) string {
	line := fmt.Sprintf("~%s %s~", f.Ref(), Escape(f.Text))
	if f.State == incidents.FollowDropped {
		return line + " · dropped: " + Escape(f.Why)
	}
	line += " · done " + DayAlone(f.Ended)
	if f.Checklist {
		line += " · checklist"
	}
	return line
}

var followKinds = map[incidents.FollowKind]string{
	incidents.FollowDetect: "to notice it sooner", incidents.FollowPrevent: "to prevent it", incidents.FollowCorrect: "to mend it",
}

// DayAlone is the day of an instant, in the reader's own zone.
func DayAlone(at time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty}|%s>", at.Unix(), at.UTC().Format("2006-01-02"))
}

// FollowUpModal asks for all that a follow-up needs.
func FollowUpModal(f FollowUpForm) slack.ModalViewRequest {
	u, title, submit := f.FollowUp, "Add a follow-up", "Add"
	if u.Number > 0 {
		title, submit = "Follow-up "+u.Ref(), "Save"
	}
	owner := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Who owns it?", maxPlaceholder), Input)
	owner.InitialUser = u.Owner.User()
	due := slack.NewDatePickerBlockElement(Input)
	due.InitialDate = f.Due
	kinds := []Option{
		{string(incidents.FollowPrevent), "It cannot happen again"},
		{string(incidents.FollowDetect), "It is noticed sooner"},
		{string(incidents.FollowCorrect), "What it left behind is mended"},
	}
	var checked []string
	if u.Checklist {
		checked = []string{"checklist"}
	}
	blocks := stack(
		field("text", "What is to be done?", "", false, walkInput(u.Text, "The clone asks for its per-stage choices")),
		field("owner", "Who owns it?", "", false, owner),
		field("due", "By which day?", "Its owner is reminded the day before, that day, and weekly until it is done.", false, due),
		field("kind", "What is it good for?", "", false, radioInput(string(u.For), kinds)),
		field("safeguard", "Safeguard", "What changes in a system or a checklist. To talk to somebody is none.", false, walkInput(u.Safeguard, "Copying a campaign asks for each choice")),
		field("root", "Which cause does it answer?", "", true, walkInput(u.Root, "")),
		field("ticket", "Ticket", "", true, textInput(u.Ticket, "", false)),
		field("checklist", "Next time", "", true, checkInput(checked, []Option{{"checklist", "Show it at the next snafu on this system"}})),
	)
	if u.Number > 0 {
		blocks = append(blocks, field("drop", "Or drop it: why?", "", true, textInput("", "", false))...)
	}
	return modal("todo", title, submit, f.Stamp, blocks)
}
