package approval

import (
	"context"
	"fmt"
	"strings"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

const insertOrder = `
	insert into orders (plan, digest, word, person, why, at)
	values ($1, $2, $3, $4, $5, $6)`

const obeyOrders = `
	update orders
	set obeyed_at = $3
	where plan = $1 and digest = $2 and obeyed_at is null`

// Order tells a run to pause, continue, resume or abort. A running one obeys
// between two batches; a paused one goes on or ends at once.
//
// Anybody may pause. To continue or resume one must be an eligible approver and
// the approvals must still stand (expired). To abort one must be the lead or an
// eligible approver, and say why. A run in another state refuses (state).
func (a *Approval) Order(ctx context.Context, act journal.Act, stamp rollback.Stamp, word rollback.OrderWord, why string) error {
	v, err := a.steerer(ctx, act, stamp.Plan, word)
	if err != nil {
		return err
	}
	why = strings.TrimSpace(why)
	if word == rollback.OrderAbort && why == "" {
		return refuseNoReason("run")
	}
	var asked map[incidents.Person]Standing
	if word == rollback.OrderContinue || word == rollback.OrderResume {
		if asked, err = a.askVoices(ctx, stamp.Plan); err != nil {
			return err
		}
	}
	return a.decide(ctx, act, stamp.Plan, refusedRun(string(word)), func(s *step) error {
		if stamp.Revision != s.rev.Number || stamp.Digest != s.digest() {
			return s.fresh(stamp)
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		switch word {
		case rollback.OrderPause:
			return s.pause(ctx, state, v, why)
		case rollback.OrderContinue, rollback.OrderResume:
			return s.resume(ctx, state, v, asked, word)
		case rollback.OrderAbort:
			return s.abort(ctx, state, v, why)
		}
		return fmt.Errorf("order %q is none", word)
	})
}

// steerer is who gives an order. A pause does no harm, so it is not held up by
// asking Slack who it is.
func (a *Approval) steerer(ctx context.Context, act journal.Act, id rollback.ID, word rollback.OrderWord) (voter, error) {
	if by, ok := act.By.Person(); ok && word == rollback.OrderPause {
		return voter{by: by}, nil
	}
	return a.voter(ctx, act, id)
}

func (s *step) pause(ctx context.Context, state rollback.State, v voter, why string) error {
	if _, ok := state.(rollback.Running); !ok {
		return rollback.RefuseState(s.ref(), state.Name(), "paused", nextAfter(state.Name(), s.ref()))
	}
	if s.order == rollback.OrderPause || s.order == rollback.OrderAbort {
		return nil
	}
	if err := s.give(ctx, rollback.OrderPause, v.by, why); err != nil {
		return err
	}
	return s.say(ctx, PauseAsked{Rev: s.fact(), By: v.by, Why: why})
}

const clearWaits = `
	update executions
	set waits = '', canary = false
	where plan = $1 and digest = $2`

func (s *step) resume(ctx context.Context, state rollback.State, v voter, asked map[incidents.Person]Standing, word rollback.OrderWord) error {
	paused, ok := state.(rollback.Paused)
	if !ok {
		return rollback.RefuseState(s.ref(), state.Name(), word.Done(), nextAfter(state.Name(), s.ref()))
	}
	if err := v.standing.Refuse(v.standing.Pool); err != nil {
		return err
	}
	if err := s.voicesStand(asked, paused.Voices(s.at)); err != nil {
		return err
	}
	running, err := paused.Resume(s.at)
	if err != nil {
		return err
	}
	canary := s.exec.Canary
	if err := s.give(ctx, word, v.by, ""); err != nil {
		return err
	}
	if err := s.goOn(ctx, running); err != nil {
		return err
	}
	if canary {
		return s.say(ctx, Continued{Rev: s.fact(), By: v.by})
	}
	return s.say(ctx, Resumed{Rev: s.fact(), By: v.by})
}

func (s *step) abort(ctx context.Context, state rollback.State, v voter, why string) error {
	if v.by != s.inc.Lead {
		if err := v.standing.Refuse(v.standing.Pool); err != nil {
			return err
		}
	}
	switch st := state.(type) {
	case rollback.Running:
		if s.order == rollback.OrderAbort {
			return nil
		}
		if err := s.give(ctx, rollback.OrderAbort, v.by, why); err != nil {
			return err
		}
		return s.say(ctx, AbortAsked{Rev: s.fact(), By: v.by, Why: why})
	case rollback.Paused:
		if err := s.give(ctx, rollback.OrderAbort, v.by, why); err != nil {
			return err
		}
		return s.aborted(ctx, st.Abort(why))
	}
	return rollback.RefuseState(s.ref(), state.Name(), "aborted", nextAfter(state.Name(), s.ref()))
}

func (s *step) give(ctx context.Context, word rollback.OrderWord, by incidents.Person, why string) error {
	if _, err := s.tx.Exec(ctx, insertOrder, s.id, s.rev.Digest, word, by, why, s.at); err != nil {
		return fmt.Errorf("insert order: %w", err)
	}
	return nil
}

func (s *step) obeyed(ctx context.Context) error {
	if _, err := s.tx.Exec(ctx, obeyOrders, s.id, s.rev.Digest, s.at); err != nil {
		return fmt.Errorf("store that orders are obeyed: %w", err)
	}
	return nil
}

// aborted stores the end of an aborted run: what has no outcome stays as it is.
func (s *step) aborted(ctx context.Context, e rollback.Ended) error {
	counts, err := s.exec.outcomes()
	if err != nil {
		return err
	}
	writes, err := s.writes()
	if err != nil {
		return err
	}
	if err := s.obeyed(ctx); err != nil {
		return err
	}
	if err := s.endRun(ctx, e, nil); err != nil {
		return err
	}
	return s.say(ctx, Aborted{Rev: s.fact(), Why: e.Why(), Counts: countedOf(counts), Pending: writes - counts.Sum()})
}

const endExecution = `
	update executions
	set ended_at = $3, report = $4, waits = '', canary = false
	where plan = $1 and digest = $2`

// endRun ends revision and execution and lets the incident close again.
func (s *step) endRun(ctx context.Context, e rollback.Ended, report []byte) error {
	if _, err := s.tx.Exec(ctx, endExecution, s.id, s.rev.Digest, s.at, report); err != nil {
		return fmt.Errorf("end execution: %w", err)
	}
	if err := s.end(ctx, e); err != nil {
		return err
	}
	return response.Release(ctx, s.tx, s.incident, string(s.ref()))
}
