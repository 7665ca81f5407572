package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// FollowUps are what is owed after an incident, in the order in which it was
// written down.
func (r *Response) FollowUps(ctx context.Context, id incidents.ID) (incidents.FollowUps, error) {
	return loadFollowUps(ctx, r.db.Pool(), id)
}

// AddFollowUp writes down what is owed; what is missing of it can be said later.
// It refuses with Invalid what cannot be read or asks a person to remember
// something, and with Conflict too many. An incident that is over takes it too.
func (r *Response) AddFollowUp(ctx context.Context, act journal.Act, id incidents.ID, f incidents.FollowUp) (made incidents.FollowUp, err error) {
	err = r.follow(ctx, act, id, func(all incidents.FollowUps, at time.Time) (incidents.FollowUp, incidents.Fact, error) {
		var fact incidents.FollowUpAdded
		made, fact, err = all.Add(f, act.By, at)
		return made, fact, err
	})
	return made, err
}

// ChangeFollowUp lets change say anew what is owed. It refuses what change
// refuses, with NotFound an unknown one, and with Conflict what is not owed any
// more.
func (r *Response) ChangeFollowUp(ctx context.Context, act journal.Act, id incidents.ID, number int64, change func(incidents.FollowUp) (incidents.FollowUp, error)) (changed incidents.FollowUp, err error) {
	err = r.follow(ctx, act, id, func(all incidents.FollowUps, at time.Time) (incidents.FollowUp, incidents.Fact, error) {
		f, err := all.Find(number)
		if err != nil {
			return f, nil, err
		}
		to, err := change(f)
		if err != nil {
			return f, nil, err
		}
		var fact incidents.FollowUpChanged
		changed, fact, err = f.Change(to, at)
		return changed, fact, err
	})
	return changed, err
}

// DoneFollowUp says that a follow-up is kept. It refuses with Conflict one that
// is not owed any more or names no safeguard.
func (r *Response) DoneFollowUp(ctx context.Context, act journal.Act, id incidents.ID, number int64) error {
	return r.follow(ctx, act, id, func(all incidents.FollowUps, at time.Time) (incidents.FollowUp, incidents.Fact, error) {
		f, err := all.Find(number)
		if err != nil {
			return f, nil, err
		}
		return two(f.Done(act.By, at))
	})
}

// DropFollowUp says that nobody owes a follow-up any more. It refuses with
// Invalid a missing reason, and with Conflict one that is not owed any more.
func (r *Response) DropFollowUp(ctx context.Context, act journal.Act, id incidents.ID, number int64, why string) error {
	return r.follow(ctx, act, id, func(all incidents.FollowUps, at time.Time) (incidents.FollowUp, incidents.Fact, error) {
		f, err := all.Find(number)
		if err != nil {
			return f, nil, err
		}
		return two(f.Drop(act.By, why, at))
	})
}

func two[F incidents.Fact](f incidents.FollowUp, fact F, err error) (incidents.FollowUp, incidents.Fact, error) {
	return f, fact, err
}

// follow is one change of what is owed.
func (r *Response) follow(ctx context.Context, act journal.Act, id incidents.ID, change func(incidents.FollowUps, time.Time) (incidents.FollowUp, incidents.Fact, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		all, err := loadFollowUps(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		f, fact, err := change(all, at)
		if err != nil {
			return inc, nil, err
		}
		_, err = tx.Exec(ctx, upsertFollowUp, int64(id), f.Number, f.Text, string(f.Owner), orNull(f.Due), string(f.For), f.Safeguard, f.Ticket,
			f.Checklist, f.Root, string(f.State), f.Why, string(f.By), f.Made, string(f.EndedBy), orNull(f.Ended))
		if err != nil {
			return inc, nil, fmt.Errorf("save a follow-up: %w", err)
		}
		return inc, []incidents.Fact{fact}, nil
	})
}

const upsertFollowUp = `
	insert into follow_ups (incident, number, text, owner, due_at, helps, safeguard, ticket, checklist, root, state, why, by, made_at, ended_by, ended_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
	on conflict (incident, number) do update
	set text = excluded.text, owner = excluded.owner, due_at = excluded.due_at, helps = excluded.helps, safeguard = excluded.safeguard,
		ticket = excluded.ticket, checklist = excluded.checklist, root = excluded.root, state = excluded.state, why = excluded.why,
		ended_by = excluded.ended_by, ended_at = excluded.ended_at`

type followUpRow struct {
	Incident  int64      `db:"incident"`
	Number    int64      `db:"number"`
	Text      string     `db:"text"`
	Owner     string     `db:"owner"`
	DueAt     *time.Time `db:"due_at"`
	Helps     string     `db:"helps"`
	Safeguard string     `db:"safeguard"`
	Ticket    string     `db:"ticket"`
	Checklist bool       `db:"checklist"`
	Root      string     `db:"root"`
	State     string     `db:"state"`
	Why       string     `db:"why"`
	By        string     `db:"by"`
	MadeAt    time.Time  `db:"made_at"`
	EndedBy   string     `db:"ended_by"`
	EndedAt   *time.Time `db:"ended_at"`
}

const followUpColumns = `
	select f.incident, f.number, f.text, f.owner, f.due_at, f.helps, f.safeguard, f.ticket, f.checklist, f.root, f.state, f.why, f.by, f.made_at,
		f.ended_by, f.ended_at
	from follow_ups f`

const findFollowUps = followUpColumns + `
	where f.incident = $1
	order by f.number`

func loadFollowUps(ctx context.Context, q asker, id incidents.ID) (incidents.FollowUps, error) {
	rows, err := q.Query(ctx, findFollowUps, int64(id))
	return followUps(rows, err)
}

func followUps(rows pgx.Rows, err error) (incidents.FollowUps, error) {
	if err != nil {
		return nil, fmt.Errorf("read follow-ups: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[followUpRow])
	if err != nil {
		return nil, fmt.Errorf("read follow-ups: %w", err)
	}
	var all incidents.FollowUps
	for _, f := range found {
		all = append(all, incidents.FollowUp{
			Incident: incidents.ID(f.Incident), Number: f.Number, Text: f.Text, Owner: incidents.Person(f.Owner), Due: instant(f.DueAt),
			For: incidents.FollowKind(f.Helps), Safeguard: f.Safeguard, Ticket: f.Ticket, Checklist: f.Checklist, Root: f.Root,
			State: incidents.FollowState(f.State), Why: f.Why, By: incidents.Actor(f.By), Made: f.MadeAt.UTC(),
			EndedBy: incidents.Actor(f.EndedBy), Ended: instant(f.EndedAt),
		})
	}
	return all, nil
}

const findLearned = followUpColumns + `
	join incidents i on i.id = f.incident
	where i.system = $1 and i.system <> '' and f.incident <> $2 and f.safeguard <> ''
		and not f.checklist and f.state = 'done' and not i.drill and not i.private
	order by coalesce(f.ended_at, f.made_at) desc, f.incident desc, f.number
	limit $3`

// Learned is what snafus on a system have taught, newest first: safeguards that
// are done. The incident itself is left out, and what was for practice or is
// private; what is to be looked at again is Checklist.
func (r *Response) Learned(ctx context.Context, system string, id incidents.ID, most int) (incidents.FollowUps, error) {
	rows, err := r.db.Pool().Query(ctx, findLearned, system, int64(id), most)
	return followUps(rows, err)
}
