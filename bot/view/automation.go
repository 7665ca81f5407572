package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// WasOff is the action of the button with which who looks after an automation
// says that it stood still before.
const WasOff = "automation.idle"

// automationLines say what was switched off, or is about to be.
func automationLines(all []rollback.Switched) (lines []string) {
	for _, s := range all {
		line := "• " + Escape(s.Label()) + ": "
		who := "who looks after it"
		if s.Owner != "" {
			who = Mention(s.Owner)
		}
		switch {
		case s.Stage == rollback.StageOff:
			line += fmt.Sprintf("off since %s (was %s)", Clock(s.OffAt), s.Before)
		case s.Manual && s.Stage == rollback.StageSwitching:
			line += who + " stops it and presses Stopped"
		case s.Manual:
			line += who + " lets it work again and presses Works again"
		case s.Stage == rollback.StageSwitching:
			line += fmt.Sprintf("being switched off, asked by %s %s", Mention(s.AskedBy), Clock(s.AskedAt))
		default:
			line += "being released"
		}
		lines = append(lines, line)
	}
	return lines
}

// automationButtons let people confirm what was asked of them, and release what
// is off.
func automationButtons(all []rollback.Switched, stamp Stamp) []slack.Block {
	var bs []*slack.ButtonBlockElement
	for i, s := range all {
		if i == mostAutomations {
			break
		}
		stamp.Choice = s.Source + "/" + s.Name
		id := func(action string) string { return fmt.Sprintf("%s.%d", action, i) }
		switch {
		case s.Stage == rollback.StageOff:
			bs = append(bs, button(id("release.open"), "Release: "+s.Title, stamp))
		case s.Manual && s.Stage == rollback.StageSwitching:
			bs = append(bs, button(id("automation.stopped"), "Stopped: "+s.Title, stamp), button(id(WasOff), "Was off: "+s.Title, stamp))
		case s.Manual:
			bs = append(bs, button(id("automation.works"), "Works again: "+s.Title, stamp))
		}
	}
	return buttons("automations", bs...)
}

// mostAutomations is how many have buttons: two each fit.
const mostAutomations = 8

// ReleaseModal asks why an automation gets its state back.
func ReleaseModal(s Stamp, of rollback.Switched) slack.ModalViewRequest {
	s.Choice = of.Source + "/" + of.Name
	what := fmt.Sprintf("%s was %s before it was switched off, and gets that back. If the cause is not mended, the error goes on.", Escape(of.Label()), of.Before)
	if of.Before == rollback.SwitchOff {
		what = fmt.Sprintf("%s was off before. It stays off.", Escape(of.Label()))
	}
	return ReasonModal("release", "Release", "Release", s, what)
}

// SwitchLine is a declared automation as the form to stop a cause shows it.
type SwitchLine struct {
	Label      string
	State      rollback.SwitchState // "" if nobody could tell just now
	Manual     bool
	Dependents []string
	Risky      bool
}

// mostSwitchLines keeps the form within one screen.
const mostSwitchLines = 8

// switchLines say of each whether it works now, and what stands still with it.
func switchLines(all []SwitchLine) (lines []string) {
	for n, a := range all {
		if n == mostSwitchLines {
			return append(lines, fmt.Sprintf("and %d more", len(all)-n))
		}
		now := "not known now"
		switch {
		case a.Manual:
			now = "its owner switches it"
		case a.State != "":
			now = string(a.State) + " now"
		}
		line := "*" + Escape(cut(a.Label, 60)) + "*: " + now
		switch {
		case len(a.Dependents) > 0:
			line += " · with it stands still: " + Escape(cut(strings.Join(a.Dependents, ", "), 100))
		case !a.Manual:
			line += " · what stands still with it is not declared"
		}
		if a.Risky {
			line += " · risky: a second person confirms it"
		}
		lines = append(lines, line)
	}
	return lines
}

// SecondOffer lets a second person confirm that a risky automation is switched off.
func SecondOffer(id incidents.ID, word, title string) []slack.Block {
	return buttons("second", danger("contain.second", "Confirm: "+title, Stamp{Incident: id, Choice: word}))
}
