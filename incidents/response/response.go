// Package response is what people do about an incident: open it, answer
// triage, stop the cause, call for help, end it.
//
// One method is one transaction: take the act's key, lock the incident, decide,
// save, append to the journal. It refuses to know Slack, plans and counts; what
// those rooms know about the end of an incident comes in through one function.
package response

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
	"snafu/incidents/rota"
)

// SourceInfo is what people need to know of a system.
type SourceInfo struct {
	Name     string
	Title    string // what people call it; Name if empty
	Rota     string // called at open by SEV1 and SEV2; "" for none
	Admins   []incidents.Person
	Tables   []string
	Fallback string  // contact outside Slack, for example "Data hotline, +44 20 7946 0000"
	Vendor   string  // whose support helps with it; "" for nobody's
	Ladder   *Ladder // of its own; nil for the rota's, or the usual one
}

// Ladder says who is called one after the other, and how long each step of a call
// waits for an answer.
type Ladder struct {
	SEV1, SEV2, SEV3 time.Duration // 5, 10 and 20 minutes if zero
	Fallback         string        // contact where the system has none of its own
	Steps            []Step        // who is on call, the next, the admins of the system if empty
	Repeat           int           // how often all of them are called again, 0 to 5
}

func (l Ladder) window(s incidents.Severity) time.Duration {
	set, usual := l.SEV3, 20*time.Minute
	switch s {
	case incidents.SEV1:
		set, usual = l.SEV1, 5*time.Minute
	case incidents.SEV2:
		set, usual = l.SEV2, 10*time.Minute
	}
	if set > 0 {
		return set
	}
	return usual
}

// Options of Response.
type Options struct {
	DB    *pgdb.DB
	Rotas []rota.Rota
	Feeds []rota.Feed // rotas that are kept in a calendar elsewhere
	Ways  Ways        // beside Slack
	// Security is called when data was shown to someone who should not see it; its
	// zero value is nobody.
	Security    Target
	Roles       []incidents.Role // incidents.Roles if empty
	DefaultRota string           // called where the system is unknown or has none; "" for none
	Ladder      Ladder
	RotaLadders map[string]Ladder // of rotas that have their own, by name
	Usergroups  map[string]string // user group of Slack that follows each rota, by the name of the rota
	// Admins look after the whole of it, with those of AdminGroup, a user group of
	// Slack. They are told what is wrong with snafu itself, and may change who is on
	// call in any rota.
	Admins     []incidents.Person
	AdminGroup string
	// Group tells who is in a user group of Slack now, and what it is called; nil
	// knows none.
	Group   func(ctx context.Context, id string) ([]incidents.Person, string, error)
	Sources []SourceInfo
	Vendors []Vendor
	// CustomerCaseURL is where a customer's case is read, with {ref} in it; "" if
	// nowhere.
	CustomerCaseURL string
	// Evidence tells what counts and plans know about the end of an incident.
	// It is asked before the transaction of Resolve opens. Nil knows nothing.
	Evidence func(context.Context, incidents.ID) (incidents.Evidence, error)
	// Zone is where somebody lives, by which their rest is kept. Nil is UTC for all.
	Zone func(context.Context, incidents.Person) *time.Location
	// Home is where the people work who set this up: its hours of work count for
	// what is promised, and its mornings for the digest. Nil is UTC.
	Home *time.Location
	// ArchiveAfter is how long after its close the channel of an incident is
	// archived: 14 days if zero, ArchiveNever for never.
	ArchiveAfter time.Duration
	// Follow is told what a decision made of an incident, inside its transaction
	// and under its lock, so that what is counted by itself follows at once. Nil
	// follows nothing.
	Follow func(ctx context.Context, tx pgx.Tx, act journal.Act, was, now incidents.Incident, at time.Time) error
}

// Response holds the use cases of an incident.
type Response struct {
	db    *pgdb.DB
	o     Options
	shelf shelf
}

// New returns the use cases. A calendar of nobody, and a source that names a rota which does
// not exist, are refused with Invalid.
func New(o Options) (*Response, error) {
	r := &Response{db: o.DB, o: o}
	for _, feed := range o.Feeds {
		if err := feed.Check(); err != nil {
			return nil, err
		}
	}
	if o.DefaultRota != "" {
		if _, ok := r.hasRota(o.DefaultRota); !ok {
			return nil, refusal.Invalid("The default rota %s does not exist. %s", o.DefaultRota, r.knownRotas())
		}
	}
	for _, s := range o.Sources {
		if s.Rota == "" {
			continue
		}
		if _, ok := r.hasRota(s.Rota); !ok {
			return nil, refusal.Invalid("Source %s names the rota %s, which does not exist. %s", s.Name, s.Rota, r.knownRotas())
		}
	}
	return r, nil
}

// hasRota returns the name of a rota in its own spelling, and whether there is
// one.
func (r *Response) hasRota(name string) (string, bool) {
	for _, known := range r.rotaNames() {
		if strings.EqualFold(known, name) {
			return known, true
		}
	}
	return "", false
}

func (r *Response) rotaNames() []string {
	var names []string
	for _, known := range r.o.Rotas {
		names = append(names, known.Name())
	}
	for _, feed := range r.o.Feeds {
		names = append(names, feed.Name)
	}
	return names
}

// Source returns the system of that name or title, and whether there is one.
func (r *Response) Source(name string) (SourceInfo, bool) {
	for _, s := range r.o.Sources {
		if strings.EqualFold(s.Name, name) || (s.Title != "" && strings.EqualFold(s.Title, name)) {
			return s, true
		}
	}
	return SourceInfo{}, false
}

// Sources returns the systems, in the order of the configuration.
func (r *Response) Sources() []SourceInfo { return r.o.Sources }

func (r *Response) knownRotas() string {
	names := r.rotaNames()
	if len(names) == 0 {
		return "There are no rotas in the configuration."
	}
	return "Known: " + strings.Join(names, ", ") + "."
}

// Lock begins a decision about an incident inside a transaction of the caller:
// it takes the act's key, locks the incident and reads the instant, in this
// order. A repeated act is journal.ErrAlready; an unknown incident is refused
// with NotFound.
func Lock(ctx context.Context, tx pgx.Tx, db *pgdb.DB, act journal.Act, id incidents.ID) (incidents.Incident, time.Time, error) {
	if err := journal.Take(ctx, tx, act); err != nil {
		return incidents.Incident{}, time.Time{}, err
	}
	return relock(ctx, tx, db, id)
}

// relock locks without an act key: for a further look in the same act.
func relock(ctx context.Context, tx pgx.Tx, db *pgdb.DB, id incidents.ID) (incidents.Incident, time.Time, error) {
	inc, err := load(ctx, tx, id, true)
	if err != nil {
		return incidents.Incident{}, time.Time{}, err
	}
	at, err := db.Now(ctx, tx)
	return inc, at, err
}

// Locked reads an incident again that the caller's transaction has locked, with
// all that it has saved of it.
func Locked(ctx context.Context, tx pgx.Tx, id incidents.ID) (incidents.Incident, error) {
	return load(ctx, tx, id, false)
}

// decide is one use case: lock, decide, save, append.
func (r *Response) decide(ctx context.Context, act journal.Act, id incidents.ID, do func(pgx.Tx, incidents.Incident, time.Time) (incidents.Incident, []incidents.Fact, error)) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := Lock(ctx, tx, r.db, act, id)
		if err != nil {
			return err
		}
		was := inc
		inc, facts, err := do(tx, inc, at)
		if err != nil {
			return err
		}
		if err := Save(ctx, tx, inc); err != nil {
			return err
		}
		due, err := r.keepPromise(ctx, tx, was, inc, at)
		if err != nil {
			return err
		}
		if !due.IsZero() {
			facts = incidents.Promising(facts, due)
		}
		if err := r.record(ctx, tx, act, id, at, facts); err != nil || r.o.Follow == nil {
			return err
		}
		return r.o.Follow(ctx, tx, act, was, inc, at)
	})
}

func record(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, at time.Time, facts []incidents.Fact) error {
	for _, fact := range facts {
		if err := journal.Append(ctx, tx, id, act, at, fact); err != nil {
			return err
		}
	}
	return nil
}

// person returns who acts, or an error that no part of the program may see as
// a refusal: only people answer calls and open incidents.
func person(act journal.Act) (incidents.Person, error) {
	p, ok := act.By.Person()
	if !ok {
		return "", errors.New("this act needs a person, not " + string(act.By))
	}
	return p, nil
}
