package slacksim

import (
	"strings"
	"unicode/utf8"
)

// Transcript is what happened in channels as plain text, each channel in order of
// time: acts of people, posts by name, the pinned message as "card", "edited"
// with the new words, "to @ana" for what one person alone reads, thread replies
// indented, buttons in brackets. It holds no message times, so that it is the
// same in every run of a story. A channel that does not exist has only its name.
func (s *Sim) Transcript(channels ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, ref := range channels {
		if name, direct := strings.CutPrefix(ref, "@"); direct {
			if p, err := s.who(name); err == nil {
				ref = p.DM
			}
		}
		out = append(out, s.transcript(nil, ref))
	}
	return strings.Join(out, "\n")
}

func (s *Sim) transcript(as *person, ref string) string {
	ch := s.state.roomFor(as, ref)
	if ch == nil {
		return "#" + strings.TrimPrefix(ref, "#") + "\n"
	}
	var b strings.Builder
	b.WriteString(ch.label(s.state) + "\n")
	if opened := s.openedBy(ch); opened != nil {
		s.line(&b, ch, *opened)
	}
	var lines []entry
	for _, e := range s.state.Record {
		if e.Channel != ch.ID || e.Void {
			continue
		}
		// Of edits that follow each other directly only the last was there to be
		// read for long.
		if n := len(lines); n > 0 && e.Kind == entryEdit && lines[n-1].Kind == entryEdit && lines[n-1].TS == e.TS {
			lines[n-1] = e
			continue
		}
		lines = append(lines, e)
	}
	for _, e := range lines {
		s.line(&b, ch, e)
	}
	return b.String()
}

// openedBy finds the act that opened a channel the app made: the last command or
// form, elsewhere, of the person whom the app let in first.
func (s *Sim) openedBy(ch *channel) *entry {
	if ch.Creator != s.state.App.BotUser || ch.FirstGuest == "" {
		return nil
	}
	for i := min(ch.Opened, len(s.state.Record)) - 1; i >= 0; i-- {
		e := s.state.Record[i]
		if e.Kind == entryAct && e.Opens && e.Person == ch.FirstGuest {
			e.Thread = ""
			return &e
		}
	}
	return nil
}

// label is who speaks.
func (s *Sim) labelFor(ch *channel, e entry) string {
	name := "somebody"
	if p := s.state.person(e.Person); p != nil {
		name = p.Name
	}
	switch e.Kind {
	case entryTo:
		return "to @" + name
	case entryEdit:
		if p := s.state.person(e.To); p != nil {
			return "to @" + p.Name
		}
		return "edited"
	case entryGone:
		return "deleted"
	}
	if e.Person != s.state.App.BotUser {
		return "@" + name
	}
	if ch.pinned(e.TS) {
		return "card"
	}
	return name
}

func (s *Sim) line(b *strings.Builder, ch *channel, e entry) {
	indent := "  "
	if e.Thread != "" && e.Thread != e.TS {
		indent = "    "
	}
	label := s.labelFor(ch, e)
	label += strings.Repeat(" ", max(1, 10-utf8.RuneCountInString(label)))
	words := strings.Split(e.Text, "\n")
	for i, w := range words {
		if i == 0 {
			w = indent + label + w
		} else {
			w = indent + strings.Repeat(" ", 10) + w
		}
		if i == len(words)-1 && len(words) == 1 && len(e.Buttons) == 1 {
			w += "   [" + e.Buttons[0] + "]"
		}
		b.WriteString(strings.TrimRight(w, " ") + "\n")
	}
	if len(e.Buttons) > 1 || len(e.Buttons) == 1 && len(words) > 1 {
		b.WriteString(indent + strings.Repeat(" ", 12) + "[" + strings.Join(e.Buttons, "] [") + "]\n")
	}
}
