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
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

// AskVendor asks whether a vendor has answered a case within the time that it
// promises.
type AskVendor struct {
	Incident incidents.ID `json:"incident"`
	Case     int64        `json:"case"`
}

// Kind names the job.
func (AskVendor) Kind() string { return "ask-vendor" }

// Queue keeps it with the other calls for help.
func (AskVendor) Queue() string { return jobs.Pages }

// CaseRequest is a case number to be linked.
type CaseRequest struct {
	Whom   string // incidents.CaseVendor or incidents.CaseCustomer
	Vendor string // "" is the one that was asked last, or the only one there is
	Ref    string
	Text   string
}

const insertCase = `
	insert into cases (incident, whom, vendor, ref, text, by, at)
	values ($1, $2, $3, $4, $5, $6, $7)
	returning id`

// LinkCase keeps the number under which a vendor or a customer's support knows of
// an incident. It refuses with Invalid an unusable number or a vendor that is
// left open, with Conflict one that is linked already.
func (r *Response) LinkCase(ctx context.Context, act journal.Act, id incidents.ID, req CaseRequest) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	if req.Ref, err = incidents.CheckRef(req.Ref); err != nil {
		return err
	}
	req.Text = incidents.Line(req.Text, 300)
	err = r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		v, err := r.vendorMeant(ctx, tx, id, req)
		if err != nil {
			return inc, nil, err
		}
		linked := incidents.CaseLinked{Whom: req.Whom, Vendor: v.Name, Title: v.Called(), Ref: req.Ref, Text: req.Text, By: by, Of: 1}
		if err := tx.QueryRow(ctx, insertCase, int64(id), req.Whom, v.Name, req.Ref, req.Text, string(by), at).Scan(&linked.Case); err != nil {
			return inc, nil, fmt.Errorf("insert case: %w", err)
		}
		all, err := r.cases(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		linked.Of = int64(len(slices.DeleteFunc(all, func(c incidents.Case) bool { return c.Whom != req.Whom || c.Vendor != v.Name })))
		if req.Whom == incidents.CaseVendor && v.Within > 0 {
			err = jobs.AddAt(ctx, tx, AskVendor{Incident: id, Case: linked.Case}, at.Add(v.Within))
		}
		return inc, []incidents.Fact{linked}, err
	})
	if pgdb.Broke(err, "cases_once") {
		return refusal.Conflict("Case %s is linked already. Once they answer: /snafu case answered %s.", req.Ref, req.Ref)
	}
	return err
}

// vendorMeant finds whose case it is: nobody's, of a customer.
func (r *Response) vendorMeant(ctx context.Context, tx pgx.Tx, id incidents.ID, req CaseRequest) (Vendor, error) {
	switch {
	case req.Whom == incidents.CaseCustomer:
		return Vendor{}, nil
	case req.Whom != incidents.CaseVendor:
		return Vendor{}, refusal.Invalid("Whose case is it? Write `/snafu case vendor 4711`, or `/snafu case customer 4711`.")
	case req.Vendor != "":
		if v, ok := r.Vendor(req.Vendor); ok {
			return v, nil
		}
		return Vendor{}, refusal.NotFound("There is no vendor %q. %s", incidents.Line(req.Vendor, 40), r.knownVendors())
	}
	var name string
	err := tx.QueryRow(ctx, newestVendor, int64(id)).Scan(&name)
	if v, ok := r.Vendor(name); err == nil && ok {
		return v, nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Vendor{}, fmt.Errorf("find the vendor that was asked: %w", err)
	}
	if len(r.o.Vendors) == 1 {
		return r.o.Vendors[0], nil
	}
	return Vendor{}, refusal.Invalid("Which vendor's case is it? Write `/snafu case vendor NAME %s`. %s", req.Ref, r.knownVendors())
}

const (
	caseColumns = `
	select id, incident, whom, vendor, ref, text, by, at, answered_at, asked_at
	from cases`

	listCases = caseColumns + `
	where incident = $1
	order by id`

	answerCase = `
	update cases
	set answered_at = $2, answered_by = $3, asked_at = null
	where id = $1`

	remindCase = `
	update cases
	set asked_at = $2
	where id = $1`
)

// CaseAnswered notes that a case was answered. It refuses with NotFound an unknown
// number, and with Conflict one that was answered already.
func (r *Response) CaseAnswered(ctx context.Context, act journal.Act, id incidents.ID, ref, text string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		all, err := r.cases(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		var meant []incidents.Case
		for _, c := range all {
			if strings.EqualFold(c.Ref, strings.TrimSpace(ref)) {
				meant = append(meant, c)
			}
		}
		// The same number may be one of a vendor's and one of a customer's: the one
		// that still waits is meant.
		slices.SortStableFunc(meant, func(a, b incidents.Case) int { return a.Answered.Compare(b.Answered) })
		switch {
		case len(meant) == 0:
			return inc, nil, refusal.NotFound("%s has no case %q. `/snafu case vendor NUMBER` links one.", id, incidents.Line(ref, 60))
		case !meant[0].Answered.IsZero():
			return inc, nil, refusal.Conflict("Case %s was answered already.", meant[0].Ref)
		}
		c := meant[0]
		if _, err := tx.Exec(ctx, answerCase, c.ID, at, string(by)); err != nil {
			return inc, nil, fmt.Errorf("save case: %w", err)
		}
		return inc, []incidents.Fact{incidents.CaseAnswered{
			Case: c.ID, Whom: c.Whom, Vendor: c.Vendor, Title: c.Title, Ref: c.Ref, Text: incidents.Line(text, 300), By: by,
			After: int64(at.Sub(c.At) / time.Second),
		}}, nil
	})
}

// Cases returns the cases of an incident, oldest first.
func (r *Response) Cases(ctx context.Context, id incidents.ID) ([]incidents.Case, error) {
	return r.cases(ctx, r.db.Pool(), id)
}

type caseRow struct {
	ID         int64      `db:"id"`
	Incident   int64      `db:"incident"`
	Whom       string     `db:"whom"`
	Vendor     string     `db:"vendor"`
	Ref        string     `db:"ref"`
	Text       string     `db:"text"`
	By         string     `db:"by"`
	At         time.Time  `db:"at"`
	AnsweredAt *time.Time `db:"answered_at"`
	AskedAt    *time.Time `db:"asked_at"`
}

func (r *Response) cases(ctx context.Context, q asker, id incidents.ID) ([]incidents.Case, error) {
	rows, err := q.Query(ctx, listCases, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[caseRow])
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	list := make([]incidents.Case, len(found))
	for n, c := range found {
		pattern := r.o.CustomerCaseURL
		v := Vendor{Name: c.Vendor}
		if c.Whom == incidents.CaseVendor {
			if known, ok := r.Vendor(c.Vendor); ok {
				v = known
			}
			pattern = v.CaseURL
		}
		list[n] = incidents.Case{
			ID: c.ID, Whom: c.Whom, Vendor: c.Vendor, Title: v.Called(), Ref: c.Ref, Text: c.Text, URL: caseURL(pattern, c.Ref),
			By: incidents.Person(c.By), At: c.At.UTC(), Answered: instant(c.AnsweredAt), Asked: instant(c.AskedAt),
		}
	}
	return list, nil
}

// AskVendor does the job of that name: a vendor that is silent beyond the time it
// promises is told of once for each such time, until the case is answered or
// the incident is over.
func (r *Response) AskVendor(ctx context.Context, job jobs.Job[AskVendor]) error {
	args := job.Args
	var again time.Duration
	err := r.db.InTx(ctx, func(tx pgx.Tx) error {
		again = 0
		inc, at, err := relock(ctx, tx, r.db, args.Incident)
		if err != nil {
			return err
		}
		all, err := r.cases(ctx, tx, args.Incident)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(c incidents.Case) bool { return c.ID == args.Case })
		if n < 0 || inc.Phase().Ended() || !all[n].Answered.IsZero() {
			return job.Done(ctx, tx)
		}
		c := all[n]
		v, ok := r.Vendor(c.Vendor)
		if !ok || v.Within <= 0 {
			return job.Done(ctx, tx)
		}
		since := c.At
		if c.Asked.After(since) {
			since = c.Asked
		}
		if again = since.Add(v.Within).Sub(at); again > 0 {
			return nil
		}
		again = v.Within
		if _, err := tx.Exec(ctx, remindCase, c.ID, at); err != nil {
			return fmt.Errorf("save case: %w", err)
		}
		act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("ask-vendor:case-%d:%d", c.ID, since.UnixMicro())}
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		who := []incidents.Person{c.By}
		if inc.Lead != c.By {
			who = append(who, inc.Lead)
		}
		return r.record(ctx, tx, act, inc.ID, at, []incidents.Fact{incidents.VendorSilent{
			Case: c.ID, Vendor: v.Name, Title: v.Called(), Ref: c.Ref, Phone: v.Phone, People: who,
			Silent: int64(at.Sub(c.At) / time.Second), Within: int64(v.Within / time.Second),
		}})
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	if err == nil && again > 0 {
		return jobs.Snooze(again)
	}
	return err
}
