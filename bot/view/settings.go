package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// What can be ticked in the settings.
const (
	RestWeekends = "weekends"
	TellUpdates  = "updates"
	TellPhases   = "phases"
)

// SettingsForm is what one person wants now, and how they are called.
type SettingsForm struct {
	Stamp    Stamp
	Now      incidents.Settings
	Zone     string
	Ways     []string // by which people can be called outside of Slack: "phone"
	Contacts []ContactRow
	First    string // the way that is tried first, "" for all at once
}

// AllAtOnce is the choice of no way before another.
const AllAtOnce = "all"

// SettingsModal asks one person what they want, in their own zone.
func SettingsModal(f SettingsForm) slack.ModalViewRequest {
	now := f.Now
	var rest, tell []string
	if now.Rest.Weekends {
		rest = append(rest, RestWeekends)
	}
	if now.Updates {
		tell = append(tell, TellUpdates)
	}
	if now.Phases {
		tell = append(tell, TellPhases)
	}
	return modal("settings", "Your settings", "Save", f.Stamp,
		section("I remind you of nothing in your quiet hours, except at SEV1. Calls always come through."),
		field("from", "Quiet from", "By your clock in Slack: "+f.Zone, false, textInput(timeOfDay(now.Rest.From), "20:00", false)),
		field("to", "Quiet until", "The same time twice is no quiet night.", false, textInput(timeOfDay(now.Rest.To), "8:00", false)),
		field("weekends", "Weekends", "", true, checkInput(rest, []Option{{RestWeekends, "Quiet on Saturdays and Sundays"}})),
		field("tell", "Of snafus that you follow", "That one is resolved I always tell you.", true, checkInput(tell, []Option{
			{TellUpdates, "Tell me each update"}, {TellPhases, "Tell me each change of phase"},
		})),
		contactFields(f))
}

// contactFields ask how somebody is called beside Slack, by which way first, and
// for the code of what they have not verified yet.
func contactFields(f SettingsForm) (blocks []slack.Block) {
	if len(f.Ways) == 0 {
		return context("I call you in Slack alone: my configuration has no other way.")
	}
	waits := false
	for _, way := range f.Ways {
		hint, state := "Empty: I don't call you by it.", ""
		at := ContactRow{}
		for _, r := range f.Contacts {
			if r.Way == way {
				at = r
			}
		}
		switch {
		case at.Address == "":
		case at.Verified.IsZero():
			hint, state, waits = "Type the code that I sent to it below. Until then it does not count.", " (not verified yet)", true
		default:
			hint, state = "Empty it, and I don't call you by it any more.", " (verified)"
		}
		sample := "+442079460000"
		if way == incidents.ByEmail {
			sample = "you@example.com"
		}
		blocks = append(blocks, field(way, "Call me beside Slack: "+strings.ToLower(wayWord(way))+state, hint, true, textInput(at.Address, sample, false))...)
	}
	if len(f.Ways) > 1 {
		first := f.First
		if first == "" {
			first = AllAtOnce
		}
		blocks = append(blocks, field("first", "Which first?", "The other one follows a minute later, unless you are on it by then.", true, radioInput(first, []Option{
			{AllAtOnce, "Both at once"}, {incidents.ByPhone, "Telephone first"}, {incidents.ByEmail, "E-mail first"},
		}))...)
	}
	if waits {
		blocks = append(blocks, field("code", "The code that I sent", "/snafu oncall contact sends another one.", true, textInput("", "123456", false))...)
	}
	return blocks
}

func timeOfDay(minute int64) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// SettingsKept says what was kept, and what became of how they are called.
func SettingsKept(s incidents.Settings, more ...string) Message {
	line := fmt.Sprintf("Kept: you are quiet from %s to %s", timeOfDay(s.Rest.From), timeOfDay(s.Rest.To))
	switch {
	case s.Rest.From == s.Rest.To && s.Rest.Weekends:
		line = "Kept: you are quiet at weekends"
	case s.Rest.From == s.Rest.To:
		line = "Kept: you are reminded at any time"
	case s.Rest.Weekends:
		line += " and at weekends"
	}
	return Said(strings.Join(append([]string{line + "."}, more...), "\n"))
}
