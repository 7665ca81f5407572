package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// ListCard is a page of a list.
type ListCard struct {
	Rows []ListRow
	Name string // open, mine, closed, all
	Page int64  // from 1
	More bool   // there is another page
}

// List shows incidents, worst first, to one person, a page at a time.
func List(c ListCard) Message {
	if len(c.Rows) == 0 && c.Page > 1 {
		return Said(fmt.Sprintf("There is no page %d. `/snafu list %s` shows the first.", c.Page, c.Name))
	}
	if len(c.Rows) == 0 {
		return Said("No snafu here. `/snafu open WHAT HAPPENED` starts one.")
	}
	var lines []string
	for _, r := range c.Rows {
		i := r.Incident
		where, head := "", ""
		if i.Channel != "" {
			where = " · <#" + i.Channel + ">"
		}
		for _, b := range i.Badges() {
			head += b + " · "
		}
		lines = append(lines, fmt.Sprintf("%s*%s* · %s · %s · %s · lead %s%s", head, i.ID, i.Severity, i.Phase(), Escape(i.Title), Mention(i.Lead), where))
	}
	turn := func(label string, page int64) *slack.ButtonBlockElement {
		if page < 1 || page > c.Page && !c.More {
			return nil
		}
		return button("list.page."+label, label, Stamp{Choice: c.Name, Sheet: page})
	}
	return Message{Text: fmt.Sprintf("%d snafus", len(c.Rows)), Blocks: stack(paragraphs(lines), buttons("pages", turn("Before", c.Page-1), turn("More", c.Page+1)))}
}

// maxHelp is how long the list of everything may be: what is longer is read by
// nobody.
const maxHelp = 2900

// Help lists the verbs under their headings, the next sensible acts first. What
// each does is told as far as there is room for all.
func Help(groups []HelpGroup, next []Act) Message {
	var lines []string
	for width := 60; ; width -= 4 {
		lines = helpLines(groups, next, width)
		if width <= 4 || units(strings.Join(lines, "\n")) <= maxHelp {
			break
		}
	}
	return Message{Text: "What snafu can do", Blocks: paragraphs(lines)}
}

func helpLines(groups []HelpGroup, next []Act, width int) (lines []string) {
	if len(next) > 0 {
		lines = append(lines, "*Next*")
		for _, n := range next {
			lines = append(lines, "• "+Escape(n.Say)+" `/snafu "+EscapeCode(n.Typed)+"`")
		}
	}
	for _, g := range groups {
		lines = append(lines, "*"+Escape(g.Name)+"*")
		for _, v := range g.Verbs {
			lines = append(lines, "`"+EscapeCode(v.Name)+"` "+Escape(cutWords(v.Help, width)))
		}
	}
	return append(lines, "`/snafu help VERB` explains one of them, with its form and an example.")
}

// cutWords keeps the first clause of a sentence, and of that whole words.
func cutWords(s string, limit int) string {
	if end := strings.IndexAny(s, ";:("); end > 0 {
		s = strings.TrimSpace(s[:end])
	}
	if units(s) <= limit {
		return s
	}
	s = strings.TrimSuffix(cut(s, limit), "…")
	if blank := strings.LastIndexByte(s, ' '); blank > 0 {
		s = s[:blank]
	}
	return strings.TrimRight(s, " ,.") + "…"
}

// HelpVerb explains one verb.
func HelpVerb(v HelpRow) Message {
	lines := []string{"`/snafu " + EscapeCode(v.Usage) + "`", Escape(v.Help)}
	if v.Who != "" {
		lines = append(lines, "Who: "+Escape(v.Who))
	}
	if v.Example != "" {
		lines = append(lines, "Example: `/snafu "+EscapeCode(v.Example)+"`")
	}
	if v.Button != "" {
		lines = append(lines, "The button: "+Escape(v.Button))
	}
	for n, line := range lines {
		lines[n] = cutMarkup(line, maxAllText/len(lines)-1)
	}
	return Message{Text: cutMarkup("/snafu "+Escape(v.Usage), maxFallback), Blocks: paragraphs(lines)}
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
