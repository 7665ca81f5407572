package incidents

import (
	"slices"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Pinned is a message of Slack that somebody put on the timeline by a reaction.
type Pinned struct {
	Channel string
	TS      string
	Author  Person // nobody for an app
	Text    string
	Files   []string // their names; what they hold stays in Slack
	Link    string
	When    time.Time // when it was written
}

// Kind names the fact.
func (Pinned) Kind() string { return "pinned/1" }

// EntryCorrected supersedes what an entry of the timeline says. The entry itself
// stays as it is.
type EntryCorrected struct {
	Entry int64 // its line in the journal
	Text  string
	When  time.Time
	Was   string
	WasAt time.Time
}

// Kind names the fact.
func (EntryCorrected) Kind() string { return "entry-corrected/1" }

// Words returns "Note #7 corrected by @ana, of today 10:02: campaign 7 was copied.
// It said: campaign 8 was copied".
func (f EntryCorrected) Words(by Actor) Words {
	w := Sentence("Note #"+Count(f.Entry)+" corrected by ", by, ", of ", Dated(f.When), ": "+f.Text)
	if f.Was == f.Text {
		return w
	}
	return Sentence(w, ". It said: "+shorten(f.Was, 300))
}

// EntryWithdrawn takes an entry off the timeline. The entry itself stays in the
// journal.
type EntryWithdrawn struct {
	Entry   int64
	Why     string
	Channel string // of the message that was pinned; "" for a note
	TS      string
}

// Kind names the fact.
func (EntryWithdrawn) Kind() string { return "entry-withdrawn/1" }

// Words tell of a note that was withdrawn; a pin is taken off without a word.
func (f EntryWithdrawn) Words(by Actor) Words {
	if f.TS != "" {
		return nil
	}
	w := Sentence("Note #"+Count(f.Entry)+" withdrawn by ", by)
	if f.Why != "" {
		w = Sentence(w, ": "+f.Why)
	}
	return w
}

// TimelineNote is an entry of the timeline that a person made: a note, a message
// that was pinned, or what triage says changed just before.
type TimelineNote struct {
	Entry     int64 // its line in the journal
	At        time.Time
	By        Actor
	Note      NoteKind
	When      time.Time
	Text      string
	Files     []string
	Link      string
	Author    Person // who wrote the message that was pinned
	Channel   string // of that message; "" for a note
	TS        string
	Question  Question         // of triage, whose answer it is; 0 for what is none
	Before    []EntryCorrected // what superseded what, oldest first
	Withdrawn bool
	Gone      EntryWithdrawn
	GoneBy    Actor
}

// Timeline are the entries that people made, as they were written.
type Timeline []TimelineNote

// TimelineKinds are the facts that a timeline is made of.
var TimelineKinds = []string{Answered{}.Kind(), Noted{}.Kind(), Pinned{}.Kind(), EntryCorrected{}.Kind(), EntryWithdrawn{}.Kind()}

// With returns the timeline with one fact more: the entry of that line, by whom
// and when. Facts of other kinds change nothing.
func (t Timeline) With(entry int64, by Actor, at time.Time, f Fact) Timeline {
	switch f := f.(type) {
	case Answered:
		return t.answered(entry, by, at, f)
	case Noted:
		return append(t, TimelineNote{Entry: entry, At: at, By: by, Note: f.Note, When: f.When, Text: f.Text})
	case Pinned:
		return append(t, TimelineNote{
			Entry: entry, At: at, By: by, When: f.When, Text: f.Text, Files: f.Files, Link: f.Link, Author: f.Author, Channel: f.Channel, TS: f.TS,
		})
	case EntryCorrected:
		if n := t.index(f.Entry); n >= 0 {
			t[n].Text, t[n].When = f.Text, f.When
			t[n].Before = append(t[n].Before, f)
		}
	case EntryWithdrawn:
		if n := t.index(f.Entry); n >= 0 {
			t[n].Withdrawn, t[n].Gone, t[n].GoneBy = true, f, by
		}
	}
	return t
}

// answered takes in what changed just before. A later answer supersedes it.
func (t Timeline) answered(entry int64, by Actor, at time.Time, f Answered) Timeline {
	if f.Question != QuestionChanged || f.Text == "" {
		return t
	}
	for n := range t {
		if t[n].Question == f.Question {
			t[n].Before = append(t[n].Before, EntryCorrected{Entry: t[n].Entry, Text: f.Text, When: t[n].When, Was: t[n].Text, WasAt: t[n].When})
			t[n].Text = f.Text
			return t
		}
	}
	return append(t, TimelineNote{Entry: entry, At: at, By: by, Note: NoteChange, When: at, Text: f.Text, Question: f.Question})
}

func (t Timeline) index(entry int64) int {
	return slices.IndexFunc(t, func(n TimelineNote) bool { return n.Entry == entry })
}

// Find returns an entry that a person made and that was not withdrawn. It refuses
// with NotFound any other, and with Conflict a withdrawn one.
func (t Timeline) Find(entry int64) (TimelineNote, error) {
	n := t.index(entry)
	switch {
	case n < 0:
		return TimelineNote{}, refusal.NotFound("There is no note #%d. `/snafu timeline` shows them with their numbers; what snafu wrote by itself can't be changed, but a note can say more.", entry)
	case t[n].Question != 0:
		return TimelineNote{}, refusal.Conflict("#%d is the answer to question %d of triage. Answer that again: /snafu triage %d TEXT.", entry, t[n].Question, t[n].Question)
	case t[n].Withdrawn:
		return TimelineNote{}, refusal.Conflict("#%d was withdrawn by %s. Write it again as a note: /snafu note TEXT.", entry, t[n].GoneBy.Mention())
	}
	return t[n], nil
}

// PinOf returns the entry of a message that was pinned and still stands.
func (t Timeline) PinOf(channel, ts string) (TimelineNote, bool) {
	for _, n := range t {
		if n.TS == ts && n.Channel == channel && !n.Withdrawn {
			return n, true
		}
	}
	return TimelineNote{}, false
}

// Pin puts a message on the timeline. It says false for one that stands there
// already, and refuses with Invalid a message that cannot be kept.
func (t Timeline) Pin(p Pinned, at time.Time) (Pinned, bool, error) {
	if _, there := t.PinOf(p.Channel, p.TS); there {
		return Pinned{}, false, nil
	}
	p.Text = shorten(clean(p.Text), textMax)
	for n, name := range p.Files {
		p.Files[n] = Line(name, 200)
	}
	if p.Text == "" && len(p.Files) == 0 {
		p.Text = "a message without text"
	}
	if p.TS == "" || p.Channel == "" {
		return Pinned{}, false, refusal.Invalid("Only a message can be put on the timeline.")
	}
	if p.When.IsZero() || p.When.After(at) {
		p.When = at
	}
	p.When = p.When.UTC().Truncate(time.Microsecond)
	return p, true, nil
}

// Correct supersedes the words or the time of an entry; "" and the zero time leave
// them. It refuses what Find refuses, and with Invalid words and times that a note
// does not take.
func (t Timeline) Correct(entry int64, text string, when, at time.Time) (EntryCorrected, error) {
	old, err := t.Find(entry)
	if err != nil {
		return EntryCorrected{}, err
	}
	text = clean(text)
	switch {
	case text == "" && when.IsZero():
		return EntryCorrected{}, refusal.Invalid("What is right instead? /snafu timeline correct %d TEXT at TIME; either alone will do.", entry)
	case len([]rune(text)) > textMax:
		return EntryCorrected{}, refusal.Invalid("A note has at most %d characters; this one has %d. Split it.", textMax, len([]rune(text)))
	case when.After(at):
		return EntryCorrected{}, refusal.Invalid("That lies in the future. A note tells what happened.")
	}
	f := EntryCorrected{Entry: entry, Text: text, When: when.UTC().Truncate(time.Microsecond), Was: old.Text, WasAt: old.When}
	if text == "" {
		f.Text = old.Text
	}
	if when.IsZero() {
		f.When = old.When
	}
	if f.Text == old.Text && f.When.Equal(old.When) {
		return EntryCorrected{}, refusal.Conflict("#%d says that already.", entry)
	}
	return f, nil
}

// Edited returns what a message that was pinned says now, as it would be kept,
// and whether that is another text than the entry has.
func (n TimelineNote) Edited(text string) (string, bool) {
	text = shorten(clean(text), textMax)
	return text, text != "" && text != n.Text
}

// Withdraw takes an entry off. It refuses what Find refuses, and with Invalid too
// long a reason.
func (t Timeline) Withdraw(entry int64, why string) (EntryWithdrawn, error) {
	old, err := t.Find(entry)
	if err != nil {
		return EntryWithdrawn{}, err
	}
	if why = oneLine(why); len([]rune(why)) > textMax {
		return EntryWithdrawn{}, refusal.Invalid("That is longer than %d characters.", textMax)
	}
	return EntryWithdrawn{Entry: entry, Why: why, Channel: old.Channel, TS: old.TS}, nil
}

// Said is what an entry says, with its author and the names of its files.
func (n TimelineNote) Said() Words {
	w := Words{}
	if n.TS != "" {
		w = Sentence("An app wrote: ")
		if n.Author != "" {
			w = Sentence(n.Author, " wrote: ")
		}
	}
	w = Sentence(w, n.Text)
	if len(n.Files) > 0 {
		w = Sentence(w, " [files: "+strings.Join(n.Files, ", ")+"]")
	}
	return w
}
