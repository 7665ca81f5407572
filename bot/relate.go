package bot

import (
	"context"
	"strings"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// relate handles "relate SNAFU-41 duplicate|cause|again|see": what the incident
// is to another one.
func (b *Bot) relate(ctx context.Context, c command) (reply, error) {
	other, word := c.other, c.arg(0)
	if c.in.kind == kindPress {
		key, how, _ := strings.Cut(c.stamp.Choice, " ")
		id, err := incidents.ParseID(key)
		if err != nil {
			return quiet, errStale
		}
		other, word = id, how
	}
	if other == 0 {
		return quiet, refusal.Invalid("Name the other one: /snafu relate SNAFU-41 duplicate, cause, again or see. /snafu list all shows them.")
	}
	how, err := incidents.ParseRelation(word)
	if err != nil {
		return quiet, err
	}
	that := c
	that.incident = other
	if err := b.seen(ctx, that); err != nil {
		return quiet, err
	}
	if err := b.o.Response.Relate(ctx, c.act(), c.incident, other, how); err != nil {
		return quiet, err
	}
	if c.in.kind == kindPress {
		return said("Recorded: %s is %s.", c.incident, incidents.Related{Other: other, How: how, Named: true}.Say()), nil
	}
	return quiet, nil
}

// pair tells the two keys of a verb that is about two incidents apart: the one
// of the channel may be left out.
func (c *command) pair() {
	if id, err := incidents.ParseID(strings.Trim(c.arg(0), ",:")); err == nil && c.words.key != 0 {
		c.other, c.words.args = id, c.words.args[1:]
		return
	}
	c.other, c.words.key = c.words.key, 0
}
