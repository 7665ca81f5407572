package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// GateCard is what the close of an incident demands.
type GateCard struct {
	Incident incidents.Incident
	Gates    []incidents.Gate
}

// Gate shows what the close demands: what is met, what is missing with its next
// step, and what the lead let pass and why. Close stands under it once nothing is
// missing.
func Gate(c GateCard) Message {
	i := c.Incident
	if p := i.Phase(); p != incidents.PhaseResolved && p != incidents.PhaseClosed {
		line := fmt.Sprintf("%s is %s. What its close demands is judged anew once it is resolved.", i.ID, p)
		return Message{Text: line, Blocks: section("*Close* · " + line)}
	}
	met, waived, open := 0, 0, 0
	var blocks []slack.Block
	var steps []*slack.ButtonBlockElement
	for _, g := range c.Gates {
		name := fmt.Sprintf("%d. %s", g.Number, Escape(g.Name))
		switch {
		case g.Met:
			met++
			blocks = append(blocks, section(":white_check_mark: "+name)...)
		case g.Waived:
			waived++
			line := ":fast_forward: " + name + " · *waived*"
			if g.Why != "" {
				line += " by " + g.By.Mention() + ": " + Escape(g.Why)
			}
			blocks = append(blocks, section(line)...)
		case i.Phase() == incidents.PhaseClosed:
			blocks = append(blocks, section(":fast_forward: "+name+" · *waived*")...)
		default:
			open++
			steps = append(steps, gateStep(i.ID, g))
			line := ":white_large_square: *" + name + "* · not yet: " + Escape(g.Say)
			if !g.Until.IsZero() {
				line += " That is " + Day(g.Until) + "."
			}
			if g.Hard {
				blocks = append(blocks, section(line)...)
				continue
			}
			blocks = append(blocks, row(line, button(fmt.Sprintf("gate.waive.%d", g.Number), "Waive", Stamp{Incident: i.ID, Sheet: g.Number}))...)
		}
	}
	if i.Phase() == incidents.PhaseClosed {
		text := fmt.Sprintf("%s close: closed", i.ID)
		return Message{Text: text, Blocks: stack(section("*Close* · closed"), blocks)}
	}
	head := fmt.Sprintf("*Close* · %d of %d met", met, len(c.Gates))
	if waived > 0 {
		head += fmt.Sprintf(", %d waived", waived)
	}
	foot := buttons("gate-steps", steps...)
	if open == 0 {
		foot = buttons("gate", primary("gate.close", "Close", Stamp{Incident: i.ID}))
	}
	return Message{
		Text:   fmt.Sprintf("%s close: %d of %d met", i.ID, met+waived, len(c.Gates)),
		Blocks: stack(section(head), blocks, context("The lead closes and waives: "+Mention(i.Lead)), foot),
	}
}

// gateStep is the button that leads to what an item of the close wants; nil where
// that is more than one press or form.
func gateStep(id incidents.ID, g incidents.Gate) *slack.ButtonBlockElement {
	s := Stamp{Incident: id}
	switch g.Item {
	case "quiet":
		return button("count.run", "Recount", s)
	case "customers":
		s.Question = incidents.QuestionCustomers
		return button("triage.open.gate", "Say who was affected", s)
	case "cause":
		return button("whys.add", "Ask why", s)
	case "post-mortem":
		return button("export.write", "Export", s)
	}
	return nil
}

// WaiveModal asks why the close goes without one of its items.
func WaiveModal(s Stamp, g incidents.Gate) slack.ModalViewRequest {
	text := fmt.Sprintf("%d. %s\nNot yet: %s", g.Number, Escape(g.Name), Escape(g.Say))
	return modal("close", "Close without it", "Waive", s, section(text),
		field("why", "Why may it close without this?", "10 characters or more. The log keeps it.", false, textInput("", "", true)))
}

// ClosingCard is what is said at the end.
type ClosingCard struct {
	Incident incidents.Incident
	Tally    *incidents.Tally
	Helped   []incidents.Person
	Waived   []string
	Why      string // why that is no matter, if it was said at the close
	Owed     int    // follow-ups that are still open
}

// mostThanked is how many people a closing message names.
const mostThanked = 12

// Closing says what was fixed in one sentence, and thanks.
func Closing(c ClosingCard) Message {
	fixed := "Closed: " + Escape(c.Incident.Title) + "."
	last := "Most snafus can be fixed. This one was."
	if t := c.Tally; t != nil && t.Wrong > 0 {
		unit := t.Unit
		if unit == "" {
			unit = "records"
		}
		parts := []string{fmt.Sprintf("%s %s are right again", Number(t.Fixed), Escape(unit))}
		if t.Kept > 0 {
			parts = append(parts, Number(t.Kept)+" kept as people set them")
		}
		if t.Unrestorable > 0 {
			parts = append(parts, Number(t.Unrestorable)+" could not be restored")
			last = "What could not be restored is held, and its owners are told."
		}
		if t.Left > 0 {
			parts = append(parts, Number(t.Left)+" were left as they are")
			last = "Why some were left stands in the report: `/snafu export`."
		}
		fixed = "Closed: " + strings.Join(parts, ", ") + "."
	}
	thanks := ""
	if n := len(c.Helped); n > 0 {
		named := c.Helped[:min(n, mostThanked)]
		thanks = " Thank you, " + Mentions(named)
		if n > mostThanked {
			thanks = fmt.Sprintf(" Thank you, %s and %d more", Mentions(named), n-mostThanked)
		}
		thanks += "."
	}
	var notes []string
	if len(c.Waived) > 0 {
		line := "Waived: " + Escape(strings.Join(c.Waived, ", "))
		if c.Why != "" {
			line += " (" + Escape(c.Why) + ")"
		}
		notes = append(notes, line)
	}
	if c.Owed > 0 {
		owed := "1 follow-up is still owed; its owner is reminded until it is done"
		if c.Owed > 1 {
			owed = fmt.Sprintf("%d follow-ups are still owed; their owners are reminded until they are done", c.Owed)
		}
		notes = append(notes, owed)
	}
	s := Stamp{Incident: c.Incident.ID}
	return Message{
		Text:   cutMarkup(c.Incident.Key()+": "+fixed, maxFallback),
		Blocks: stack(section(fixed+thanks+" "+last), context(strings.Join(notes, " · ")), buttons("closed", button("todo.open", "Add a follow-up", s), button("reopen.open", "Reopen", s))),
	}
}
