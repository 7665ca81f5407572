package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// goal is what a ratio may be: good passes, great is what has been measured as
// reachable. Smaller is better.
type goal struct {
	name        string
	good, great float64
}

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
	// time does the work once.
	time func(context.Context) (took, error)

	wrong error
	took  []took
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
			if p.wrong != nil || p.skip != "" {
				continue
			}
			t, err := p.time(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if round > 0 { // the first one warms up
				p.took = append(p.took, t)
			}
		}
	}
	for _, p := range probes {
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
	wall := walls(p.took)
	c.Median, c.Min, c.Max = millis(median(wall)), millis(slices.Min(wall)), millis(slices.Max(wall))
	limit := p
	if p.limit != "" {
		i := slices.IndexFunc(all, func(o *probe) bool { return o.name == p.limit })
		limit = all[i]
	}
	if limit.wrong != nil {
		c.Verdict, c.Reason = "SKIP", "its limit is wrong"
		return c
	}
	base := walls(limit.took)
	c.Ratio = ratio(median(wall), median(base))
	c.CPURatio = ratio(median(cpus(p.took)), median(cpus(limit.took)))
	if p.goal.name == "" {
		return c
	}
	judged := c.Ratio
	if spread := ratio(slices.Max(base), slices.Min(base)); spread > noisy {
		if c.CPURatio == 0 {
			c.Verdict, c.Reason = "NOISY", fmt.Sprintf("limit max/min %.1f", spread)
			return c
		}
		judged, c.Reason = c.CPURatio, fmt.Sprintf("by CPU: limit max/min %.1f", spread)
	}
	c.Verdict, c.Grade = p.goal.grade(judged)
	return c
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

func each(all []took, of func(took) time.Duration) []time.Duration {
	out := make([]time.Duration, len(all))
	for i, t := range all {
		out[i] = of(t)
	}
	return out
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
