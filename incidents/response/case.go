package response

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
)

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
// left open, with Conflict one that is linked already, and any once the incident is
// over.
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
		if inc.Phase().Ended() {
			return inc, nil, refusal.Conflict("%s is %s: nobody would be asked for the answer of a case any more. `/snafu note TEXT` keeps its number; `/snafu reopen more WHY` takes the snafu up again.", id, inc.Phase())
		}
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
		return inc, []incidents.Fact{linked}, nil
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
	select id, incident, whom, vendor, ref, text, by, at, answered_at
	from cases`

	listCases = caseColumns + `
	where incident = $1
	order by id`

	answerCase = `
	update cases
	set answered_at = $2, answered_by = $3
	where id = $1`
)

// CaseAnswered notes that a case was answered; ref is its number, or its name in a
// reminder. It refuses with NotFound an unknown
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
			if strings.EqualFold(c.Ref, strings.TrimSpace(ref)) || caseSubject(c) == ref {
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
			By: incidents.Person(c.By), At: c.At.UTC(), Answered: instant(c.AnsweredAt),
		}
	}
	return list, nil
}

// NagVendorSilent calls to mind a case that a vendor has not answered within the
// time that it promises.
const NagVendorSilent = "vendor-silent"

// caseSubject names a case where its number could be too long, or be another's too.
func caseSubject(c incidents.Case) string { return "case-" + strconv.FormatInt(c.ID, 10) }

func (r *Response) nagVendors(ctx context.Context, q asker, inc incidents.Incident, _ time.Time) (nags []incidents.Nag, err error) {
	all, err := r.cases(ctx, q, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		v, ok := r.Vendor(c.Vendor)
		if !ok || v.Within <= 0 || !c.Answered.IsZero() || c.Whom != incidents.CaseVendor {
			continue
		}
		say := v.Called() + " has not answered case " + c.Ref + " of " + inc.Key() + ", linked at "
		ask := ", and promises an answer within " + incidents.Took(v.Within) + ". Ask them again"
		if v.Phone != "" {
			ask += ", " + v.Phone
		}
		to := []incidents.Person{c.By}
		if inc.Lead != c.By {
			to = append(to, inc.Lead)
		}
		nags = append(nags, incidents.Nag{
			Kind: NagVendorSilent, Subject: caseSubject(c), To: to, From: c.At, Beats: incidents.Beats{At: []time.Duration{v.Within}, Every: v.Within},
			Say: incidents.Sentence(say, incidents.Dated(c.At), ask+"."),
			Do:  []incidents.NagAct{{Action: "case.answered", Label: "They answered"}},
		})
	}
	return nags, nil
}
