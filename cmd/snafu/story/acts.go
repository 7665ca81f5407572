package story

import (
	"context"
	"fmt"

	"snafu/bot/slacksim"
)

// deed is one thing that somebody does or waits for. The methods below make
// them, so that a part of the story is a list that can be read aloud.
type deed func(context.Context) error

// do does one thing after the other.
func (p *play) do(ctx context.Context, deeds ...deed) error {
	for _, d := range deeds {
		if err := d(ctx); err != nil {
			return err
		}
	}
	return nil
}

// command types a slash command in the incident's channel.
func (p *play) command(name, line string) deed {
	return func(ctx context.Context) error { return p.types(ctx, name, line) }
}

// press presses the newest button of that label.
func (p *play) press(name, label string) deed {
	return func(ctx context.Context) error { return p.presses(ctx, name, label) }
}

// submit fills in the form that opens and sends it.
func (p *play) submit(name, form string, with slacksim.Values) deed {
	return func(ctx context.Context) error { return p.fills(ctx, name, form, with) }
}

// reads waits for words in the incident's channel.
func (p *play) reads(name string, words ...string) deed {
	return func(ctx context.Context) error { return p.hears(ctx, name, words...) }
}

// hushed waits for a form that only tells one person the words, and closes it.
func (p *play) hushed(name, words string) deed {
	return func(ctx context.Context) error { return p.told(ctx, name, words) }
}

// whispered waits for words to one person alone, in the channel.
func (p *play) whispered(name, words string) deed {
	return func(ctx context.Context) error { return p.alone(ctx, name, words) }
}

// writing waits until the run of R1 has gone beyond its first records.
func (p *play) writing() deed {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_, err := p.as("maya").Await(ctx, p.room, slacksim.Shows("Pause"), slacksim.Contains("of 1,169 written"), slacksim.Not(slacksim.Contains("R1 · 20 of")))
		return err
	}
}

// rests lets all come to rest, and the reader read.
func (p *play) rests() deed { return p.beat }

func (p *play) joins(name string) deed {
	return func(ctx context.Context) error { return p.settled(ctx, acted(p.as(name).Joins(ctx, p.room))) }
}

func (p *play) invite(name string, whom ...string) deed {
	return func(ctx context.Context) error {
		return p.settled(ctx, acted(p.as(name).Invites(ctx, p.room, whom...)))
	}
}

// settled waits until whoever came in has read where it stands, so that those
// who come one after the other are told in that order.
func (p *play) settled(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	return p.settle(ctx)
}

// world lets something happen outside Slack; writes is how many records that
// has to change.
func (p *play) world(what, sql string, writes int64) deed {
	return func(ctx context.Context) error {
		p.tell.catchUp()
		n, err := p.Stage.world.writes(ctx, sql)
		if err != nil {
			return err
		}
		if n != writes {
			return fmt.Errorf("%s: %d records were written, not %d", what, n, writes)
		}
		p.tell.aside(what)
		return nil
	}
}
