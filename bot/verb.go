package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents/refusal"
)

// verb is one thing that can be asked for: a row of the table in verbs.go. A
// typed command, a button and a form lead to the same row.
type verb struct {
	name, usage, help, example string

	button  string // the button that does the same, "" if none does
	group   string // its heading in the help
	aliases []string
	whole   bool   // it can't be shortened: a slip would be a deed
	needs   bool   // it is about an incident
	pairs   bool   // it is about another incident as well
	calm    bool   // it stops something, and is never throttled
	asks    bool   // another room says who may; all others want a full member
	ages    bool   // a click on it that waited ten minutes is refused
	counts  bool   // it may take as long as a count of a source
	ends    string // title of the form that stays open until the outcome is known

	// run does it. One call of a use case, and the words for whoever asked.
	run func(*Bot, context.Context, command) (reply, error)
	// form draws the form that leads to it; opens says that a typed command
	// wants the form rather than the deed. Drawing a form changes nothing.
	form  func(*Bot, context.Context, command) (slack.ModalViewRequest, error)
	opens func(command) bool
	// wants is as opens, where that depends on the configuration.
	wants func(*Bot, command) bool
	// again draws a form that was refused, with what was typed into it and why;
	// without it only the reason is shown.
	again func(*Bot, context.Context, command, string) (slack.ModalViewRequest, error)
	// bare forms are drawn without reading anything, and opened at once.
	bare bool
	// check finds what is wrong with a form before it is recorded: block to
	// sentence. It reads nothing but the form.
	check func(command) map[string]string
}

// action is a button or another element that is pressed: a row in actions.go.
type action struct {
	id   string
	verb string
	form bool // it opens the verb's form
	turn bool // it draws the form that it stands in anew
}

// shortcut is an entry of Slack's menus: a row in actions.go.
type shortcut struct {
	callback string
	verb     string
	form     bool // it opens the verb's form
}

// lookup finds a verb by name, alias or unique beginning of three letters or
// more.
func lookup(typed string) (*verb, error) {
	if typed == "" {
		typed = "help"
	}
	var begin []*verb
	for i := range verbs {
		v := &verbs[i]
		if v.name == typed {
			return v, nil
		}
		for _, a := range v.aliases {
			if a == typed {
				return v, nil
			}
		}
		if !v.whole && len(typed) >= 3 && strings.HasPrefix(v.name, typed) {
			begin = append(begin, v)
		}
	}
	if len(begin) == 1 {
		return begin[0], nil
	}
	return nil, unknownVerb(typed)
}

// unknownVerb answers with the nearest known word and an example of it.
func unknownVerb(typed string) error {
	var names []string
	for i := range verbs {
		names = append(names, verbs[i].name)
		names = append(names, verbs[i].aliases...)
	}
	near := refusal.Nearest(typed, names)
	if near == "" {
		return refusal.Invalid("I don't know %q. To say that something went wrong: `/snafu open Leads moved to SQL by mistake`. `/snafu help` lists all.", short(typed)).Coded("verb")
	}
	v, err := lookup(near)
	if err != nil {
		return err
	}
	return refusal.Invalid("I don't know %q. Did you mean `%s`? For example: `/snafu %s`. `/snafu help` lists all.", short(typed), near, v.example).Coded("verb")
}

// named returns the row of a verb that is known to exist, or nil.
func named(name string) *verb {
	for i := range verbs {
		if verbs[i].name == name {
			return &verbs[i]
		}
	}
	return nil
}

// actionOf finds the row of an element. What stands behind the second dot only
// makes ids unique in one message.
func actionOf(id string) (action, bool) {
	noun, rest, _ := strings.Cut(id, ".")
	doing, _, _ := strings.Cut(rest, ".")
	for _, a := range actions {
		if a.id == noun+"."+doing {
			return a, true
		}
	}
	return action{}, false
}
