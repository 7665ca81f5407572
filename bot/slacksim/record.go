package slacksim

import (
	"strconv"
)

// The kinds of lines of the record, from which a transcript is drawn.
const (
	entryAct  = "act"
	entryPost = "post"
	entryEdit = "edit"
	entryGone = "gone"
	entryTo   = "to"
)

// entry is something that happened in a channel, in words fixed when it happened.
type entry struct {
	Kind, Channel, Thread, TS, Person, To, Text string
	Buttons                                     []string
	View                                        string
	Opens                                       bool // an act that may open a channel
	Void                                        bool // said too early, and taken back
	Amended                                     bool // tells already what was filled in
}

// say writes a line and returns its place.
func (s *Sim) say(e entry) int {
	if e.Kind == entryTo && e.View != "" {
		if last := s.lastLine(e.Channel); last >= 0 && s.state.Record[last].View == e.View {
			s.state.Record[last] = e
			s.saveEntry(last)
			return last
		}
	}
	s.state.Record = append(s.state.Record, e)
	s.saveEntry(len(s.state.Record) - 1)
	return len(s.state.Record) - 1
}

func (s *Sim) saveEntry(i int) { s.save("entry", strconv.Itoa(i), s.state.Record[i]) }

// lastLine is the place of the last line of a channel, -1 if there is none.
func (s *Sim) lastLine(channel string) int {
	for i := len(s.state.Record) - 1; i >= 0; i-- {
		if e := s.state.Record[i]; e.Channel == channel && !e.Void {
			return i
		}
	}
	return -1
}

// amend adds words to the act that opened a form, if nothing happened since.
func (s *Sim) amend(o origin, words string) bool {
	if o.entry < 0 || s.lastLine(o.channel) != o.entry {
		return false
	}
	e := &s.state.Record[o.entry]
	if e.Amended {
		return false
	}
	e.Text, e.Amended = e.Text+words, true
	s.saveEntry(o.entry)
	return true
}

// takeBack voids what a view said while it was loading, once it asks.
func (s *Sim) takeBack(v *view) {
	last := s.lastLine(v.origin.channel)
	if last < 0 || s.state.Record[last].View != v.ID {
		return
	}
	s.state.Record[last].Void = true
	s.saveEntry(last)
	v.told = ""
}
