package slacksim

// Line is one line of the record: something that happened in a channel, in
// words fixed when it happened.
type Line struct {
	Channel string // "#general", or "@snafu and @ana" for a conversation with the app
	TS      string // of the message that was posted or changed, "" for other acts
	Thread  string // of the thread it happened in, "" outside one
	Who     string // "@ana", "snafu", "card", "edited", "to @ana", "deleted", as in a transcript
	Text    string
	Buttons []string
}

// Lines returns what happened in all channels from the nth line of the record
// on, in order of time, and how many lines there are by now. It serves whoever
// tells a story while it happens. A line of an act may still get what was
// filled into the form that it opened.
func (s *Sim) Lines(n int) ([]Line, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Line
	for _, e := range s.state.Record[min(n, len(s.state.Record)):] {
		ch := s.state.byID[e.Channel]
		if e.Void || ch == nil {
			continue
		}
		l := Line{Channel: ch.label(s.state), TS: e.TS, Thread: e.Thread, Who: s.labelFor(ch, e), Text: e.Text, Buttons: e.Buttons}
		if l.Thread == l.TS {
			l.Thread = ""
		}
		out = append(out, l)
	}
	return out, len(s.state.Record)
}
