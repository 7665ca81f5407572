package view

import (
	"fmt"
	"strings"

	"snafu/incidents"
)

// ExportedCard says what was written of an incident, and where.
type ExportedCard struct {
	Incident incidents.Incident
	Form     string
	Files    []ExportedFile
	Remarks  []string // what whoever reads the text should look at
}

// ExportedFile is one file of an export.
type ExportedFile struct {
	Path   string
	Bytes  int64
	SHA256 []byte
}

// ExportComment is what stands above the files of an export that is shared in the
// channel.
func ExportComment(i incidents.Incident, form string) string {
	if form == incidents.ExportPublic {
		return "A draft of the public text about " + i.Key() + ". Nobody has published it."
	}
	return "The post-mortem of " + i.Key() + " (" + Escape(form) + ")."
}

// Exported tells one person where the files lie. They stay where snafu runs:
// what Slack keeps is kept for good.
func Exported(c ExportedCard) Message {
	what := "The post-mortem of " + c.Incident.Key()
	if c.Form == incidents.ExportPublic {
		what = "A draft of the public text about " + c.Incident.Key()
	}
	lines := []string{what + " is written (" + Escape(c.Form) + ")."}
	for _, f := range c.Files {
		lines = append(lines, fmt.Sprintf("`%s` (%s bytes, SHA-256 `%.6x`)", EscapeCode(f.Path), Number(f.Bytes), f.SHA256))
	}
	for _, r := range c.Remarks {
		lines = append(lines, ":warning: "+Escape(r))
	}
	note := "The files lie where snafu runs, for its users alone; ask whoever runs it if you cannot read there. They hold no record's value. Other forms: `/snafu export md|html|csv|json|public`."
	if c.Form == incidents.ExportPublic {
		note = "It is a draft, marked as one: nothing is published by snafu. Read it with somebody who was not part of it before anybody else does."
	}
	return Message{Text: cutMarkup(strings.Join(lines, " "), maxMessageText), Blocks: stack(paragraphs(lines), context(note))}
}
