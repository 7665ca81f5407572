package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

const askFreeze = `
	update revisions
	set attempt = attempt + 1, freezing = true, freeze_error = ''
	where plan = $1 and number = $2
	returning attempt`

// AskFreeze asks for the records of a plan to be fixed. A plan that is frozen,
// proposed or approved already, or whose counts expired, is frozen as its next
// revision, and who asks becomes an author.
//
// It refuses undecided plans without any decision (undecided), who has approved
// any revision (approver-edits), and plans that have started or ended (state).
func (a *Approval) AskFreeze(ctx context.Context, act journal.Act, id rollback.ID) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		spec, err := s.spec()
		if err != nil {
			return err
		}
		if s.stateName() != rollback.NameDraft {
			if spec, err = s.anew(ctx, by, spec); err != nil {
				return err
			}
		} else if spec, err = s.refresh(ctx, spec); err != nil {
			return err
		}
		if len(spec.Decisions) == 0 {
			return rollback.RefuseUndecided(0, spec.Unit)
		}
		return s.askFreeze(ctx, spec)
	})
}

// refresh brings a draft under what its table requires of a record now.
func (s *step) refresh(ctx context.Context, spec rollback.Spec) (rollback.Spec, error) {
	src, err := s.a.source(s.source)
	if err != nil {
		return spec, err
	}
	was := spec.Require
	d, err := rollback.NewDraft(spec)
	if err != nil {
		return spec, err
	}
	d = src.requiring(d)
	if now := d.Spec().Require; was == now || was != nil && now != nil && *was == *now {
		return spec, nil
	}
	part := s.authorPart(spec.Author)
	return d.Spec(), s.redraw(ctx, d, part, s.rev.Note)
}

func (s *step) askFreeze(ctx context.Context, spec rollback.Spec) error {
	var attempt int64
	if err := s.tx.QueryRow(ctx, askFreeze, s.id, spec.Revision).Scan(&attempt); err != nil {
		return fmt.Errorf("ask for the freeze: %w", err)
	}
	if err := jobs.Add(ctx, s.tx, Freeze{Plan: s.id, Revision: spec.Revision, Attempt: attempt}); err != nil {
		return err
	}
	rev := Rev{Plan: int64(s.id), Ref: string(s.ref()), Revision: spec.Revision}
	return s.say(ctx, FreezeAsked{Rev: rev, Attempt: attempt})
}

// anew replaces a revision by a draft with the same words, to be frozen again.
func (s *step) anew(ctx context.Context, by incidents.Person, spec rollback.Spec) (rollback.Spec, error) {
	if err := s.mayEdit(ctx, by); err != nil {
		return spec, err
	}
	if s.stateName() == rollback.NameExpired {
		spec.Revision++
		spec.Author = by
	} else {
		d, ended, err := s.edited(ctx, rollback.Edit{By: by, Scope: spec.Scope, Decisions: spec.Decisions, Effects: spec.Effects, Accepted: spec.Accepted})
		if err != nil {
			return spec, err
		}
		if err := s.end(ctx, *ended); err != nil {
			return spec, err
		}
		spec = d.Spec()
		if err := s.say(ctx, Superseded{Rev: s.fact(), Next: spec.Revision, Code: "again", Why: "frozen again"}); err != nil {
			return spec, err
		}
	}
	src, err := s.a.source(s.source)
	if err != nil {
		return spec, err
	}
	d, err := rollback.NewDraft(spec)
	if err != nil {
		return spec, err
	}
	d = src.now(d)
	part := s.authorPart(by)
	if err := s.join(ctx, by, part); err != nil {
		return spec, err
	}
	return d.Spec(), s.insert(ctx, d, part, s.rev.Note)
}

// ErrObsolete says that a job is about something that has moved on: it has
// nothing to do and is done.
var ErrObsolete = errors.New("the plan has moved on")

// ForFreeze gives the draft that an attempt is to freeze. ErrObsolete when the
// draft was changed, frozen or ended since it was asked for.
func (a *Approval) ForFreeze(ctx context.Context, job Freeze) (rollback.Draft, error) {
	p, err := read(ctx, a.db.Pool(), job.Plan, false)
	if err != nil {
		return rollback.Draft{}, err
	}
	return p.awaiting(job)
}

func (p *plan) awaiting(job Freeze) (rollback.Draft, error) {
	if p.rev.Number != job.Revision || p.rev.Attempt != job.Attempt || !p.rev.Freezing {
		return rollback.Draft{}, ErrObsolete
	}
	state, err := p.state()
	if err != nil {
		return rollback.Draft{}, err
	}
	d, ok := state.(rollback.Draft)
	if !ok {
		return rollback.Draft{}, ErrObsolete
	}
	return d, nil
}

func (j Freeze) act(outcome string) journal.Act {
	return journal.Act{
		By:  incidents.System("executor"),
		Key: fmt.Sprintf("freeze:%d:%d:%d:%s", j.Plan, j.Revision, j.Attempt, outcome),
	}
}

const storeFrozen = `
	update revisions
	set state = 'frozen', freezing = false, frozen = $3, canonical = $4, digest = $5, writes = $6, freeze_id = $7,
	    frozen_at = $8, freeze_expires = $9
	where plan = $1 and number = $2`

// Frozen stores what a freeze fixed: the canonical bytes, their digest, the
// counts. A second call for the same attempt changes nothing. ErrObsolete when
// the draft has moved on: the attempt stays inert in the source.
func (a *Approval) Frozen(ctx context.Context, job Freeze, f rollback.Freeze) error {
	err := a.decide(ctx, job.act("frozen"), job.Plan, nil, func(s *step) error {
		d, err := s.awaiting(job)
		if err != nil {
			return err
		}
		frozen, err := d.Freeze(f)
		if err != nil {
			return err
		}
		body, err := json.Marshal(frozen.Freeze())
		if err != nil {
			return fmt.Errorf("write the freeze: %w", err)
		}
		digest := frozen.Digest()
		_, err = s.tx.Exec(ctx, storeFrozen, s.id, job.Revision, body, frozen.Canonical(), digest.Bytes(), frozen.Writes(), f.ID, s.at, frozen.Expires())
		if err != nil {
			return fmt.Errorf("store the freeze: %w", err)
		}
		if err := s.expireAt(ctx, frozen.Expires()); err != nil {
			return err
		}
		rev := s.fact()
		rev.Digest = digest.Bytes()
		err = s.say(ctx, Frozen{
			Rev: rev, Classes: classesOf(frozen.Freeze().Classes()), Rows: f.Rows, Writes: f.Writes, RowsDigest: f.RowsDigest.Bytes(),
			Fingerprint: f.Fingerprint, ExportRows: f.Export.Rows, ExportSHA256: f.Export.SHA256, Counted: frozen.Freeze().At,
			Expires: frozen.Expires(),
		})
		if err != nil {
			return err
		}
		return s.contains(ctx, frozen, rev)
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

const storeFreezeError = `
	update revisions
	set freezing = false, freeze_error = $3
	where plan = $1 and number = $2`

// FreezeFailed records why a freeze came to nothing. Only a refusal is told in
// its words; any other reason is one for the log.
func (a *Approval) FreezeFailed(ctx context.Context, job Freeze, reason error) error {
	code, why := "broke", "It broke on my side, and nothing was frozen. Freeze it again, or ask an admin to look at the log."
	if no, ok := refusal.As(reason); ok {
		code, why = no.Code, no.Say
	}
	err := a.decide(ctx, job.act("failed"), job.Plan, nil, func(s *step) error {
		if _, err := s.awaiting(job); err != nil {
			return err
		}
		if _, err := s.tx.Exec(ctx, storeFreezeError, s.id, job.Revision, why); err != nil {
			return fmt.Errorf("store why the freeze failed: %w", err)
		}
		return s.say(ctx, FreezeFailed{Rev: s.fact(), Attempt: job.Attempt, Code: code, Why: why})
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

// expireAt asks to be woken at a deadline.
func (s *step) expireAt(ctx context.Context, at time.Time) error {
	return jobs.AddAt(ctx, s.tx, Expire{Plan: s.id, Revision: s.rev.Number, At: at}, at)
}
