package bot

import (
	"context"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// breakGlass handles "plan breakglass R1 WHY".
func (b *Bot) breakGlass(ctx context.Context, c command, plan rollback.ID, typed rollback.Ref) (reply, error) {
	behind := 1
	if typed != "" {
		behind = 2
	}
	if err := b.o.Approval.BreakGlass(ctx, c.act(), plan, c.text(behind)); err != nil {
		return quiet, err
	}
	return said("Your own approval will count for this plan. It is frozen anew; ask for approvals then, and everybody who may approve is told."), nil
}

// reviewed handles "reviewed": an approver who had no voice has looked at a run
// whose requester was one.
func (b *Bot) reviewed(ctx context.Context, c command) (reply, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	if err := b.o.Approval.ReviewGlass(ctx, c.act(), on); err != nil {
		return quiet, err
	}
	return said("Your review of %s is counted.", v.Spec.Ref), nil
}

func glassBroken(f approval.GlassBroken) incidents.Words {
	return incidents.Sentence("Break-glass: the approval of ", f.By, ", who asked for "+rev(f.Rev)+", counts for it: "+f.Why+" (", f.Writes, " to write). One other person approves it, and two more look at it afterwards.")
}

func glassReviewed(f approval.GlassReviewed) incidents.Words {
	return incidents.Sentence(f.By, " has looked at "+f.Rev.Ref+" · ", f.Count, " of ", f.Needs, " reviews")
}
