package slacksim

import (
	"slices"
	"strings"
)

// Seen is what a condition looks at: a message or a view as a person reads it.
type Seen struct {
	Plain      string   // the words, ids as names, without marks
	Labels     []string // of what can be pressed or filled in
	TS         string   // of a message
	ThreadTS   string
	CallbackID string // of a view
	Title      string
	Ephemeral  bool
	Pinned     bool
	App        bool // said by the app
}

// Matching is a condition on a message or a view.
type Matching func(Seen) bool

// Contains holds for words that are read, wherever they stand.
func Contains(words string) Matching {
	return func(x Seen) bool { return strings.Contains(x.Plain, words) || strings.Contains(x.Title, words) }
}

// Shows holds if a button, menu or input of that label is there.
func Shows(label string) Matching {
	return func(x Seen) bool { return slices.Contains(x.Labels, label) }
}

// After holds for messages later than ts.
func After(ts string) Matching { return func(x Seen) bool { return x.TS > ts } }

// InThread holds for replies in the thread of ts.
func InThread(ts string) Matching {
	return func(x Seen) bool { return x.ThreadTS == ts && x.TS != ts }
}

// Callback holds for a view of that callback id.
func Callback(id string) Matching { return func(x Seen) bool { return x.CallbackID == id } }

// OnlyForMe holds for ephemerals.
func OnlyForMe() Matching { return func(x Seen) bool { return x.Ephemeral } }

// IsPinned holds for pinned messages.
func IsPinned() Matching { return func(x Seen) bool { return x.Pinned } }

// FromApp holds for what the app said.
func FromApp() Matching { return func(x Seen) bool { return x.App } }

// Not turns a condition around.
func Not(m Matching) Matching { return func(x Seen) bool { return !m(x) } }

func all(conditions []Matching, x Seen) bool {
	for _, holds := range conditions {
		if !holds(x) {
			return false
		}
	}
	return true
}

func (s *Sim) seenMessage(ch *channel, m *message) Seen {
	return Seen{
		Plain: s.plainMessage(m), Labels: s.buttons(m.everyBlock()), TS: m.TS, ThreadTS: m.Thread, Ephemeral: m.To != "",
		Pinned: ch.pinned(m.TS), App: m.User == s.state.App.BotUser,
	}
}

func (s *Sim) seenView(v *view) Seen {
	return Seen{
		Plain: s.plainView(v), Labels: append(s.buttons(v.blocks()), v.inputNames()...), CallbackID: text(v.body, "callback_id"),
		Title: text(child(v.body, "title"), "text"), App: true,
	}
}
