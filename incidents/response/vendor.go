package response

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// Vendor is a company whose support helps with a system. Nobody there is paged:
// people write to them.
type Vendor struct {
	Name     string // in the configuration
	Title    string // what people call it; Name if empty
	Hours    string // when its support answers, in words
	Phone    string
	Contract string
	URL      string        // where a case is opened
	CaseURL  string        // where one is read, with {ref} in it
	Within   time.Duration // in which it promises an answer; 0 if it promises none
}

// Called is what people call it.
func (v Vendor) Called() string {
	if v.Title != "" {
		return v.Title
	}
	return v.Name
}

// refMark stands for a case number in the address at which it is read.
const refMark = "{ref}"

func caseURL(pattern, ref string) string {
	return strings.ReplaceAll(pattern, refMark, url.QueryEscape(ref))
}

// Vendors returns the vendors, in the order of their names.
func (r *Response) Vendors() []Vendor { return r.o.Vendors }

// Vendor returns the vendor of that name or title, and whether there is one.
func (r *Response) Vendor(name string) (Vendor, bool) {
	for _, v := range r.o.Vendors {
		if strings.EqualFold(v.Name, name) || strings.EqualFold(v.Called(), name) {
			return v, true
		}
	}
	return Vendor{}, false
}

// VendorCall is a vendor that was asked for help with an incident.
type VendorCall struct {
	Vendor Vendor
	Why    string
	By     incidents.Person
	At     time.Time
	Cases  []incidents.Case // oldest first
}

const (
	upsertVendorCall = `
	insert into vendor_calls (incident, vendor, why, by, asked_at)
	values ($1, $2, $3, $4, $5)
	on conflict (incident, vendor) do update
	set why = excluded.why, by = excluded.by, asked_at = excluded.asked_at`

	getVendorCall = `
	select vendor, why, by, asked_at
	from vendor_calls
	where incident = $1 and vendor = $2`

	newestVendor = `
	select vendor
	from vendor_calls
	where incident = $1
	order by asked_at desc, vendor
	limit 1`
)

// CallVendor notes that a vendor is asked for help; the card of it holds what to
// write to its support. It refuses with NotFound an unknown vendor, and with
// Conflict when the incident is over.
func (r *Response) CallVendor(ctx context.Context, act journal.Act, id incidents.ID, name, why string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	v, ok := r.Vendor(name)
	if !ok {
		return refusal.NotFound("There is no vendor %q. %s", incidents.Line(name, 40), r.knownVendors())
	}
	why = incidents.Line(why, 300)
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		if inc.Phase().Ended() {
			return inc, nil, refusal.Conflict("%s is %s, so nobody is asked for help.", inc.ID, inc.Phase())
		}
		if _, err := tx.Exec(ctx, upsertVendorCall, int64(id), v.Name, why, string(by), at); err != nil {
			return inc, nil, fmt.Errorf("insert vendor call: %w", err)
		}
		return inc, []incidents.Fact{incidents.VendorCalled{Vendor: v.Name, Title: v.Called(), Why: why}}, nil
	})
}

func (r *Response) knownVendors() string {
	if len(r.o.Vendors) == 0 {
		return "There are no vendors in the configuration."
	}
	names := make([]string, len(r.o.Vendors))
	for n, v := range r.o.Vendors {
		names[n] = v.Name
	}
	return "Known: " + strings.Join(names, ", ") + "."
}

// VendorCall returns what was asked of a vendor in an incident, with its cases.
// It refuses with NotFound a vendor that was not asked.
func (r *Response) VendorCall(ctx context.Context, id incidents.ID, name string) (VendorCall, error) {
	v, ok := r.Vendor(name)
	if !ok {
		v = Vendor{Name: name} // of an older configuration
	}
	call := VendorCall{Vendor: v}
	var by string
	err := r.db.Pool().QueryRow(ctx, getVendorCall, int64(id), v.Name).Scan(&name, &call.Why, &by, &call.At)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return call, refusal.NotFound("%s was not asked for help with %s. `/snafu call %s` asks.", v.Called(), id, v.Name)
	case err != nil:
		return call, fmt.Errorf("read vendor call: %w", err)
	}
	call.By, call.At = incidents.Person(by), call.At.UTC()
	all, err := r.Cases(ctx, id)
	for _, c := range all {
		if c.Vendor == v.Name && c.Whom == incidents.CaseVendor {
			call.Cases = append(call.Cases, c)
		}
	}
	return call, err
}

// Help is who can help with the system of an incident.
type Help struct {
	Rota   string
	OnCall []incidents.Person
	Vendor string // its name in the configuration
	Admins []incidents.Person
	System string // as people call it
}

// Help returns who can help with the system of an incident now.
func (r *Response) Help(ctx context.Context, id incidents.ID) (h Help, err error) {
	inc, err := r.Get(ctx, id)
	if err != nil {
		return h, err
	}
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return h, err
	}
	list, err := r.rotas(ctx, r.db.Pool(), at)
	if err != nil {
		return h, err
	}
	if known, ok := list.named(r.rotaOf(inc)); ok {
		h.Rota, h.OnCall = known.Name(), known.OnCall(at).People
	}
	if s, ok := r.Source(inc.System); ok {
		h.Vendor, h.Admins, h.System = s.Vendor, s.Admins, s.Title
		if h.System == "" {
			h.System = s.Name
		}
	}
	return h, nil
}
