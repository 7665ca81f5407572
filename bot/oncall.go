package bot

import (
	"context"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// oncall handles "oncall [ROTA] [TIME]": who is on call then, until when, and who
// is next.
func (b *Bot) oncall(ctx context.Context, c command) (reply, error) {
	if c.form || strings.EqualFold(c.arg(0), contactWord) {
		return b.contact(ctx, c)
	}
	if len(b.o.Rotas) == 0 {
		return quiet, refusal.Invalid("There is no rota in my configuration. Its admin can add one under `rotas`. Until then call a person by name: `/snafu call @colleague WHY`.")
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return quiet, err
	}
	at, args := now, c.words.args
	name := ""
	if len(args) > 0 {
		if known, ok := b.rotaWord(args[0]); ok {
			name, args = known, args[1:]
		}
	}
	if len(args) > 0 {
		if at, err = anyTime(strings.Join(args, " "), c.zone, now); err != nil {
			if name == "" && len(args) == 1 {
				return quiet, refusal.NotFound("%q is neither a rota nor a time. Known rotas: %s.", short(args[0]), strings.Join(b.o.Rotas, ", "))
			}
			return quiet, err
		}
	}
	all, err := b.o.Response.OnCall(ctx, name, at)
	if err != nil {
		return quiet, err
	}
	return say(view.OnCall(onCallCard(all, at.Equal(now)), at)), nil
}

// onCallNow is who is on call now, and who is next, in every rota.
func (b *Bot) onCallNow(ctx context.Context) (view.OnCallCard, error) {
	if len(b.o.Rotas) == 0 {
		return view.OnCallCard{}, nil
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return view.OnCallCard{}, err
	}
	all, err := b.o.Response.OnCall(ctx, "", now)
	return onCallCard(all, true), err
}

// anyTime reads a time that lies ahead, or one that has passed: yesterday 17:00, 2h
// ago.
func anyTime(text string, zone *time.Location, now time.Time) (time.Time, error) {
	at, err := ahead(text, zone, now)
	if err != nil {
		if past, none := when(text, zone, now); none == nil {
			return past, nil
		}
	}
	return at, err
}

func onCallCard(all []response.OnCall, now bool) view.OnCallCard {
	card := view.OnCallCard{Now: now}
	for _, r := range all {
		card.Rotas = append(card.Rotas, view.OnCallRow{
			Rota: r.Rota, Duty: r.Duty, Fallback: r.Fallback, Covers: r.Covers,
			Calendar: r.Calendar, Good: r.Good, Problem: r.Problem, Unread: r.Unread,
		})
	}
	return card
}

func (b *Bot) rotaWord(word string) (string, bool) {
	for _, known := range b.o.Rotas {
		if strings.EqualFold(known, word) {
			return known, true
		}
	}
	return "", false
}
