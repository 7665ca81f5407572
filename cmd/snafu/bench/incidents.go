package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
)

// The incidents that lie closed in the log: few at first, then many. What people
// do in the open ones may take this much longer beside many.
const (
	closedFew  = 10
	closedMany = 10_000
	openBeside = 5
	eachRound  = 20
)

var beside = goal{name: "N1", good: 1.2, great: 1.05, by: byWall}

// past is the section about what closed incidents cost the open ones.
type past struct {
	desk   *desk
	admin  *pgx.Conn
	use    *response.Response
	open   []incidents.ID
	opened int
	closed int64
}

// work is one thing that is done all day long, and how long it took beside few
// and beside many closed incidents: the middle one of each round.
type work struct {
	name      string
	do        func(context.Context) error
	few, many []time.Duration
}

func closedBeside(ctx context.Context, b *bench) (err error) {
	p := &past{desk: &desk{b: b}}
	defer func() {
		if p.admin != nil {
			err = errors.Join(err, p.admin.Close(context.WithoutCancel(ctx)))
		}
		err = errors.Join(err, p.desk.close(context.WithoutCancel(ctx)))
	}()
	b.print.progress("incidents: making a log database")
	if err := p.desk.openLog(ctx); err != nil {
		return err
	}
	if p.admin, err = pgx.Connect(ctx, p.desk.admin); err != nil {
		return fmt.Errorf("connect to the log: %w", err)
	}
	if p.use, err = response.New(response.Options{DB: p.desk.db, Sources: []response.SourceInfo{{Name: sourceName}}}); err != nil {
		return err
	}
	many := min(closedMany, b.o.Rows/10)
	all := p.works()
	if err := p.round(ctx, all, closedFew, func(w *work, took time.Duration) { w.few = append(w.few, took) }); err != nil {
		return err
	}
	if err := p.round(ctx, all, many, func(w *work, took time.Duration) { w.many = append(w.many, took) }); err != nil {
		return err
	}
	for _, w := range all {
		c := cell{
			Section: "incidents", Case: w.name, Rows: many, Affected: closedFew, Rounds: len(w.many), Unit: "ms", Goal: beside.String(), Good: beside.good, Great: beside.great,
			Median: millis(median(w.many)), Min: millis(slices.Min(w.many)), Max: millis(slices.Max(w.many)), Ratio: ratio(median(w.many), median(w.few)),
		}
		beside.verdict(&c, ratio(slices.Max(w.few), slices.Min(w.few)))
		if err := b.print.cell(c); err != nil {
			return err
		}
	}
	return nil
}

func (p *past) works() []*work {
	each := func(ctx context.Context, do func(context.Context, incidents.ID) error) error {
		for _, id := range p.open {
			if err := do(ctx, id); err != nil {
				return err
			}
		}
		return nil
	}
	list := func(ctx context.Context, f response.Filter) error {
		_, err := p.use.List(ctx, f)
		return err
	}
	return []*work{
		{name: "status of an open one", do: func(ctx context.Context) error {
			_, err := p.use.Get(ctx, p.open[0])
			if err == nil {
				_, err = p.use.Pages(ctx, p.open[0])
			}
			return err
		}},
		{name: "list of the open ones", do: func(ctx context.Context) error { return list(ctx, response.Filter{}) }},
		{name: "list of the closed ones", do: func(ctx context.Context) error { return list(ctx, response.Filter{Which: response.ListClosed}) }},
		{name: "Home: open ones with calls", do: func(ctx context.Context) error {
			if err := list(ctx, response.Filter{Limit: 21}); err != nil {
				return err
			}
			return each(ctx, func(ctx context.Context, id incidents.ID) error {
				_, err := p.use.Pages(ctx, id)
				return err
			})
		}},
		{name: "sweep of what is due", do: func(ctx context.Context) error {
			_, err := p.use.Nags(ctx)
			return err
		}},
		{name: "sweep of what is to be told", do: func(ctx context.Context) error {
			_, err := journal.Sweep(ctx, p.desk.db)
			return err
		}},
		{name: "to note something", do: func(ctx context.Context) error {
			return p.use.Note(ctx, p.desk.act(maya), p.open[1], "", "the mailing goes out at five", time.Time{})
		}},
		{name: "to open one", do: func(ctx context.Context) error {
			p.opened++
			_, err := p.use.Open(ctx, p.desk.act(maya), response.OpenRequest{
				Title: fmt.Sprintf("Benchmark %d", p.opened), System: sourceName, Severity: incidents.SEV3, Reporter: maya,
			})
			return err
		}},
	}
}

// round fills the log up to so many closed incidents, opens a few, and times
// each work beside them.
func (p *past) round(ctx context.Context, all []*work, closed int64, keep func(*work, time.Duration)) error {
	p.desk.b.print.progress("incidents: working beside %d closed ones", closed)
	for _, sql := range []string{closeAllSQL, fillIncidentsSQL, fillPartsSQL, fillJournalSQL, fillToldSQL, `analyze`} {
		var args []any
		if sql == fillIncidentsSQL {
			args = []any{closed - p.closed}
		}
		if _, err := p.admin.Exec(ctx, sql, args...); err != nil {
			return fmt.Errorf("fill the log: %w", err)
		}
	}
	p.closed, p.open = closed, nil
	for n := range openBeside {
		id, err := p.use.Open(ctx, p.desk.act(maya), response.OpenRequest{
			Title: fmt.Sprintf("Beside %d: %d", closed, n), System: sourceName, Severity: incidents.SEV2, Reporter: maya,
		})
		if err != nil {
			return err
		}
		p.open = append(p.open, id)
	}
	listed, err := p.use.List(ctx, response.Filter{})
	if err != nil {
		return err
	}
	if len(listed) != openBeside {
		return fmt.Errorf("%d incidents are listed as open, and %d are", len(listed), openBeside)
	}
	for n := range p.desk.b.o.Rounds + 1 {
		for _, w := range all {
			took := make([]time.Duration, eachRound)
			for i := range took {
				began := time.Now()
				if err := w.do(ctx); err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
				took[i] = time.Since(began)
			}
			if n > 0 { // the first one warms up
				keep(w, median(took))
			}
		}
	}
	return nil
}

const closeAllSQL = `update snafu.incidents set phase = 'closed', closed_at = now() where phase <> 'closed'`

// What closed incidents leave behind: answers, an act, a call, and a journal
// that was told.
const (
	fillIncidentsSQL = `
	insert into snafu.incidents (title, phase, severity, severity_chosen, severity_why, system, reporter, lead, drill, channel, opened_at, opened_by, contained_at, resolved_at, closed_at)
	select 'Closed ' || n, 'closed', 1 + n % 3, true, '', '` + sourceName + `', 'T0BENCH/MAYA', 'T0BENCH/MAYA', false, 'CBENCH' || n || gen_random_uuid(),
	       now() - n * interval '1 hour' - interval '30 days', 'closed:' || n || gen_random_uuid(), now() - interval '29 days', now() - interval '28 days', now() - interval '27 days'
	  from generate_series(1, $1::bigint) n`
	fillPartsSQL = `
	with fresh as (
		select id from snafu.incidents i where phase = 'closed' and not exists (select from snafu.milestones m where m.incident = i.id and m.name = 'filled')
	), marked as (
		insert into snafu.milestones (incident, name, first_at, last_at)
		select id, name, now(), now() from fresh, unnest(array['filled', 'contained', 'resolved', 'closed']) name
		on conflict do nothing
	), answered as (
		insert into snafu.answers (incident, question, choices, text, guess, measured, by, at)
		select id, q, '{}', 'said', false, false, 'T0BENCH/MAYA', now() from fresh, generate_series(1, 11) q
		on conflict do nothing
	), called as (
		insert into snafu.pages (incident, target, person, why, by, severity, state, fallback, started_at, ended_at)
		select id, 'crm-data', '', '', 'T0BENCH/MAYA', 2, 'ended', '', now(), now() from fresh
	)
	insert into snafu.containments (incident, number, how, what, was, now, proof, done_at, by, at)
	select id, 1, 'stopped', 'sync', '', '', '', now(), 'T0BENCH/MAYA', now() from fresh
	on conflict do nothing`
	fillJournalSQL = `
	insert into snafu.journal (chain, seq, at, actor, act_key, kind, format, salt, body, leaf, hash, detail)
	select id, 100 + n, now(), 'T0BENCH/MAYA', 'filled:' || id || ':' || n, 'noted/1', 1, decode(repeat('00', 16), 'hex'), decode(repeat('00', 90), 'hex'),
	       decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), '{}'
	  from snafu.incidents i, generate_series(1, 20) n
	 where phase = 'closed' and not exists (select from snafu.journal j where j.chain = i.id and j.seq > 100)`
	fillToldSQL = `
	with told as (
		insert into snafu.deliveries (incident, seq, expanded_at)
		select chain, seq, now() from snafu.journal j where seq > 100 and not exists (select from snafu.deliveries d where d.incident = j.chain and d.seq = j.seq)
		returning incident, seq
	)
	insert into snafu.delivery_steps (incident, seq, ord, step, state, next_at, changed_at, channel, ts)
	select incident, seq, n, 'step' || n, 'sent', now(), now(), 'C', '1' from told, generate_series(1, 2) n`
)
