package bot

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/rollback"
)

// revision is the plan that is meant, as stored, with the stamp of what was on
// the screen: that of the button, or for typed words the newest revision. A
// button or form that does not say what was on the screen means nothing: the
// newest revision is not what somebody read who pressed an old one.
func (b *Bot) revision(ctx context.Context, c command, typed rollback.Ref) (rollback.PlanView, rollback.Stamp, error) {
	if on := c.stamp.Plan; on.Plan != 0 {
		v, err := b.o.Approval.Get(ctx, on.Plan)
		return v, on, err
	}
	if c.form || c.in.kind == kindPress {
		return rollback.PlanView{}, rollback.Stamp{}, errStale
	}
	v, err := b.planOf(ctx, c.incident, typed)
	return v, v.Stamp, err
}

// approve handles the form of an approval. Who may is asked of Slack in the use
// case, as of now; the digest is that of what the person read.
func (b *Bot) approve(ctx context.Context, c command) (reply, error) {
	typed, err := number(c.in.fields.get("rows"))
	if err != nil {
		return quiet, err
	}
	if c.stamp.Plan.Plan == 0 {
		return quiet, errStale
	}
	v, err := b.o.Approval.Get(ctx, c.stamp.Plan.Plan)
	if err != nil {
		return quiet, err
	}
	if v.Writes() > rollback.ManyRows && c.in.fields.get("samples") != "looked" {
		return quiet, rollback.RefuseUnlooked(v.Spec.Ref, v.Writes(), v.Spec.Unit)
	}
	if err := b.o.Approval.Approve(ctx, c.act(), c.stamp.Plan, typed, time.UnixMilli(c.stamp.Opened).UTC()); err != nil {
		return quiet, err
	}
	return said("Your approval of %s is counted.", c.stamp.Ref), nil
}

// approveForm shows what would be approved. Whoever cannot approve hears so
// here, and that they tried is journalled.
func (b *Bot) approveForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	act := c.act()
	act.Key = "review:" + c.in.key
	if err := b.o.Approval.Review(ctx, act, on); err != nil {
		return slack.ModalViewRequest{}, err
	}
	card, err := b.planCard(ctx, v)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.ApproveModal(card, c.about(v, on)), nil
}

// about is the stamp of a form about a plan.
func (c command) about(v rollback.PlanView, on rollback.Stamp) view.Stamp {
	s := c.stamp
	s.Ref, s.Plan = v.Spec.Ref, on
	return s
}

func checkApprove(c command) map[string]string {
	wrong := map[string]string{}
	if _, err := number(c.in.fields.get("rows")); err != nil {
		wrong["rows"] = err.Error()
	}
	if looked, asked := c.in.fields["samples"]; asked && len(looked) == 0 {
		wrong["samples"] = "Look at the samples first, then tick this."
	}
	return wrong
}

// unapprove handles "unapprove": whoever approved takes it back, until the
// plan starts. It stops something, so the press is never too old.
func (b *Bot) unapprove(ctx context.Context, c command) (reply, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	if err := b.o.Approval.WithdrawApproval(ctx, c.act(), on); err != nil {
		return quiet, err
	}
	return said("Your approval of %s is taken back, and cannot be given again on this revision.", v.Spec.Is()), nil
}

// reject handles "reject".
func (b *Bot) reject(ctx context.Context, c command) (reply, error) {
	_, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.Reject(ctx, c.act(), on, c.why())
}

func (b *Bot) rejectForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	return b.reasonForm(ctx, c, "reject", "Reject", "ends %s for good. Nothing is written.")
}

func (b *Bot) reasonForm(ctx context.Context, c command, callback, title, what string) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	text := title + " " + strings.Replace(what, "%s", v.Spec.Is(), 1)
	return view.ReasonModal(callback, title+" "+string(v.Spec.Ref), title, c.about(v, on), text), nil
}
