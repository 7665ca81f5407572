package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/rollback"
)

// trust handles "trust R1 EVIDENCE WHY", and its form: which of two evidences
// counts where they disagree.
func (b *Bot) trust(ctx context.Context, c command) (reply, error) {
	take, why := c.in.fields.get("take"), c.in.fields.get("why")
	if !c.form {
		at := c.trustAt()
		take, why = strings.ToLower(c.arg(at)), c.text(at+1)
	}
	_, stamp, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.Trust(ctx, c.act(), stamp, take, why)
}

// trustAt is where the name stands: behind that of the plan, if one is said.
func (c command) trustAt() int {
	if c.ref() != "" {
		return 1
	}
	return 0
}

func noTake(c command) bool { return c.arg(c.trustAt()) == "" }

func (b *Bot) trustForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	switch {
	case err != nil:
		return slack.ModalViewRequest{}, err
	case on != v.Stamp:
		return slack.ModalViewRequest{}, errStale
	case v.Disagreeing() == 0:
		return slack.ModalViewRequest{}, rollback.RefuseNothingBeside(v.Spec.Ref)
	}
	return view.TrustModal(v.Spec, c.about(v, on), v.Disagreeing()), nil
}

func checkTrust(c command) map[string]string {
	if c.in.fields.get("take") == "" {
		return map[string]string{"take": "Choose one of them."}
	}
	return checkWhy(c)
}
