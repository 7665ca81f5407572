package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// What can be ticked in the settings.
const (
	RestWeekends = "weekends"
	TellUpdates  = "updates"
	TellPhases   = "phases"
)

// SettingsModal asks one person what they want, in their own zone.
func SettingsModal(s Stamp, now incidents.Settings, zone string) slack.ModalViewRequest {
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
	return modal("settings", "Your settings", "Save", s,
		section("I remind you of nothing in your quiet hours, except at SEV1. Calls always come through."),
		field("from", "Quiet from", "By your clock in Slack: "+zone, false, textInput(timeOfDay(now.Rest.From), "20:00", false)),
		field("to", "Quiet until", "The same time twice is no quiet night.", false, textInput(timeOfDay(now.Rest.To), "8:00", false)),
		field("weekends", "Weekends", "", true, checkInput(rest, []Option{{RestWeekends, "Quiet on Saturdays and Sundays"}})),
		field("tell", "Of snafus that you follow", "That one is resolved I always tell you.", true, checkInput(tell, []Option{
			{TellUpdates, "Tell me each update"}, {TellPhases, "Tell me each change of phase"},
		})))
}

func timeOfDay(minute int64) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// SettingsKept says what was kept.
func SettingsKept(s incidents.Settings) Message {
	line := fmt.Sprintf("Kept: you are quiet from %s to %s", timeOfDay(s.Rest.From), timeOfDay(s.Rest.To))
	switch {
	case s.Rest.From == s.Rest.To && s.Rest.Weekends:
		line = "Kept: you are quiet at weekends"
	case s.Rest.From == s.Rest.To:
		line = "Kept: you are reminded at any time"
	case s.Rest.Weekends:
		line += " and at weekends"
	}
	return Said(line + ".")
}
