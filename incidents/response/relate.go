package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

const upsertRelation = `
	insert into relations (incident, other, how, by, at)
	values ($1, $2, $3, $4, $5)
	on conflict (incident, other) do update set how = excluded.how, by = excluded.by, at = excluded.at`

// Relate says what an incident is to another one, in the journal of both. One
// that is a duplicate is cancelled, which only its lead or reporter can do. Of
// two incidents of which one is private, only the private one tells of it; of two
// private ones neither names the other.
// It refuses with NotFound an unknown one and with Invalid itself.
func (r *Response) Relate(ctx context.Context, act journal.Act, id, other incidents.ID, how incidents.Relation) error {
	known, err := r.evidence(ctx, id)
	if err != nil {
		return err
	}
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		this, that, at, err := r.lockBoth(ctx, tx, id, other)
		if err != nil {
			return err
		}
		if err := this.Relate(that, how); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, upsertRelation, int64(id), int64(other), string(how), string(act.By), at); err != nil {
			return fmt.Errorf("keep relation: %w", err)
		}
		if err := r.record(ctx, tx, act, id, at, relatedTo(this, that, how, true)); err != nil {
			return err
		}
		if err := r.record(ctx, tx, act, other, at, relatedTo(that, this, how, false)); err != nil {
			return err
		}
		if how != incidents.RelDuplicate {
			return nil
		}
		why, of := "it is a duplicate of "+other.String(), other
		if that.Private {
			why, of = "it is a duplicate", 0
		}
		return r.cancel(ctx, tx, act, this, known, why, of, at)
	})
}

// relatedTo is what the journal of one incident says of its relation to another:
// nothing of a private one in a public one, and no key of it in another private
// one.
func relatedTo(of, other incidents.Incident, how incidents.Relation, named bool) []incidents.Fact {
	switch {
	case !other.Private:
		return []incidents.Fact{incidents.Related{Other: other.ID, How: how, Named: named}}
	case of.Private:
		return []incidents.Fact{incidents.RelatedApart{How: how, Named: named}}
	}
	return nil
}

// lockBoth locks two incidents, the older one first, so that nobody who does the
// same the other way round waits for ever.
func (r *Response) lockBoth(ctx context.Context, tx pgx.Tx, id, other incidents.ID) (this, that incidents.Incident, at time.Time, err error) {
	if id > other {
		that, this, at, err = r.lockBoth(ctx, tx, other, id)
		return this, that, at, err
	}
	if this, at, err = relock(ctx, tx, r.db, id); err != nil {
		return this, that, at, err
	}
	that, at, err = relock(ctx, tx, r.db, other)
	return this, that, at, err
}

const findRelations = `
	select r.other, r.how, true as named
	from relations r join incidents o on o.id = r.other
	where r.incident = $1 and o.private = $2
	union all
	select r.incident, r.how, false
	from relations r join incidents o on o.id = r.incident
	where r.other = $1 and o.private = $2
	order by 1, 3`

type relationRow struct {
	Other int64  `db:"other"`
	How   string `db:"how"`
	Named bool   `db:"named"`
}

// Relations returns what an incident is to others, and they to it, but for private
// ones: not everybody who reads it may know those.
func (r *Response) Relations(ctx context.Context, id incidents.ID) ([]incidents.Related, error) {
	return relations(ctx, r.db.Pool(), id, false)
}

// RelationsApart are those to private incidents. They are for who is a member of
// these too.
func (r *Response) RelationsApart(ctx context.Context, id incidents.ID) ([]incidents.Related, error) {
	return relations(ctx, r.db.Pool(), id, true)
}

func relations(ctx context.Context, q asker, id incidents.ID, private bool) ([]incidents.Related, error) {
	rows, err := q.Query(ctx, findRelations, int64(id), private)
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[relationRow])
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	all := make([]incidents.Related, len(found))
	for n, row := range found {
		all[n] = incidents.Related{Other: incidents.ID(row.Other), How: incidents.Relation(row.How), Named: row.Named}
	}
	return all, nil
}
