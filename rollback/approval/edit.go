package approval

import (
	"context"
	"encoding/json"
	"fmt"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

const updateDraft = `
	update revisions
	set author = $3, author_part = $4, spec = $5, note = $6, freezing = false, freeze_error = ''
	where plan = $1 and number = $2`

// Edit changes a plan. The editor becomes one of its authors; a revision that
// is frozen or further is replaced by a draft of the next one, and its approvals
// are void.
//
// It refuses who has approved any revision (approver-edits), a stamp of an older
// revision (stale) and a plan that has started or ended (state).
func (a *Approval) Edit(ctx context.Context, act journal.Act, stamp rollback.Stamp, ask Ask) (rollback.Stamp, error) {
	by, ok := act.By.Person()
	if !ok {
		return rollback.Stamp{}, rollback.RefuseNotPerson()
	}
	next := stamp
	err := a.decide(ctx, act, stamp.Plan, nil, func(s *step) error {
		if err := s.fresh(stamp); err != nil {
			return err
		}
		src, err := a.source(s.source)
		if err != nil {
			return err
		}
		if _, err := src.planned(ask.Scope); err != nil {
			return err
		}
		d, replaced, err := s.edited(ctx, rollback.Edit{By: by, Scope: ask.Scope, Decisions: ask.Decisions, Effects: ask.Effects, Accepted: ask.Accepted})
		if err != nil {
			return err
		}
		part := s.authorPart(by)
		if err := s.join(ctx, by, part); err != nil {
			return err
		}
		old := s.fact()
		if replaced == nil {
			if err := s.redraw(ctx, d, part, ask.Note); err != nil {
				return err
			}
		} else {
			if err := s.end(ctx, *replaced); err != nil {
				return err
			}
			d = src.now(d)
			if err := s.insert(ctx, d, part, ask.Note); err != nil {
				return err
			}
			if err := s.say(ctx, Superseded{Rev: old, Next: d.Spec().Revision, Code: "edited", Why: "edited"}); err != nil {
				return err
			}
		}
		next = rollback.Stamp{Plan: s.id, Revision: d.Spec().Revision}
		rev := Rev{Plan: int64(s.id), Ref: string(s.ref()), Revision: d.Spec().Revision}
		return s.say(ctx, Edited{Rev: rev, Cohorts: int64(len(ask.Decisions)), By: by})
	})
	return next, err
}

// edited asks the state for the changed draft, and for the revision it replaces
// if there is one.
func (s *step) edited(ctx context.Context, e rollback.Edit) (rollback.Draft, *rollback.Ended, error) {
	if err := s.mayEdit(ctx, e.By); err != nil {
		return rollback.Draft{}, nil, err
	}
	state, err := s.state()
	if err != nil {
		return rollback.Draft{}, nil, err
	}
	next, err := s.nextRef(ctx)
	if err != nil {
		return rollback.Draft{}, nil, err
	}
	var ended rollback.Ended
	var d rollback.Draft
	switch st := state.(type) {
	case rollback.Draft:
		d, err = st.Edit(e)
		return d, nil, err
	case rollback.Frozen:
		ended, d, err = st.Edit(e)
	case rollback.Proposed:
		ended, d, err = st.Edit(e, next)
	case rollback.Approved:
		ended, d, err = st.Edit(e, next)
	default:
		return d, nil, rollback.RefuseState(s.ref(), state.Name(), "changed", "Plan a new one.")
	}
	return d, &ended, err
}

const readNextNumber = `select coalesce(max(number), 0) + 1 from plans where incident = $1`

// mayEdit refuses who has approved a revision: an author's approval would void
// itself, so one person is never both.
func (s *step) mayEdit(ctx context.Context, by incidents.Person) error {
	if s.part(by) != "approver" {
		return nil
	}
	next, err := s.nextRef(ctx)
	if err != nil {
		return err
	}
	return rollback.RefuseApproverEdits(s.ref(), s.rev.Number, next)
}

func (s *step) nextRef(ctx context.Context) (rollback.Ref, error) {
	var n int64
	if err := s.tx.QueryRow(ctx, readNextNumber, s.incident).Scan(&n); err != nil {
		return "", fmt.Errorf("read next plan number: %w", err)
	}
	return rollback.NewRef(n), nil
}

func (s *step) redraw(ctx context.Context, d rollback.Draft, part, note string) error {
	spec := d.Spec()
	body, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("write what %s asks: %w", spec.Is(), err)
	}
	if _, err := s.tx.Exec(ctx, updateDraft, s.id, spec.Revision, spec.Author, part, body, note); err != nil {
		return fmt.Errorf("update draft: %w", err)
	}
	return nil
}

const endRevision = `
	update revisions
	set state = $3, why = $4, ended_at = $5, freezing = false
	where plan = $1 and number = $2`

// end stores that a revision has ended.
func (s *step) end(ctx context.Context, e rollback.Ended) error {
	if _, err := s.tx.Exec(ctx, endRevision, s.id, e.Spec().Revision, e.Name(), e.Why(), s.at); err != nil {
		return fmt.Errorf("end revision: %w", err)
	}
	return nil
}
