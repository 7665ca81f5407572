package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/incidents/rota"
)

// OnCallCard is who is on call in each rota.
type OnCallCard struct {
	Now   bool // at the instant at which it was asked
	Rotas []OnCallRow
}

// OnCallRow is one rota.
type OnCallRow struct {
	Rota     string
	Duty     rota.Duty
	Fallback string
	Covers   []incidents.Cover // that go on or are to come
	Calendar bool
	Good     time.Time // of the last good copy of its calendar
	Problem  string    // why the last try brought none
	Unread   []string
}

const coversShown = 10

// OnCall shows who is on call at an instant, until when, and who is next.
func OnCall(c OnCallCard, at time.Time) Message {
	first := ""
	var blocks []slack.Block
	for _, r := range c.Rotas {
		line := onCallLine(r)
		if first == "" {
			first = line
		}
		blocks = append(blocks, section("*"+Escape(r.Rota)+"*\n"+line)...)
		blocks = append(blocks, context(onCallNotes(r, at)...)...)
	}
	if !c.Now {
		blocks = append(context("As of "+Day(at)+":"), blocks...)
	}
	return Message{Text: cutMarkup("On call: "+first, maxFallback), Blocks: stack(blocks)}
}

func onCallLine(r OnCallRow) string {
	who := "Nobody is on call"
	if len(r.Duty.People) > 0 {
		who = Mentions(r.Duty.People)
	}
	switch {
	case r.Duty.Until.IsZero():
		if len(r.Duty.People) > 0 {
			return who + ". No change is in sight."
		}
		return who + ", and no shift is in sight."
	case len(r.Duty.Next) == 0:
		return fmt.Sprintf("%s until %s, then nobody.", who, Day(r.Duty.Until))
	}
	return fmt.Sprintf("%s until %s, then %s.", who, Day(r.Duty.Until), Mentions(r.Duty.Next))
}

func onCallNotes(r OnCallRow, at time.Time) []string {
	var notes []string
	for _, c := range r.Covers[:min(len(r.Covers), coversShown)] {
		notes = append(notes, coverLine(c))
	}
	if more := len(r.Covers) - coversShown; more > 0 {
		notes = append(notes, fmt.Sprintf("and %d covers more", more))
	}
	if r.Calendar {
		notes = append(notes, calendarNote(r, at))
		for _, u := range r.Unread {
			notes = append(notes, Escape(u))
		}
	}
	if r.Fallback != "" {
		notes = append(notes, "Fallback: "+Escape(r.Fallback))
	}
	return []string{strings.Join(notes, "\n")}
}

func calendarNote(r OnCallRow, at time.Time) string {
	note := "Calendar not read yet."
	if !r.Good.IsZero() {
		note = "Calendar read " + Day(r.Good) + "."
		if age := at.Sub(r.Good); age > 24*time.Hour {
			note = ":warning: Calendar read " + Day(r.Good) + ", " + Duration(age) + " ago."
		}
	}
	if r.Problem != "" {
		note += " The last try failed: " + Escape(r.Problem)
	}
	return note
}

func coverLine(c incidents.Cover) string {
	span := fmt.Sprintf("from %s to %s", Day(c.From), Day(c.To))
	if c.Person == "" {
		return fmt.Sprintf("%s: nobody covers %s yet. `/snafu cover take %s`", c.ID, span, c.ID)
	}
	line := fmt.Sprintf("%s: %s %s %s", c.ID, Mention(c.Person), strings.TrimSuffix(Covers(c), " for"), span)
	if c.Why != "" {
		line += " (" + Escape(c.Why) + ")"
	}
	return line
}

// Covers is what a cover makes of its person.
func Covers(c incidents.Cover) string {
	switch c.Kind {
	case string(rota.Add):
		return "is also on call for"
	case string(rota.Remove):
		return "is not on call for"
	}
	return "covers"
}

// CoverSaid tells what happened to a cover: made, asked, taken or cancelled.
func CoverSaid(c incidents.Cover, what string, by incidents.Person) Message {
	span := fmt.Sprintf("%s from %s to %s", Escape(c.Rota), Day(c.From), Day(c.To))
	why := ""
	if c.Why != "" {
		why = " Why: " + Escape(c.Why)
	}
	var text string
	var take []slack.Block
	switch {
	case !c.Cancelled.IsZero():
		text = fmt.Sprintf("%s was cancelled by %s: the rota counts again for %s.", c.ID, Mention(by), span)
	case c.Person == "":
		text = fmt.Sprintf("Who covers %s? %s asks.%s", span, Mention(c.By), why)
		take = buttons("cover-"+c.ID.String(), primary("cover.take", "I'll take it", Stamp{Choice: c.ID.String()}))
	case what == "taken":
		text = fmt.Sprintf("%s %s %s. (%s)", Mention(c.Person), Covers(c), span, c.ID)
	default:
		text = fmt.Sprintf("%s: %s %s %s, says %s.%s To take it back: `/snafu cover cancel %s`.", c.ID, Mention(c.Person), Covers(c), span, Mention(by), why, c.ID)
	}
	return Message{Text: cutMarkup(text, maxFallback), Blocks: stack(section(text), take)}
}

// OldCalendar tells that the calendar of a rota could not be read for a day.
func OldCalendar(name string, good time.Time, problem string) Message {
	text := fmt.Sprintf("The calendar of rota %s was never read", Escape(name))
	if !good.IsZero() {
		text = fmt.Sprintf("The calendar of rota %s was last read %s", Escape(name), Day(good))
	}
	return Said(text + ", so who is on call may be wrong. The last try failed: " + Escape(problem) + " Look at its address in the configuration.")
}

// CoverForm asks who is on call instead.
type CoverForm struct {
	Stamp Stamp
	Rotas []Option
}

// CoverModal asks who covers, from when to when.
func CoverModal(f CoverForm) slack.ModalViewRequest {
	chosen := ""
	if len(f.Rotas) == 1 {
		chosen = f.Rotas[0].Value
	}
	who := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Anyone: I ask in the rota's channel", maxPlaceholder), Input)
	return modal("cover", "Cover a shift", "Cover", f.Stamp,
		field("rota", "Which rota?", "", false, selectInput("Choose a rota", chosen, f.Rotas)),
		field("who", "Who is on call instead?", "Leave it empty to ask anyone.", true, who),
		field("from", "From", "In your time zone.", false, textInput("", "friday 18:00", false)),
		field("to", "To", "", false, textInput("", "monday 9:00", false)),
		field("why", "Why?", "", true, textInput("", "", false)))
}
