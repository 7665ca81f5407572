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
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
)

// OpenRequest is what somebody says when something went wrong. Only the title
// is needed.
type OpenRequest struct {
	Title    string
	Severity incidents.Severity // 0: suggest one
	System   string             // name or title of a source
	Still    string             // incidents.Yes, No, DontKnow, or "" if not asked
	Reporter incidents.Person
	Drill    bool
	Private  bool
	Light    bool
	In       string // Slack's id of the channel where it was asked for
	Quote    Quote  // the message it was opened from; empty for none
}

// Quote is a message that an incident was opened from.
type Quote struct {
	Channel, TS, Author, Text string
	Thread                    string `json:",omitempty"` // ts of the head of its thread
}

// sameOpen is how long the same title by the same person is the same incident:
// a second press, a retried modal. A private one is never the same as one that
// everybody sees, nor a drill the same as what is real.
const sameOpen = 60 * time.Second

// Open makes an incident and, at SEV1 and SEV2, calls the system's rota, in
// one transaction. The same title by the same person within a minute, and the
// same act again, return the first incident. It refuses with Invalid an empty
// title and an unknown system.
func (r *Response) Open(ctx context.Context, act journal.Act, req OpenRequest) (incidents.ID, error) {
	opening := incidents.Opening{
		Title: req.Title, Severity: req.Severity, Still: req.Still, Reporter: req.Reporter, Drill: req.Drill,
		Private: req.Private, Light: req.Light, In: req.In,
	}
	if req.System != "" {
		system, err := r.system(req.System)
		if err != nil {
			return 0, err
		}
		opening.System = system
	}
	var id incidents.ID
	err := r.db.InTx(ctx, func(tx pgx.Tx) (err error) {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		id, err = r.open(ctx, tx, act, opening)
		return err
	})
	if errors.Is(err, journal.ErrAlready) {
		return r.openedBy(ctx, act)
	}
	if err != nil {
		return 0, err
	}
	return id, nil
}

// A lock per reporter and title: two opens at once must not both find nothing.
const lockOpening = `select pg_advisory_xact_lock(hashtextextended($1, 42))`

const findSame = `
	select id
	from incidents
	where reporter = $1 and title = $2 and opened_at > $3 and private = $4 and drill = $5 and phase not in ('closed', 'cancelled')
	order by id
	limit 1`

const insertIncident = `
	insert into incidents (title, phase, severity, severity_chosen, severity_why, system, reporter, lead, drill, opened_at, opened_by, private, light, opened_in)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
	returning id`

func (r *Response) open(ctx context.Context, tx pgx.Tx, act journal.Act, o incidents.Opening) (incidents.ID, error) {
	// Judged before the row is made, so that a refusal uses up no number.
	draft, _, err := incidents.Open(0, o, time.Unix(0, 0))
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, lockOpening, string(o.Reporter)+"\n"+draft.Title); err != nil {
		return 0, fmt.Errorf("lock opening: %w", err)
	}
	at, err := r.db.Now(ctx, tx)
	if err != nil {
		return 0, err
	}
	var id int64
	err = tx.QueryRow(ctx, findSame, string(o.Reporter), draft.Title, at.Add(-sameOpen), draft.Private, draft.Drill).Scan(&id)
	if err == nil {
		return incidents.ID(id), nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("find the same opening: %w", err)
	}
	err = tx.QueryRow(ctx, insertIncident, draft.Title, string(draft.Phase()), int64(draft.Severity), draft.SeverityChosen,
		draft.SeverityWhy, draft.System, string(draft.Reporter), string(draft.Lead), draft.Drill, at, act.Key,
		draft.Private, draft.Light, draft.OpenedIn).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert incident: %w", err)
	}
	inc, facts, err := incidents.Open(incidents.ID(id), o, at)
	if err != nil {
		return 0, err
	}
	if err := Save(ctx, tx, inc); err != nil {
		return 0, err
	}
	due := inc.Severity.Promises(at, r.home())
	if err := promise(ctx, tx, inc.ID, due, incidents.System("response"), at, promiseChanged); err != nil {
		return 0, err
	}
	facts = incidents.Promising(facts, due)
	if inc.Severity.Calls() && !inc.Light {
		called, err := r.callAtOpen(ctx, tx, inc, at)
		if err != nil {
			return 0, err
		}
		facts = append(facts, called...)
	}
	return inc.ID, r.record(ctx, tx, act, inc.ID, at, facts)
}

const findOpenedBy = `
	select id
	from incidents
	where opened_by = $1`

// HasOpened says whether an act has opened an incident already.
func (r *Response) HasOpened(ctx context.Context, act journal.Act) bool {
	_, err := r.openedBy(ctx, act)
	return err == nil
}

// openedBy returns the incident that an act opened. An act that found an
// incident of the same minute opened none; then nobody knows more than that.
func (r *Response) openedBy(ctx context.Context, act journal.Act) (incidents.ID, error) {
	var id int64
	err := r.db.Pool().QueryRow(ctx, findOpenedBy, act.Key).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, journal.ErrAlready
	}
	if err != nil {
		return 0, fmt.Errorf("find the incident of an act: %w", err)
	}
	return incidents.ID(id), nil
}

// system returns the name of the source that somebody means.
func (r *Response) system(said string) (string, error) {
	said = strings.TrimSpace(said)
	if s, ok := r.Source(said); ok {
		return s.Name, nil
	}
	if len(r.o.Sources) == 0 {
		return said, nil
	}
	var names []string
	for _, s := range r.o.Sources {
		names = append(names, s.Name)
	}
	return "", refusal.Invalid("I don't know a system %q. Known: %s. It can be left out.", said, strings.Join(names, ", "))
}

// ChannelReady records the channel of an incident. It refuses with Conflict a
// second channel, or one that belongs to another incident.
func (r *Response) ChannelReady(ctx context.Context, act journal.Act, id incidents.ID, channel, name string) error {
	err := r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Ready(channel, name)
		return inc, []incidents.Fact{fact}, err
	})
	if pgdb.Broke(err, "incidents_channel") {
		return refusal.Conflict("That channel belongs to another snafu.")
	}
	return err
}
