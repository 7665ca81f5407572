package response

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

// Escalate asks for the next step of a call whose step before was not answered.
type Escalate struct {
	Incident incidents.ID `json:"incident"`
	Page     int64        `json:"page"`
	Step     int64        `json:"step"` // the one to come
}

// Kind names the job.
func (Escalate) Kind() string { return "escalate" }

// Queue keeps calls ahead of everything slow.
func (Escalate) Queue() string { return jobs.Pages }

// key is the same whoever asks for this step, so it is taken once.
func (e Escalate) key() string {
	return "escalate:page-" + strconv.FormatInt(e.Page, 10) + ":step-" + strconv.FormatInt(e.Step, 10)
}

// Target says who is called: a rota, or a person. Neither is the rota of the
// incident's system.
type Target struct {
	Rota   string
	Person incidents.Person
}

// Call calls for help and goes up the ladder until somebody answers. It
// refuses with NotFound an unknown rota, and with Conflict when the incident
// is over or the same help is being called already.
func (r *Response) Call(ctx context.Context, act journal.Act, id incidents.ID, target Target, why string) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		if inc.Phase().Ended() {
			return inc, nil, refusal.Conflict("%s is %s, so nobody is called.", inc.ID, inc.Phase())
		}
		if err := inc.Whole("a call"); err != nil {
			return inc, nil, err
		}
		if target.Person == "" {
			name, err := r.rotaNamed(target.Rota, inc)
			if err != nil {
				return inc, nil, err
			}
			target.Rota = name
		}
		facts, err := r.start(ctx, tx, act.By, inc, target, why, at)
		return inc, facts, err
	})
}

// CallAgain begins a call anew that nobody answered. It refuses with Conflict one
// that goes on, was answered or has ended.
func (r *Response) CallAgain(ctx context.Context, act journal.Act, id incidents.ID, page int64) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		if inc.Phase().Ended() {
			return inc, nil, refusal.Conflict("%s is %s, so nobody is called.", inc.ID, inc.Phase())
		}
		p, err := loadPage(ctx, tx, id, page)
		if err != nil {
			return inc, nil, err
		}
		p, ended, err := p.Again(at)
		if err != nil {
			return inc, nil, err
		}
		if err := savePage(ctx, tx, p); err != nil {
			return inc, nil, err
		}
		facts, err := r.start(ctx, tx, act.By, inc, Target{Rota: p.Target, Person: p.Person}, p.Why, at)
		return inc, append([]incidents.Fact{ended}, facts...), err
	})
}

func (r *Response) rotaNamed(name string, inc incidents.Incident) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name = r.rotaOf(inc)
	}
	if s, ok := r.Source(name); ok && s.Rota != "" {
		name = s.Rota
	}
	if known, ok := r.hasRota(name); ok {
		return known, nil
	}
	if name == "" {
		return "", refusal.Invalid("Whom shall I call? Name a rota or a person: /snafu call ROTA. %s", r.knownRotas())
	}
	return "", refusal.NotFound("There is no rota %q. %s To call one person: /snafu call @colleague.", name, r.knownRotas())
}

// callAtOpen calls the rota of the system, or says why nobody is called.
func (r *Response) callAtOpen(ctx context.Context, tx pgx.Tx, inc incidents.Incident, at time.Time) ([]incidents.Fact, error) {
	name := r.rotaOf(inc)
	switch {
	case name != "":
		return r.start(ctx, tx, incidents.System("response"), inc, Target{Rota: name}, "", at)
	case inc.System == "":
		return []incidents.Fact{incidents.NobodyCalled{Why: "The system is not known yet, so nobody was called. Call with /snafu call ROTA."}}, nil
	}
	return []incidents.Fact{incidents.NobodyCalled{Why: "No rota is set for " + inc.System + ", so nobody was called. Call with /snafu call ROTA."}}, nil
}

// start begins a call at its first rung.
func (r *Response) start(ctx context.Context, tx pgx.Tx, by incidents.Actor, inc incidents.Incident, target Target, why string, at time.Time) ([]incidents.Fact, error) {
	rows, err := tx.Query(ctx, findCalling, int64(inc.ID), target.Rota, string(target.Person))
	calling, err := loadPages(ctx, tx, rows, err)
	if err != nil {
		return nil, err
	}
	if len(calling) > 0 {
		step, _ := calling[0].Step()
		return nil, refusal.Conflict("Already calling %s. If nobody answers, the next step follows by itself.", incidents.Mentions(step.People))
	}
	p := incidents.Page{
		Incident: inc.ID, Target: target.Rota, Person: target.Person, Why: incidents.Line(why, 300), By: by,
		Severity: inc.Severity, State: incidents.PageCalling, Fallback: r.fallbackOf(inc), Started: at,
	}
	if p.ID, err = insertPage(ctx, tx, p); err != nil {
		return nil, err
	}
	return r.next(ctx, tx, p, inc, at)
}

// next climbs, stores the call, and schedules the step after.
func (r *Response) next(ctx context.Context, tx pgx.Tx, p incidents.Page, inc incidents.Incident, at time.Time) ([]incidents.Fact, error) {
	p, facts, err := r.climb(ctx, tx, p, inc, at)
	if err != nil {
		return nil, err
	}
	if err := savePage(ctx, tx, p); err != nil {
		return nil, err
	}
	if p.State != incidents.PageCalling {
		return facts, nil
	}
	return facts, jobs.AddAt(ctx, tx, escalation(p), due(p))
}

func escalation(p incidents.Page) Escalate {
	return Escalate{Incident: p.Incident, Page: p.ID, Step: int64(len(p.Steps)) + 1}
}

func due(p incidents.Page) time.Time {
	step, _ := p.Step()
	return step.Due
}

// Escalate does the job of that name: it calls the next rung if the step
// before is still unanswered. A step that was answered, passed on or taken
// already is done. One that comes too early is asked for again at its instant.
func (r *Response) Escalate(ctx context.Context, job jobs.Job[Escalate]) error {
	args := job.Args
	act := journal.Act{By: incidents.System("response"), Key: args.key()}
	err := r.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := Lock(ctx, tx, r.db, act, args.Incident)
		if err != nil {
			return err
		}
		p, err := loadPage(ctx, tx, args.Incident, args.Page)
		if err != nil {
			return err
		}
		if p.State == incidents.PageCalling && escalation(p) == args {
			if wait := due(p).Sub(at); wait > 0 {
				return jobs.Snooze(wait)
			}
			facts, err := r.next(ctx, tx, p, inc, at)
			if err != nil {
				return err
			}
			if err := r.record(ctx, tx, act, inc.ID, at, facts); err != nil {
				return err
			}
		}
		return job.Done(ctx, tx)
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

// Overdue asks again for the next step of each call that should have gone on a
// minute ago. A job that was lost with a damaged queue is the only reason for
// one, so it returns how many there were.
func (r *Response) Overdue(ctx context.Context) (int, error) {
	var found int
	err := r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, findOverdue, at.Add(-time.Minute))
		pages, err := loadPages(ctx, tx, rows, err)
		if err != nil {
			return err
		}
		found = len(pages)
		for _, p := range pages {
			if err := jobs.Add(ctx, tx, escalation(p)); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// Ack says that a person is on it; page 0 is the newest call that wants an
// answer. The first one stops the ladder, later ones join. It refuses with
// NotFound when there is no call, with Conflict who is on it already.
func (r *Response) Ack(ctx context.Context, act journal.Act, id incidents.ID, page int64) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onPage(ctx, act, id, page, func(tx pgx.Tx, p incidents.Page, _ incidents.Incident, at time.Time) (incidents.Page, []incidents.Fact, error) {
		p, fact, err := p.Ack(by, at)
		if err == nil {
			err = r.lookAfter(ctx, tx, p, at)
		}
		return p, []incidents.Fact{fact}, err
	})
}

// Pass says that who is being called can't; the next one is called at once.
// It refuses with Forbidden anybody else.
func (r *Response) Pass(ctx context.Context, act journal.Act, id incidents.ID, page int64, why string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onPage(ctx, act, id, page, func(tx pgx.Tx, p incidents.Page, inc incidents.Incident, at time.Time) (incidents.Page, []incidents.Fact, error) {
		p, fact, err := p.Pass(by, why, at)
		if err != nil {
			return p, nil, err
		}
		p, facts, err := r.climb(ctx, tx, p, inc, at)
		if err == nil && p.State == incidents.PageCalling {
			err = jobs.AddAt(ctx, tx, escalation(p), due(p))
		}
		return p, append([]incidents.Fact{fact}, facts...), err
	})
}

// Unreached records that somebody who is called cannot be reached in Slack, and
// calls the next one at once when nobody else of the step can answer. Who is not
// being called any more changes nothing.
func (r *Response) Unreached(ctx context.Context, id incidents.ID, page int64, who incidents.Person, why string) error {
	step := fmt.Sprintf("unreached:page-%d:%s", page, who)
	err := r.onPage(ctx, journal.Act{By: incidents.System("response"), Key: step}, id, page, func(tx pgx.Tx, p incidents.Page, inc incidents.Incident, at time.Time) (incidents.Page, []incidents.Fact, error) {
		p, fact, next := p.Unreached(who, incidents.Line(why, 60), at)
		if fact == nil {
			return p, nil, errNotCalled // leaves the key for when they are
		}
		if !next {
			return p, []incidents.Fact{fact}, nil
		}
		p, facts, err := r.climb(ctx, tx, p, inc, at)
		if err == nil && p.State == incidents.PageCalling {
			err = jobs.AddAt(ctx, tx, escalation(p), due(p))
		}
		return p, append([]incidents.Fact{fact}, facts...), err
	})
	if errors.Is(err, journal.ErrAlready) || errors.Is(err, errNotCalled) {
		return nil
	}
	return err
}

var errNotCalled = errors.New("they are not being called")

func (r *Response) onPage(ctx context.Context, act journal.Act, id incidents.ID, page int64, do func(pgx.Tx, incidents.Page, incidents.Incident, time.Time) (incidents.Page, []incidents.Fact, error)) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := Lock(ctx, tx, r.db, act, id)
		if err != nil {
			return err
		}
		p, err := loadPage(ctx, tx, id, page)
		if err != nil {
			return err
		}
		p, facts, err := do(tx, p, inc, at)
		if err != nil {
			return err
		}
		if err := savePage(ctx, tx, p); err != nil {
			return err
		}
		return r.record(ctx, tx, act, id, at, facts)
	})
}

// endCalls ends the calls of an incident that nobody needs any more.
func endCalls(ctx context.Context, tx pgx.Tx, id incidents.ID, why string, at time.Time) ([]incidents.Fact, error) {
	rows, err := tx.Query(ctx, findUnended, int64(id))
	open, err := loadPages(ctx, tx, rows, err)
	if err != nil {
		return nil, err
	}
	var facts []incidents.Fact
	for _, p := range open {
		p, fact, err := p.End(why, at)
		if err != nil {
			return nil, err
		}
		if err := savePage(ctx, tx, p); err != nil {
			return nil, err
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

// Pages returns the calls of an incident, oldest first.
func (r *Response) Pages(ctx context.Context, id incidents.ID) ([]incidents.Page, error) {
	rows, err := r.db.Pool().Query(ctx, findPages, int64(id))
	return loadPages(ctx, r.db.Pool(), rows, err)
}

const insertPageSQL = `
	insert into pages (incident, target, person, why, by, severity, state, fallback, started_at, due_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
	returning id`

func insertPage(ctx context.Context, tx pgx.Tx, p incidents.Page) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, insertPageSQL, int64(p.Incident), p.Target, string(p.Person), p.Why, string(p.By),
		int64(p.Severity), string(p.State), p.Fallback, p.Started).Scan(&id)
	if pgdb.Broke(err, "pages_one_calling") {
		return 0, refusal.Conflict("They are being called already.")
	}
	if err != nil {
		return 0, fmt.Errorf("insert page: %w", err)
	}
	return id, nil
}
