package view

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/dustin/go-humanize"

	"snafu/incidents"
)

var controls = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape makes foreign text safe inside mrkdwn: it can neither mention, link
// nor hide anything. Control characters and the invisible ones that reorder or
// join text are shown as code points, because people decide by what they read.
func Escape(s string) string {
	return controls.Replace(visible(s))
}

// visible spells out what a reader could not see.
func visible(s string) string { return incidents.Visible(s) }

// EscapeCode is Escape for text inside a code span or block, which a backtick
// would end.
func EscapeCode(s string) string {
	return strings.ReplaceAll(Escape(s), "`", "'")
}

// Mention makes a person's name appear, in everybody's own spelling.
func Mention(p incidents.Person) string { return p.Mention() }

// Mentions joins people as "a, b and c".
func Mentions(people []incidents.Person) string { return incidents.Mentions(people) }

// Clock is an instant in the reader's own zone; the fallback is in UTC.
func Clock(at time.Time) string {
	return fmt.Sprintf("<!date^%d^{time}|%s UTC>", at.Unix(), at.UTC().Format("15:04"))
}

// Day is an instant with its date, in the reader's own zone: "tomorrow 12:01".
func Day(at time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s UTC>", at.Unix(), at.UTC().Format("2006-01-02 15:04"))
}

// Duration says a span as people do: "40 s", "2 min 41 s", "3 h 5 min", "12
// days".
func Duration(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", int(d.Hours())/24)
	}
	return incidents.Took(d)
}

// Number is a count with separators: 1,169.
func Number(n int64) string { return humanize.Comma(n) }

// cut shortens by rune to at most limit UTF-16 units, the last one an ellipsis.
func cut(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		w := utf16.RuneLen(r)
		if n+w > limit-1 {
			return s[:i] + "…"
		}
		n += w
	}
	return s
}

func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cutMarkup shortens mrkdwn without leaving half a mention, date or entity.
func cutMarkup(s string, limit int) string {
	short := cut(s, limit)
	if short == s {
		return s
	}
	body := strings.TrimSuffix(short, "…")
	if open := strings.LastIndexByte(body, '<'); open > strings.LastIndexByte(body, '>') {
		body = body[:open]
	}
	if amp := strings.LastIndexByte(body, '&'); amp >= 0 && !strings.Contains(body[amp:], ";") {
		body = body[:amp]
	}
	return body + "…"
}

// Say renders a sentence: text is escaped, people are mentioned, instants are
// shown in the reader's own zone.
func Say(words incidents.Words) string {
	var b strings.Builder
	for _, w := range words {
		switch {
		case w.Person != "":
			b.WriteString(Mention(w.Person))
		case w.Dated:
			b.WriteString(Day(w.Time))
		case !w.Time.IsZero():
			b.WriteString(Clock(w.Time))
		default:
			b.WriteString(Escape(w.Text))
		}
	}
	return b.String()
}
