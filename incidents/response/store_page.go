package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

type pageRow struct {
	ID         int64      `db:"id"`
	Incident   int64      `db:"incident"`
	Target     string     `db:"target"`
	Person     string     `db:"person"`
	Why        string     `db:"why"`
	By         string     `db:"by"`
	Severity   int64      `db:"severity"`
	State      string     `db:"state"`
	Rung       int64      `db:"rung"`
	NextPeople []string   `db:"next_people"`
	NextName   string     `db:"next_name"`
	Fallback   string     `db:"fallback"`
	StartedAt  time.Time  `db:"started_at"`
	AnsweredBy string     `db:"answered_by"`
	AnsweredAt *time.Time `db:"answered_at"`
	AskedAt    *time.Time `db:"asked_at"`
	Joined     []string   `db:"joined"`
	EndedAt    *time.Time `db:"ended_at"`
	EndedWhy   string     `db:"ended_why"`
}

const pageColumns = `
	select id, incident, target, person, why, by, severity, state, rung, next_people, next_name, fallback,
		started_at, answered_by, answered_at, asked_at, joined, ended_at, ended_why
	from pages`

const (
	findPages = pageColumns + `
		where incident = $1
		order by id`

	findPage = pageColumns + `
		where incident = $1 and id = $2`

	// The newest call that wants an answer; else the newest that somebody can join.
	findNewest = pageColumns + `
		where incident = $1 and state <> 'ended'
		order by array_position(array['calling', 'unanswered', 'answered'], state), id desc
		limit 1`

	findCalling = pageColumns + `
		where incident = $1 and target = $2 and person = $3 and state = 'calling'`

	findUnended = pageColumns + `
		where incident = $1 and state <> 'ended'
		order by id`

	findOverdue = pageColumns + `
		where state = 'calling' and due_at < $1
		order by id`
)

// loadPage returns one call of an incident; 0 is the newest that matters.
func loadPage(ctx context.Context, q asker, id incidents.ID, page int64) (incidents.Page, error) {
	var rows pgx.Rows
	var err error
	if page == 0 {
		rows, err = q.Query(ctx, findNewest, int64(id))
	} else {
		rows, err = q.Query(ctx, findPage, int64(id), page)
	}
	found, err := loadPages(ctx, q, rows, err)
	if err != nil {
		return incidents.Page{}, err
	}
	if len(found) == 0 {
		return incidents.Page{}, refusal.NotFound("Nobody is being called for %s. Call with /snafu call.", id)
	}
	return found[0], nil
}

// loadPages returns whole calls, in the order of the rows of a query.
func loadPages(ctx context.Context, q asker, rows pgx.Rows, err error) ([]incidents.Page, error) {
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[pageRow])
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	ids := make([]int64, len(found))
	for n, row := range found {
		ids[n] = row.ID
	}
	steps, err := loadSteps(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	sends, err := loadSends(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	list := make([]incidents.Page, len(found))
	for n, r := range found {
		list[n] = incidents.Page{
			ID: r.ID, Incident: incidents.ID(r.Incident), Target: r.Target, Person: incidents.Person(r.Person), Why: r.Why,
			By: incidents.Actor(r.By), Severity: incidents.Severity(r.Severity), State: incidents.PageState(r.State),
			Steps: steps[r.ID], Rung: r.Rung, Next: persons(r.NextPeople), NextName: r.NextName, Fallback: r.Fallback,
			Started: r.StartedAt.UTC(), AnsweredBy: incidents.Person(r.AnsweredBy), AnsweredAt: instant(r.AnsweredAt), Asked: instant(r.AskedAt),
			Joined: persons(r.Joined), EndedAt: instant(r.EndedAt), EndedWhy: r.EndedWhy, Sends: sends[r.ID],
		}
	}
	return list, nil
}

type stepRow struct {
	Page    int64     `db:"page"`
	Rung    int64     `db:"rung"`
	Name    string    `db:"name"`
	People  []string  `db:"people"`
	At      time.Time `db:"at"`
	DueAt   time.Time `db:"due_at"`
	Outcome string    `db:"outcome"`
	Why     string    `db:"why"`
	By      string    `db:"by"`
}

const findSteps = `
	select page, rung, name, people, at, due_at, outcome, why, by
	from page_steps
	where page = any($1)
	order by page, number`

func loadSteps(ctx context.Context, q asker, pages []int64) (map[int64][]incidents.PageStep, error) {
	rows, err := q.Query(ctx, findSteps, pages)
	if err != nil {
		return nil, fmt.Errorf("read page steps: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stepRow])
	if err != nil {
		return nil, fmt.Errorf("read page steps: %w", err)
	}
	all := map[int64][]incidents.PageStep{}
	for _, s := range found {
		all[s.Page] = append(all[s.Page], incidents.PageStep{
			N: s.Rung, Name: s.Name, People: persons(s.People), At: s.At.UTC(), Due: s.DueAt.UTC(),
			Outcome: s.Outcome, Why: s.Why, By: incidents.Person(s.By),
		})
	}
	return all, nil
}

const updatePage = `
	update pages
	set state = $2, rung = $3, next_people = $4, next_name = $5, due_at = $6, answered_by = $7, answered_at = $8,
		joined = $9, ended_at = $10, ended_why = $11, asked_at = $12
	where id = $1`

const upsertStep = `
	insert into page_steps (page, number, rung, name, people, at, due_at, outcome, why, by)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	on conflict (page, number) do update
	set outcome = excluded.outcome, why = excluded.why, by = excluded.by`

func savePage(ctx context.Context, tx pgx.Tx, p incidents.Page) error {
	var wake time.Time
	if p.State == incidents.PageCalling {
		wake = due(p)
	}
	var batch pgx.Batch
	batch.Queue(updatePage, p.ID, string(p.State), p.Rung, texts(p.Next), p.NextName, orNull(wake), string(p.AnsweredBy),
		orNull(p.AnsweredAt), texts(p.Joined), orNull(p.EndedAt), p.EndedWhy, orNull(p.Asked))
	for n, s := range p.Steps {
		batch.Queue(upsertStep, p.ID, n+1, s.N, s.Name, texts(s.People), s.At, s.Due, s.Outcome, s.Why, string(s.By))
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("save page: %w", err)
	}
	return nil
}
