package response

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
)

// SendCode asks for a code to be sent to a number or an address, so that its owner
// can type it back.
type SendCode struct {
	Person incidents.Person `json:"person"`
	Way    string           `json:"way"`
}

// Kind names the job.
func (SendCode) Kind() string { return "send-code" }

// Queue keeps it with what else is sent outside of Slack.
func (SendCode) Queue() string { return jobs.Pages }

// AskContact asks for somebody to be told that a number or an address was entered
// for them, and does not count yet.
type AskContact struct {
	Person incidents.Person `json:"person"`
	Way    string           `json:"way"`
}

// Kind names the job.
func (AskContact) Kind() string { return "ask-contact" }

// Queue keeps it beside what else is told.
func (AskContact) Queue() string { return jobs.Tell }

const (
	codeFor     = 10 * time.Minute
	codeTries   = 5
	codesPerDay = 5
)

// Contact is how somebody is called outside of Slack.
type Contact struct {
	Person   incidents.Person
	Way      string // incidents.ByEmail or incidents.ByPhone
	Address  string
	Asked    time.Time
	Verified time.Time // zero until its owner has typed back what was sent to it
	Sent     time.Time // the code that counts; zero if there is none
}

type contactRow struct {
	Person     string     `db:"person"`
	Way        string     `db:"way"`
	Address    string     `db:"address"`
	AskedAt    time.Time  `db:"asked_at"`
	VerifiedAt *time.Time `db:"verified_at"`
	SentAt     *time.Time `db:"sent_at"`
	Code       []byte     `db:"code"`
	Tries      int64      `db:"tries"`
	SentToday  int64      `db:"sent_today"`
}

func (r contactRow) contact() Contact {
	return Contact{
		Person: incidents.Person(r.Person), Way: r.Way, Address: r.Address, Asked: r.AskedAt.UTC(), Verified: instant(r.VerifiedAt), Sent: instant(r.SentAt),
	}
}

const contactColumns = `
	select person, way, address, asked_at, verified_at, sent_at, code, tries, sent_today
	from contacts`

const (
	listContacts = contactColumns + `
	where person = $1 and address <> ''
	order by way`

	lockContact = contactColumns + `
	where person = $1 and way = $2
	for update`

	verifiedContacts = `
	select person, way, address
	from contacts
	where person = any($1) and verified_at is not null
	order by person, way desc`

	// Another number is one that nobody has verified yet. The codes of a day count
	// on, so that nobody lets us ring strangers all day.
	upsertContact = `
	insert into contacts (person, way, address, asked_at)
	values ($1, $2, $3, $4)
	on conflict (person, way) do update
	set address = excluded.address, asked_at = excluded.asked_at, verified_at = null, code = null, tries = 0`

	seedContact = `
	insert into contacts (person, way, address, asked_at)
	values ($1, $2, $3, $4)
	on conflict (person, way) do update
	set address = excluded.address, asked_at = excluded.asked_at
	where contacts.address = ''`

	keepCode = `
	update contacts
	set code = $3, sent_at = $4, tries = 0, sent_today = $5
	where person = $1 and way = $2`

	missCode = `
	update contacts
	set tries = tries + 1
	where person = $1 and way = $2`

	verifyContact = `
	update contacts
	set verified_at = $3, code = null, tries = 0
	where person = $1 and way = $2`

	// How many codes were sent that day stays: see upsertContact.
	forgetContact = `
	update contacts
	set address = '', verified_at = null, code = null, tries = 0
	where person = $1 and way = $2`
)

// Contacts returns how somebody is called outside of Slack, verified or not.
func (r *Response) Contacts(ctx context.Context, p incidents.Person) ([]Contact, error) {
	rows, err := r.db.Pool().Query(ctx, listContacts, string(p))
	found, err := contactRows(rows, err)
	list := make([]Contact, len(found))
	for n, row := range found {
		list[n] = row.contact()
	}
	return list, err
}

func contactRows(rows pgx.Rows, err error) ([]contactRow, error) {
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[contactRow])
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return found, nil
}

// SetContact keeps a number or an address of whoever acts, and asks for a code to
// be sent to it: it counts once that was typed back. The one that it had before
// counts no more. It refuses with Unavailable a way that is not configured, with
// Conflict what is verified already, and with Invalid what is no number or address.
func (r *Response) SetContact(ctx context.Context, act journal.Act, way, address string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	address = strings.TrimSpace(address)
	if err := r.checkContact(way, address); err != nil {
		return err
	}
	return r.onContact(ctx, act, by, way, func(tx pgx.Tx, was contactRow, at time.Time) error {
		if was.Address != address {
			if _, err := tx.Exec(ctx, upsertContact, string(by), way, address, at); err != nil {
				return fmt.Errorf("keep contact: %w", err)
			}
		} else if was.VerifiedAt != nil {
			return refusal.Conflict("That one counts already.")
		}
		if was.SentAt != nil && at.Sub(*was.SentAt) < 24*time.Hour && was.SentToday >= codesPerDay {
			return refusal.Conflict("%d codes were sent to you today. Try again tomorrow, or ask the one who runs snafu.", codesPerDay)
		}
		return jobs.Add(ctx, tx, SendCode{Person: by, Way: way})
	})
}

func (r *Response) checkContact(way, address string) error {
	check, on := r.o.Ways.CheckEmail, r.o.Ways.Mail
	if way == incidents.ByPhone {
		check, on = r.o.Ways.CheckPhone, r.o.Ways.Telephone || r.o.Ways.SMS
	}
	switch {
	case way != incidents.ByPhone && way != incidents.ByEmail:
		return refusal.Invalid("People are called by phone or by email. Write `/snafu oncall contact phone +442079460000`, or `/snafu oncall contact email you@example.com`.")
	case !on:
		return refusal.Unavailable("My configuration has no way to call by %s. Its admin can add one under `outbound`.", way)
	}
	if err := check(address); err != nil {
		return refusal.Invalid("%s.", strings.TrimSuffix(err.Error(), "."))
	}
	return nil
}

func (r *Response) onContact(ctx context.Context, act journal.Act, by incidents.Person, way string, do func(pgx.Tx, contactRow, time.Time) error) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, lockContact, string(by), way)
		found, err := contactRows(rows, err)
		if err != nil {
			return err
		}
		return do(tx, append(found, contactRow{})[0], at)
	})
}

// NewCode makes the code that is sent to a contact; codes before it count no more.
// Only its hash is kept. It returns "" where nothing is to be sent: the contact is
// gone or verified.
func (r *Response) NewCode(ctx context.Context, p incidents.Person, way string) (code, address string, err error) {
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		code = ""
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, lockContact, string(p), way)
		found, err := contactRows(rows, err)
		if err != nil || len(found) == 0 || found[0].Address == "" || found[0].VerifiedAt != nil {
			return err
		}
		today := int64(1)
		if was := found[0]; was.SentAt != nil && at.Sub(*was.SentAt) < 24*time.Hour {
			today += was.SentToday
		}
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return fmt.Errorf("make a code: %w", err)
		}
		code, address = fmt.Sprintf("%06d", n), found[0].Address
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			return fmt.Errorf("make a code: %w", err)
		}
		if _, err := tx.Exec(ctx, keepCode, string(p), way, append(salt, hashCode(salt, code)...), at, today); err != nil {
			return fmt.Errorf("keep code: %w", err)
		}
		return nil
	})
	return code, address, err
}

func hashCode(salt []byte, code string) []byte {
	sum := sha256.Sum256(append(append([]byte{}, salt...), code...))
	return sum[:]
}

// errWrongCode ends a try that is counted.
var errWrongCode = errors.New("wrong code")

// Verify takes the code that was sent to a number or an address of whoever acts:
// from then on it counts. It refuses with Invalid a wrong code and one of more
// than ten minutes ago, with Conflict after five wrong ones.
func (r *Response) Verify(ctx context.Context, act journal.Act, typed string) (Contact, error) {
	by, err := person(act)
	if err != nil {
		return Contact{}, err
	}
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	var spent error
	for _, way := range []string{incidents.ByPhone, incidents.ByEmail} {
		done, err := r.verify(ctx, act, by, way, typed)
		if no, refused := refusal.As(err); refused && no.Kind == refusal.KindConflict {
			spent = err // of this way; it may be the code of the other
			continue
		}
		if !errors.Is(err, errWrongCode) {
			return done, err
		}
	}
	if spent != nil {
		return Contact{}, spent
	}
	return Contact{}, refusal.Invalid("That is not the code that I sent within the last ten minutes. Look again, or ask for another: `/snafu oncall contact`.")
}

func (r *Response) verify(ctx context.Context, act journal.Act, by incidents.Person, way, typed string) (done Contact, err error) {
	key := act
	key.Key += ":" + way
	wrong := false
	err = r.onContact(ctx, key, by, way, func(tx pgx.Tx, was contactRow, at time.Time) error {
		wrong = was.Code == nil || was.SentAt == nil || at.Sub(*was.SentAt) > codeFor
		if wrong {
			return nil
		}
		if was.Tries >= codeTries {
			return refusal.Conflict("%d wrong codes were typed, so that one counts no more. Ask for another: `/snafu oncall contact`.", codeTries)
		}
		if wrong = subtle.ConstantTimeCompare(was.Code[16:], hashCode(was.Code[:16], typed)) != 1; wrong {
			if _, err := tx.Exec(ctx, missCode, string(by), way); err != nil {
				return fmt.Errorf("count a wrong code: %w", err)
			}
			return nil
		}
		if _, err := tx.Exec(ctx, verifyContact, string(by), way, at); err != nil {
			return fmt.Errorf("verify contact: %w", err)
		}
		done = was.contact()
		done.Verified = at
		return nil
	})
	if err == nil && wrong {
		return done, errWrongCode
	}
	return done, err
}

// ForgetContact removes a number or an address of whoever acts.
func (r *Response) ForgetContact(ctx context.Context, act journal.Act, way string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.onContact(ctx, act, by, way, func(tx pgx.Tx, was contactRow, _ time.Time) error {
		if was.Address == "" {
			return refusal.NotFound("You have no %s here. `/snafu oncall contact` shows what you have.", incidents.Line(way, 20))
		}
		if _, err := tx.Exec(ctx, forgetContact, string(by), way); err != nil {
			return fmt.Errorf("forget contact: %w", err)
		}
		return nil
	})
}

// SeedContacts enters what the configuration says of people who have nothing of
// the kind yet, and asks for each of them to be told once. It counts as little as
// anything else that its owner has not verified.
func (r *Response) SeedContacts(ctx context.Context, entered []Contact) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range entered {
			tag, err := tx.Exec(ctx, seedContact, string(c.Person), c.Way, c.Address, at)
			if err != nil {
				return fmt.Errorf("enter contact: %w", err)
			}
			if tag.RowsAffected() == 0 {
				continue
			}
			if err := jobs.Add(ctx, tx, AskContact{Person: c.Person, Way: c.Way}); err != nil {
				return err
			}
		}
		return nil
	})
}

// reached are those of people who have a verified number or address: way to people.
func reached(ctx context.Context, q asker, people []incidents.Person) (map[string][]incidents.Person, error) {
	rows, err := q.Query(ctx, verifiedContacts, texts(people))
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	all := map[string][]incidents.Person{}
	var who, way, address string
	_, err = pgx.ForEachRow(rows, []any{&who, &way, &address}, func() error {
		all[way] = append(all[way], incidents.Person(who))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return all, nil
}

// Reached returns the verified number or address of somebody, "" if there is none.
func (r *Response) Reached(ctx context.Context, p incidents.Person, way string) (string, error) {
	all, err := r.Contacts(ctx, p)
	for _, c := range all {
		if c.Way == way && !c.Verified.IsZero() {
			return c.Address, nil
		}
	}
	return "", err
}
