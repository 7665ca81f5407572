package bot

import (
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/refusal"
)

// errStale is the answer to a button or form that nobody knows any more.
var errStale = refusal.Conflict("This button is from an older version of me. Use the newest message, or type /snafu help.").Coded("stale")

// route finds what a payload asks for, from the payload alone: no database and
// no Slack. form says that a form is to be opened, which changes nothing.
func route(in incoming) (c command, form bool, err error) {
	c.in = in
	switch in.kind {
	case kindCommand:
		c.words = parse(in.text)
		if c.words.verb == "submit" {
			c.words.verb, c.words.args = "plan", append([]string{"propose"}, c.words.args...)
		}
		if slices.Contains(panelWords, c.words.verb) {
			c.words = words{key: c.words.key}
		}
		c.verb, err = lookup(c.words.verb)
		if err != nil {
			return c, false, misspoken(c.words, err)
		}
		if c.words.args = unfilled(c.words.args); len(c.words.args) == 0 {
			c.words.rest = ""
		}
		if c.verb.pairs {
			c.pair()
		}
		return c, c.verb.form != nil && c.verb.opens != nil && c.verb.opens(c), nil
	case kindPress:
		if strings.HasPrefix(in.action, view.MenuAction+".") {
			// Of a menu, what was chosen says what is asked for.
			c.in.action, c.in.value, _ = strings.Cut(in.value, " ")
		}
		c.stamp = view.ParseStamp(c.in.value)
		a, known := actionOf(c.in.action)
		if !known {
			return c, false, errStale
		}
		c.verb, c.turn = named(a.verb), a.turn
		return c, a.form, nil
	case kindSubmission:
		c.stamp, c.form = view.ParseStamp(in.meta), true
		c.quote = quoted(in.meta)
		if c.verb = named(in.callback); c.verb == nil || c.verb.form == nil {
			return c, false, errStale
		}
		return c, false, nil
	case kindEvent:
		for _, e := range events {
			if e.kind == in.callback && e.act != nil {
				c.verb = e.act
				return c, false, nil
			}
		}
		return c, false, errStale
	case kindShortcut:
		c.quote = in.quote
		for _, s := range shortcuts {
			if s.callback == in.callback {
				c.verb = named(s.verb)
				return c, s.form, nil
			}
		}
		return c, false, errStale
	}
	return c, false, nil
}
