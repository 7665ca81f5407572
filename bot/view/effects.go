package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// effectOptions are what can become of what a plan sets off.
var effectOptions = []Option{
	{string(rollback.EffectsFire), "Let them fire"},
	{string(rollback.EffectsGUC), "They heed our setting"},
	{string(rollback.EffectsHold), "Their owner holds them meanwhile"},
}

// EffectsModal asks what shall become of what a plan would set off.
func EffectsModal(p PlanCard, s Stamp) slack.ModalViewRequest {
	var names []Option
	for _, n := range p.Freeze.Inventory.SetOff() {
		if len(names) < maxCheckboxOption {
			names = append(names, Option{n, n})
		}
	}
	s.Choice = "effects"
	blocks := stack(
		paragraphs(inventory(p)),
		field("effects", "What shall become of them?", "", false, radioInput(string(p.Spec.Effects), effectOptions)),
	)
	if len(names) > 0 {
		blocks = stack(blocks, field("accepted", "If they heed our setting: which may fire all the same?", "", true, checkInput(nil, names)))
	}
	return modal("plan", "Side effects of "+string(p.Spec.Ref), "Freeze again", s, blocks,
		context("Who approves sees this choice. The plan is frozen again with it."))
}

// holdLines say what its owners stop while a plan writes, and whether they have.
func holdLines(p PlanCard) []string {
	var lines []string
	for _, h := range p.Holds {
		line := "• " + Escape(h.Name) + ": "
		switch {
		case h.Stands():
			line += fmt.Sprintf("held by %s since %s", Mention(h.By), Clock(h.At))
		case h.Released:
			line += "runs again"
		case len(h.Owners) > 0:
			line += Mentions(h.Owners) + " stops it and presses Stopped"
		default:
			line += "the lead has it stopped and presses Stopped"
		}
		lines = append(lines, line)
	}
	if lines == nil {
		return nil
	}
	return append([]string{"Held while it writes:"}, lines...)
}

// checklist is the order of steps for a sync that copies both ways, with what is
// done of it.
func checklist(p PlanCard) []string {
	var lines []string
	for _, c := range p.Freeze.Inventory.Copies() {
		if !c.TwoWay() {
			continue
		}
		var held rollback.Held
		for _, h := range p.Holds {
			if h.Name == "sync "+c.Name {
				held = h
			}
		}
		ended := !p.State.Open()
		agrees := ended && p.Report != nil && p.Report.Agrees()
		for i, step := range []struct {
			done bool
			say  string
		}{
			{held.By != "", "stop " + c.Name},
			{ended && p.Progress.Counts.Sum() > 0, fmt.Sprintf("run %s in %s", p.Spec.Ref, p.Spec.Scope.Source)},
			{agrees, "verify"},
			{held.Released, "put the other side right by the fixed list"},
			{held.Released, "start " + c.Name + " again"},
		} {
			mark := "☐"
			if step.done {
				mark = "☑"
			}
			lines = append(lines, fmt.Sprintf("%s %d. %s", mark, i+1, Escape(step.say)))
		}
	}
	return lines
}

// holdButtons let owners say that a thing is stopped, and later that it runs
// again.
func holdButtons(p PlanCard) []slack.Block {
	var all []*slack.ButtonBlockElement
	for i, h := range p.Holds {
		if i == 5 {
			break
		}
		s := p.Stamp()
		s.Choice = cut(h.Name, maxPlanChoice)
		_, plain, _ := strings.Cut(h.Name, " ")
		switch {
		case h.Stands() && !p.State.Live():
			all = append(all, button(fmt.Sprintf("plan.release.%d", i), "Runs again: "+plain, s))
		case !h.Stands() && p.State.Open():
			all = append(all, button(fmt.Sprintf("plan.held.%d", i), "Stopped: "+plain, s))
		}
	}
	return buttons("holds", all...)
}

// maxPlanChoice leaves room for the plan in the same stamp.
const maxPlanChoice = 60
