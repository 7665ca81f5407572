package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// ExampleCard is records for one person's eyes.
type ExampleCard struct {
	Incident          incidents.ID
	Table, Field, Run string
	Records           []ExampleRecord
	More              string // what the button to other records carries; "" for none
}

// ExampleRecord is a record and what was decided for its cohort; an empty
// cohort for a record without history.
type ExampleRecord struct {
	Record rollback.Record
	Cohort rollback.Cohort
	Share  string // what the button that shows it to everybody carries; "" for none
}

// SharedCard is a record that somebody shows to everybody.
type SharedCard struct {
	Incident      incidents.ID
	Number        int
	Source, Table string
	Record        ExampleRecord
	By            incidents.Actor
	At            time.Time
}

// SharedExample shows a record to everybody: what happened to one field of it.
func SharedExample(c SharedCard) Message {
	by := Say(incidents.Sentence(c.By))
	lines := c.Record.lines()
	lines[0] = fmt.Sprintf("*E%d* · ", c.Number) + lines[0]
	return Message{
		Text: cutMarkup(fmt.Sprintf("%s: %s shares an example, E%d", c.Incident, by, c.Number), maxFallback),
		Blocks: stack(paragraphs(lines),
			context("shared by "+by+" · "+Escape(c.Source)+"."+Escape(c.Table)+" · as it was at "+Clock(c.At), "No personal column is in it. `/snafu example` shows you more, to you alone.")),
	}
}

// Examples shows records with what happened to them: each change, who made it,
// and the first one that did not do what was expected.
func Examples(c ExampleCard) Message {
	blocks := stack(section(fmt.Sprintf("*%s of %s that %s touched*", Escape(c.Field), Escape(c.Table), Escape(c.Run))))
	for _, r := range c.Records {
		lines := r.lines()
		if r.Share != "" {
			share := button("example.share", "Share", Stamp{Incident: c.Incident, Choice: r.Share}).WithConfirm(confirmShare)
			blocks, lines = append(blocks, row(lines[0], share)...), lines[1:]
		}
		blocks = append(blocks, paragraphs(lines)...)
	}
	note := "Only you see this. Personal columns are masked."
	if c.More == "" {
		note += " To show it to everybody without them, write the same with share behind it."
	}
	var more []slack.Block
	if c.More != "" {
		more = buttons("example", button("example.more", "Others", Stamp{Incident: c.Incident, Choice: c.More}))
	}
	text := fmt.Sprintf("%s: %d examples, to you alone", c.Incident, len(c.Records))
	if len(c.Records) == 1 {
		text = fmt.Sprintf("%s: an example, to you alone", c.Incident)
	}
	return Message{Text: text, Blocks: stack(blocks, context(note), more)}
}

var confirmShare = slack.NewConfirmationBlockObject(
	plain("Share this record?", 100), plain("Everybody in the channel reads what happened to it. No personal column is shown.", 300),
	plain("Share", 30), plain("Cancel", 30))

func (r ExampleRecord) lines() []string {
	lines := []string{r.title()}
	if f := r.fields(); f != "" {
		lines = append(lines, f)
	}
	if r.Record.Older > 0 {
		lines = append(lines, fmt.Sprintf("… %s earlier changes", Number(r.Record.Older)))
	}
	for _, s := range r.Record.Walk(r.Cohort) {
		lines = append(lines, changeLine(s))
	}
	if len(r.Record.Past) == 0 {
		lines = append(lines, "No history: nothing says what it was before.")
	}
	return lines
}

// title says what the record was, became and is, and what that means.
func (r ExampleRecord) title() string {
	rec := r.Record
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if rec.Key != "" {
		add("*%s*", Escape(cell(rec.Key)))
	}
	if rec.Known {
		add("%s → %s", value(rec.Initial), value(rec.Error))
		if r.Cohort.Number > 0 {
			add("cohort %d", r.Cohort.Number)
		}
	}
	switch {
	case !rec.Present:
		add("gone now")
	case !rec.Current.Equal(rec.Error) || !rec.Known:
		add("is now %s", value(rec.Current))
	}
	if r.Cohort.Kind == rollback.KindRevert {
		if should, said := rec.Expected(r.Cohort); said {
			add("should be %s", value(should))
		}
	}
	if r.Cohort.Waiver != "" {
		add("%s", strings.ToLower(given(r.Cohort.Waiver)))
	} else {
		add("%s", rec.Class(r.Cohort).Words())
	}
	return strings.Join(parts, " · ")
}

func (r ExampleRecord) fields() string {
	var parts []string
	for _, f := range r.Record.Fields {
		parts = append(parts, Escape(f.Name)+" "+Escape(cell(f.Value.String())))
	}
	return strings.Join(parts, " · ")
}

// changeLine is one change: when, from what to what, by which process, and
// whether that was expected.
func changeLine(s rollback.Step) string {
	by := "somebody"
	switch {
	case s.Run != "":
		by = Escape(cell(s.Run))
	case s.By != "":
		by = Escape(cell(s.By))
	}
	field := ""
	if s.Field != "" {
		field = Escape(cell(s.Field)) + " "
	}
	line := fmt.Sprintf("• %s · %s%s → %s · %s", Day(s.At), field, value(rollback.Values{s.Old}), value(rollback.Values{s.New}), by)
	switch {
	case s.Broke:
		return line + " · *broke here*: expected " + value(rollback.Values{*s.Expected})
	case s.Expected != nil && s.New == *s.Expected:
		return line + " · as expected"
	case s.Ours && s.Expected == nil:
		return line + " · the run"
	}
	return line
}

func value(v rollback.Values) string { return Escape(cell(v.String())) }

// cell is a value short enough to stand in a line of text.
func cell(s string) string { return cut(strings.Join(strings.Fields(s), " "), maxCell) }

const maxCell = 60
