package response

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/rota"
)

// What a cover may be.
const (
	longestCover = 62 * 24 * time.Hour
	coverAhead   = 366 * 24 * time.Hour
)

// TellCover asks for a cover to be told in one place: to the person whom it
// concerns, or in the channel of the rota.
type TellCover struct {
	Cover incidents.CoverID `json:"cover"`
	What  string            `json:"what"` // made, asked, taken or cancelled
	By    incidents.Person  `json:"by"`
	Room  bool              `json:"room"`
}

// What happened to a cover.
const (
	CoverMade      = "made"
	CoverAsked     = "asked"
	CoverTaken     = "taken"
	CoverCancelled = "cancelled"
)

// Kind names the job.
func (TellCover) Kind() string { return "tell-cover" }

// Queue keeps it beside what else is told.
func (TellCover) Queue() string { return jobs.Tell }

// CoverRequest is who shall be on call instead, and when. Without a person
// anyone is asked.
type CoverRequest struct {
	Kind     rota.OverrideKind // replaces whoever would be on call, adds to them, or removes one
	Rota     string            // "" is the only one there is
	Person   incidents.Person
	From, To time.Time
	Why      string
}

// Cover puts somebody else on call for a while; of two that overlap the later
// made counts. It refuses with Forbidden who is neither in the rota nor looks
// after a system that it helps with or the whole of it, and with Invalid a span that is over, ends
// before it begins or is longer than two months.
func (r *Response) Cover(ctx context.Context, act journal.Act, req CoverRequest) (made incidents.Cover, err error) {
	by, err := person(act)
	if err != nil {
		return made, err
	}
	admin := r.admin(ctx, by) // asked before the transaction opens
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if req.Rota, err = r.rotaToCover(req.Rota); err != nil {
			return err
		}
		if err := r.mayCover(ctx, tx, req.Rota, by, at); err != nil && !admin {
			return err
		}
		switch {
		case req.Kind == rota.Remove && req.Person == "":
			return refusal.Invalid("Who is not on call then? Name them: `/snafu cover remove @colleague friday 18:00 monday 9:00`.")
		case !req.To.After(req.From):
			return refusal.Invalid("A cover ends after it begins. Write from and to: `/snafu cover @colleague friday 18:00 monday 9:00`.")
		case !req.To.After(at):
			return refusal.Invalid("That span is over. Write one that ends later than now.")
		case req.To.Sub(req.From) > longestCover:
			return refusal.Invalid("A cover lasts two months at most. For longer, change the members of the rota.")
		case req.From.Sub(at) > coverAhead:
			return refusal.Invalid("That is more than a year ahead. Write a nearer time.")
		}
		made = incidents.Cover{
			Kind: string(req.Kind), Rota: req.Rota, Person: req.Person, From: req.From.UTC().Truncate(time.Microsecond), To: req.To.UTC().Truncate(time.Microsecond),
			Why: incidents.Line(req.Why, 200), By: by, Made: at,
		}
		if made.ID, err = insertCover(ctx, tx, made); err != nil {
			return err
		}
		what := CoverMade
		if made.Person == "" {
			what = CoverAsked
		}
		fact := incidents.CoverMade{Cover: int64(made.ID), What: made.Kind, Rota: made.Rota, Person: made.Person, From: made.From, To: made.To, By: by}
		return keepCoverFact(ctx, tx, act, at, made.ID, what, by, fact)
	})
	return made, err
}

// TakeCover puts the one who acts on call for a cover that anyone was asked for.
// It refuses with Conflict one that is taken, cancelled or over.
func (r *Response) TakeCover(ctx context.Context, act journal.Act, id incidents.CoverID) (incidents.Cover, error) {
	return r.changeCover(ctx, act, id, func(_ pgx.Tx, c *incidents.Cover, by incidents.Person, _ time.Time) (string, incidents.Fact, error) {
		if c.Person != "" {
			return "", nil, refusal.Conflict("%s has taken it already. Thank you.", c.Person.Mention())
		}
		c.Person = by
		return CoverTaken, incidents.CoverTaken{Cover: int64(id), Rota: c.Rota, By: by}, nil
	})
}

// CancelCover makes a cover count no more. It refuses with Forbidden who neither
// made nor took it and is not in the rota, and with Conflict one that is over.
func (r *Response) CancelCover(ctx context.Context, act journal.Act, id incidents.CoverID) (incidents.Cover, error) {
	who, _ := act.By.Person()
	admin := r.admin(ctx, who) // asked before the transaction opens
	return r.changeCover(ctx, act, id, func(tx pgx.Tx, c *incidents.Cover, by incidents.Person, at time.Time) (string, incidents.Fact, error) {
		if by != c.By && by != c.Person && !admin {
			if err := r.mayCover(ctx, tx, c.Rota, by, at); err != nil {
				return "", nil, err
			}
		}
		c.Cancelled = at
		return CoverCancelled, incidents.CoverCancelled{Cover: int64(id), Rota: c.Rota, By: by}, nil
	})
}

func (r *Response) changeCover(ctx context.Context, act journal.Act, id incidents.CoverID, do func(pgx.Tx, *incidents.Cover, incidents.Person, time.Time) (string, incidents.Fact, error)) (c incidents.Cover, err error) {
	by, err := person(act)
	if err != nil {
		return c, err
	}
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, lockCover, int64(id))
		if c, err = oneCover(id, rows, err); err != nil {
			return err
		}
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		switch {
		case !c.Cancelled.IsZero():
			return refusal.Conflict("%s was cancelled. `/snafu oncall` shows who is on call.", id)
		case !c.To.After(at):
			return refusal.Conflict("%s is over. `/snafu oncall` shows who is on call.", id)
		}
		what, fact, err := do(tx, &c, by, at)
		if err != nil {
			return err
		}
		if err := saveCover(ctx, tx, c, by, at); err != nil {
			return err
		}
		return keepCoverFact(ctx, tx, act, at, id, what, by, fact)
	})
	return c, err
}

func keepCoverFact(ctx context.Context, tx pgx.Tx, act journal.Act, at time.Time, id incidents.CoverID, what string, by incidents.Person, fact incidents.Fact) error {
	if err := journal.Append(ctx, tx, journal.House, act, at, fact); err != nil {
		return err
	}
	for _, room := range []bool{false, true} {
		if err := jobs.Add(ctx, tx, TellCover{Cover: id, What: what, By: by, Room: room}); err != nil {
			return err
		}
	}
	return nil
}

func (r *Response) rotaToCover(name string) (string, error) {
	if name == "" {
		names := r.rotaNames()
		if len(names) != 1 {
			return "", refusal.Invalid("Which rota? Write its name behind the times. %s", r.knownRotas())
		}
		return names[0], nil
	}
	return r.rotaNamed(name, incidents.Incident{})
}

// mayCover refuses who has nothing to do with a rota. Its members are those of
// its rule, or of its calendar, and who covers in it.
func (r *Response) mayCover(ctx context.Context, q asker, name string, by incidents.Person, at time.Time) error {
	list, err := r.rotas(ctx, q, at)
	if err != nil {
		return err
	}
	known, _ := list.named(name)
	members := known.Members()
	if slices.Contains(members, by) {
		return nil
	}
	for _, s := range r.o.Sources {
		if strings.EqualFold(s.Rota, name) && slices.Contains(s.Admins, by) {
			return nil
		}
	}
	if len(members) == 0 {
		return refusal.Forbidden("Nobody is in rota %s yet, so only the admins of its systems can change it.", name)
	}
	return refusal.Forbidden("Only members of rota %s and the admins of its systems can change who is on call. That is %s.", name, incidents.Mentions(members))
}

type coverRow struct {
	ID          int64      `db:"id"`
	Type        string     `db:"kind"`
	Rota        string     `db:"rota"`
	Person      string     `db:"person"`
	FromAt      time.Time  `db:"from_at"`
	ToAt        time.Time  `db:"to_at"`
	Why         string     `db:"why"`
	By          string     `db:"by"`
	MadeAt      time.Time  `db:"made_at"`
	CancelledAt *time.Time `db:"cancelled_at"`
	Channel     string     `db:"channel"`
	TS          string     `db:"ts"`
}

const coverColumns = `
	select id, kind, rota, person, from_at, to_at, why, by, made_at, cancelled_at, channel, ts
	from covers`

const (
	// Of overlapping covers the later made counts: those that anyone was asked for
	// count from when they were taken.
	listCovers = coverColumns + `
	where cancelled_at is null and to_at > $1 and from_at < $2
	order by coalesce(taken_at, made_at), id`

	// What counted at an instant that has passed: also what was cancelled later, and
	// not what was made later.
	listCoversThen = coverColumns + `
	where taken_at <= $1 and (cancelled_at is null or cancelled_at > $1) and to_at > $1 - interval '1 day'
	order by taken_at, id`

	getCover = coverColumns + `
	where id = $1`

	lockCover = coverColumns + `
	where id = $1
	for update`

	insertCoverSQL = `
	insert into covers (rota, person, from_at, to_at, why, by, made_at, taken_at, kind)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	returning id`

	updateCover = `
	update covers
	set person = $2, taken_at = case when $2 = '' then null else coalesce(taken_at, $3) end,
		cancelled_at = $4, cancelled_by = case when $4::timestamptz is null then '' else $5 end
	where id = $1`

	placeCover = `
	update covers
	set channel = $2, ts = $3
	where id = $1`
)

// coversAround returns the covers that may matter at an instant or after it, in
// the order in which they count.
func coversAround(ctx context.Context, q asker, at time.Time) ([]incidents.Cover, error) {
	rows, err := q.Query(ctx, listCovers, at.Add(-24*time.Hour), at.Add(coverAhead+longestCover))
	return covers(rows, err)
}

func coversThen(ctx context.Context, q asker, at time.Time) ([]incidents.Cover, error) {
	rows, err := q.Query(ctx, listCoversThen, at)
	return covers(rows, err)
}

func covers(rows pgx.Rows, err error) ([]incidents.Cover, error) {
	if err != nil {
		return nil, fmt.Errorf("read covers: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[coverRow])
	if err != nil {
		return nil, fmt.Errorf("read covers: %w", err)
	}
	list := make([]incidents.Cover, len(found))
	for n, c := range found {
		list[n] = incidents.Cover{
			ID: incidents.CoverID(c.ID), Kind: c.Type, Rota: c.Rota, Person: incidents.Person(c.Person), From: c.FromAt.UTC(), To: c.ToAt.UTC(), Why: c.Why,
			By: incidents.Person(c.By), Made: c.MadeAt.UTC(), Cancelled: instant(c.CancelledAt), Channel: c.Channel, TS: c.TS,
		}
	}
	return list, nil
}

func oneCover(id incidents.CoverID, rows pgx.Rows, err error) (incidents.Cover, error) {
	found, err := covers(rows, err)
	if err != nil {
		return incidents.Cover{}, err
	}
	if len(found) == 0 {
		return incidents.Cover{}, refusal.NotFound("There is no cover %s. `/snafu oncall` lists those to come.", id)
	}
	return found[0], nil
}

// GetCover returns a cover. It refuses with NotFound an unknown one.
func (r *Response) GetCover(ctx context.Context, id incidents.CoverID) (incidents.Cover, error) {
	rows, err := r.db.Pool().Query(ctx, getCover, int64(id))
	return oneCover(id, rows, err)
}

// CoverPosted keeps where anyone was asked to take a cover.
func (r *Response) CoverPosted(ctx context.Context, id incidents.CoverID, channel, ts string) error {
	if _, err := r.db.Pool().Exec(ctx, placeCover, int64(id), channel, ts); err != nil {
		return fmt.Errorf("place cover: %w", err)
	}
	return nil
}

func insertCover(ctx context.Context, tx pgx.Tx, c incidents.Cover) (incidents.CoverID, error) {
	var taken time.Time
	if c.Person != "" {
		taken = c.Made
	}
	var id int64
	err := tx.QueryRow(ctx, insertCoverSQL, c.Rota, string(c.Person), c.From, c.To, c.Why, string(c.By), c.Made, orNull(taken), c.Kind).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert cover: %w", err)
	}
	return incidents.CoverID(id), nil
}

func saveCover(ctx context.Context, tx pgx.Tx, c incidents.Cover, by incidents.Person, at time.Time) error {
	if c.ID == 0 {
		return errors.New("save a cover that has no number")
	}
	if _, err := tx.Exec(ctx, updateCover, int64(c.ID), string(c.Person), at, orNull(c.Cancelled), string(by)); err != nil {
		return fmt.Errorf("save cover: %w", err)
	}
	return nil
}
