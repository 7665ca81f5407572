package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// call handles "call": a rota, a person, or whoever is on call for the system.
func (b *Bot) call(ctx context.Context, c command) (reply, error) {
	target, why, err := b.target(ctx, c)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.Call(ctx, c.act(), c.incident, target, why)
}

func (b *Bot) target(ctx context.Context, c command) (response.Target, string, error) {
	if c.form {
		return response.Target{Rota: c.in.fields.get("who")}, c.why(), nil
	}
	word := c.arg(0)
	if id, ok := user(word); ok {
		p, err := b.personOf(ctx, id)
		return response.Target{Person: p}, c.text(1), err
	}
	known := slices.ContainsFunc(b.o.Rotas, func(r string) bool { return strings.EqualFold(r, word) })
	if known || len(c.words.args) == 1 {
		return response.Target{Rota: word}, c.text(1), nil
	}
	return response.Target{}, c.text(0), nil
}

func (b *Bot) callForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	if len(b.o.Rotas) == 0 {
		return slack.ModalViewRequest{}, refusal.Invalid("There is no rota in my configuration. Call a person by name: `/snafu call @colleague WHY`.")
	}
	f := view.CallForm{Stamp: c.stamp}
	for _, r := range b.o.Rotas {
		f.Rotas = append(f.Rotas, view.Option{Value: r, Label: r})
	}
	return view.CallModal(f), nil
}

func checkCall(c command) map[string]string {
	if c.in.fields.get("who") == "" {
		return map[string]string{"who": "Whom shall I call?"}
	}
	return nil
}

// ack handles "ack" and the button of a call.
func (b *Bot) ack(ctx context.Context, c command) (reply, error) {
	page, err := b.calling(ctx, c)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.Ack(ctx, c.act(), c.incident, page)
}

// pass handles "pass": whoever is called can't, and the next one is called now.
func (b *Bot) pass(ctx context.Context, c command) (reply, error) {
	page, err := b.calling(ctx, c)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.Pass(ctx, c.act(), c.incident, page, c.text(0))
}

// calling is the call that is meant: that of the button, a named one, or the
// newest that nobody has answered.
func (b *Bot) calling(ctx context.Context, c command) (int64, error) {
	if c.stamp.Page != 0 {
		return c.stamp.Page, nil
	}
	if digits, named := strings.CutPrefix(strings.ToUpper(c.arg(0)), "P"); named {
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return n, nil
		}
	}
	pages, err := b.o.Response.Pages(ctx, c.incident)
	if err != nil {
		return 0, err
	}
	for _, p := range slices.Backward(pages) {
		if p.State == incidents.PageCalling {
			return p.ID, nil
		}
	}
	if len(pages) > 0 {
		return pages[len(pages)-1].ID, nil
	}
	return 0, refusal.Conflict("Nobody is being called in %s. To call for help: `/snafu call`.", c.incident)
}
