package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// goal is what a ratio may be: good passes, great is what has been measured as
// reachable. Smaller is better.
type goal struct {
	name        string
	good, great float64
	by          measure
}

// measure is what a goal is about. Wall time stands in for itself alone where
// the work waits for more than the server's backend.
type measure int

const (
	byTime measure = iota // wall time, and CPU time when that is noisy
	byWall
	byCPU
	byWAL
)

func (g goal) String() string {
	if g.name == "" {
		return ""
	}
	return fmt.Sprintf("%s <=%s <=%s", g.name, short(g.good), short(g.great))
}

// probe is one case of a section.
type probe struct {
	name           string
	rows, affected int64
	limit          string // name of the probe it is compared with; empty: it is a limit itself
	goal           goal
	skip           string // why it is not measured
	// check compares what the case answers with what is true; nil for a limit
	// whose answer is compared as it is timed.
	check func(context.Context) error
	// time does the work once. A wrongAnswer ends the case, any other error the
	// benchmark.
	time func(context.Context) (took, error)
	// of is the case whose repetitions are judged here by another goal; it comes
	// before this one.
	of *probe

	wrong error
	took  []took
}

// wrongAnswer is what a case did that is not true.
type wrongAnswer struct{ error }

// also judges the same repetitions by another goal.
func (p *probe) also(name string, g goal) *probe {
	return &probe{name: name, rows: p.rows, affected: p.affected, limit: p.limit, goal: g, skip: p.skip, of: p}
}

// noisy is how far apart the fastest and the slowest repetition of a limit may
// be before wall time judges nothing.
const noisy = 1.5

// race checks every probe, then runs them in turn, in the other order every
// other round, so that whatever else the machine does meets all of them.
func (b *bench) race(ctx context.Context, section string, probes []*probe) error {
	b.print.progress("%s: checking what %d cases answer", section, len(probes))
	for _, p := range probes {
		if p.check == nil || p.skip != "" {
			continue
		}
		if p.wrong = p.check(ctx); p.wrong != nil && ctx.Err() != nil {
			return p.wrong
		}
	}
	for round := range b.o.Rounds + 1 {
		b.print.progress("%s: round %d of %d", section, round, b.o.Rounds)
		order := slices.Clone(probes)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, p := range order {
			if p.wrong != nil || p.skip != "" || p.of != nil {
				continue
			}
			t, err := p.time(ctx)
			if errors.As(err, &wrongAnswer{}) {
				p.wrong = err
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if round > 0 { // the first one warms up
				p.took = append(p.took, t)
			}
		}
	}
	for _, p := range probes {
		if p.of != nil {
			p.wrong, p.took = p.of.wrong, p.of.took
		}
		if err := b.print.cell(p.judge(section, probes)); err != nil {
			return err
		}
	}
	return nil
}

// judge compares a probe with its limit.
func (p *probe) judge(section string, all []*probe) cell {
	c := cell{
		Section: section, Case: p.name, Rows: p.rows, Affected: p.affected, Rounds: len(p.took), Unit: "ms", Limit: p.limit,
		Goal: p.goal.String(), Good: p.goal.good, Great: p.goal.great, Verdict: "INFO",
	}
	if p.limit == "" && p.goal.name == "" {
		c.Goal = "limit"
	}
	if p.wrong != nil {
		c.Verdict, c.Reason = "FAIL", "wrong: "+p.wrong.Error()
		return c
	}
	if p.skip != "" {
		c.Verdict, c.Reason = "SKIP", p.skip
		return c
	}
	limit := p
	if p.limit != "" {
		i := slices.IndexFunc(all, func(o *probe) bool { return o.name == p.limit })
		limit = all[i]
	}
	p.figures(&c)
	if limit.wrong != nil {
		c.Verdict, c.Reason = "SKIP", "its limit is wrong"
		return c
	}
	base := walls(limit.took)
	c.Ratio = ratio(median(walls(p.took)), median(base))
	c.CPURatio = ratio(median(cpus(p.took)), median(cpus(limit.took)))
	c.WALRatio = ratio(median(wals(p.took)), median(wals(limit.took)))
	if p.goal.by == byWAL {
		c.Ratio, c.CPURatio = c.WALRatio, 0
	}
	if p.goal.name != "" {
		p.goal.verdict(&c, ratio(slices.Max(base), slices.Min(base)))
	}
	return c
}

// figures are the repetitions in the unit of the goal.
func (p *probe) figures(c *cell) {
	if p.goal.by == byWAL {
		wal := wals(p.took)
		c.Unit, c.Median, c.Min, c.Max = "MB", megabytes(median(wal)), megabytes(slices.Min(wal)), megabytes(slices.Max(wal))
		return
	}
	wall := walls(p.took)
	c.Median, c.Min, c.Max = millis(median(wall)), millis(slices.Min(wall)), millis(slices.Max(wall))
}

// verdict judges a cell by what its goal is about. spread is how far apart the
// repetitions of the limit were.
func (g goal) verdict(c *cell, spread float64) {
	loud := fmt.Sprintf("limit max/min %.1f", spread)
	judged := c.Ratio
	switch {
	case g.by == byCPU && c.CPURatio == 0:
		c.Verdict, c.Reason = "SKIP", "the CPU time of the server cannot be seen"
		return
	case g.by == byCPU:
		judged = c.CPURatio
	case g.by == byWAL || spread <= noisy:
	case g.by == byWall || c.CPURatio == 0:
		c.Verdict, c.Reason = "NOISY", loud
		return
	default:
		judged, c.Reason = c.CPURatio, "by CPU: "+loud
	}
	c.Verdict, c.Grade = g.grade(judged)
}

func (g goal) grade(ratio float64) (verdict, grade string) {
	switch {
	case ratio <= g.great:
		return "PASS", "great"
	case ratio <= g.good:
		return "PASS", "good"
	}
	return "FAIL", ""
}

func walls(all []took) []time.Duration {
	return each(all, func(t took) time.Duration { return t.wall })
}

// cpus are the CPU times that could be seen.
func cpus(all []took) []time.Duration {
	return slices.DeleteFunc(each(all, func(t took) time.Duration { return t.cpu }), func(d time.Duration) bool { return d <= 0 })
}

func wals(all []took) []int64 { return each(all, func(t took) int64 { return t.wal }) }

func each[T any](all []took, of func(took) T) []T {
	out := make([]T, len(all))
	for i, t := range all {
		out[i] = of(t)
	}
	return out
}

func median[T cmp.Ordered](all []T) (middle T) {
	if len(all) == 0 {
		return middle
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func ratio[T ~int64](a, b T) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }
