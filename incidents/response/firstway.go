package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// secondWay is how long a way of calling somebody waits that they want to be
// tried after another one. It is not tried if they have answered by then.
const secondWay = time.Minute

const (
	findFirstWays = `
	select person, way
	from first_ways
	where person = any($1)`

	upsertFirstWay = `
	insert into first_ways (person, way, set_at)
	values ($1, $2, $3)
	on conflict (person) do update
	set way = excluded.way, set_at = excluded.set_at`
)

// CanCallBy are the ways of calling a person outside of Slack that are configured.
func (r *Response) CanCallBy() (ways []string) {
	if r.o.Ways.Telephone || r.o.Ways.SMS {
		ways = append(ways, incidents.ByPhone)
	}
	if r.o.Ways.Mail {
		ways = append(ways, incidents.ByEmail)
	}
	return ways
}

// FirstWay returns by which way somebody wants to be called first, "" if by all at
// once.
func (r *Response) FirstWay(ctx context.Context, p incidents.Person) (string, error) {
	ways, err := firstWays(ctx, r.db.Pool(), []incidents.Person{p})
	return ways[p], err
}

func firstWays(ctx context.Context, q asker, people []incidents.Person) (map[incidents.Person]string, error) {
	rows, err := q.Query(ctx, findFirstWays, texts(people))
	if err != nil {
		return nil, fmt.Errorf("read who is called how first: %w", err)
	}
	all := map[incidents.Person]string{}
	var who, way string
	_, err = pgx.ForEachRow(rows, []any{&who, &way}, func() error {
		all[incidents.Person(who)] = way
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read who is called how first: %w", err)
	}
	return all, nil
}

// SetFirstWay keeps by which way whoever acts wants to be called first: the others
// follow a minute later, unless they have answered. "" is all at once. It refuses
// with Invalid a way that there is not.
func (r *Response) SetFirstWay(ctx context.Context, act journal.Act, way string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	if way != "" && way != incidents.ByPhone && way != incidents.ByEmail {
		return refusal.Invalid("People are called by phone or by e-mail first, or by both at once.")
	}
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, upsertFirstWay, string(by), way, at); err != nil {
			return fmt.Errorf("keep who is called how first: %w", err)
		}
		return nil
	})
}

// later says how long a way waits for somebody who wants to be called by another
// one first, and can be. A text message goes to the telephone.
func later(way, first string, reachable bool) time.Duration {
	if first == "" || !reachable || (way == incidents.ByEmail) == (first == incidents.ByEmail) {
		return 0
	}
	return secondWay
}
