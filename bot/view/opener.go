package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Opener is the first message of an incident: calm, and with one next step.
func Opener(c OpenerCard) Message {
	i := c.Incident
	where := "the affected system"
	if i.System != "" {
		where = Escape(i.System)
	}
	next := "/snafu status says where we are"
	stamp := Stamp{Incident: i.ID}
	if q, open := i.Triage.Next(); open {
		next, stamp.Question = q.Next, q.N
	} else if i.WantsStop() {
		next = "stop the cause, or say that it is over"
	}
	if i.StopFirst() {
		next = "stop the cause"
	}
	backup := c.Backup
	if backup == "" {
		backup = "unknown"
	}
	text := fmt.Sprintf("Take a breath: records can nearly always be repaired. Please change nothing in %s for now. Next: %s", where, next)
	known := fmt.Sprintf("opened %s", Clock(i.Opened))
	if i.System != "" {
		known += fmt.Sprintf(" · :red_circle: Backup of %s: %s", where, Escape(backup))
	}
	if !c.HistoryUntil.IsZero() {
		known += " · the history of its records expires from " + Day(c.HistoryUntil) + " on"
	}
	return Message{Text: cut(i.Key()+": "+text, maxFallback), Blocks: stack(
		section(text), context(known), context(learned(c.Learned)), ticklist(i, c.Checklist),
		openerButtons(i, stamp),
	)}
}

// learned is what earlier snafus on the system have taught, one line each.
func learned(all []string) string {
	if len(all) == 0 {
		return ""
	}
	lines := []string{"Learned on it before:"}
	for _, l := range all {
		lines = append(lines, "• "+Escape(cut(l, 200)))
	}
	return strings.Join(lines, "\n")
}

// openerButtons begin with the next step.
func openerButtons(i incidents.Incident, s Stamp) []slack.Block {
	var stop, answer *slack.ButtonBlockElement
	if i.WantsStop() {
		stop = primary("contain.open", "Stop the cause", Stamp{Incident: i.ID})
	}
	switch {
	case s.Question == 0:
	case stop != nil:
		answer = button("triage.open", "Answer", s)
	default:
		answer = primary("triage.open", "Answer", s)
	}
	if i.Light {
		return buttons("opener", stop, answer, button("promote.do", "Give it a channel", s))
	}
	return buttons("opener", stop, answer, button("call.open", "Bring in a calm second person", s), button("brief.open", "Tell my manager", s))
}

// Announcement tells the central channel that there is an incident, where, and when
// the next update comes.
func Announcement(i incidents.Incident, promise incidents.Words) Message {
	text := fmt.Sprintf("%s opened: %s (%s)", i.ID, Escape(i.Title), i.Severity)
	now := fmt.Sprintf("%s · lead %s", i.Phase(), Mention(i.Lead))
	if i.Channel != "" {
		now += " · <#" + i.Channel + ">"
	}
	if len(promise) > 0 {
		now += " · " + Say(promise)
	}
	s := Stamp{Incident: i.ID}
	follow := button("follow.on", "Follow", s)
	if i.Phase().Ended() {
		follow = nil
	}
	return Message{Text: cutMarkup(text, maxFallback), Blocks: stack(
		section("*"+text+"*"), context(now), buttons("announce", button("join.channel", "Join", s), follow, button("status.show", "Summary", s)),
	)}
}
