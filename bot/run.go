package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/rollback"
)

// start handles the form that starts an approved plan.
func (b *Bot) start(ctx context.Context, c command) (reply, error) {
	typed := strings.ToUpper(c.in.fields.get("ref"))
	if c.stamp.Plan.Plan == 0 {
		return quiet, errStale
	}
	if err := b.o.Approval.Claim(ctx, c.act(), c.stamp.Plan, typed); err != nil {
		return quiet, err
	}
	return said("%s starts now. Its progress stands in its thread.", c.stamp.Ref), nil
}

func (b *Bot) runForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if v.State != rollback.NameApproved {
		return slack.ModalViewRequest{}, rollback.RefuseState(v.Spec.Ref, v.State, "started", "`/snafu status` says what comes next.")
	}
	card, err := b.planCard(ctx, v)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.RunModal(card, c.about(v, on), b.whoHelps(ctx, c.incident)), nil
}

func checkRun(c command) map[string]string {
	if !strings.EqualFold(c.in.fields.get("ref"), string(c.stamp.Ref)) {
		return map[string]string{"ref": "Type " + string(c.stamp.Ref) + ", so that no other plan is started by a slip."}
	}
	return nil
}

func (b *Bot) order(ctx context.Context, c command, word rollback.OrderWord) error {
	_, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return err
	}
	return b.o.Approval.Order(ctx, c.act(), on, word, c.why())
}

// goOn handles "continue", after the first records were looked at.
func (b *Bot) goOn(ctx context.Context, c command) (reply, error) {
	return quiet, b.order(ctx, c, rollback.OrderContinue)
}

// resume handles "resume", after a pause.
func (b *Bot) resume(ctx context.Context, c command) (reply, error) {
	return quiet, b.order(ctx, c, rollback.OrderResume)
}

// pausing handles "pause". It is obeyed between two batches.
func (b *Bot) pausing(ctx context.Context, c command) (reply, error) {
	return quiet, b.order(ctx, c, rollback.OrderPause)
}

// abort handles "abort".
func (b *Bot) abort(ctx context.Context, c command) (reply, error) {
	return quiet, b.order(ctx, c, rollback.OrderAbort)
}

func (b *Bot) abortForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	return b.reasonForm(ctx, c, "abort", "Abort", "ends %s after the batch at hand. What was written stays; the rest stays as it is.")
}

// keepConflicts handles "keep": what people changed since stays as they set it.
func (b *Bot) keepConflicts(ctx context.Context, c command) (reply, error) {
	v, _, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.KeepConflicts(ctx, c.act(), v.Spec.Plan, c.why())
}

func (b *Bot) keepForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	return b.reasonForm(ctx, c, "keep", "Keep conflicts", "of %s: the records that people changed since stay as they set them.")
}
