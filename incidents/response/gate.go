package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// A delivery that has waited this long is not only on its way.
const untoldFor = 5 * time.Minute

// What was noted before an incident was taken up again is not the end of it.
const fixNoted = `
	select exists (
		select 1
		from journal
		where chain = $1 and kind = 'noted/1' and detail->>'note' = 'fix'
			and seq > coalesce((select max(seq) from journal where chain = $1 and kind = 'reopened/1'), 0))`

const exported = `
	select exists (
		select 1
		from journal
		where chain = $1 and kind = 'exported/1' and detail->>'format' <> 'public'
			and seq > coalesce((select max(seq) from journal where chain = $1 and kind = 'reopened/1'), 0))`

const findWaivers = `
	select item, why, by, at
	from gate_waivers
	where incident = $1 and void_at is null
	order by at, item`

const insertWaiver = `
	insert into gate_waivers (incident, item, why, by, at)
	values ($1, $2, $3, $4, $5)`

// A reopened incident has to meet every item anew.
const voidWaivers = `
	update gate_waivers
	set void_at = $2
	where incident = $1 and void_at is null`

const countUntold = `
	select count(*), coalesce(min(j.at), 'epoch')
	from deliveries d
	join journal j on j.chain = d.incident and j.seq = d.seq
	where d.incident = $1 and j.at <= $2
		and (d.expanded_at is null or exists (
			select 1 from delivery_steps s where s.incident = d.incident and s.seq = d.seq and s.state in ('waiting', 'sending', 'unknown')))`

// known adds to what counts and plans know what is stored of the end of an
// incident.
func (r *Response) known(ctx context.Context, q asker, id incidents.ID, e incidents.Evidence) (incidents.Evidence, error) {
	var err error
	if e.FollowUps, err = loadFollowUps(ctx, q, id); err != nil {
		return e, err
	}
	if _, e.Walk, err = loadWalk(ctx, q, id); err != nil {
		return e, err
	}
	if _, e.Whys, err = newestVersion[incidents.Whys](ctx, q, newestWhys, id); err != nil {
		return e, err
	}
	if e.Cases, err = r.cases(ctx, q, id); err != nil {
		return e, err
	}
	rows, err := q.Query(ctx, findWaivers, int64(id))
	if err != nil {
		return e, fmt.Errorf("read waivers: %w", err)
	}
	e.Waivers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (w incidents.Waiver, err error) {
		var by string
		err = row.Scan(&w.Item, &w.Why, &by, &w.At)
		w.By, w.At = incidents.Actor(by), w.At.UTC()
		return w, err
	})
	if err != nil {
		return e, fmt.Errorf("read waivers: %w", err)
	}
	if e.FixNoted, err = happened(ctx, q, fixNoted, id); err != nil {
		return e, err
	}
	e.Exported, err = happened(ctx, q, exported, id)
	return e, err
}

func happened(ctx context.Context, q asker, sql string, id incidents.ID) (bool, error) {
	rows, err := q.Query(ctx, sql, int64(id))
	if err != nil {
		return false, fmt.Errorf("read what happened: %w", err)
	}
	yes, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err != nil {
		return false, fmt.Errorf("read what happened: %w", err)
	}
	return yes, nil
}

const findResolved = `
	select id
	from incidents
	where phase = 'resolved'
	order by id`

// ripe says of resolved incidents, once, that nothing came back for as long as the
// close wants.
func (r *Response) ripe(ctx context.Context) (int, error) {
	rows, err := r.db.Pool().Query(ctx, findResolved)
	if err != nil {
		return 0, fmt.Errorf("find what is resolved: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return 0, fmt.Errorf("find what is resolved: %w", err)
	}
	told := 0
	for _, id := range ids {
		known, err := r.evidence(ctx, id)
		if err != nil {
			return told, err
		}
		if known.LastWrite.IsZero() {
			continue
		}
		err = r.db.InTx(ctx, func(tx pgx.Tx) error {
			inc, at, err := relock(ctx, tx, r.db, id)
			if err != nil {
				return err
			}
			quiet := inc.Severity.QuietFor()
			if inc.Phase() != incidents.PhaseResolved || at.Before(known.LastWrite.Add(quiet)) {
				return errNothing
			}
			act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("close-due:%s:%d", id, known.LastWrite.UnixMicro())}
			if err := journal.Take(ctx, tx, act); err != nil {
				return err
			}
			return r.record(ctx, tx, act, id, at, []incidents.Fact{incidents.CloseDue{LastWrite: known.LastWrite, Hours: int64(quiet / time.Hour)}})
		})
		switch {
		case errors.Is(err, journal.ErrAlready), errors.Is(err, errNothing):
		case err != nil:
			return told, err
		default:
			told++
		}
	}
	return told, nil
}

// errNothing ends a transaction in which there was nothing to do.
var errNothing = errors.New("nothing to do")

// log looks whether the log of an incident verifies and is told.
func (r *Response) log(ctx context.Context, id incidents.ID) (*incidents.LogState, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return nil, err
	}
	o := journal.VerifyOptions{Incident: &id}
	if r.db.Clock != nil {
		o.Slack = -1 // instants of a test's clock are far from those of Postgres
	}
	report, err := journal.Verify(ctx, r.db.Pool(), o)
	if err != nil {
		return nil, err
	}
	var found incidents.LogState
	for _, c := range report.Chains {
		if c.Fault != nil {
			found.Fault = fmt.Sprintf("entry %d: %s", c.Fault.Seq, c.Fault.Kind)
		}
	}
	err = r.db.Pool().QueryRow(ctx, countUntold, int64(id), at.Add(-untoldFor)).Scan(&found.Untold, &found.Since)
	if err != nil {
		return nil, fmt.Errorf("count what was not told: %w", err)
	}
	return &found, nil
}

// Those who did something are known by the log; what was refused is no help, nor
// is to have had a part in the cause, or to have asked in vain to be let in.
const findHelped = `
	select actor
	from journal
	where chain = $1 and actor not like 'system:%' and kind not like '%-refused/1' and kind not in ('involved/1', 'kept-out/1', 'join-asked/1')
	group by actor
	order by min(seq)`

// Helped are the people who did something about an incident, in the order in
// which they came.
func (r *Response) Helped(ctx context.Context, id incidents.ID) ([]incidents.Person, error) {
	rows, err := r.db.Pool().Query(ctx, findHelped, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read who helped: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read who helped: %w", err)
	}
	return persons(people), nil
}

// CloseGate returns what Close demands of an incident now, in order.
func (r *Response) CloseGate(ctx context.Context, id incidents.ID) ([]incidents.Gate, error) {
	inc, known, err := r.before(ctx, id, r.beforeClose)
	if err != nil {
		return nil, err
	}
	at, err := r.db.Now(ctx, nil)
	return inc.CloseGate(known, "", at), err
}

// gather is what has to be known before a transaction opens, because others are
// asked for it.
type gather func(context.Context, incidents.ID) (incidents.Evidence, error)

// before returns an incident with all that is known of its end.
func (r *Response) before(ctx context.Context, id incidents.ID, ask gather) (inc incidents.Incident, known incidents.Evidence, err error) {
	if known, err = ask(ctx, id); err != nil {
		return inc, known, err
	}
	if known, err = r.known(ctx, r.db.Pool(), id, known); err != nil {
		return inc, known, err
	}
	inc, err = r.Get(ctx, id)
	return inc, known, err
}

// informed is a decision about the end of an incident, from all that is known of
// it.
func (r *Response) informed(ctx context.Context, act journal.Act, id incidents.ID, ask gather,
	do func(pgx.Tx, incidents.Incident, incidents.Evidence, time.Time) (incidents.Incident, []incidents.Fact, error),
) error {
	asked, err := ask(ctx, id)
	if err != nil {
		return err
	}
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		known, err := r.known(ctx, tx, id, asked)
		if err != nil {
			return inc, nil, err
		}
		return do(tx, inc, known, at)
	})
}

// beforeClose is what has to be known before the transaction of Close opens.
func (r *Response) beforeClose(ctx context.Context, id incidents.ID) (incidents.Evidence, error) {
	known, err := r.evidence(ctx, id)
	if err != nil {
		return known, err
	}
	known.Log, err = r.log(ctx, id)
	return known, err
}

// WaiveGate lets an item of the close gate pass. Only the lead can. It refuses
// with Invalid an unknown item and a reason of fewer than 10 characters, and with
// Conflict what is met, what no reason lets pass, and an incident that is not
// resolved.
func (r *Response) WaiveGate(ctx context.Context, act journal.Act, id incidents.ID, number int64, why string) error {
	return r.informed(ctx, act, id, r.beforeClose, func(tx pgx.Tx, inc incidents.Incident, known incidents.Evidence, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		w, fact, err := inc.WaiveGate(act.By, known, number, why, at)
		if err != nil {
			return inc, nil, err
		}
		if _, err := tx.Exec(ctx, insertWaiver, int64(id), w.Item, w.Why, string(w.By), w.At); err != nil {
			return inc, nil, fmt.Errorf("insert a waiver: %w", err)
		}
		return inc, []incidents.Fact{fact}, nil
	})
}
