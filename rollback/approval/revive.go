package approval

import (
	"context"
	"errors"
	"fmt"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// Revive asks whether the source of a paused run answers again. Turn is how many
// orders the run had been given when it paused: a person who gives another one
// has taken the matter over.
type Revive struct {
	Plan     rollback.ID     `json:"plan"`
	Revision int64           `json:"revision"`
	Digest   rollback.Digest `json:"digest"`
	Turn     int64           `json:"turn"`
}

// Kind names the job.
func (Revive) Kind() string { return "revive" }

// PauseAway is the code of a pause for a source that does not answer. The run
// goes on by itself when it answers again: once, and then a person has to look.
const PauseAway = "away"

func (r Revive) act() journal.Act {
	return journal.Act{By: incidents.System("executor"), Key: fmt.Sprintf("run:%d:%s:revived", r.Plan, r.Digest.Short())}
}

// askRevive is part of the pause.
func (s *step) askRevive(ctx context.Context) error {
	r := Revive{Plan: s.id, Revision: s.rev.Number, Digest: s.digest()}
	if err := s.tx.QueryRow(ctx, countOrders, s.id, s.rev.Digest).Scan(&r.Turn); err != nil {
		return fmt.Errorf("count orders: %w", err)
	}
	return jobs.Add(ctx, s.tx, r)
}

// Reviving is the source that a run waits for, ErrObsolete when it waits no
// longer.
func (a *Approval) Reviving(ctx context.Context, job Revive) (source string, err error) {
	p, err := read(ctx, a.db.Pool(), job.Plan, false)
	if err != nil {
		return "", err
	}
	var turn int64
	if err := a.db.Pool().QueryRow(ctx, countOrders, job.Plan, job.Digest.Bytes()).Scan(&turn); err != nil {
		return "", fmt.Errorf("count orders: %w", err)
	}
	if !p.waitsFor(job, turn) {
		return "", ErrObsolete
	}
	return p.source, nil
}

func (p *plan) waitsFor(job Revive, turn int64) bool {
	return p.stateName() == rollback.NamePaused && p.rev.Number == job.Revision && p.digest() == job.Digest && turn == job.Turn
}

// Revived lets a run go on whose source answers again. Its approvals must still
// stand, as for a person who resumes it. ErrObsolete when a person was quicker,
// or it has gone on by itself before.
func (a *Approval) Revived(ctx context.Context, job Revive) error {
	asked, err := a.askVoices(ctx, job.Plan)
	if err != nil {
		return err
	}
	err = a.decide(ctx, job.act(), job.Plan, nil, func(s *step) error {
		var turn int64
		if err := s.tx.QueryRow(ctx, countOrders, s.id, s.rev.Digest).Scan(&turn); err != nil {
			return fmt.Errorf("count orders: %w", err)
		}
		if !s.waitsFor(job, turn) {
			return ErrObsolete
		}
		return s.revive(ctx, asked)
	})
	if errors.Is(err, journal.ErrAlready) {
		return ErrObsolete
	}
	return err
}

// revive makes of the pause a run again. The order is the system's own, so that
// the job that goes on is another than the one that paused.
func (s *step) revive(ctx context.Context, asked map[incidents.Person]Standing) error {
	state, err := s.state()
	if err != nil {
		return err
	}
	paused, ok := state.(rollback.Paused)
	if !ok {
		return ErrObsolete
	}
	if err := s.voicesStand(asked, paused.Voices(s.at)); err != nil {
		return err
	}
	running, err := paused.Resume(s.at)
	if err != nil {
		return err
	}
	if err := s.give(ctx, rollback.OrderResume, incidents.Person(s.act.By), ""); err != nil {
		return err
	}
	if err := s.goOn(ctx, running); err != nil {
		return err
	}
	return s.say(ctx, Revived{Rev: s.fact(), Source: s.source})
}

// goOn stores that a paused run is running again, and asks for it.
func (s *step) goOn(ctx context.Context, running rollback.Running) error {
	if err := s.obeyed(ctx); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, clearWaits, s.id, s.rev.Digest); err != nil {
		return fmt.Errorf("store that it goes on: %w", err)
	}
	if _, err := s.tx.Exec(ctx, storeState, s.id, s.rev.Number, running.Name()); err != nil {
		return fmt.Errorf("store that it goes on: %w", err)
	}
	return s.askRun(ctx)
}
