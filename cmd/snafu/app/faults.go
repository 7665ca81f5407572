package app

import (
	"fmt"
	"slices"
	"strings"
)

// Faults are everything that is wrong with a configuration, in the order of its
// lines. As an error it shows each with its line and a caret.
type Faults struct {
	File  string
	lines []string
	list  []fault
}

type fault struct {
	place  place
	say    string
	secret bool // what stands there is told nobody
}

// place is a line and a column, both from 1; the zero place is the whole file.
type place struct{ line, column int }

func (f *Faults) add(at place, format string, args ...any) {
	f.list = append(f.list, fault{place: at, say: fmt.Sprintf(format, args...)})
}

// addSecret adds a fault of a place in which a secret may stand: whatever is said of
// its line, the rest of it from there on is left out.
func (f *Faults) addSecret(at place, format string, args ...any) {
	f.list = append(f.list, fault{place: at, say: fmt.Sprintf(format, args...), secret: true})
}

// line is a line of the file as it may be shown.
func (f *Faults) line(n int) string {
	line := strings.TrimRight(f.lines[n-1], "\r\n")
	for _, x := range f.list {
		if x.secret && x.place.line == n && x.place.column <= len(line) {
			line = line[:x.place.column-1] + "***"
		}
	}
	return line
}

// orNil is the error of a function that collected faults.
func (f *Faults) orNil() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b fault) int {
		if a.place.line != b.place.line {
			return a.place.line - b.place.line
		}
		return a.place.column - b.place.column
	})
	return f
}

// Error shows all faults, each a sentence with its place, its line and a caret.
func (f *Faults) Error() string {
	var b strings.Builder
	for i, x := range f.list {
		if i > 0 {
			b.WriteString("\n")
		}
		if x.place.line == 0 || x.place.line > len(f.lines) {
			fmt.Fprintf(&b, "%s: %s", f.File, x.say)
			continue
		}
		line := f.line(x.place.line)
		caret := min(x.place.column, len(line)+1)
		fmt.Fprintf(&b, "%s:%d:%d: %s\n%5d | %s\n%s^", f.File, x.place.line, x.place.column, x.say,
			x.place.line, line, strings.Repeat(" ", 7+caret))
	}
	return b.String()
}

// nearest is the known word most like a mistyped one, or empty.
func nearest(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to add, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		corner := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := corner
			if a[i-1] != b[j-1] {
				change++
			}
			corner = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
