package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// countAll counts the incident's run, and asks each named count of its system
// that needs nothing else. What one of them is refused keeps no other from being
// asked; what was counted before a crash is not counted twice.
func (b *Bot) countAll(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	m, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	system := inc.System
	if known := slices.ContainsFunc(b.o.Sources, func(s Source) bool { return s.Name == system }); !known && picked {
		system = m.Scope.Source
	}
	queries := b.o.Count.Queries(system)
	if !picked && len(queries) == 0 {
		return quiet, refusal.Invalid("Nothing to count yet. Say which run did it: `/snafu triage 2`.")
	}
	var lines []string
	err = b.patiently(ctx, c, func(ctx context.Context) error {
		if picked {
			line, err := b.oneOfAll(ctx, func() (string, error) { return b.measured(ctx, c) })
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		for _, q := range queries {
			line, err := b.oneOfAll(ctx, func() (string, error) { return b.namedOfAll(ctx, c, q) })
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return nil
	})
	if err != nil {
		return quiet, err
	}
	return say(view.Said(strings.Join(lines, "\n"))), nil
}

// oneOfAll is what became of one count: a line, also if it was refused.
func (b *Bot) oneOfAll(ctx context.Context, count func() (string, error)) (string, error) {
	line, err := count()
	no, refused := refusal.As(err)
	switch {
	case ctx.Err() != nil:
		return "", errors.Join(err, ctx.Err())
	case refused:
		return "Not counted: " + spoken(no.Say), nil
	}
	return line, err
}

func (b *Bot) measured(ctx context.Context, c command) (string, error) {
	act := c.act()
	act.Key += "/run"
	if err := b.o.Count.Measure(ctx, act, c.incident); err != nil && !errors.Is(err, journal.ErrAlready) {
		return "", err
	}
	return b.measuredLine(ctx, c)
}

func (b *Bot) namedOfAll(ctx context.Context, c command, q rollback.Query) (string, error) {
	act := c.act()
	act.Key += "/" + q.Source + "." + q.Name
	n, err := b.o.Count.Named(ctx, act, c.incident, q, nil)
	if errors.Is(err, journal.ErrAlready) {
		return view.Escape(q.Name) + " was counted already.", nil
	}
	if err != nil {
		return "", err
	}
	return countedSaid(n), nil
}
