package incidents

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes foreign text storable: valid UTF-8, no control characters
// (Postgres refuses NUL), no blanks around it. Line ends stay.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

// oneLine is clean text with every run of blanks and line ends as one blank.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// shorten cuts at a word to at most max runes; a single long word is cut hard.
// A cut text ends in an ellipsis, which counts.
func shorten(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	runes := []rune(s)
	cut := string(runes[:max-1])
	if i := strings.LastIndexFunc(cut, unicode.IsSpace); i > len(cut)/2 && !unicode.IsSpace(runes[max-1]) {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, unicode.IsSpace) + "…"
}

// Line returns foreign text as one clean line of at most max characters.
func Line(s string, max int) string { return shorten(oneLine(s), max) }

// Visible spells out what a reader could not see: control characters, and the
// invisible ones that reorder or join text. People decide by what they read.
func Visible(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			fmt.Fprintf(&b, "[U+%04X]", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hidden(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
