package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// NoteKind says what a note is about, so that "the fix made it worse" can be
// seen later.
type NoteKind string

// The kinds of notes.
const (
	NotePlain    NoteKind = ""
	NoteChange   NoteKind = "change"
	NoteEffect   NoteKind = "effect"
	NoteFix      NoteKind = "fix"
	NoteHarm     NoteKind = "harm"
	NoteDetected NoteKind = "detected"
)

// NoteKinds lists the kinds that have a name.
var NoteKinds = []NoteKind{NoteChange, NoteEffect, NoteFix, NoteHarm, NoteDetected}

// ParseNoteKind says whether the word names a kind of note.
func ParseNoteKind(word string) (NoteKind, bool) {
	for _, k := range NoteKinds {
		if strings.EqualFold(word, string(k)) {
			return k, true
		}
	}
	return NotePlain, false
}

// Noted is a line of the timeline written by a person.
type Noted struct {
	Note NoteKind
	Text string
	When time.Time // when it happened, which may be before it was noted
}

// Kind names the fact.
func (Noted) Kind() string { return "noted/1" }

// Note adds a line to the timeline. when may be zero: now. It refuses with
// Invalid an empty or too long text and a time that lies ahead. Closed
// incidents take notes too: what is learned later belongs to them.
func (i Incident) Note(kind NoteKind, text string, when, at time.Time) (Noted, error) {
	if _, ok := ParseNoteKind(string(kind)); !ok && kind != NotePlain {
		return Noted{}, refusal.Invalid("%q is not a kind of note. Use change, effect, fix, harm or detected, or none.", shorten(string(kind), 40))
	}
	text = clean(text)
	switch {
	case text == "":
		return Noted{}, refusal.Invalid("A note needs a few words: /snafu note TEXT.")
	case len([]rune(text)) > textMax:
		return Noted{}, refusal.Invalid("A note has at most %d characters; this one has %d. Split it.", textMax, len([]rune(text)))
	case when.After(at):
		return Noted{}, refusal.Invalid("That lies in the future. A note tells what happened.")
	case when.IsZero():
		when = at
	}
	return Noted{Note: kind, Text: text, When: when.UTC().Truncate(time.Microsecond)}, nil
}
