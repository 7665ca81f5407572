package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// Arrived records that somebody has come into the channel of an incident, once
// for each person.
func (r *Response) Arrived(ctx context.Context, id incidents.ID, who incidents.Person) error {
	act := journal.Act{By: incidents.System("bot"), Key: "arrived:" + id.String() + ":" + string(who)}
	err := r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		fact, news := inc.Arrive(who)
		if !news {
			return inc, nil, errNoNews
		}
		return inc, []incidents.Fact{fact}, nil
	})
	if errors.Is(err, journal.ErrAlready) || errors.Is(err, errNoNews) {
		return nil
	}
	return err
}

// joinAgain is how long whoever asked to be let in waits before the lead is
// asked again.
const joinAgain = 15 * time.Minute

const lastAskedToJoin = `
	select coalesce(max(at), 'epoch')
	from journal
	where chain = $1 and kind = $2 and actor = $3`

// AskToJoin asks the lead of a private incident to let somebody in, at most once
// in 15 minutes. Whether it did is nobody's to know who is not in it.
func (r *Response) AskToJoin(ctx context.Context, act journal.Act, id incidents.ID) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	err = r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		fact := incidents.JoinAsked{Who: by}
		var before time.Time
		if err := tx.QueryRow(ctx, lastAskedToJoin, int64(id), fact.Kind(), string(act.By)).Scan(&before); err != nil {
			return inc, nil, fmt.Errorf("read who asked to join: %w", err)
		}
		if inc.Phase().Ended() || at.Sub(before) < joinAgain {
			return inc, nil, errNoNews
		}
		return inc, []incidents.Fact{fact}, nil
	})
	if errors.Is(err, errNoNews) {
		return nil
	}
	return err
}

// LetIn lets somebody into a private incident. It refuses with Forbidden
// whoever does not lead it.
func (r *Response) LetIn(ctx context.Context, act journal.Act, id incidents.ID, who incidents.Person) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		if by, ok := act.By.Person(); !ok || by != inc.Lead {
			return inc, nil, refusal.Forbidden("Only the lead can let somebody in. That is %s.", inc.Lead.Mention())
		}
		return inc, []incidents.Fact{incidents.LetIn{Who: who}}, nil
	})
}

// Brief records what somebody tells a manager, which is sent as it stands. It
// refuses as incidents.Brief does.
func (r *Response) Brief(ctx context.Context, act journal.Act, id incidents.ID, to incidents.Person, text string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		fact, err := inc.Brief(by, to, text)
		return inc, []incidents.Fact{fact}, err
	})
}
