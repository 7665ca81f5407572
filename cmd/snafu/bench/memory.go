package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"snafu/rollback"
)

// Goal of the bot's memory: the most that a process had while it froze, exported
// and wrote all records beside what it has when it waits for work.
var lean = goal{name: "E3", good: 3, great: 2}

// heaps are the memory of one process at three moments, in bytes.
type heaps struct{ idle, exported, written int64 }

// memory lets another process freeze, export, put back and list all records, as
// the bot does, and tells how much memory it has had meanwhile.
func (d *desk) memory(ctx context.Context) error {
	c := cell{Section: "export", Rows: d.harm.rows(), Affected: d.harm.affected, Unit: "MB", Verdict: "INFO", Goal: "limit"}
	idle, exported, written := c, c, c
	idle.Case, exported.Case, written.Case = "memory of a bot that waits", "memory until all is exported", "memory until all is written"
	all := []*cell{&idle, &exported, &written}
	for _, c := range all[1:] {
		c.Limit, c.Goal, c.Good, c.Great = idle.Case, lean.String(), lean.good, lean.great
	}
	h, err := d.watched(ctx)
	var wrong wrongAnswer
	switch skip := (unseen{}); {
	case errors.As(err, &skip):
		for _, c := range all {
			c.Verdict, c.Reason = "SKIP", skip.Error()
		}
	case errors.As(err, &wrong):
		for _, c := range all {
			c.Rounds, c.Verdict, c.Reason = 1, "FAIL", "wrong: "+wrong.Error()
		}
	case err != nil:
		return err
	default:
		for i, n := range []int64{h.idle, h.exported, h.written} {
			c := all[i]
			c.Rounds, c.Median, c.Min, c.Max, c.Ratio = 1, megabytes(n), megabytes(n), megabytes(n), ratio(n, h.idle)
			if i > 0 {
				c.Verdict, c.Grade = lean.grade(c.Ratio)
			}
		}
	}
	for _, c := range all {
		if err := d.b.print.cell(*c); err != nil {
			return err
		}
	}
	return nil
}

// unseen is why the memory of another process cannot be measured here.
type unseen struct{ why string }

func (u unseen) Error() string { return u.why }

// watched has the plan carried out by another process and looks at it.
func (d *desk) watched(ctx context.Context) (h heaps, err error) {
	if d.b.o.Child == nil {
		return h, unseen{"this program cannot run as another process"}
	}
	d.b.print.progress("export: another process exports and puts back %d records", d.harm.affected)
	if err := d.rebuild(ctx); err != nil {
		return h, err
	}
	hands := d.hands(whole())
	bot, err := d.start(ctx, orders{Log: d.log, Source: d.opt, Batch: hands.batch, Dir: d.dir, Holder: "watched", Tasks: true})
	if err != nil {
		return h, err
	}
	v, err := hands.through(ctx, bot, &h)
	if err != nil {
		return h, bot.end(err)
	}
	if err := bot.kill(); err != nil { // it has nothing more to do
		return h, err
	}
	return h, d.asApproved(ctx, v, rollback.Outcomes{Written: d.harm.writes()})
}

// through takes a plan from its draft to its lists; the other process does what
// the bot's workers do, and people's part is done here.
func (h *hands) through(ctx context.Context, bot *running, seen *heaps) (v rollback.PlanView, err error) {
	if _, err := bot.next(); err != nil { // it is ready
		return v, err
	}
	if seen.idle, err = bot.memory("VmRSS"); err != nil {
		return v, err
	}
	freeze, err := h.asked(ctx)
	if err != nil {
		return v, err
	}
	if err := bot.does(task{Freeze: &freeze}); err != nil {
		return v, err
	}
	if seen.exported, err = bot.memory("VmHWM"); err != nil {
		return v, err
	}
	if v, err = h.found(ctx, freeze); err != nil {
		return v, err
	}
	run, err := h.claimed(ctx, v)
	if err != nil {
		return v, err
	}
	if err := errors.Join(h.desk.even(ctx), bot.does(task{Run: &run}), bot.does(task{List: run.Plan})); err != nil {
		return v, err
	}
	if seen.written, err = bot.memory("VmHWM"); err != nil {
		return v, err
	}
	return h.approval.Get(ctx, run.Plan)
}

// memory is a figure of the process's status: VmRSS is what it has now, VmHWM
// the most that it ever had.
func (r *running) memory(name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return 0, unseen{"the memory of another process cannot be seen here"}
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != name+":" {
			continue
		}
		kb, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the memory of another process: %w", err)
		}
		return kb << 10, nil
	}
	return 0, unseen{"the memory of another process is not told here"}
}
