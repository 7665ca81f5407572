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

// call handles "call": a rota, a person, a vendor, or whoever is on call for the
// system.
func (b *Bot) call(ctx context.Context, c command) (reply, error) {
	if c.stamp.Page != 0 && !c.form { // the button of a call that nobody answered
		return quiet, b.o.Response.CallAgain(ctx, c.act(), c.incident, c.stamp.Page)
	}
	if name, why, ok := b.vendorTarget(c); ok {
		return quiet, b.o.Response.CallVendor(ctx, c.act(), c.incident, name, why)
	}
	target, why, err := b.target(ctx, c)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Response.Call(ctx, c.act(), c.incident, target, why)
}

// vendorTarget says whether a vendor is meant. A rota of the same name comes
// first: people are called sooner than companies.
func (b *Bot) vendorTarget(c command) (name, why string, ok bool) {
	word, why := c.arg(0), c.text(1)
	if c.form {
		word, why = c.in.fields.get("who"), c.why()
	}
	if _, rota := b.rotaWord(word); rota || word == "" {
		return "", "", false
	}
	v, ok := b.o.Response.Vendor(word)
	return v.Name, why, ok
}

func (b *Bot) target(ctx context.Context, c command) (response.Target, string, error) {
	if c.form {
		return response.Target{Rota: c.in.fields.get("who")}, c.why(), nil
	}
	word := c.arg(0)
	if c.stamp.Author != "" {
		p, err := b.personOf(ctx, c.stamp.Author)
		return response.Target{Person: p}, "", err
	}
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
	vendors := b.o.Response.Vendors()
	if len(b.o.Rotas)+len(vendors) == 0 {
		return slack.ModalViewRequest{}, refusal.Invalid("There is no rota in my configuration. Call a person by name: `/snafu call @colleague WHY`.")
	}
	f := view.CallForm{Stamp: c.stamp}
	for _, r := range b.o.Rotas {
		f.Rotas = append(f.Rotas, view.Option{Value: r, Label: r})
	}
	for _, v := range vendors {
		f.Rotas = append(f.Rotas, view.Option{Value: v.Name, Label: v.Called() + " (vendor)"})
	}
	return view.CallModal(f), nil
}

func checkCall(c command) map[string]string {
	if c.in.fields.get("who") == "" {
		return map[string]string{"who": "Whom shall I call?"}
	}
	return nil
}

// ack handles "ack", "ack every 1h", "ack every off WHY" and the buttons of a call.
func (b *Bot) ack(ctx context.Context, c command) (reply, error) {
	if c.form || strings.EqualFold(c.arg(0), "every") {
		return b.stillEvery(ctx, c)
	}
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
