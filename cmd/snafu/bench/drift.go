package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// drift is counting while two writers keep changing what is counted. The sums
// of the cohorts must equal the total of the same instant, always.
type drift struct {
	b   *bench
	set set
}

const (
	driftRows  = 4000
	largeTries = 20 // at most, on the big set, where a count takes longer
)

func newDrift(ctx context.Context, b *bench) (*drift, error) {
	d := &drift{b: b, set: b.o.set("drift", driftRows, driftRows/2)}
	return d, b.makeSet(ctx, d.set, true)
}

// Nobody but the run and the writers gives a lead a status that does not begin
// with "stage", and they give no other. So the records of the run that hold
// SQL, by the cohorts, are all that hold SQL, by a plain count of the table.
const (
	moveSmall = `update snafu_bench.lead_drift set lead_status = $2 where id = $1 and lead_status not like 'stage %'`
	moveLarge = `update snafu_bench.lead_advised set lead_status = $2 where id = $1 and lead_status not like 'stage %'`
	// growSmall lets the run go on, record and history in one transaction.
	growSmall = `
	with was as (select id, lead_status from snafu_bench.lead_drift where id = $1 and lead_status like 'stage %' for update),
	     wrote as (update snafu_bench.lead_drift l set lead_status = 'SQL' from was where l.id = was.id)
	insert into snafu_bench.history_drift (id, lead_id, at, field, old, new, run, by)
	select $2, id, timestamptz '2026-01-05 11:30Z', 'lead_status', lead_status, 'SQL', 'weekly-42', 'campaign' from was`
)

// writer is one of the two hands that keep changing leads.
type writer struct {
	conn  *pgx.Conn
	first int64 // odd or even ids, so that the two never wait for each other
	wrote *atomic.Int64
}

var statuses = []string{"SQL", "Customer", "Elsewhere"}

// small moves leads of the run to and fro; every fourth write lets the run take
// another one.
func (w writer) small(ctx context.Context, n int64) (int64, error) {
	id := 1 + (w.first+2*(n*7919))%driftRows
	if n%4 == 0 {
		tag, err := w.conn.Exec(ctx, growSmall, id, 100_000_000+2*n+w.first)
		return tag.RowsAffected(), err
	}
	tag, err := w.conn.Exec(ctx, moveSmall, id, statuses[n%3])
	return tag.RowsAffected(), err
}

func (w writer) large(s set) func(context.Context, int64) (int64, error) {
	return func(ctx context.Context, n int64) (int64, error) {
		tag, err := w.conn.Exec(ctx, moveLarge, 1+(w.first+2*(n*7919))%s.rows, statuses[n%3])
		return tag.RowsAffected(), err
	}
}

// drifts runs the tries. They change the data, so that they come last.
func (c *counting) drifts(ctx context.Context) error {
	small := c.drift.set
	cell, err := c.drift.run(ctx, small, c.b.o.Tries, writer.small, func(ctx context.Context) (off, error) {
		t, err := c.reader.StateTable(ctx, small.scope())
		return offOf(t), err
	})
	if err != nil {
		return err
	}
	cell.Case, cell.Goal = "cohorts - total, two writers", "C4 0 0"
	if err := c.b.print.cell(cell); err != nil {
		return err
	}
	large := c.advised
	onLarge := func(w writer, ctx context.Context, n int64) (int64, error) { return w.large(large)(ctx, n) }
	cell, err = c.drift.run(ctx, large, min(c.b.o.Tries, largeTries), onLarge, func(ctx context.Context) (off, error) {
		t, err := c.reader.StateTable(ctx, large.scope())
		return offOf(t), err
	})
	if err != nil {
		return err
	}
	cell.Case, cell.Goal = "the same, all rows", "C4 0 0"
	if err := c.b.print.cell(cell); err != nil {
		return err
	}
	cell, err = c.drift.run(ctx, small, c.b.o.Tries, writer.small, c.apart)
	if err != nil {
		return err
	}
	cell.Case, cell.Verdict, cell.Grade = "the same, a query for each", "INFO", ""
	return c.b.print.cell(cell)
}

// off is by how many records the sum of the cohorts misses the total.
type off struct{ records, total int64 }

// offOf compares two statements of one snapshot: the groups of the run by what
// they hold now, and the plain count of the whole table by value.
func offOf(t rollback.StateTable) off {
	byValue := figures{}
	for _, g := range t.Groups {
		if g.Present {
			byValue[g.Current.String()] -= g.Records
		}
	}
	var o off
	for _, v := range t.Values {
		if !strings.HasPrefix(v.Value.String(), "stage ") {
			byValue[v.Value.String()] += v.Records
			o.total += v.Records
		}
	}
	for _, missed := range byValue {
		o.records += max(missed, -missed)
	}
	return o
}

const (
	apartTotal = `select count(*) from snafu_bench.lead_drift where lead_status not like 'stage %'`
	apartOne   = `select count(*) from snafu_bench.lead_drift where lead_status = $1`
)

// apart counts as a person with a console would, one query after the other.
func (c *counting) apart(ctx context.Context) (off, error) {
	var o off
	if err := c.b.db.conn.QueryRow(ctx, apartTotal).Scan(&o.total); err != nil {
		return o, fmt.Errorf("count: %w", err)
	}
	o.records = o.total
	for _, status := range statuses {
		var n int64
		if err := c.b.db.conn.QueryRow(ctx, apartOne, status).Scan(&n); err != nil {
			return o, fmt.Errorf("count: %w", err)
		}
		o.records -= n
	}
	o.records = max(o.records, -o.records)
	return o, nil
}

// run tries so often while two writers write, and tells the worst.
func (d *drift) run(ctx context.Context, s set, tries int, write func(writer, context.Context, int64) (int64, error), try func(context.Context) (off, error)) (cell, error) {
	out := cell{Section: "counts", Rows: s.rows, Affected: s.affected, Rounds: tries, Unit: "off", Verdict: "PASS", Grade: "great"}
	var wrote atomic.Int64
	stop, err := d.writers(ctx, &wrote, write)
	if err != nil {
		return out, err
	}
	var missed int
	var worst, total int64
	err = func() error {
		for wrote.Load() == 0 { // a try before the first write would prove nothing
			if err := d.b.perform(ctx, `select pg_sleep(0.001)`); err != nil {
				return err
			}
		}
		for n := range tries {
			if n%100 == 0 {
				d.b.print.progress("counts: %d of %d counts while two writers write, %s", n, tries, s.name)
			}
			o, err := try(ctx)
			if err != nil {
				return err
			}
			if o.records != 0 {
				missed++
			}
			worst, total = max(worst, o.records), o.total
		}
		return nil
	}()
	if err = errors.Join(err, stop()); err != nil {
		return out, err
	}
	out.Median, out.Max, out.Affected = 0, float64(worst), total
	out.Reason = fmt.Sprintf("%d of %d tries missed, %d writes beside them", missed, tries, wrote.Load())
	if missed > 0 {
		out.Verdict, out.Grade = "FAIL", ""
	}
	return out, nil
}

// writers starts two of them. stop ends them and tells what went wrong.
func (d *drift) writers(ctx context.Context, wrote *atomic.Int64, write func(writer, context.Context, int64) (int64, error)) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	failed := make([]error, 2)
	for i := range failed {
		conn, err := pgx.Connect(ctx, d.b.db.url)
		if err != nil {
			cancel()
			wait.Wait()
			return nil, fmt.Errorf("connect a writer: %w", err)
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
			w := writer{conn: conn, first: int64(i), wrote: wrote}
			for n := int64(1); ctx.Err() == nil; n++ {
				rows, err := write(w, ctx, n)
				if err != nil && ctx.Err() == nil {
					failed[i] = fmt.Errorf("write beside a count: %w", err)
					return
				}
				wrote.Add(rows)
			}
		}()
	}
	return func() error {
		cancel()
		wait.Wait()
		return errors.Join(failed...)
	}, nil
}
