package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

// LeadDue looks after an offer of the lead: it tells who asked that nobody
// answered, and ends the offer when its time is over.
type LeadDue struct {
	Incident incidents.ID `json:"incident"`
	Offer    int64        `json:"offer"`
}

// Kind names the job.
func (LeadDue) Kind() string { return "lead-due" }

// Queue keeps it with the calls, behind nothing slow.
func (LeadDue) Queue() string { return jobs.Pages }

// OfferLead offers the lead to somebody, in the place of an open offer. If they
// have asked for it, that is the yes to them. It refuses as
// incidents.OfferLead does.
func (r *Response) OfferLead(ctx context.Context, act journal.Act, id incidents.ID, to incidents.Person, points string) error {
	return r.onOffers(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, open incidents.LeadOffer, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		if by, ok := act.By.Person(); ok && open.Asked && open.To == to && open.From == by && open.Open(at) {
			return acceptLead(ctx, tx, inc, by, open, at)
		}
		o, err := inc.OfferLead(act.By, to, points, at)
		if err != nil {
			return inc, nil, err
		}
		var facts []incidents.Fact
		if open.ID != 0 {
			old, fact := open.ReplaceLead(at)
			if err := saveOffer(ctx, tx, old); err != nil {
				return inc, nil, err
			}
			facts = append(facts, fact)
		}
		if o, err = newOffer(ctx, tx, o, o.Due); err != nil {
			return inc, nil, err
		}
		return inc, append(facts, incidents.LeadOffered{Offer: o.ID, From: o.From, To: o.To, Points: o.Points, Due: o.Due}), nil
	})
}

// AskLead asks whoever leads for the lead; gone says why they cannot answer, ""
// if they can. Somebody whom it was offered to accepts it so. It refuses as
// incidents.AskLead does, and with Conflict while another offer is open.
func (r *Response) AskLead(ctx context.Context, act journal.Act, id incidents.ID, gone, why string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onOffers(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, open incidents.LeadOffer, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		o, err := inc.AskLead(by, gone, why, at)
		if err != nil {
			return inc, nil, err
		}
		switch {
		case open.ID == 0 || !open.Open(at):
		case !open.Asked && open.To == by:
			return acceptLead(ctx, tx, inc, by, open, at)
		case !open.Asked:
			return inc, nil, refusal.Conflict("%s has offered the lead to %s, who can accept until %s.", open.From.Mention(), open.To.Mention(), clock(open.Due))
		case open.To == by:
			return inc, nil, refusal.Conflict("You have asked %s already, who can answer until %s. Then you can take it.", open.From.Mention(), clock(open.Free))
		default:
			return inc, nil, refusal.Conflict("%s has asked for the lead before you, at %s. That runs out at %s at the latest.", open.To.Mention(), clock(open.At), clock(open.Due))
		}
		var facts []incidents.Fact
		if open.ID != 0 { // it ran out, and nobody has said so yet
			old, fact, _ := open.Wake(at)
			if err := saveOffer(ctx, tx, old); err != nil {
				return inc, nil, err
			}
			facts = append(facts, fact)
		}
		if o, err = newOffer(ctx, tx, o, o.Free); err != nil {
			return inc, nil, err
		}
		return inc, append(facts, incidents.LeadAsked{Offer: o.ID, From: o.From, To: o.To, Why: o.Why, Gone: o.Gone, Free: o.Free, Due: o.Due}), nil
	})
}

// clock is a time of day in a refusal, which is read by people of all zones.
func clock(at time.Time) string { return at.UTC().Format("15:04 UTC") }

// AcceptLead is the yes to an offer; 0 is the open one. It refuses as
// incidents.AcceptLead does, and with Conflict when there is none.
func (r *Response) AcceptLead(ctx context.Context, act journal.Act, id incidents.ID, offer int64) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onOffer(ctx, act, id, offer, func(tx pgx.Tx, inc incidents.Incident, o incidents.LeadOffer, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return acceptLead(ctx, tx, inc, by, o, at)
	})
}

func acceptLead(ctx context.Context, tx pgx.Tx, inc incidents.Incident, by incidents.Person, o incidents.LeadOffer, at time.Time) (incidents.Incident, []incidents.Fact, error) {
	inc, o, fact, err := inc.AcceptLead(by, o, at)
	if err != nil {
		return inc, nil, err
	}
	return inc, []incidents.Fact{fact}, saveOffer(ctx, tx, o)
}

// TakeLead is the second word of who asked and had no answer; gone says why
// whoever leads cannot give one. It refuses as incidents.TakeLead does, and with
// Conflict when nobody asked.
func (r *Response) TakeLead(ctx context.Context, act journal.Act, id incidents.ID, offer int64, gone, why string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onOffer(ctx, act, id, offer, func(tx pgx.Tx, inc incidents.Incident, o incidents.LeadOffer, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, o, fact, err := inc.TakeLead(by, o, gone, why, at)
		if err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{fact}, saveOffer(ctx, tx, o)
	})
}

// DeclineLead is the no to an offer, or takes the own one back; 0 is the open
// one. It refuses as incidents.DeclineLead does.
func (r *Response) DeclineLead(ctx context.Context, act journal.Act, id incidents.ID, offer int64) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onOffer(ctx, act, id, offer, func(tx pgx.Tx, inc incidents.Incident, o incidents.LeadOffer, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		o, fact, err := inc.DeclineLead(by, o, at)
		if err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{fact}, saveOffer(ctx, tx, o)
	})
}

// onOffers is decide, with the open offer of the incident; its ID is 0 if there
// is none.
func (r *Response) onOffers(ctx context.Context, act journal.Act, id incidents.ID, do func(pgx.Tx, incidents.Incident, incidents.LeadOffer, time.Time) (incidents.Incident, []incidents.Fact, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		open, err := loadOffer(ctx, tx, id, 0)
		if err != nil {
			return inc, nil, err
		}
		return do(tx, inc, open, at)
	})
}

func (r *Response) onOffer(ctx context.Context, act journal.Act, id incidents.ID, offer int64, do func(pgx.Tx, incidents.Incident, incidents.LeadOffer, time.Time) (incidents.Incident, []incidents.Fact, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		o, err := loadOffer(ctx, tx, id, offer)
		if err != nil {
			return inc, nil, err
		}
		if o.ID == 0 {
			return inc, nil, refusal.Conflict("The lead of %s is on offer to nobody. %s leads; to ask for it: /snafu lead.", id, inc.Lead.Mention())
		}
		return do(tx, inc, o, at)
	})
}

// newOffer stores an offer, and asks for it to be looked after.
func newOffer(ctx context.Context, tx pgx.Tx, o incidents.LeadOffer, look time.Time) (_ incidents.LeadOffer, err error) {
	if o.ID, err = insertOffer(ctx, tx, o); err != nil {
		return o, err
	}
	return o, jobs.AddAt(ctx, tx, LeadDue{Incident: o.Incident, Offer: o.ID}, look)
}

// LeadDue does the job of that name, until the offer has ended.
func (r *Response) LeadDue(ctx context.Context, job jobs.Job[LeadDue]) error {
	args := job.Args
	return r.lookingAfter(ctx, args.Incident, job.Done, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (again time.Duration, err error) {
		o, err := loadOffer(ctx, tx, args.Incident, args.Offer)
		if err != nil {
			return 0, err
		}
		o, fact, next := o.Wake(at)
		if inc.Phase().Ended() && o.EndedAt.IsZero() { // nobody needs to answer any more
			o, fact, next = o.Lapse(at)
		}
		if !next.IsZero() {
			again = next.Sub(at)
		}
		if fact == nil {
			return again, nil
		}
		act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("lead-due:%d:%s", o.ID, fact.Kind())}
		if err := journal.Take(ctx, tx, act); err != nil {
			return 0, err
		}
		if err := saveOffer(ctx, tx, o); err != nil {
			return 0, err
		}
		return again, r.record(ctx, tx, act, inc.ID, at, []incidents.Fact{fact})
	})
}

// LeadsDue asks again for the end of each offer that ran out a minute ago, or
// whose asker should have been told. A job that was lost is the only reason for
// one, so it returns how many there were.
func (r *Response) LeadsDue(ctx context.Context) (int, error) {
	var found int
	err := r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		lost, err := overdueOffers(ctx, tx, at.Add(-time.Minute))
		if err != nil {
			return err
		}
		found = len(lost)
		for _, due := range lost {
			if err := jobs.Add(ctx, tx, due); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// Left records that somebody has left the channel of an incident. Of the lead
// alone it is news, once; whoever leads still leads.
func (r *Response) Left(ctx context.Context, id incidents.ID, who incidents.Person) error {
	act := journal.Act{By: incidents.System("bot"), Key: "left:" + id.String() + ":" + string(who)}
	err := r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		fact, news := inc.Left(who)
		if !news {
			return inc, nil, errNoNews // leaves the key for when they lead
		}
		return inc, []incidents.Fact{fact}, nil
	})
	if errors.Is(err, journal.ErrAlready) || errors.Is(err, errNoNews) {
		return nil
	}
	return err
}

var errNoNews = errors.New("that is no news")

// LeadOffer returns an offer of the lead by its number, 0 is the open one, and
// whether there is one.
func (r *Response) LeadOffer(ctx context.Context, id incidents.ID, offer int64) (incidents.LeadOffer, bool, error) {
	o, err := loadOffer(ctx, r.db.Pool(), id, offer)
	return o, o.ID != 0, err
}
