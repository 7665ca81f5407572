package bench

import (
	"fmt"
	"slices"
	"time"
)

// Goals of the section: the wait of the slowest of a hundred updates beside
// that of an idle table and beside that of one bare UPDATE, and the longest.
var (
	feltIdle    = goal{name: "R3", good: 5, great: 3, by: byWall}
	feltBare    = goal{name: "R3", good: 0.1, great: 0.025, by: byWall}
	feltLongest = goal{name: "R4", good: 250, great: 100}
)

func (d *desk) feltCells(idle, bare, run *felt) error {
	cells := []cell{
		d.feltCell("p99 of updates, idle", idle.p99, idle.p99, goal{}), d.feltCell("p99 during a bare UPDATE", bare.p99, idle.p99, goal{}),
		d.feltCell("p99 during the executor", run.p99, idle.p99, feltIdle), d.feltCell("the same, beside a bare UPDATE", run.p99, bare.p99, feltBare),
		d.longestCell("longest, idle", idle, idle, goal{}), d.longestCell("longest during the executor", run, idle, feltLongest),
	}
	cells[0].Goal = "limit"
	for _, c := range cells {
		if run.wrong != nil && c.Good > 0 {
			c.Verdict, c.Grade, c.Reason = "FAIL", "", "wrong: "+run.wrong.Error()
		}
		if err := d.b.print.cell(c); err != nil {
			return err
		}
	}
	return nil
}

// feltCell compares waits with those of a limit, whose spread says whether wall
// time can be believed.
func (d *desk) feltCell(name string, waits, limit []time.Duration, g goal) cell {
	c := cell{
		Section: "impact", Case: name, Rows: d.harm.rows(), Affected: d.harm.affected, Rounds: len(waits), Unit: "ms", Goal: g.String(),
		Good: g.good, Great: g.great, Verdict: "INFO",
	}
	if len(waits) == 0 || len(limit) == 0 {
		c.Rounds, c.Verdict, c.Reason = 0, "SKIP", "it was over before any user came: more --affected takes longer"
		return c
	}
	c.Median, c.Min, c.Max = millis(median(waits)), millis(slices.Min(waits)), millis(slices.Max(waits))
	c.Ratio = ratio(median(waits), median(limit))
	if g.name != "" {
		g.verdict(&c, ratio(slices.Max(limit), slices.Min(limit)))
	}
	return c
}

// longestCell is about one update, the slowest of all, from when it was sent.
func (d *desk) longestCell(name string, f, idle *felt, g goal) cell {
	c := d.feltCell(name, f.longest, idle.longest, goal{})
	if c.Verdict == "SKIP" || g.name == "" {
		return c
	}
	c.Goal, c.Good, c.Great = g.String(), g.good, g.great
	if c.Verdict, c.Grade = g.grade(c.Max); c.Verdict == "FAIL" {
		if calm := slices.Max(idle.longest); millis(calm) > g.great { // so does an idle table
			c.Verdict, c.Reason = "NOISY", fmt.Sprintf("%.0f ms where nothing else was written", millis(calm))
		}
	}
	return c
}
