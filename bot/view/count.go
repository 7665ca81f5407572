package view

import (
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// CountedCard is what a named or typed count found.
type CountedCard struct {
	Incident incidents.ID
	Source   string
	Name     string // empty for a typed statement
	Text     string // of a typed statement
	Digest   string // of the exact text, 64 hex digits
	Unit     string
	Params   []string // run=weekly-42
	Found    rollback.Found
	By       incidents.Actor
}

// CountForm asks for a named count: one of Queries, or the values of Query.
type CountForm struct {
	Stamp   Stamp
	Queries []rollback.Query
	Query   rollback.Query
	Given   map[string]string

	// Of a form that was refused: why, and what was chosen and typed.
	Note, Chosen, Params string
}

// CountedLine is a count in a sentence.
func CountedLine(c CountedCard) string {
	what := "the statement of " + Say(incidents.Sentence(c.By))
	if c.Name != "" {
		what = Escape(c.Name)
	}
	for _, p := range c.Params {
		what += " " + Escape(p)
	}
	return size(c) + " (" + what + ")."
}

func size(c CountedCard) string {
	n := len(c.Found.Groups)
	switch {
	case !c.Found.Grouped && n == 1:
		return Escape(c.Found.Groups[0].Number() + " " + c.Unit)
	case n == 0:
		return "no " + Escape(c.Unit)
	case n == 1:
		return "1 group of " + Escape(c.Unit)
	}
	return Number(int64(n)) + " groups of " + Escape(c.Unit)
}

// Counted shows a count with where it comes from.
func Counted(c CountedCard) Message {
	asked := "Statement of " + Say(incidents.Sentence(c.By))
	if c.Name != "" {
		asked = "`" + EscapeCode(c.Name) + "`"
	}
	for _, p := range c.Params {
		asked += " `" + EscapeCode(p) + "`"
	}
	lines := []string{"*" + size(c) + "* · " + asked}
	if c.Text != "" {
		lines = append(lines, "```\n"+EscapeCode(cut(c.Text, 400))+"\n```")
	}
	var found []slack.Block
	if c.Found.Grouped {
		found = groupTables(c)
	}
	of := "statement"
	if c.Name != "" {
		of = "file"
	}
	var more []slack.Block
	if c.Name != "" {
		more = buttons("counted", button("count.more", "Another count", Stamp{Incident: c.Incident}))
	}
	source := Escape(c.Source) + " · read " + Clock(c.Found.At) + " · asked by " + Say(incidents.Sentence(c.By))
	return Message{
		Text:   cutMarkup(CountedLine(c), maxFallback),
		Blocks: stack(section(strings.Join(lines, "\n")), found, context(source, of+" `"+EscapeCode(c.Digest[:min(12, len(c.Digest))])+"`"), more),
	}
}

// groupTables shows each group in a line, in as few sections as their length
// allows.
func groupTables(c CountedCard) []slack.Block {
	var rows []codeRow
	for _, g := range c.Found.Groups {
		label := g.Label.String()
		switch {
		case g.Hidden:
			label = "(personal data)"
		case !g.Label.Null && strings.TrimSpace(label) == "":
			label = "(blank)"
		}
		rows = append(rows, cells(label, g.Number()))
	}
	return tables([]string{"", fit(c.Unit, 20)}, rows)
}

func tables(head []string, rows []codeRow) []slack.Block {
	if len(rows) == 0 {
		return nil
	}
	text := codeTable(1, head, rows)
	if half := len(rows) / 2; half > 0 && units(text) > maxSectionText {
		return stack(tables(head, rows[:half]), tables(head, rows[half:]))
	}
	return section(text)
}

// CountModal asks for a named count and its parameters.
func CountModal(f CountForm) slack.ModalViewRequest {
	if f.Query.Name != "" {
		blocks := stack(section(f.Note), section("`"+EscapeCode(f.Query.Name)+"` counts "+Escape(f.Query.Unit)+" in "+Escape(f.Query.Source)+"."))
		for _, p := range f.Query.Params {
			blocks = append(blocks, field("param-"+p.Name, p.Name, paramHint(p), p.Name == "run", textInput(f.Given[p.Name], "", false))...)
		}
		return modal("count", "Count", "Count", f.Stamp, blocks)
	}
	var options []Option
	hint := "One a line, such as run=weekly-42."
	for _, q := range f.Queries {
		options = append(options, Option{Value: q.Source + "." + q.Name, Label: q.Usage() + " · " + q.Unit + " in " + q.Source})
	}
	return modal("count", "Count", "Count", f.Stamp,
		section(f.Note),
		field("query", "Which count?", "", false, selectInput("Choose", f.Chosen, options)),
		field("params", "Parameters", hint, true, textInput(f.Params, "", true)))
}

func paramHint(p rollback.Param) string {
	switch p.Type {
	case rollback.ParamInteger:
		return "A whole number"
	case rollback.ParamNumber:
		return "A number"
	case rollback.ParamDate:
		return "A day, such as 2026-03-28"
	case rollback.ParamInstant:
		return "An instant, such as 2026-03-28T10:42:00Z"
	case rollback.ParamTruth:
		return "yes or no"
	}
	return ""
}
