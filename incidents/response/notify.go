package response

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

// Notify asks for one thing to be sent outside of Slack.
type Notify struct {
	Send int64 `json:"send"`
}

// Kind names the job.
func (Notify) Kind() string { return "notify" }

// Queue keeps it with the calls.
func (Notify) Queue() string { return jobs.Pages }

// Ways says how people are called outside of Slack, beside it. Who is called by
// mail or telephone has said so: see Contact.
type Ways struct {
	Mail       bool
	Telephone  bool // a call to a number
	SMS        bool // a text to it
	PagerDuty  bool
	Webhook    bool
	CheckEmail func(address string) error // says what is wrong with an address
	CheckPhone func(number string) error
}

// record appends what happened, and asks for what has to be sent outside of
// Slack because of it.
func (r *Response) record(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, at time.Time, facts []incidents.Fact) error {
	for _, fact := range facts {
		switch f := fact.(type) {
		case incidents.Called:
			if err := r.askFor(ctx, tx, f.Page, f.Step, incidents.SendCalled, f.People, at); err != nil {
				return err
			}
		case incidents.CalledNext:
			if err := r.askFor(ctx, tx, f.Page, f.Step, incidents.SendCalled, f.People, at); err != nil {
				return err
			}
		case incidents.CallAnswered:
			if err := r.askFor(ctx, tx, f.Page, 0, incidents.SendAnswered, []incidents.Person{f.By}, at); err != nil {
				return err
			}
		case incidents.CallUnanswered:
			if err := r.askFor(ctx, tx, f.Page, 0, incidents.SendUnanswered, f.Silent, at); err != nil {
				return err
			}
		case incidents.CallEnded:
			if err := r.askFor(ctx, tx, f.Page, 0, incidents.SendEnded, nil, at); err != nil {
				return err
			}
		}
	}
	return record(ctx, tx, act, id, at, facts)
}

// A drill calls in Slack alone.
const insertSend = `
	insert into page_sends (page, step, way, event, person, people, asked_at)
	select p.id, $2, $3, $4, $5, $6, $7
	from pages p
	join incidents i on i.id = p.incident
	where p.id = $1 and not i.drill
	returning id`

func (r *Response) askFor(ctx context.Context, tx pgx.Tx, page, step int64, event string, people []incidents.Person, at time.Time) error {
	type send struct {
		way    string
		person incidents.Person
	}
	var sends []send
	var by map[string][]incidents.Person
	var first map[incidents.Person]string
	var err error
	if event == incidents.SendCalled {
		if by, err = reached(ctx, tx, people); err != nil {
			return err
		}
		if first, err = firstWays(ctx, tx, people); err != nil {
			return err
		}
		for _, p := range people {
			if r.o.Ways.Telephone && slices.Contains(by[incidents.ByPhone], p) {
				sends = append(sends, send{incidents.ByPhone, p})
			}
			if r.o.Ways.SMS && slices.Contains(by[incidents.ByPhone], p) {
				sends = append(sends, send{incidents.BySMS, p})
			}
			if r.o.Ways.Mail && slices.Contains(by[incidents.ByEmail], p) {
				sends = append(sends, send{incidents.ByEmail, p})
			}
		}
	}
	if r.o.Ways.PagerDuty && event != incidents.SendUnanswered {
		sends = append(sends, send{way: incidents.ByPagerDuty})
	}
	if r.o.Ways.Webhook {
		sends = append(sends, send{way: incidents.ByWebhook})
	}
	for _, s := range sends {
		var id int64
		err = tx.QueryRow(ctx, insertSend, page, step, s.way, event, string(s.person), texts(people), at).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("insert send: %w", err)
		}
		way := first[s.person]
		if wait := later(s.way, way, slices.Contains(by[way], s.person) && slices.Contains(r.CanCallBy(), way)); wait > 0 {
			err = jobs.AddAt(ctx, tx, Notify{Send: id}, at.Add(wait))
		} else {
			err = jobs.Add(ctx, tx, Notify{Send: id})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Send is one thing to be sent, with all that it tells.
type Send struct {
	incidents.PageSend
	Page     incidents.Page
	Incident incidents.Incident
	People   []incidents.Person // who is called, or who answered
}

type sendRow struct {
	ID      int64      `db:"id"`
	Page    int64      `db:"page"`
	Step    int64      `db:"step"`
	Way     string     `db:"way"`
	Event   string     `db:"event"`
	Person  string     `db:"person"`
	People  []string   `db:"people"`
	State   string     `db:"state"`
	Said    string     `db:"said"`
	Tries   int64      `db:"tries"`
	AskedAt time.Time  `db:"asked_at"`
	DoneAt  *time.Time `db:"done_at"`
}

const sendColumns = `
	select id, page, step, way, event, person, people, state, said, tries, asked_at, done_at
	from page_sends`

const (
	getSend = sendColumns + `
	where id = $1`

	lockSend = sendColumns + `
	where id = $1
	for update`

	listSends = sendColumns + `
	where page = any($1)
	order by id`

	pageOfSend = `select p.incident from page_sends s join pages p on p.id = s.page where s.id = $1`

	saveSend = `
	update page_sends
	set state = $2, said = $3, tries = $4, done_at = $5
	where id = $1`
)

func (r sendRow) send() incidents.PageSend {
	return incidents.PageSend{
		ID: r.ID, Step: r.Step, Way: r.Way, Event: r.Event, Person: incidents.Person(r.Person), State: r.State, Said: r.Said,
		Tries: r.Tries, Asked: r.AskedAt.UTC(), Done: instant(r.DoneAt),
	}
}

func oneSend(rows pgx.Rows, err error) (sendRow, error) {
	if err != nil {
		return sendRow{}, fmt.Errorf("read send: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[sendRow])
	if err != nil {
		return sendRow{}, fmt.Errorf("read send: %w", err)
	}
	return row, nil
}

func loadSends(ctx context.Context, q asker, pages []int64) (map[int64][]incidents.PageSend, error) {
	rows, err := q.Query(ctx, listSends, pages)
	if err != nil {
		return nil, fmt.Errorf("read sends: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[sendRow])
	if err != nil {
		return nil, fmt.Errorf("read sends: %w", err)
	}
	all := map[int64][]incidents.PageSend{}
	for _, row := range found {
		all[row.Page] = append(all[row.Page], row.send())
	}
	return all, nil
}

// ToSend returns what a job has to send, and whether that still makes sense:
// nobody is called by telephone for what somebody has answered meanwhile.
func (r *Response) ToSend(ctx context.Context, id int64) (s Send, wanted bool, err error) {
	q := r.db.Pool()
	rows, err := q.Query(ctx, getSend, id)
	row, err := oneSend(rows, err)
	if err != nil {
		return s, false, err
	}
	s.PageSend, s.People = row.send(), persons(row.People)
	var inc int64
	if err := q.QueryRow(ctx, pageOfSend, id).Scan(&inc); err != nil {
		return s, false, fmt.Errorf("find page of send: %w", err)
	}
	if s.Page, err = loadPage(ctx, q, incidents.ID(inc), row.Page); err != nil {
		return s, false, err
	}
	if s.Incident, err = r.Get(ctx, incidents.ID(inc)); err != nil {
		return s, false, err
	}
	wanted = s.State == incidents.SendWaiting && (s.Event != incidents.SendCalled || s.Page.State == incidents.PageCalling)
	return s, wanted, nil
}

// sendAgain are the pauses before another try.
var sendAgain = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 35 * time.Minute}

// Sent records what became of one try, in the provider's own word. It returns how
// long to wait for the next try, 0 if there is none: what was refused for good is
// journalled, and so is what was accepted.
func (r *Response) Sent(ctx context.Context, s Send, accepted, again bool, said string, after time.Duration) (wait time.Duration, err error) {
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		wait = 0
		_, at, err := relock(ctx, tx, r.db, s.Incident.ID)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, lockSend, s.ID)
		row, err := oneSend(rows, err)
		if err != nil || row.State != incidents.SendWaiting {
			return err
		}
		state, done := incidents.SendRefused, at
		switch {
		case accepted:
			state = incidents.SendAccepted
		case again && row.Tries < int64(len(sendAgain)):
			state, done = incidents.SendWaiting, time.Time{}
			wait = max(sendAgain[row.Tries], after)
		}
		said = incidents.Line(said, 120)
		if _, err := tx.Exec(ctx, saveSend, s.ID, state, said, row.Tries+1, orNull(done)); err != nil {
			return fmt.Errorf("save send: %w", err)
		}
		if state == incidents.SendWaiting {
			return nil
		}
		act := journal.Act{By: incidents.System("notify"), Key: "sent:" + strconv.FormatInt(s.ID, 10)}
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		fact := incidents.CallSent{Page: row.Page, Way: row.Way, Event: row.Event, Person: incidents.Person(row.Person), Accepted: accepted, Said: said}
		return record(ctx, tx, act, s.Incident.ID, at, []incidents.Fact{fact})
	})
	if errors.Is(err, journal.ErrAlready) {
		return 0, nil
	}
	return wait, err
}
