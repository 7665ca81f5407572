package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// reopen handles "reopen again|more WHY", the form, and "reopen channel".
func (b *Bot) reopen(ctx context.Context, c command) (reply, error) {
	if c.wantsChannel() {
		return b.anotherChannel(ctx, c)
	}
	which, why := c.again()
	if err := b.o.Response.Reopen(ctx, c.act(), c.incident, which, why); err != nil {
		return quiet, err
	}
	return b.comeBack(ctx, c)
}

// wantsChannel says that it is about another channel for what was reopened.
func (c command) wantsChannel() bool {
	return strings.HasPrefix(c.in.action, "reopen.channel") && !c.form || len(c.words.args) == 1 && strings.EqualFold(c.arg(0), "channel")
}

// again is what it is about and why; which is "" if it was not said.
func (c command) again() (which incidents.Again, why string) {
	if c.form {
		return incidents.Again(c.in.fields.get("which")), c.in.fields.get("why")
	}
	if which, said := incidents.ParseAgain(c.arg(0)); said {
		return which, c.text(1)
	}
	return "", c.text(0)
}

// withoutWhich says that a typed command leaves open what it is about, or why:
// the form asks, with what was typed in it.
func withoutWhich(c command) bool {
	which, why := c.again()
	return c.in.kind == kindCommand && !c.wantsChannel() && (which == "" || why == "")
}

func (b *Bot) reopenForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if err := inc.Reopenable(); err != nil {
		return slack.ModalViewRequest{}, err
	}
	f := view.ReopenForm{Stamp: c.stamp, Incident: inc}
	if f.Which, f.Why = c.again(); f.Which == "" && inc.Triage.Still() == incidents.Yes {
		f.Which = incidents.AgainOccurs
	}
	return view.ReopenModal(f), nil
}

func checkReopen(c command) map[string]string {
	which, why := c.again()
	switch {
	case which == "":
		return map[string]string{"which": "What is it about?"}
	case why == "":
		return map[string]string{"why": "Why is it taken up again?"}
	}
	return nil
}
