package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// ReminderCard is what one person is called to mind of.
type ReminderCard struct {
	Nag      incidents.Nag
	Incident incidents.Incident
	Hush     incidents.Hush // what silences it; the zero value is nothing
}

// Reminder says the fact and what is asked for, with the buttons that do it.
func Reminder(c ReminderCard) Message {
	i, line := c.Incident, Say(c.Nag.Say)
	s := Stamp{Incident: i.ID, Nag: c.Nag.Kind, Subject: c.Nag.Subject, Choice: c.Nag.Subject}
	if ref, err := rollback.ParseRef(c.Nag.Subject); err == nil {
		s.Ref = ref
	}
	var bs []*slack.ButtonBlockElement
	for n, do := range c.Nag.Do {
		if n == 0 {
			bs = append(bs, primary(do.Action, do.Label, s))
			continue
		}
		bs = append(bs, button(do.Action, do.Label, s))
	}
	hushed := ""
	switch h := c.Hush; {
	case h.Off && i.Private:
		hushed = fmt.Sprintf("Switched off. `/snafu nag on %s` switches it on again.", i.ID)
	case !h.Until.IsZero() && i.Private:
		hushed = fmt.Sprintf("Put off until %s.", Day(h.Until))
	case h.Off:
		hushed = fmt.Sprintf("Switched off by %s: %s. `/snafu nag on %s` switches it on again.", h.By.Mention(), Escape(h.Why), i.ID)
	case !h.Until.IsZero():
		hushed = fmt.Sprintf("Put off until %s by %s.", Day(h.Until), h.By.Mention())
	default:
		bs = append(bs, button("nag.snooze", "Snooze 1 h", s), button("nag.off", "Off", s))
	}
	do := buttons("remind", bs...)
	if i.Private {
		m := Needs(i)
		return Message{Text: m.Text, Blocks: stack(m.Blocks, context(hushed), do)}
	}
	return Message{
		Text:   cutMarkup(fmt.Sprintf("%s: %s", i.ID, line), maxFallback),
		Blocks: stack(section(line), context(fmt.Sprintf("%s · %s · %s", i.ID, i.Severity, Escape(i.Title))), context(hushed), do),
	}
}

// ReminderOver stands where somebody was called to mind of what is done now.
func ReminderOver(i incidents.Incident) Message {
	line := fmt.Sprintf("%s: this is done; nothing is wanted of you here any more.", i.ID)
	title := fmt.Sprintf("%s · %s", i.ID, Escape(i.Title))
	if i.Private {
		title = ""
	}
	return Message{Text: line, Blocks: stack(section(line), context(title))}
}
