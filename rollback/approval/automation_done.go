package approval

import (
	"context"
	"fmt"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// ForSwitch gives the automation that a job is about. ErrObsolete when nobody
// wants it switched any more.
func (a *Approval) ForSwitch(ctx context.Context, job Switch) (rollback.Switched, error) {
	all, err := a.automationRows(ctx, a.db.Pool(), readAutomation, job.Automation)
	if err != nil {
		return rollback.Switched{}, err
	}
	if len(all) != 1 || all[0].Stage != rollback.StageSwitching && all[0].Stage != rollback.StageReleasing {
		return rollback.Switched{}, ErrObsolete
	}
	return all[0], nil
}

// KeepBefore stores the state before, before anything is switched: whoever goes
// on after a crash finds it here, and not in the source. It says what is stored.
func (a *Approval) KeepBefore(ctx context.Context, job Switch, found rollback.SwitchState) (rollback.SwitchState, error) {
	if _, err := a.db.Pool().Exec(ctx, storeBefore, job.Automation, found); err != nil {
		return "", fmt.Errorf("store the state before: %w", err)
	}
	s, err := a.ForSwitch(ctx, job)
	return s.Before, err
}

// Switched records that the source did what a job asked for. before is what the
// automation was before any of it.
func (a *Approval) Switched(ctx context.Context, job Switch, before rollback.SwitchState) error {
	return a.switching(ctx, job, "done", func(s *autoStep, mine rollback.Switched) error {
		if mine.Stage == rollback.StageReleasing {
			return s.released(ctx, mine, rollback.SwitchOn, "", "written and read back")
		}
		return s.off(ctx, mine, before, "written and read back", mine.AskedBy)
	})
}

// SwitchFailed records that a source refused what a job asked for.
func (a *Approval) SwitchFailed(ctx context.Context, job Switch, reason error) error {
	code, say := "fault", "It broke on my side, and I cannot tell how far it came. Look at it there, and switch it by hand."
	if no, ok := refusal.As(reason); ok {
		code, say = no.Code, no.Say
	}
	return a.switching(ctx, job, "failed", func(s *autoStep, mine rollback.Switched) error {
		by := mine.AskedBy
		if mine.Stage == rollback.StageReleasing {
			by = mine.FreeBy
		}
		return s.fail(ctx, mine, code, say, by)
	})
}

func (a *Approval) switching(ctx context.Context, job Switch, what string, do func(*autoStep, rollback.Switched) error) error {
	mine, err := a.ForSwitch(ctx, job)
	if err != nil {
		return err
	}
	by := mine.AskedBy
	if mine.Stage == rollback.StageReleasing {
		by = mine.FreeBy
	}
	// It is the end of what that person asked for.
	act := journal.Act{By: by.Actor(), Key: job.Act + ":" + what}
	return a.automate(ctx, act, mine.Incident, func(s *autoStep) error {
		now, err := a.automationRows(ctx, s.tx, lockAutomation, mine.ID)
		if err != nil {
			return err
		}
		if len(now) != 1 || now[0].Stage != mine.Stage {
			return ErrObsolete
		}
		return do(s, now[0])
	})
}

// refuseNotSwitched means that an incident has switched nothing of that name.
func refuseNotSwitched(word string, known []string) error {
	if len(known) == 0 {
		return refusal.Invalid("Nothing was switched off for this incident. `/snafu contain` offers what can be.").Coded("automation")
	}
	return refusal.Invalid("%q was not switched off for this incident. Those are: %s.", word, incidents.Line(fmt.Sprint(known), 300)).Coded("automation")
}
