package bot

import (
	"context"
	"errors"

	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// planned makes a plan and asks for its freeze, as two acts: the second try after
// a crash finds the plan that the first one made and asks nothing again, whatever
// was measured or planned since.
func (b *Bot) planned(ctx context.Context, c command, draft func(journal.Act) (rollback.Stamp, error)) (reply, error) {
	act := c.act()
	act.Key += ":draft"
	plan, made, err := b.o.Approval.Made(ctx, act)
	if err == nil && !made {
		var stamp rollback.Stamp
		stamp, err = draft(act)
		if plan = stamp.Plan; errors.Is(err, journal.ErrAlready) { // by another process, a moment ago
			plan, made, err = b.o.Approval.Made(ctx, act)
			if err == nil && !made {
				err = journal.ErrAlready
			}
		}
	}
	if err != nil {
		return quiet, err
	}
	if err := b.beforeFreeze(ctx, c, plan); err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.AskFreeze(ctx, c.act(), plan)
}

// shown is the state table that somebody decides about. It refuses a form that was
// opened over another one (stale).
func (b *Bot) shown(ctx context.Context, c command) (count.Measurement, []rollback.Cohort, error) {
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err == nil && c.form && c.stamp.Choice != fingerprint(m, cohorts) {
		err = errTableChanged
	}
	return m, cohorts, err
}
