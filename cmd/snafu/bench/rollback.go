package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"snafu/rollback"
)

// putBack is the section that puts records back: the product's executor beside
// one bare UPDATE of the same records.
func putBack(ctx context.Context, b *bench) (err error) {
	d, err := newDesk(ctx, b, "rollback", harm{affected: b.o.Affected})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close(context.WithoutCancel(ctx))) }()
	probes := d.putBackProbes()
	if err := b.race(ctx, "rollback", probes); err != nil {
		return err
	}
	if err := d.kills(ctx); err != nil {
		return err
	}
	return d.growth(ctx, probes[1])
}

const bareUpdate = "bare UPDATE"

// manyRecords is the size from which the goals of a run are those of a large
// one: per record a bare update gets dearer with the size, and a run does not.
const manyRecords = 1_000_000

func (d *desk) putBackProbes() []*probe {
	cpu, wall := goal{"R1", 2.4, 2, byCPU}, goal{"R2", 2.5, 2, byWall}
	contrast := "" // why batches of one size are not measured
	if d.harm.affected >= manyRecords {
		cpu, wall = goal{"R1", 2, 1.6, byCPU}, goal{"R2", 2, 1.6, byWall}
		contrast = fmt.Sprintf("a contrast, which takes minutes: below %d affected", manyRecords)
	}
	own := d.runProbe("executor, batches by time", whole(), cpu)
	own.check = d.hands(whole()).twice
	thousand, five := d.runProbe("executor, batches of 1000", sized(1000), goal{}), d.runProbe("executor, batches of 5000", sized(5000), goal{})
	thousand.skip, five.skip = contrast, contrast
	return []*probe{
		d.bareProbe(), own, own.also("the same, wall clock", wall), own.also("the same, WAL", goal{"R6", 1.5, 1.25, byWAL}), thousand, five,
	}
}

const bareSQL = `update snafu_bench.lead_work t set lead_status = w.lead_status from snafu_bench.wanted w where w.id = t.id`

// bareProbe is the limit: the same records, nothing compared and nothing noted.
func (d *desk) bareProbe() *probe {
	return &probe{name: bareUpdate, rows: d.harm.rows(), affected: d.harm.affected, time: func(ctx context.Context) (took, error) {
		if err := errors.Join(d.rebuild(ctx), d.even(ctx)); err != nil {
			return took{}, err
		}
		db := d.b.db
		before, err := db.written(ctx)
		if err != nil {
			return took{}, err
		}
		var tag pgconn.CommandTag
		t, err := db.own(ctx, func(ctx context.Context) (err error) {
			tag, err = db.conn.Exec(ctx, bareSQL)
			return err
		})
		if err != nil {
			return t, fmt.Errorf("update: %w", err)
		}
		after, err := db.written(ctx)
		t.wal = after - before
		if n := tag.RowsAffected(); err == nil && n != d.harm.writes() {
			err = wrongAnswer{differs(figures{"records": d.harm.writes()}, figures{"records": n})}
		}
		return t, err
	}}
}

// runProbe is a plan that is frozen, approved and started as people do it, and
// timed from its first batch to its last.
func (d *desk) runProbe(name string, batch rollback.Batching, g goal) *probe {
	h := d.hands(batch)
	return &probe{name: name, rows: d.harm.rows(), affected: d.harm.affected, limit: bareUpdate, goal: g, time: h.once}
}

// once runs a plan over the table as the run left it, and looks at every record
// afterwards.
func (h *hands) once(ctx context.Context) (took, error) {
	d := h.desk
	if err := d.rebuild(ctx); err != nil {
		return took{}, err
	}
	v, err := h.frozen(ctx)
	if err != nil {
		return took{}, err
	}
	job, err := h.claimed(ctx, v)
	if err != nil {
		return took{}, err
	}
	if err := d.even(ctx); err != nil {
		return took{}, err
	}
	h.watch.start()
	if v, err = h.run(ctx, job); err != nil {
		return took{}, err
	}
	if err := d.asApproved(ctx, v, rollback.Outcomes{Written: d.harm.writes()}); err != nil {
		return took{}, err
	}
	return h.watch.batched, h.watch.err
}

// twice finds nothing to write in a plan that follows one that is done.
func (h *hands) twice(ctx context.Context) error {
	if _, err := h.once(ctx); err != nil {
		return err
	}
	v, err := h.frozen(ctx)
	if err != nil {
		return err
	}
	n := h.desk.harm
	want := figures{"records to write": 0, "records that are right already": n.writes(), "records that people changed": n.conflicts()}
	c := v.Frozen.Classes()
	if err := differs(want, figures{"records to write": c.Write, "records that are right already": c.Already, "records that people changed": c.Conflict}); err != nil {
		return wrongAnswer{fmt.Errorf("a second plan: %w", err)}
	}
	return nil
}

// lasting is the goal of what a record costs in a large run beside a small one.
var lasting = goal{name: "R5", good: 1.5, great: 1.2, by: byCPU}

const (
	smallRun  = 100_000 // records
	largerRun = 10      // times as many, at least, are a large run
)

// growth compares what one record costs in a large run with what it costs in a
// small one, which is measured after it.
func (d *desk) growth(ctx context.Context, large *probe) error {
	small := cmp.Or(d.b.o.small, smallRun)
	c := cell{
		Section: "rollback", Case: fmt.Sprintf("a record, beside a run of %d", small), Rows: d.harm.rows(), Affected: d.harm.affected, Unit: "ns",
		Goal: lasting.String(), Good: lasting.good, Great: lasting.great,
	}
	switch many := small * largerRun; {
	case d.harm.affected < many:
		c.Verdict, c.Reason = "SKIP", fmt.Sprintf("needs --rows %d --affected %d", 2*many, many)
		return d.b.print.cell(c)
	case large.wrong != nil:
		c.Verdict, c.Reason = "SKIP", "the large run is wrong"
		return d.b.print.cell(c)
	case len(cpus(large.took)) == 0:
		c.Verdict, c.Reason = "SKIP", "the CPU time of the server cannot be seen"
		return d.b.print.cell(c)
	}
	costs := d.costs(large.took)
	c.Rounds, c.Median, c.Min, c.Max = len(costs), float64(median(costs)), float64(slices.Min(costs)), float64(slices.Max(costs))
	d.harm = harm{affected: small}
	if err := d.harm.remake(ctx, d.b); err != nil {
		return err
	}
	h := d.hands(whole())
	var took []took
	for round := range d.b.o.Rounds + 1 {
		d.b.print.progress("rollback: round %d of %d with %d records", round, d.b.o.Rounds, d.harm.affected)
		t, err := h.once(ctx)
		if errors.As(err, &wrongAnswer{}) {
			c.Verdict, c.Reason = "FAIL", "wrong: "+err.Error()
			return d.b.print.cell(c)
		}
		if err != nil {
			return err
		}
		if round > 0 { // the first one warms up
			took = append(took, t)
		}
	}
	c.CPURatio = ratio(median(costs), median(d.costs(took)))
	lasting.verdict(&c, 1)
	return d.b.print.cell(c)
}

// costs are the CPU time of a record in each run.
func (d *desk) costs(runs []took) []time.Duration {
	all := cpus(runs)
	for i := range all {
		all[i] /= time.Duration(d.harm.writes())
	}
	return all
}
