package executor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// switchWithin is how long a source that is away or busy is asked again, before
// whoever wants something switched is told to do it by hand: a cause that works
// on must not wait for us.
const switchWithin = 2 * time.Minute

// Switch switches an automation off, or gives it back the state it had before.
// The state before is kept in the log before the source is touched, so that a
// crash between the two leaves nothing to guess.
func (e *Executor) Switch(ctx context.Context, job jobs.Job[approval.Switch]) error {
	want, err := e.approval.ForSwitch(ctx, job.Args)
	if errors.Is(err, approval.ErrObsolete) {
		return nil
	}
	if err != nil {
		return err
	}
	before, err := e.switches(ctx, job.Args, want)
	if f, ok := source.AsFault(err); ok {
		if f.Away() || f.Busy() {
			now, dbErr := e.db.Now(ctx, nil)
			if dbErr != nil {
				return dbErr
			}
			if now.Sub(job.Args.At) < switchWithin {
				return errors.Join(err, jobs.Snooze(switchAgain))
			}
		}
		err = errors.Join(refuseSwitch(want, f), err)
	}
	if err == nil {
		err = e.approval.Switched(ctx, job.Args, before)
	}
	if _, refused := refusal.As(err); refused || err != nil && !errors.Is(err, approval.ErrObsolete) && job.Attempt >= triesOfSwitch {
		e.log.WarnContext(ctx, "not switched", "incident", want.Incident, "source", want.Source, "err", err)
		err = e.approval.SwitchFailed(ctx, job.Args, err)
	}
	if errors.Is(err, approval.ErrObsolete) {
		return nil
	}
	return err
}

// triesOfSwitch is how often what broke on our side is tried before people are
// told.
const triesOfSwitch = 5

// switchAgain is the pause before a source that was away or busy is asked again.
const switchAgain = 2 * time.Second

// switches does it, and says what the automation was before any of it.
func (e *Executor) switches(ctx context.Context, job approval.Switch, want rollback.Switched) (rollback.SwitchState, error) {
	w, err := e.writers(want.Source)
	if err != nil {
		return "", err
	}
	defer w.Close()
	if want.Stage == rollback.StageReleasing {
		_, err := w.Switch(ctx, want.Name, want.Before)
		return want.Before, err
	}
	var read rollback.SwitchState
	before := want.Before
	if before == "" {
		now, err := w.Automation(ctx, want.Name)
		if err != nil {
			return "", err
		}
		read = now.Before
		if before, err = e.approval.KeepBefore(ctx, job, read); err != nil {
			return "", err
		}
	}
	done, err := w.Switch(ctx, want.Name, rollback.SwitchOff)
	if err == nil && read == rollback.SwitchOn && done.Before == rollback.SwitchOff {
		before = rollback.SwitchOff // a person was faster than we, and decides when it works again
	}
	return before, err
}

func refuseSwitch(want rollback.Switched, f *source.Fault) error {
	why, off := "refused that ("+nameOf(f)+")", "stays off"
	if f.Away() || f.Busy() {
		why, off = "gave no answer for "+switchWithin.String(), "may still be off"
	}
	if want.Stage == rollback.StageReleasing {
		return refusal.Unavailable("%s %s, so %s %s. Release it again, or switch it by hand and release it then.", want.Source, why, want.Title, off).Coded("source")
	}
	was := ""
	if want.Before != "" { // the answer may be lost, and it off
		was = " It was " + string(want.Before) + " before."
	}
	return refusal.Unavailable("%s %s, so %s may still work.%s Look at it there, and switch it off by hand.", want.Source, why, want.Title, was).Coded("source")
}

// works finds an automation that contains the incident of a run and works again:
// whoever let it, the cause may be on.
func (r *run) works(ctx context.Context) (string, error) {
	all, err := r.e.approval.Automations(ctx, r.view.Spec.Incident)
	if err != nil {
		return "", err
	}
	for _, s := range all {
		if !s.Contains() {
			continue
		}
		switch {
		case s.Stage == rollback.StageReleasing:
			return s.Label() + " is being released; switch it off again, then resume", nil
		case s.Manual:
			continue // its person has said so, and nobody else can look
		}
		var now rollback.Switch
		err := r.patiently(ctx, func() (err error) {
			now, err = r.automation(ctx, s)
			return err
		})
		if no, refused := refusal.As(err); refused {
			return "nobody can tell whether " + s.Label() + " is off: " + no.Say, nil
		}
		if err != nil {
			return "", fmt.Errorf("look at %s: %w", s.Label(), err)
		}
		if now.After != rollback.SwitchOff {
			return fmt.Sprintf("%s is on again, and contains this incident; switch it off, or release it with /snafu release %s WHY, then resume", s.Label(), s.Name), nil
		}
	}
	return "", nil
}

// automation asks the executing login where there is one, because a counting one
// may be on a standby.
func (r *run) automation(ctx context.Context, s rollback.Switched) (rollback.Switch, error) {
	if s.Source == r.view.Spec.Scope.Source {
		return r.w.Automation(ctx, s.Name)
	}
	reader, err := r.e.readers(s.Source)
	if err != nil {
		return rollback.Switch{}, err
	}
	return reader.Automation(ctx, s.Name)
}
