package incidents

import (
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
