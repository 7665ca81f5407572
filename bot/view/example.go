package view

import (
	"fmt"
	"strings"

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
}

// Examples shows records with what happened to them: each change, who made it,
// and the first one that did not do what was expected.
func Examples(c ExampleCard) Message {
	blocks := stack(section(fmt.Sprintf("*%s of %s that %s touched*", Escape(c.Field), Escape(c.Table), Escape(c.Run))))
	for _, r := range c.Records {
		blocks = append(blocks, paragraphs(r.lines())...)
	}
	note := "Only you see this. Personal columns are masked."
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
	line := "*" + Escape(cell(rec.Key)) + "* · "
	if rec.Known {
		line += fmt.Sprintf("%s → %s", value(rec.Initial), value(rec.Error))
		if r.Cohort.Number > 0 {
			line += fmt.Sprintf(" · cohort %d", r.Cohort.Number)
		}
	}
	switch {
	case !rec.Present:
		line += " · gone now"
	case !rec.Current.Equal(rec.Error) || !rec.Known:
		line += " · is now " + value(rec.Current)
	}
	if r.Cohort.Kind == rollback.KindRevert {
		line += " · should be " + value(r.Cohort.Desired)
	}
	means := rec.Class(r.Cohort).Words()
	if r.Cohort.Waiver != "" {
		means = strings.ToLower(given(r.Cohort.Waiver))
	}
	return strings.Replace(line+" · "+means, " ·  · ", " · ", 1)
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
	line := fmt.Sprintf("• %s · %s → %s · %s", Day(s.At), value(rollback.Values{s.Old}), value(rollback.Values{s.New}), by)
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
