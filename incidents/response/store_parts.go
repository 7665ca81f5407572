package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

type answerRow struct {
	Incident int64      `db:"incident"`
	Question int64      `db:"question"`
	Choices  []string   `db:"choices"`
	Text     string     `db:"text"`
	Time     *time.Time `db:"time"`
	Guess    bool       `db:"guess"`
	Measured bool       `db:"measured"`
	By       string     `db:"by"`
	At       time.Time  `db:"at"`
}

// The ids come out of a query of their own: with them in sight, Postgres plans
// anew each time as soon as the table is long, which takes longer than reading.
const ofThese = `
	where incident = any((select $1::bigint[])::bigint[])`

const findAnswers = `
	select incident, question, choices, text, time, guess, measured, by, at
	from answers` + ofThese

func loadAnswers(ctx context.Context, q asker, ids []int64) (map[int64]map[incidents.Question]incidents.Answer, error) {
	rows, err := q.Query(ctx, findAnswers, ids)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[answerRow])
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	all := map[int64]map[incidents.Question]incidents.Answer{}
	for _, a := range found {
		if all[a.Incident] == nil {
			all[a.Incident] = map[incidents.Question]incidents.Answer{}
		}
		all[a.Incident][incidents.Question(a.Question)] = incidents.Answer{
			Choices: a.Choices, Text: a.Text, Time: instant(a.Time), Guess: a.Guess,
			Measured: a.Measured, By: incidents.Actor(a.By), At: a.At.UTC(),
		}
	}
	return all, nil
}

const upsertAnswer = `
	insert into answers (incident, question, choices, text, time, guess, measured, by, at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	on conflict (incident, question) do update
	set choices = excluded.choices, text = excluded.text, time = excluded.time, guess = excluded.guess,
		measured = excluded.measured, by = excluded.by, at = excluded.at
	where answers.at < excluded.at`

func saveAnswers(ctx context.Context, tx pgx.Tx, i incidents.Incident) error {
	var batch pgx.Batch
	for _, q := range incidents.Questions {
		a := i.Triage.Answer(q.N)
		if !a.Given() {
			continue
		}
		batch.Queue(upsertAnswer, int64(i.ID), int64(q.N), texts(a.Choices), a.Text, orNull(a.Time), a.Guess, a.Measured, string(a.By), a.At)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("save answers: %w", err)
	}
	return nil
}

type containmentRow struct {
	Incident int64     `db:"incident"`
	How      string    `db:"how"`
	What     string    `db:"what"`
	Was      string    `db:"was"`
	Now      string    `db:"now"`
	Proof    string    `db:"proof"`
	DoneAt   time.Time `db:"done_at"`
	By       string    `db:"by"`
	At       time.Time `db:"at"`
}

const findContainments = `
	select incident, how, what, was, now, proof, done_at, by, at
	from containments` + ofThese + `
	order by incident, number`

func loadContainments(ctx context.Context, q asker, ids []int64) (map[int64][]incidents.Containment, error) {
	rows, err := q.Query(ctx, findContainments, ids)
	if err != nil {
		return nil, fmt.Errorf("read containments: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[containmentRow])
	if err != nil {
		return nil, fmt.Errorf("read containments: %w", err)
	}
	all := map[int64][]incidents.Containment{}
	for _, c := range found {
		all[c.Incident] = append(all[c.Incident], incidents.Containment{
			How: incidents.How(c.How), What: c.What, Was: c.Was, Now: c.Now, Proof: c.Proof,
			DoneAt: c.DoneAt.UTC(), By: incidents.Actor(c.By), At: c.At.UTC(),
		})
	}
	return all, nil
}

const insertContainment = `
	insert into containments (incident, number, how, what, was, now, proof, done_at, by, at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	on conflict (incident, number) do nothing`

func saveContainments(ctx context.Context, tx pgx.Tx, i incidents.Incident) error {
	if len(i.Acts) == 0 {
		return nil
	}
	var batch pgx.Batch
	for n, c := range i.Acts {
		batch.Queue(insertContainment, int64(i.ID), n+1, string(c.How), c.What, c.Was, c.Now, c.Proof, c.DoneAt, string(c.By), c.At)
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("save containments: %w", err)
	}
	return nil
}
