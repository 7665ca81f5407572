package bot

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// command is what somebody asked for, whichever door it came through: typed,
// pressed or sent in a form. Its verb reads it through the methods below.
type command struct {
	in       incoming
	words    words      // of a typed command
	stamp    view.Stamp // of a press or a form
	form     bool       // a form was sent
	turn     bool       // a button in a form asks for another page of it
	quote    view.Quote // the message that a shortcut was chosen on
	verb     *verb      // what it asks for
	by       incidents.Person
	zone     *time.Location // of the person
	incident incidents.ID   // 0 if it is about none
	other    incidents.ID   // the other one, of a verb about two
	received time.Time      // by the clock of the database
	tries    int            // how often it was begun, this time included
}

// act is who asks, and the key under which it takes effect once.
func (c command) act() journal.Act {
	return journal.Act{By: c.by.Actor(), Key: "receipt:" + c.in.key}
}

// text is what was typed behind verb, key and the named words.
func (c command) text(skip int) string {
	return strings.Join(c.words.args[min(skip, len(c.words.args)):], " ")
}

// arg is the n-th word behind verb and key, "" if there is none.
func (c command) arg(n int) string {
	if n < len(c.words.args) {
		return c.words.args[n]
	}
	return ""
}

// ref is the plan that is meant: that of the button, or the first word. "" is
// no word about it.
func (c command) ref() rollback.Ref {
	if c.stamp.Ref != "" {
		return c.stamp.Ref
	}
	if ref, err := rollback.ParseRef(strings.ToUpper(c.arg(0))); err == nil {
		return ref
	}
	return ""
}

// why is the reason that was given: in the form, or behind the plan's name.
func (c command) why() string {
	if c.form {
		return c.in.fields.get("why")
	}
	skip := 0
	if _, err := rollback.ParseRef(strings.ToUpper(c.arg(0))); err == nil {
		skip = 1
	}
	return c.text(skip)
}

// A count may have its digits in groups, of which the last has three. What
// looks like a fraction is none: 1169.0 is not 11,690.
var counted = regexp.MustCompile("^[0-9]+(?:(?:[ ,.'’_\u00a0\u202f][0-9]{2,3})*[ ,.'’_\u00a0\u202f][0-9]{3})?$")

var separators = regexp.MustCompile("[^0-9]")

// number reads a count as people write it: 1169, 1,169, 1.169, 1 169.
func number(s string) (int64, error) {
	s = strings.TrimSpace(s)
	n, err := strconv.ParseInt(separators.ReplaceAllString(s, ""), 10, 64)
	if err != nil || !counted.MatchString(s) {
		return 0, refusal.Invalid("%q is not a number of records. Write it in digits, like 1169.", short(s))
	}
	return n, nil
}

// short keeps what a person typed short enough to be quoted back.
func short(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}

// keyLike is true for a word that was meant as a key, readable or not.
func keyLike(word string) bool {
	const begin = "snafu-"
	return len(word) >= len(begin) && strings.EqualFold(word[:len(begin)], begin)
}

// locate finds the incident a command is about: its key, the button's, or that
// of the channel.
func (b *Bot) locate(ctx context.Context, c *command) error {
	if word := c.arg(0); c.words.key == 0 && c.other == 0 && keyLike(word) {
		// Meant was another snafu than the one of this channel.
		return refusal.Invalid("%q is not the key of a snafu. Write it as SNAFU-42; `/snafu list` shows the open ones.", short(word)).Coded("key")
	}
	switch {
	case c.words.key != 0:
		c.incident = c.words.key
	case c.stamp.Incident != 0:
		c.incident = c.stamp.Incident
	case c.in.channel != "":
		id, err := b.o.Response.ByChannel(ctx, c.in.channel)
		if err == nil {
			c.incident = id
			break
		}
		if _, refused := refusal.As(err); !refused {
			return err
		}
	}
	if c.incident == 0 {
		return refusal.Invalid("This channel has no snafu. Which one? Put its key behind the verb: /snafu %s SNAFU-42. /snafu list shows the open ones.", c.verb.name)
	}
	return b.seen(ctx, *c)
}
