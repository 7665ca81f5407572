package response

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

const findNaggable = `
	select id from incidents where phase not in ('closed', 'cancelled')
	union
	select incident from nag_rings where over_at is null
	order by 1`

// Nags calls to mind what is due, in all incidents, and says of what has no cause
// any more that it is over; it returns how often. Everything is computed from rows:
// after a rest of any length each nag is told once. What breaks in one incident
// keeps no other from being told.
func (r *Response) Nags(ctx context.Context) (int, error) {
	ids, err := r.naggable(ctx)
	if err != nil {
		return 0, err
	}
	told, faults := 0, []error(nil)
	for _, id := range ids {
		n, err := r.nagAbout(ctx, id)
		told += n
		if err != nil {
			faults = append(faults, fmt.Errorf("nag about %s: %w", id, err))
		}
	}
	return told, errors.Join(faults...)
}

func (r *Response) naggable(ctx context.Context) ([]incidents.ID, error) {
	rows, err := r.db.Pool().Query(ctx, findNaggable)
	if err != nil {
		return nil, fmt.Errorf("read whom to nag about: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return nil, fmt.Errorf("read whom to nag about: %w", err)
	}
	known := map[incidents.ID]bool{}
	for _, id := range ids {
		known[id] = true
	}
	for _, k := range nagKinds {
		if k.ended == nil {
			continue
		}
		more, err := k.ended(r, ctx, r.db.Pool())
		if err != nil {
			return nil, err
		}
		for _, id := range more {
			if !known[id] {
				known[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// nagAbout looks twice: without a lock, because nothing is due as a rule, and then
// under it.
func (r *Response) nagAbout(ctx context.Context, id incidents.ID) (int, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	inc, err := r.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	g, err := r.nagging(ctx, r.db.Pool(), inc, at)
	if err != nil {
		return 0, err
	}
	rests, err := r.resting(ctx, g, at)
	if err != nil {
		return 0, err
	}
	if _, due := g.Due(rests, at); !due && len(g.Over(at)) == 0 {
		return 0, nil
	}
	told := 0
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		told = 0
		inc, at, err := relock(ctx, tx, r.db, id)
		if err != nil {
			return err
		}
		if g, err = r.nagging(ctx, tx, inc, at); err != nil {
			return err
		}
		for _, gone := range g.Over(at) {
			if err := nagOver(ctx, tx, id, gone, at); err != nil {
				return err
			}
			fact := incidents.NagOver{Nag: gone.Kind, Subject: gone.Subject, People: []incidents.Person{gone.Person}}
			if err := r.recordNag(ctx, tx, id, at, fmt.Sprintf("over:%s:%s:%d:%s", gone.Kind, gone.Subject, gone.Beat.UnixMicro(), gone.Person), fact); err != nil {
				return err
			}
			told++
		}
		ring, due := g.Due(rests, at)
		if !due {
			return nil
		}
		if err := rang(ctx, tx, id, ring, at); err != nil {
			return err
		}
		told++
		name := fmt.Sprintf("%s:%s:%d:%s", ring.Kind, ring.Subject, ring.Beat.UnixMicro(), strings.Join(texts(ring.People), ","))
		return r.recordNag(ctx, tx, id, at, name, incidents.Nagged{
			Nag: ring.Kind, Subject: ring.Subject, People: ring.People, Beat: ring.Beat, Line: ring.Say.String(),
		})
	})
	return told, err
}

// recordNag appends what was told. Its act is named by the beat and by whom it
// concerns: nobody is told of one twice.
func (r *Response) recordNag(ctx context.Context, tx pgx.Tx, id incidents.ID, at time.Time, name string, fact incidents.Fact) error {
	act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("nag:%d:%s", id, name)}
	if err := journal.Take(ctx, tx, act); err != nil {
		return err
	}
	return r.record(ctx, tx, act, id, at, []incidents.Fact{fact})
}

// nagging is what there is to nag about in an incident, and what was done of it.
func (r *Response) nagging(ctx context.Context, q asker, inc incidents.Incident, at time.Time) (incidents.Nagging, error) {
	g := incidents.Nagging{Severity: inc.Severity}
	for _, k := range nagKinds {
		if inc.Phase().Ended() && k.ended == nil {
			continue
		}
		nags, err := k.of(r, ctx, q, inc, at)
		if err != nil {
			return g, err
		}
		g.Nags = append(g.Nags, nags...)
	}
	var err error
	if g.Rang, err = loadRang(ctx, q, inc.ID); err != nil {
		return g, err
	}
	g.Hushes, err = loadHushes(ctx, q, inc.ID)
	return g, err
}

// Nagging returns what there is to nag about in an incident now, and the instant
// that this holds for.
func (r *Response) Nagging(ctx context.Context, id incidents.ID) (incidents.Nagging, time.Time, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return incidents.Nagging{}, at, err
	}
	inc, err := r.Get(ctx, id)
	if err != nil {
		return incidents.Nagging{}, at, err
	}
	g, err := r.nagging(ctx, r.db.Pool(), inc, at)
	return g, at, err
}

// resting says who of all that may be told rests now. One whose zone nobody knows
// is taken to live in UTC; who comes in while it is read is told the next time.
func (r *Response) resting(ctx context.Context, g incidents.Nagging, at time.Time) (func(incidents.Person) bool, error) {
	awake := map[incidents.Person]bool{}
	for _, n := range g.Nags {
		if _, begun := n.Beats.Last(n.From, at); !begun {
			continue
		}
		for _, p := range n.To {
			if _, known := awake[p]; known {
				continue
			}
			rests, err := r.Rests(ctx, p, at)
			if err != nil {
				return nil, err
			}
			awake[p] = !rests
		}
	}
	return func(p incidents.Person) bool { return !awake[p] }, nil
}

// Rests says whether somebody is left alone at an instant, by their own clock and
// by what they set.
func (r *Response) Rests(ctx context.Context, p incidents.Person, at time.Time) (bool, error) {
	zone := time.UTC
	if r.o.Zone != nil {
		zone = r.o.Zone(ctx, p)
	}
	set, err := r.Settings(ctx, p)
	if err != nil {
		return true, err
	}
	return set.Rest.At(at.In(zone)), nil
}
