package bot

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// nagging handles "nag snooze 1h", "nag off WHY" and "nag on", and the buttons
// under a reminder: those are about that one alone.
func (b *Bot) nagging(ctx context.Context, c command) (reply, error) {
	about := response.About{Kind: c.stamp.Nag, Subject: c.stamp.Subject}
	switch doing := strings.ToLower(c.arg(0)); {
	case c.form:
		return b.nagOff(ctx, c, about, c.why())
	case c.in.kind != kindCommand:
		until, err := b.soon(ctx, c, "1h")
		if err != nil {
			return quiet, err
		}
		return b.snoozeNag(ctx, c, about, until)
	case doing == "snooze":
		until, err := b.snoozeUntil(ctx, c, c.text(1))
		if err != nil {
			return quiet, err
		}
		return b.snoozeNag(ctx, c, about, until)
	case doing == "off":
		return b.nagOff(ctx, c, about, c.text(1))
	case doing == "on":
		return quiet, b.o.Response.NagOn(ctx, c.act(), c.incident)
	}
	return quiet, refusal.Invalid("Write `/snafu nag snooze 1h` to be reminded later, `/snafu nag off WHY` to be reminded no more, or `/snafu nag on`.")
}

func (b *Bot) snoozeNag(ctx context.Context, c command, about response.About, until time.Time) (reply, error) {
	if err := b.o.Response.Snooze(ctx, c.act(), c.incident, about, until); err != nil {
		return quiet, err
	}
	return said("I keep still about %s until %s, this once.", aboutWhat(c, about), view.Day(until)), nil
}

func (b *Bot) nagOff(ctx context.Context, c command, about response.About, why string) (reply, error) {
	if err := b.o.Response.NagOff(ctx, c.act(), c.incident, about, why); err != nil {
		return quiet, err
	}
	if about.Kind == "" {
		return quiet, nil // its channel is told
	}
	return said("I remind nobody of this in %s any more. `/snafu nag on %s` changes that.", c.incident, c.incident), nil
}

func aboutWhat(c command, about response.About) string {
	if about.Kind == "" {
		return c.incident.String()
	}
	return "this in " + c.incident.String()
}

// snoozeUntil reads how long nobody is to be reminded: 30m, 1h, tomorrow, or a
// time. Tomorrow is when people are at work again.
func (b *Bot) snoozeUntil(ctx context.Context, c command, text string) (time.Time, error) {
	switch text = strings.ToLower(strings.TrimSpace(text)); text {
	case "":
		return time.Time{}, refusal.Invalid("For how long? Write `/snafu nag snooze 30m`, `1h`, `2h` or `tomorrow`.")
	case "tomorrow":
		text = "tomorrow 9:00"
	}
	return b.soon(ctx, c, text)
}

func (b *Bot) nagOffForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	text := "Nobody is reminded of this any more, until somebody types `/snafu nag on " + c.incident.String() + "`."
	if c.stamp.Nag == "" {
		text = "Nobody is reminded of anything in " + c.incident.String() + " any more, nor of a plan that waits for approval, until somebody types `/snafu nag on " + c.incident.String() + "`."
	}
	return view.ReasonModal("nag", "Remind nobody", "Switch off", c.stamp, text), nil
}

func nagOffOpens(c command) bool {
	return c.in.kind == kindCommand && strings.EqualFold(c.arg(0), "off") && c.arg(1) == ""
}
