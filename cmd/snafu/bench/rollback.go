package bench

import (
	"context"
	"errors"
	"fmt"

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
	return d.growth(ctx, probes[1].took)
}

const bareUpdate = "bare UPDATE"

// manyRecords is the size from which the goals of a run are those of a large
// one: per record a bare update gets dearer with the size, and a run does not.
const manyRecords = 1_000_000

func (d *desk) putBackProbes() []*probe {
	cpu, wall := goal{"R1", 2.4, 2, byCPU}, goal{"R2", 2.5, 2, byWall}
	if d.harm.affected >= manyRecords {
		cpu, wall = goal{"R1", 2, 1.6, byCPU}, goal{"R2", 2, 1.6, byWall}
	}
	own := d.runProbe("executor, batches by time", whole(), cpu)
	own.check = d.hands(whole()).twice
	return []*probe{
		d.bareProbe(), own, own.also("the same, wall clock", wall), own.also("the same, WAL", goal{"R6", 1.5, 1.25, byWAL}),
		d.runProbe("executor, batches of 1000", sized(1000), goal{}), d.runProbe("executor, batches of 5000", sized(5000), goal{}),
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

const (
	longAffected  = 5_000_000 // records of a run from which the cost of one is compared with a small run's
	shortAffected = 100_000
)

// growth compares what one record costs in a large run with what it costs in a
// small one, which is measured after it.
func (d *desk) growth(ctx context.Context, large []took) error {
	c := cell{
		Section: "rollback", Case: "executor, CPU of a record", Rows: d.harm.rows(), Affected: d.harm.affected, Unit: "ns",
		Goal: goal{name: "R5", good: 1.5, great: 1.2}.String(), Good: 1.5, Great: 1.2,
	}
	if d.harm.affected < longAffected || len(cpus(large)) == 0 {
		c.Verdict, c.Reason = "SKIP", fmt.Sprintf("needs --rows %d --affected %d, and a server whose CPU time can be seen", 2*longAffected, longAffected)
		return d.b.print.cell(c)
	}
	each := float64(median(cpus(large))) / float64(d.harm.writes())
	d.harm = harm{affected: shortAffected}
	if err := d.harm.make(ctx, d.b); err != nil {
		return err
	}
	h := d.hands(whole())
	var small []took
	for round := range d.b.o.Rounds + 1 {
		d.b.print.progress("rollback: round %d of %d with %d records", round, d.b.o.Rounds, d.harm.affected)
		t, err := h.once(ctx)
		if err != nil {
			return err
		}
		if round > 0 {
			small = append(small, t)
		}
	}
	c.Rounds, c.Median, c.Min, c.Max = len(large), each, each, each
	c.CPURatio = each / (float64(median(cpus(small))) / float64(d.harm.writes()))
	goal{name: "R5", good: 1.5, great: 1.2, by: byCPU}.verdict(&c, 1)
	return d.b.print.cell(c)
}
