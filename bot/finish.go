package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

// resolve handles "resolve [WHY]". What is still open is refused with its next
// step; a reason waives what may be waived.
func (b *Bot) resolve(ctx context.Context, c command) (reply, error) {
	why := c.text(0)
	if c.form {
		why = c.why()
	}
	return quiet, b.o.Response.Resolve(ctx, c.act(), c.incident, why)
}

// resolveForm says what is still missing, and asks why it can do without where a
// reason lets it pass.
func (b *Bot) resolveForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	gates, err := b.o.Response.ResolveGate(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	missing := slices.DeleteFunc(gates, func(g incidents.Gate) bool { return g.Met })
	return view.ResolveModal(c.stamp, missing), nil
}

// checkResolve keeps the form open where the reason it asks for would not count.
func checkResolve(c command) map[string]string {
	if _, asked := c.in.fields["why"]; !asked {
		return nil
	}
	return checkClose(c)
}

// closing handles "close [WHY]" and "close waive 3 WHY".
func (b *Bot) closing(ctx context.Context, c command) (reply, error) {
	if n, why := c.waiving(); n > 0 {
		return quiet, b.o.Response.WaiveGate(ctx, c.act(), c.incident, n, why)
	}
	return quiet, b.o.Response.Close(ctx, c.act(), c.incident, c.text(0))
}

// waiving is the number of the item that the close may go without, and why; 0
// for none.
func (c command) waiving() (n int64, why string) {
	if c.stamp.Sheet > 0 {
		return c.stamp.Sheet, c.why()
	}
	if !strings.EqualFold(c.arg(0), "waive") {
		return 0, ""
	}
	n, err := strconv.ParseInt(strings.Trim(c.arg(1), ".#"), 10, 8)
	if err != nil {
		return 0, ""
	}
	return n, c.text(2)
}

// waivesBare says that a typed waiver leaves open why: the form asks.
func waivesBare(c command) bool {
	n, why := c.waiving()
	return c.in.kind == kindCommand && n > 0 && why == ""
}

func (b *Bot) waiveGateForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	n, _ := c.waiving()
	gates, err := b.o.Response.CloseGate(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	for _, g := range gates {
		if g.Number == n && !g.Met && !g.Hard && !g.Waived {
			c.stamp.Sheet = n
			return view.WaiveModal(c.stamp, g), nil
		}
	}
	return slack.ModalViewRequest{}, refusal.Conflict("The close of %s demands nothing of number %d that could be waived now. Its card in the channel shows what it demands.", c.incident, n)
}

func checkClose(c command) map[string]string {
	if utf8.RuneCountInString(c.in.fields.get("why")) < 10 {
		return map[string]string{"why": "Say why in 10 characters or more."}
	}
	return nil
}

// gateMoves are the facts that may change what the close of a resolved incident
// still demands.
var gateMoves = map[string]bool{
	incidents.Answered{}.Kind(): true, incidents.Walked{}.Kind(): true, incidents.WhyChanged{}.Kind(): true, incidents.WhysSkipped{}.Kind(): true,
	incidents.Grew{}.Kind(): true, approval.HoldReleased{}.Kind(): true, approval.AutomationReleased{}.Kind(): true, count.Measured{}.Kind(): true,
	incidents.FollowUpAdded{}.Kind(): true, incidents.FollowUpChanged{}.Kind(): true, incidents.FollowUpDone{}.Kind(): true,
	incidents.FollowUpDropped{}.Kind(): true, incidents.Exported{}.Kind(): true,
}

// gateCard draws what the close demands; before an incident was resolved there is
// no such card.
func (b *Bot) gateCard(ctx context.Context, inc incidents.Incident) (view.Message, error) {
	if inc.Phase() != incidents.PhaseResolved {
		_, there, err := findPosted(ctx, b.o.DB, inc.ID, "gate")
		switch {
		case err != nil:
			return view.Message{}, err
		case !there:
			return view.Message{}, errUnchanged
		}
	}
	gates, err := b.o.Response.CloseGate(ctx, inc.ID)
	return view.Gate(view.GateCard{Incident: inc, Gates: gates}), err
}

// prepareClosing says what was fixed and thanks those who helped.
func (b *Bot) prepareClosing(ctx context.Context, t task) (send, error, error) {
	var f incidents.Closed
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	card := view.ClosingCard{Incident: t.inc, Waived: f.Waived, Why: f.Why}
	if b.o.Evidence != nil {
		known, err := b.o.Evidence(ctx, t.Incident)
		if err != nil {
			return nil, nil, err
		}
		card.Tally = known.Tally
	}
	var err error
	if card.Helped, err = b.o.Response.Helped(ctx, t.Incident); err != nil {
		return nil, nil, err
	}
	owed, err := b.o.Response.FollowUps(ctx, t.Incident)
	if err != nil {
		return nil, nil, err
	}
	card.Owed = len(owed.Open())
	return b.posting(t, place{channel: t.inc.Channel}, badged(t.inc, view.Closing(card))), nil, nil
}
