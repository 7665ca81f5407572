package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// The answers of a spot check.
const (
	spotAgrees  = "agrees"
	spotDiffers = "differs"
)

// spotCheck handles "spotcheck R1 agrees" and "spotcheck R1 differs 3", and its
// form: what somebody found who has compared records by hand.
func (b *Bot) spotCheck(ctx context.Context, c command) (reply, error) {
	found, differ := c.in.fields.get("found"), c.in.fields.get("differ")
	if !c.form {
		found, differ = c.spotTyped()
	}
	n := int64(0)
	switch found {
	case spotAgrees:
	case spotDiffers:
		var err error
		if n, err = number(differ); err != nil || n < 1 {
			return quiet, refusal.Invalid("How many of them differ? `/snafu spotcheck R1 differs 3`.")
		}
	default:
		return quiet, refusal.Invalid("Do the records agree with what you found? Write `/snafu spotcheck R1 agrees`, or `/snafu spotcheck R1 differs 3`.")
	}
	_, stamp, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.SpotCheck(ctx, c.act(), stamp, n)
}

// spotTyped are the answer and the number behind the plan's name, if one stands
// there.
func (c command) spotTyped() (found, differ string) {
	at := 0
	if c.ref() != "" {
		at = 1
	}
	return strings.ToLower(c.arg(at)), c.arg(at + 1)
}

// spotOpens is true where no answer was typed: the records are shown first.
func spotOpens(c command) bool {
	found, _ := c.spotTyped()
	return found == ""
}

// spotForm shows the records to whoever may compare them, and to nobody else.
func (b *Bot) spotForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	switch by, _ := c.act().By.Person(); {
	case on != v.Stamp:
		return slack.ModalViewRequest{}, errStale
	case v.ToCompare() == 0:
		return slack.ModalViewRequest{}, rollback.RefuseSpotDone(v.Spec.Ref, v.Spec.Evidence)
	default:
		if err := v.Spec.Compares(by); err != nil {
			return slack.ModalViewRequest{}, err
		}
	}
	told, err := b.o.Spot(ctx, v)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.SpotModal(v.Spec, c.about(v, on), told), nil
}

func checkSpot(c command) map[string]string {
	n, err := number(c.in.fields.get("differ"))
	switch found := c.in.fields.get("found"); {
	case found == "":
		return map[string]string{"found": "Say what you found."}
	case found == spotDiffers && (err != nil || n < 1):
		return map[string]string{"differ": "Say how many of them differ."}
	}
	return nil
}
