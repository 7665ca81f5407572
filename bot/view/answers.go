package view

import (
	"fmt"
	"strings"

	"snafu/incidents"
)

// List shows incidents, worst first, to one person.
func List(rows []ListRow) Message {
	if len(rows) == 0 {
		return Said("No snafu here. `/snafu open WHAT HAPPENED` starts one.")
	}
	var lines []string
	for _, r := range rows {
		i := r.Incident
		where := ""
		if i.Channel != "" {
			where = " · <#" + i.Channel + ">"
		}
		lines = append(lines, fmt.Sprintf("*%s* · %s · %s · %s · lead %s%s", i.ID, i.Severity, i.Phase(), Escape(i.Title), Mention(i.Lead), where))
	}
	return Message{Text: fmt.Sprintf("%d snafus", len(rows)), Blocks: paragraphs(lines)}
}

// Help lists the verbs under their headings, the next sensible acts first.
func Help(groups []HelpGroup, next []string) Message {
	var lines []string
	if len(next) > 0 {
		lines = append(lines, "*Next*")
		for _, n := range next {
			lines = append(lines, "• "+n)
		}
	}
	for _, g := range groups {
		lines = append(lines, "*"+Escape(g.Name)+"*")
		for _, v := range g.Verbs {
			lines = append(lines, "`"+EscapeCode(v.Usage)+"` "+Escape(v.Help))
		}
	}
	lines = append(lines, "`/snafu help VERB` explains one of them.")
	return Message{Text: "What snafu can do", Blocks: paragraphs(lines)}
}

// HelpVerb explains one verb.
func HelpVerb(v HelpRow) Message {
	lines := []string{"`/snafu " + EscapeCode(v.Usage) + "`", Escape(v.Help)}
	if v.Example != "" {
		lines = append(lines, "Example: `/snafu "+EscapeCode(v.Example)+"`")
	}
	if v.Button != "" {
		lines = append(lines, "The button: "+Escape(v.Button))
	}
	return Message{Text: cutMarkup("/snafu "+Escape(v.Usage), maxFallback), Blocks: paragraphs(lines)}
}

// Status is the Summary with what waits for one person. It is for that person
// alone.
func Status(summary Message, role string, waits []string) Message {
	lines := []string{"Your role: " + Escape(role)}
	for _, w := range waits {
		lines = append(lines, "• "+w)
	}
	return Message{Text: summary.Text, Blocks: stack(summary.Blocks, section(strings.Join(lines, "\n")))}
}

// Keyed lets a phone show of which incident a message is: what it shows begins
// with the key, and is one short sentence.
func Keyed(i incidents.Incident, m Message) Message {
	m.Text = cutMarkup(i.Key()+": "+m.Text, maxFallback)
	return m
}

// Said is one sentence that is a fact.
func Said(text string) Message {
	return Message{Text: cutMarkup(text, maxMessageText), Blocks: section(text)}
}
