package incidents

import (
	"fmt"
	"html"
	"strings"
)

// Names says what a person is called where no client turns a mention into a
// name.
type Names func(Person) string

// Text returns the sentence with names instead of mentions, and with the day of
// each instant: it is read on any other day.
func (w Words) Text(names Names) string {
	var b strings.Builder
	for _, word := range w {
		switch {
		case word.Person != "":
			b.WriteString(names(word.Person))
		case !word.Time.IsZero():
			b.WriteString(word.Time.UTC().Format("2006-01-02 15:04 UTC"))
		default:
			b.WriteString(word.Text)
		}
	}
	return oneLine(b.String())
}

func (p PostMortem) heading() string {
	title := p.Summary.Title
	for _, badge := range p.Summary.Badges {
		title = badge + " · " + title
	}
	return p.Incident.Key() + " · " + title
}

const postMortemNote = "Made by snafu from the journal. It names systems and steps as causes, and people only as owners and as those who acted."

// What Markdown would take for its own; a stranger's text stays text, and
// neither links nor shows pictures.
var markdownEscape = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"|", `\|`, "#", `\#`, "~", `\~`, "!", `\!`,
)

// Markdown returns the post-mortem as one text.
func (p PostMortem) Markdown(names Names) string {
	var b strings.Builder
	say := func(w Words) string { return markdownEscape.Replace(Visible(w.Text(names))) }
	fmt.Fprintf(&b, "# %s\n\n*%s %s.*\n", say(Sentence(p.heading())), postMortemNote, "Written "+p.Made.UTC().Format("2006-01-02 15:04 UTC"))
	for _, s := range p.Sections() {
		fmt.Fprintf(&b, "\n## %s\n", s.Title)
		if s.Empty() {
			fmt.Fprintf(&b, "\n%s\n", s.None)
			continue
		}
		for _, w := range s.Say {
			fmt.Fprintf(&b, "\n%s\n", say(w))
		}
		for n, w := range s.List {
			if n == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "- %s\n", say(w))
		}
		if len(s.Rows) > 0 {
			fmt.Fprintf(&b, "\n| %s |\n|%s\n", strings.Join(s.Head, " | "), strings.Repeat(" --- |", len(s.Head)))
			for _, row := range s.Rows {
				cells := make([]string, len(row))
				for n, w := range row {
					cells[n] = say(w)
				}
				fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
			}
		}
	}
	return b.String()
}

const htmlHead = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>%s</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d1c1d;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #ccc}
table{border-collapse:collapse;width:100%%;font-size:.9rem}th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.note{color:#555}
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}}
</style></head><body>
<h1>%s</h1>
<p class="note">%s Written %s.</p>
`

// HTML returns the post-mortem as one file that loads nothing and runs nothing.
func (p PostMortem) HTML(names Names) string {
	var b strings.Builder
	say := func(w Words) string { return html.EscapeString(Visible(w.Text(names))) }
	title := say(Sentence(p.heading()))
	fmt.Fprintf(&b, htmlHead, title, title, postMortemNote, p.Made.UTC().Format("2006-01-02 15:04 UTC"))
	for _, s := range p.Sections() {
		fmt.Fprintf(&b, "<h2>%s</h2>\n", html.EscapeString(s.Title))
		if s.Empty() {
			fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(s.None))
			continue
		}
		for _, w := range s.Say {
			fmt.Fprintf(&b, "<p>%s</p>\n", say(w))
		}
		htmlList(&b, s.List, say)
		htmlTable(&b, s, say)
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

func htmlList(b *strings.Builder, list []Words, say func(Words) string) {
	if len(list) == 0 {
		return
	}
	b.WriteString("<ul>\n")
	for _, w := range list {
		fmt.Fprintf(b, "<li>%s</li>\n", say(w))
	}
	b.WriteString("</ul>\n")
}

func htmlTable(b *strings.Builder, s Section, say func(Words) string) {
	if len(s.Rows) == 0 {
		return
	}
	b.WriteString("<table><thead><tr>")
	for _, h := range s.Head {
		fmt.Fprintf(b, "<th>%s</th>", html.EscapeString(h))
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, row := range s.Rows {
		b.WriteString("<tr>")
		for _, w := range row {
			fmt.Fprintf(b, "<td>%s</td>", say(w))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table>\n")
}
