package bench

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback/source/postgres"
)

// counting is the section that counts: its sets, and the product's reader.
type counting struct {
	b             *bench
	reader        *postgres.Reader
	bare, advised set
	cohorts       []set
	tenth         *set // of the long form
	drift         *drift
}

// longRows is the size from which growth is measured beside a tenth of it.
const longRows = 10_000_000

// cohortCounts are the numbers of cohorts that one pass is measured with.
var cohortCounts = []int64{1, 4, 16, 64}

func counts(ctx context.Context, b *bench) error {
	c, err := newCounting(ctx, b)
	if err != nil {
		return err
	}
	defer c.close()
	if err := b.race(ctx, "counts", c.probes()); err != nil {
		return err
	}
	return c.drifts(ctx)
}

// newCounting makes the data. The sets are made twice, with and without the
// advised indexes, so that both can be measured in turn.
func newCounting(ctx context.Context, b *bench) (*counting, error) {
	c := &counting{b: b, bare: b.o.set("bare", b.o.Rows, b.o.Affected), advised: b.o.set("advised", b.o.Rows, b.o.Affected)}
	sets := []set{c.bare, c.advised}
	if b.o.Rows >= longRows {
		tenth := b.o.set("tenth", b.o.Rows/10, b.o.Affected/10)
		c.tenth, sets = &tenth, append(sets, tenth)
	}
	for _, s := range sets {
		b.print.progress("counts: making %d leads, %s", s.rows, s.name)
		if err := b.makeSet(ctx, s, true); err != nil {
			return nil, err
		}
	}
	for _, n := range cohortCounts {
		s := c.advised.cohorted(n)
		if err := b.makeSet(ctx, s, false); err != nil {
			return nil, err
		}
		c.cohorts = append(c.cohorts, s)
	}
	b.print.progress("counts: making the advised indexes")
	if err := c.index(ctx); err != nil {
		return nil, err
	}
	var err error
	if c.drift, err = newDrift(ctx, b); err != nil {
		return nil, err
	}
	b.print.progress("counts: vacuum and analyze")
	if err := b.perform(ctx, `vacuum (analyze)`); err != nil {
		return nil, err
	}
	if err := b.perform(ctx, `checkpoint`); err != nil {
		b.print.progress("counts: no checkpoint, this login may not: %s", err)
	}
	c.reader, err = b.reader(ctx, append(sets, append(c.cohorts, c.drift.set)...)...)
	return c, err
}

func (c *counting) close() {
	if c.reader != nil {
		c.reader.Close()
	}
}

func (c *counting) index(ctx context.Context) error {
	for _, err := range []error{
		c.b.perform(ctx, indexByRun), c.b.perform(ctx, indexByTime), c.b.perform(ctx, indexByKey), c.b.perform(ctx, indexByRecord),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	countBare    = `select count(*) from snafu_bench.lead_bare`
	countAdvised = `select count(*) from snafu_bench.lead_advised`
	oneCohort    = `
	select count(*) from snafu_bench.history_64 h join snafu_bench.lead_advised t on t.id = h.lead_id
	 where h.run = 'weekly-42' and h.field = 'lead_status' and h.at >= $2 and h.old = $1`
)

func (c *counting) probes() []*probe {
	const bare, advised = "bare count(*)", "bare count(*), other copy"
	all := []*probe{
		c.limit(bare, c.bare, func(ctx context.Context) (n int64, err error) {
			return n, c.b.db.conn.QueryRow(ctx, countBare).Scan(&n)
		}),
		c.limit(advised, c.advised, func(ctx context.Context) (n int64, err error) {
			return n, c.b.db.conn.QueryRow(ctx, countAdvised).Scan(&n)
		}),
		c.plain("plain form, indexes", c.advised, advised, goal{name: "C1", good: 4, great: 3}),
		c.plain("plain form, no index", c.bare, bare, goal{name: "C2", good: 8, great: 6}),
		c.exact("exact form, indexes", c.advised, advised, goal{name: "C6", good: 6, great: 5}),
		c.exact("exact form, no index", c.bare, bare, goal{name: "C6", good: 9, great: 7.5}),
		c.whole("state table, indexes", c.advised, advised),
		c.whole("state table, no index", c.bare, bare),
	}
	four := ""
	for _, s := range c.cohorts {
		p := c.exact(fmt.Sprintf("exact form, cohorts: %d", s.cohorts), s, four, goal{})
		switch s.cohorts {
		case 4:
			p.limit, four = "", p.name
		case 64:
			p.goal = goal{name: "C3", good: 2, great: 1.2}
		case 1:
			p.limit = "exact form, cohorts: 4"
		}
		all = append(all, p)
	}
	all = append(all, c.perCohort(four))
	growth := c.exact("exact form, beside a tenth", c.bare, "", goal{name: "C5", good: 13, great: 11})
	if c.tenth == nil {
		growth.skip = fmt.Sprintf("needs --rows %d", longRows)
		return append(all, growth)
	}
	tenth := c.exact("exact form, a tenth of the rows", *c.tenth, "", goal{})
	growth.limit = tenth.name
	return append(all, tenth, growth)
}

// limit is a bare count, compared with the number of leads that are there.
func (c *counting) limit(name string, s set, ask func(context.Context) (int64, error)) *probe {
	check := func(ctx context.Context) error {
		n, err := ask(ctx)
		if err != nil {
			return err
		}
		return differs(figures{"leads": s.rows - s.goneOf(c.b.o.Seed)}, figures{"leads": n})
	}
	return &probe{name: name, rows: s.rows, affected: s.affected, check: check, time: func(ctx context.Context) (took, error) {
		return c.b.db.own(ctx, func(ctx context.Context) error { _, err := ask(ctx); return err })
	}}
}

func (s set) goneOf(seed int64) (n int64) {
	for i := range s.affected {
		if s.shape(i, seed).gone {
			n++
		}
	}
	return n
}

// plain is what a watch asks at most of its beats: how many records the run has
// touched, and nothing about what they are now.
func (c *counting) plain(name string, s set, limit string, g goal) *probe {
	ask := func(ctx context.Context) (figures, error) {
		n, _, err := c.reader.Members(ctx, s.scope())
		return figures{"members": n}, err
	}
	return c.probe(name, s, limit, g, func(int64) figures { return figures{"members": s.affected} }, ask)
}

func (c *counting) exact(name string, s set, limit string, g goal) *probe {
	ask := func(ctx context.Context) (figures, error) {
		t, err := c.reader.Groups(ctx, s.scope())
		return groupsOf(t), err
	}
	return c.probe(name, s, limit, g, s.groups, ask)
}

// whole is what a person waits for: the groups, the values of the whole table
// and the oldest entry of the history.
func (c *counting) whole(name string, s set, limit string) *probe {
	ask := func(ctx context.Context) (figures, error) {
		t, err := c.reader.StateTable(ctx, s.scope())
		return groupsOf(t), err
	}
	return c.probe(name, s, limit, goal{}, s.groups, ask)
}

// probe compares what the product answers with what is true, and times it.
func (c *counting) probe(name string, s set, limit string, g goal, truth func(seed int64) figures, ask func(context.Context) (figures, error)) *probe {
	p := &probe{name: name, rows: s.rows, affected: s.affected, limit: limit, goal: g}
	p.check = func(ctx context.Context) error {
		got, err := ask(ctx)
		if err != nil {
			return err
		}
		return differs(truth(c.b.o.Seed), got)
	}
	p.time = func(ctx context.Context) (took, error) {
		return c.b.db.counting(ctx, func(ctx context.Context) error { _, err := ask(ctx); return err })
	}
	return p
}

// perCohort is what one query per cohort would cost: the contrast.
func (c *counting) perCohort(limit string) *probe {
	s := c.cohorts[len(c.cohorts)-1]
	work := func(ctx context.Context) error {
		tx, err := c.b.db.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
		for i := range s.cohorts {
			var n int64
			if err := tx.QueryRow(ctx, oneCohort, fmt.Sprintf("stage %d", i), began).Scan(&n); err != nil {
				return fmt.Errorf("count one cohort: %w", err)
			}
		}
		return nil
	}
	return &probe{name: "a query for each of 64 cohorts", rows: s.rows, affected: s.affected, limit: limit, time: func(ctx context.Context) (took, error) {
		return c.b.db.own(ctx, work)
	}}
}
