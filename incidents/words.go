package incidents

import (
	"strconv"
	"strings"
	"time"
)

// Word is a piece of a sentence: text, an instant or a person. Instants and
// people are kept apart from text, so that each reader sees the own time zone,
// and text that a stranger typed can never become a mention.
type Word struct {
	Text   string
	Time   time.Time
	Dated  bool // the instant is shown with its day
	Person Person
}

// Dated is an instant that may lie on another day than its reader's, so that it
// is shown with its day.
type Dated time.Time

// Near is an instant as a sentence wants it that is read at about another one:
// with its day once they are a day or more apart, because the same time of day
// comes again by then.
func Near(at, read time.Time) any {
	if at.Sub(read).Abs() < 24*time.Hour {
		return at
	}
	return Dated(at)
}

// Words is a sentence.
type Words []Word

// Sentence joins strings, times, people, actors and whole Words.
// Anything else is a mistake of the caller and panics.
func Sentence(parts ...any) Words {
	var w Words
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			if n := len(w); n > 0 && w[n-1].Text != "" {
				w[n-1].Text += part
			} else if part != "" {
				w = append(w, Word{Text: part})
			}
		case int64:
			w = append(w, Sentence(Count(part))...)
		case time.Time:
			w = append(w, Word{Time: part})
		case Dated:
			w = append(w, Word{Time: time.Time(part), Dated: true})
		case Person:
			w = append(w, Word{Person: part})
		case Actor:
			if p, ok := part.Person(); ok {
				w = append(w, Word{Person: p})
			} else {
				w = append(w, Word{Text: "snafu"})
			}
		case []Person:
			w = append(w, people(part)...)
		case Words:
			w = append(w, part...)
		default:
			panic("a sentence of something that is not words")
		}
	}
	return w
}

func people(list []Person) Words {
	var w Words
	for i, p := range list {
		switch {
		case i > 0 && i == len(list)-1:
			w = append(w, Word{Text: " and "})
		case i > 0:
			w = append(w, Word{Text: ", "})
		}
		w = append(w, Word{Person: p})
	}
	if w == nil {
		return Words{{Text: "nobody"}}
	}
	return w
}

// String returns the sentence as plain text: times in UTC, people as mentions.
func (w Words) String() string {
	var b strings.Builder
	for _, word := range w {
		switch {
		case word.Person != "":
			b.WriteString(word.Person.Mention())
		case word.Dated:
			b.WriteString(word.Time.UTC().Format("2006-01-02 15:04 UTC"))
		case !word.Time.IsZero():
			b.WriteString(word.Time.UTC().Format("15:04 UTC"))
		default:
			b.WriteString(word.Text)
		}
	}
	return b.String()
}

// Count writes a number with separators: 1,176.
func Count(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Took writes a duration as people say it: 20 s, 2 min 41 s, 1 h 5 min.
func Took(d time.Duration) string {
	d = d.Round(time.Second)
	if d < 0 {
		d = 0
	}
	h, m, s := int64(d/time.Hour), int64(d/time.Minute)%60, int64(d/time.Second)%60
	switch {
	case h > 0 && m > 0:
		return strconv.FormatInt(h, 10) + " h " + strconv.FormatInt(m, 10) + " min"
	case h > 0:
		return strconv.FormatInt(h, 10) + " h"
	case m > 0 && s > 0:
		return strconv.FormatInt(m, 10) + " min " + strconv.FormatInt(s, 10) + " s"
	case m > 0:
		return strconv.FormatInt(m, 10) + " min"
	}
	return strconv.FormatInt(s, 10) + " s"
}
