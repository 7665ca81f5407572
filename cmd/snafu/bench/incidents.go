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
	"snafu/incidents/pgdb"
	"snafu/incidents/response"
	"snafu/manifests"
)

// The incidents that lie closed in the log: few at first, then many. What people
// do in the open ones may take this much longer beside many.
const (
	closedFew  = 10
	closedMany = 10_000
	openBeside = 5
	eachRound  = 20
	// An index of thousands costs a fraction of a millisecond that a table of ten
	// does not; beside a call of Slack that is nothing.
	unfelt = time.Millisecond
)

var beside = goal{name: "N1", good: 1.2, great: 1.05, by: byWall}

// side is a log with its closed incidents, and a few open ones beside them.
type side struct {
	b      *bench
	admin  *pgx.Conn
	db     *pgdb.DB
	use    *response.Response
	open   []incidents.ID
	acts   int
	opened int
}

// work is one thing that is done all day long, and how long it took beside few
// and beside many closed incidents: the fastest of each round, because what else
// a machine does only ever makes slower.
type work struct {
	name string
	do   func(context.Context, *side) error
	took [2][]time.Duration // beside few, beside many
}

// closedBeside is the section about what closed incidents cost the open ones:
// two logs, in turn.
func closedBeside(ctx context.Context, b *bench) (err error) {
	many := min(closedMany, b.o.Rows/10)
	var both [2]*side
	defer func() {
		for _, s := range both {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
		err = errors.Join(err, b.db.dropSecond(context.WithoutCancel(ctx)))
	}()
	for n, closed := range []int64{closedFew, many} {
		b.print.progress("incidents: making a log with %d closed ones", closed)
		create := b.db.makeLog
		if n == 1 {
			create = b.db.makeSecond
		}
		if both[n], err = newSide(ctx, b, create, closed); err != nil {
			return err
		}
	}
	all := works()
	for n := range b.o.Rounds + 1 {
		b.print.progress("incidents: round %d of %d", n, b.o.Rounds)
		for i := range both {
			if err := both[(i+n)%2].round(ctx, all, (i+n)%2, n > 0); err != nil {
				return err
			}
		}
	}
	for _, w := range all {
		c := cell{
			Section: "incidents", Case: w.name, Rows: many, Affected: closedFew, Rounds: len(w.took[1]), Unit: "ms", Goal: beside.String(), Good: beside.good, Great: beside.great,
			Median: millis(median(w.took[1])), Min: millis(slices.Min(w.took[1])), Max: millis(slices.Max(w.took[1])), Ratio: ratio(median(w.took[1]), median(w.took[0])),
		}
		beside.verdict(&c, ratio(slices.Max(w.took[0]), slices.Min(w.took[0])))
		if more := median(w.took[1]) - median(w.took[0]); c.Ratio > beside.good && more < unfelt {
			c.Verdict, c.Grade, c.Reason = "PASS", "good", fmt.Sprintf("%.1f ms more, which nobody feels", millis(more))
		}
		if err := b.print.cell(c); err != nil {
			return err
		}
	}
	return nil
}

func newSide(ctx context.Context, b *bench, create func(context.Context) (string, error), closed int64) (s *side, err error) {
	s = &side{b: b}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
			s = nil
		}
	}()
	admin, err := create(ctx)
	if err != nil {
		return s, fmt.Errorf("make a log database; --dsn must be the address of a superuser for that: %w", err)
	}
	if err := pgdb.Roles(ctx, admin, manifests.LogRoles); err != nil {
		return s, err
	}
	if err := pgdb.Migrate(ctx, admin, b.o.Log); err != nil {
		return s, err
	}
	login, err := asRole(admin, pgdb.App)
	if err != nil {
		return s, err
	}
	if s.db, err = pgdb.Open(ctx, pgdb.Options{URL: login, Log: b.o.Log}); err != nil {
		return s, err
	}
	if s.admin, err = pgx.Connect(ctx, admin); err != nil {
		return s, fmt.Errorf("connect to the log: %w", err)
	}
	if s.use, err = response.New(response.Options{DB: s.db, Sources: []response.SourceInfo{{Name: sourceName}}}); err != nil {
		return s, err
	}
	return s, s.fill(ctx, closed)
}

func (s *side) close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	if s.db != nil {
		s.db.Close()
	}
	if s.admin != nil {
		return s.admin.Close(ctx)
	}
	return nil
}

func (s *side) act() journal.Act {
	s.acts++
	return journal.Act{By: maya.Actor(), Key: fmt.Sprintf("bench:%d", s.acts)}
}

// fill makes the closed incidents, and opens a few.
func (s *side) fill(ctx context.Context, closed int64) error {
	for _, sql := range []string{fillIncidentsSQL, fillPartsSQL, fillJournalSQL, fillToldSQL, "vacuum analyze"} {
		var args []any
		if sql == fillIncidentsSQL {
			args = []any{closed}
		}
		if _, err := s.admin.Exec(ctx, sql, args...); err != nil {
			return fmt.Errorf("fill the log: %w", err)
		}
	}
	for n := range openBeside {
		id, err := s.use.Open(ctx, s.act(), response.OpenRequest{Title: fmt.Sprintf("Open %d", n), System: sourceName, Severity: incidents.SEV2, Reporter: maya})
		if err != nil {
			return err
		}
		s.open = append(s.open, id)
	}
	listed, err := s.use.List(ctx, response.Filter{})
	if err == nil && len(listed) != openBeside {
		err = fmt.Errorf("%d incidents are listed as open, and %d are", len(listed), openBeside)
	}
	return err
}

// round times each work; it begins with the same few at work, all told.
func (s *side) round(ctx context.Context, all []*work, n int, keep bool) error {
	for _, sql := range []string{closeOpenedSQL, tellAllSQL} {
		if _, err := s.admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("tidy the log: %w", err)
		}
	}
	for _, w := range all {
		took := make([]time.Duration, eachRound)
		for i := range took {
			began := time.Now()
			if err := w.do(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			took[i] = time.Since(began)
		}
		if keep { // the first one warms up
			w.took[n] = append(w.took[n], slices.Min(took))
		}
	}
	return nil
}

func works() []*work {
	return []*work{
		{name: "status of an open one", do: func(ctx context.Context, s *side) error {
			_, err := s.use.Get(ctx, s.open[0])
			if err == nil {
				_, err = s.use.Pages(ctx, s.open[0])
			}
			return err
		}},
		{name: "list of the open ones", do: listing(response.Filter{})},
		{name: "list of the closed ones", do: listing(response.Filter{Which: response.ListClosed, Limit: closedFew})},
		{name: "Home: open ones with calls", do: func(ctx context.Context, s *side) error {
			err := listing(response.Filter{Limit: 21})(ctx, s)
			for _, id := range s.open {
				if err == nil {
					_, err = s.use.Pages(ctx, id)
				}
			}
			return err
		}},
		{name: "sweep of what is due", do: func(ctx context.Context, s *side) error {
			_, err := s.use.Nags(ctx)
			return err
		}},
		{name: "sweep of what is to be told", do: func(ctx context.Context, s *side) error {
			_, err := journal.Sweep(ctx, s.db)
			return err
		}},
		{name: "to note something", do: func(ctx context.Context, s *side) error {
			return s.use.Note(ctx, s.act(), s.open[1], "", "the mailing goes out at five", time.Time{})
		}},
		{name: "to open one", do: func(ctx context.Context, s *side) error {
			s.opened++
			_, err := s.use.Open(ctx, s.act(), response.OpenRequest{
				Title: fmt.Sprintf("Benchmark %d", s.opened), System: sourceName, Severity: incidents.SEV3, Reporter: maya,
			})
			return err
		}},
	}
}

func listing(f response.Filter) func(context.Context, *side) error {
	return func(ctx context.Context, s *side) error {
		_, err := s.use.List(ctx, f)
		return err
	}
}

const (
	closeOpenedSQL = `update snafu.incidents set phase = 'closed', closed_at = now() where phase <> 'closed' and title like 'Benchmark %'`
	tellAllSQL     = `update snafu.deliveries set expanded_at = now() where expanded_at is null`
)

// What closed incidents leave behind: answers, an act, a call, and a journal
// that was told. They are worse than those that the benchmark opens and closes,
// so that both lists show the same.
const (
	fillIncidentsSQL = `
	insert into snafu.incidents (title, phase, severity, severity_chosen, severity_why, system, reporter, lead, drill, channel, opened_at, opened_by, contained_at, resolved_at, closed_at)
	select 'Closed ' || n, 'closed', 1 + n % 2, true, '', '` + sourceName + `', 'T0BENCH/MAYA', 'T0BENCH/MAYA', false, 'CBENCH' || n || gen_random_uuid(),
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
