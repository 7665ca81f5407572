package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

// StillOnIt looks after an answer to a call: whoever gave it and is not heard of
// for a while is asked, and without a word from them the call goes on.
type StillOnIt struct {
	Incident incidents.ID `json:"incident"`
	Page     int64        `json:"page"`
	Answer   int64        `json:"answer"`        // its instant, microseconds since 1970
	Set      int64        `json:"set,omitempty"` // when the pause was chosen under which it was asked for, likewise
}

// Kind names the job.
func (StillOnIt) Kind() string { return "still-on-it" }

// Queue keeps it with the other calls.
func (StillOnIt) Queue() string { return jobs.Pages }

// answerWithin is how long somebody who is asked has to say that they still are
// on it.
const answerWithin = 5 * time.Minute

// quietFor is how long nothing may be heard of whoever answered; 0 is for ever.
func quietFor(s incidents.Severity) time.Duration {
	switch s {
	case incidents.SEV1:
		return 30 * time.Minute
	case incidents.SEV2:
		return time.Hour
	}
	return 0
}

// lookAfter asks for the answer of a call to be looked after.
func (r *Response) lookAfter(ctx context.Context, tx pgx.Tx, p incidents.Page, at time.Time) error {
	quiet, set, err := quietOf(ctx, tx, p)
	if err != nil || quiet == 0 || p.State != incidents.PageAnswered || !p.AnsweredAt.Equal(at) {
		return err
	}
	return jobs.AddAt(ctx, tx, StillOnIt{Incident: p.Incident, Page: p.ID, Answer: p.AnsweredAt.UnixMicro(), Set: set}, at.Add(quiet))
}

// What somebody does in an incident is in its journal.
const lastHeard = `
	select coalesce(max(at), 'epoch')
	from journal
	where chain = $1 and actor = $2`

// StillOnIt does the job of that name. It comes again at each instant at which
// there may be something to do, until the answer was taken back or the incident
// is resolved.
func (r *Response) StillOnIt(ctx context.Context, job jobs.Job[StillOnIt]) error {
	return r.lookingAfter(ctx, job.Args.Incident, job.Done, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (time.Duration, error) {
		return r.stillOnIt(ctx, tx, job.Args, inc, at)
	})
}

func (r *Response) stillOnIt(ctx context.Context, tx pgx.Tx, args StillOnIt, inc incidents.Incident, at time.Time) (again time.Duration, err error) {
	p, err := loadPage(ctx, tx, args.Incident, args.Page)
	if err != nil {
		return 0, err
	}
	if !inc.Phase().Live() || p.State != incidents.PageAnswered || p.AnsweredAt.UnixMicro() != args.Answer {
		return 0, nil
	}
	var heard time.Time
	if err := tx.QueryRow(ctx, lastHeard, int64(inc.ID), string(p.AnsweredBy)).Scan(&heard); err != nil {
		return 0, fmt.Errorf("read when somebody was last heard of: %w", err)
	}
	if heard.Before(p.AnsweredAt) {
		heard = p.AnsweredAt
	}
	quiet, set, err := quietOf(ctx, tx, p)
	if err != nil || quiet == 0 || set != args.Set { // another job looks after it, or none
		return 0, err
	}
	var facts []incidents.Fact
	switch {
	case p.Asked.IsZero() && at.Sub(heard) < quiet:
		return quiet - at.Sub(heard), nil
	case p.Asked.IsZero():
		var asked incidents.CallStillAsked
		if p, asked, err = p.AskStill(at.Sub(heard), at.Add(answerWithin), at); err != nil {
			return 0, err
		}
		facts, again = append(facts, asked), answerWithin
	case heard.After(p.Asked): // they did something, which says it as well
		p.Asked, again = time.Time{}, quiet-at.Sub(heard)
	case at.Sub(p.Asked) < answerWithin:
		return answerWithin - at.Sub(p.Asked), nil
	default:
		var lapsed incidents.CallLapsed
		if p, lapsed, err = p.Lapse(at); err != nil {
			return 0, err
		}
		more, err := r.next(ctx, tx, p, inc, at)
		if err != nil {
			return 0, err
		}
		return 0, r.recordStill(ctx, tx, args, inc.ID, at, append([]incidents.Fact{lapsed}, more...))
	}
	if err := savePage(ctx, tx, p); err != nil {
		return 0, err
	}
	return again, r.recordStill(ctx, tx, args, inc.ID, at, facts)
}

// recordStill appends what came of looking after an answer. Its act is named by
// the instant: under the lock of the incident there is one of each.
func (r *Response) recordStill(ctx context.Context, tx pgx.Tx, args StillOnIt, id incidents.ID, at time.Time, facts []incidents.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("still-on-it:page-%d:%d", args.Page, at.UnixMicro())}
	if err := journal.Take(ctx, tx, act); err != nil {
		return err
	}
	return r.record(ctx, tx, act, id, at, facts)
}
