package approval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// BreakGlass makes whoever asked for a plan one of its voices, for a reason that
// everybody who may approve reads. The plan goes on as its next revision and is
// frozen anew; a second person approves it as they do any other.
//
// It refuses a source on which it is off, anybody but the requester, a reason of
// under 20 characters and more records than the source allows (break-glass), a
// requester who is no approver (guest, account, not-listed), and a plan that is
// approved, has started or ended (state).
func (a *Approval) BreakGlass(ctx context.Context, act journal.Act, id rollback.ID, why string) error {
	v, err := a.voter(ctx, act, id)
	if err != nil {
		return err
	}
	return a.decide(ctx, act, id, refusedApproval("break-glass"), func(s *step) error {
		src, err := s.a.source(s.source)
		if err != nil {
			return err
		}
		if !src.BreakGlass.Enabled {
			return rollback.RefuseGlassOff(src.Name, people(src.Admins, s.requester))
		}
		if v.by != s.requester {
			return rollback.RefuseGlassBy(s.ref(), s.requester)
		}
		if err := v.standing.Refuse(v.standing.Pool); err != nil {
			return err
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		whole, ok := state.(interface {
			Break(g rollback.BreakGlass) (rollback.Ended, rollback.Draft, error)
			Spec() rollback.Spec
		})
		if !ok {
			return rollback.RefuseState(s.ref(), state.Name(), "approved that way", nextAfter(state.Name(), s.ref()))
		}
		if len(whole.Spec().Decisions) == 0 {
			return rollback.RefuseUndecided(0, whole.Spec().Unit)
		}
		ended, next, err := whole.Break(rollback.BreakGlass{Why: strings.TrimSpace(incidents.Line(why, glassWhyMax)), MaxRows: src.BreakGlass.MaxRows})
		if err != nil {
			return err
		}
		next = next.Under(src.rules())
		return s.instead(ctx, ended, next, "requester", "break-glass", "break-glass: "+next.Spec().BreakGlass.Why)
	})
}

const glassWhyMax = 300

// instead stores the revision that replaces one, by the same author or by its
// requester, and has it frozen.
func (s *step) instead(ctx context.Context, ended rollback.Ended, next rollback.Draft, part, code, why string) error {
	if err := s.end(ctx, ended); err != nil {
		return err
	}
	if err := s.insert(ctx, next, part, s.rev.Note); err != nil {
		return err
	}
	if err := s.say(ctx, Superseded{Rev: s.fact(), Next: next.Spec().Revision, Code: code, Why: why}); err != nil {
		return err
	}
	return s.askFreeze(ctx, next.Spec())
}

// callAll tells everybody who may approve that a requester wants to be a voice.
func (s *step) callAll(ctx context.Context, spec rollback.Spec, writes int64, pool []incidents.Person) error {
	if spec.BreakGlass == nil {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(pool), func(p incidents.Person) bool { return p == spec.Requester })
	return s.say(ctx, GlassBroken{Rev: s.fact(), By: spec.Requester, Why: spec.BreakGlass.Why, Writes: writes, People: names(others)})
}

// AskReview asks approvers again to look at a run whose requester was a voice.
type AskReview struct {
	Plan   rollback.ID     `json:"plan"`
	Digest rollback.Digest `json:"digest"`
	At     time.Time       `json:"at"`
}

// Kind names the job.
func (AskReview) Kind() string { return "ask-review" }

// reviewAgain is how long a review may be missing before it is asked for again.
const reviewAgain = 24 * time.Hour

func (s *step) askReview(ctx context.Context, at time.Time) error {
	return jobs.AddAt(ctx, s.tx, AskReview{Plan: s.id, Digest: s.digest(), At: at}, at)
}

// AskReview does the job of that name, until two others have looked.
func (a *Approval) AskReview(ctx context.Context, job jobs.Job[AskReview]) error {
	args := job.Args
	act := journal.Act{By: incidents.System("approval"), Key: fmt.Sprintf("ask-review:%d:%d", args.Plan, args.At.UnixMicro())}
	return a.wake(ctx, act, args.Plan, args.At, func(s *step) error {
		if s.digest() != args.Digest {
			return ErrObsolete
		}
		return s.wantReview(ctx)
	})
}

// wantReview asks for what is missing, and to be woken again.
func (s *step) wantReview(ctx context.Context) error {
	v, err := s.view()
	if err != nil {
		return err
	}
	if !v.GlassOpen() {
		return ErrObsolete
	}
	if err := s.say(ctx, ReviewWanted{Rev: s.fact(), Missing: v.ReviewsMissing(), People: names(s.reviewers(v.Pool))}); err != nil {
		return err
	}
	return s.askReview(ctx, s.at.Add(reviewAgain))
}

// reviewers are the people of a pool who had no part in the plan and have not
// reviewed it.
func (s *step) reviewers(pool []incidents.Person) []incidents.Person {
	out := s.without(pool)
	return slices.DeleteFunc(out, func(p incidents.Person) bool {
		return p == s.requester || slices.Contains(s.reviewed, string(p))
	})
}

const readReviewed = `
	select person
	from glass_reviews
	where plan = $1 and digest = $2
	order by at, person`

const insertReview = `
	insert into glass_reviews (plan, digest, person, at)
	values ($1, $2, $3, $4)`

// ReviewGlass records that an approver who had no voice has looked at a run
// whose requester was one.
//
// It refuses who is no approver now (guest, account, not-listed and so on), who
// asked for the plan, wrote or approved it or had a part in the cause
// (break-glass-review), a second review by one person (voted), another revision
// (stale), and a plan that needs none (break-glass-review).
func (a *Approval) ReviewGlass(ctx context.Context, act journal.Act, stamp rollback.Stamp) error {
	who, err := a.voter(ctx, act, stamp.Plan)
	if err != nil {
		return err
	}
	return a.decide(ctx, act, stamp.Plan, refusedApproval("break-glass-review"), func(s *step) error {
		if err := s.fresh(stamp); err != nil {
			return err
		}
		v, err := s.view()
		if err != nil {
			return err
		}
		if !v.Broken() {
			return rollback.RefuseNothingBroken(s.ref())
		}
		can := s.reviewers(who.standing.Pool)
		if why, err := s.partOf(who.by); err != nil || why != "" {
			if err == nil {
				err = rollback.RefuseReviewed(s.ref(), why, can)
			}
			return err
		}
		if err := who.standing.Refuse(can); err != nil {
			return err
		}
		if slices.Contains(s.reviewed, string(who.by)) {
			return rollback.RefuseVoted()
		}
		if _, err := s.tx.Exec(ctx, insertReview, s.id, s.rev.Digest, who.by, s.at); err != nil {
			return fmt.Errorf("insert review: %w", err)
		}
		return s.say(ctx, GlassReviewed{Rev: s.fact(), By: who.by, Count: int64(len(s.reviewed)) + 1, Needs: rollback.BreakGlassReviews})
	})
}

// partOf says which part somebody had in the plan or its cause, "" for none.
func (s *step) partOf(who incidents.Person) (string, error) {
	barred, err := s.barred()
	switch {
	case err != nil:
		return "", err
	case who == s.requester:
		return "You asked for it", nil
	case s.wrote(who):
		return "You wrote a revision of it", nil
	case s.voted(who):
		return "You approved it", nil
	case slices.Contains(barred, who):
		return "You are recorded as involved in the cause", nil
	}
	return "", nil
}

// readReviews fetches who has looked at a run of this kind.
func (p *plan) readReviews(ctx context.Context, q querier) error {
	rows, err := q.Query(ctx, readReviewed, p.id, p.rev.Digest)
	if err == nil {
		p.reviewed, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return fmt.Errorf("read reviews: %w", err)
	}
	return nil
}
