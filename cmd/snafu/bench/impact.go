package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// impact is the section about everybody else: how long their updates of the
// same table take while a run writes, while one bare UPDATE does, and while
// nothing else happens.
func impact(ctx context.Context, b *bench) (err error) {
	d, err := newDesk(ctx, b, "impact", harm{affected: b.o.Affected})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close(context.WithoutCancel(ctx))) }()
	u, err := d.newUsers(ctx)
	if err != nil {
		return err
	}
	defer u.close(ctx)
	idle, bare, run := &felt{name: "idle"}, &felt{name: bareUpdate}, &felt{name: "executor"}
	h := d.hands(whole())
	cases := []func(context.Context) error{
		func(ctx context.Context) error { return d.idle(ctx, u, idle) },
		func(ctx context.Context) error { return d.bared(ctx, u, bare) },
		func(ctx context.Context) error { return h.felt(ctx, u, run) },
	}
	for round := range b.o.Rounds + 1 {
		b.print.progress("impact: round %d of %d", round, b.o.Rounds)
		for _, do := range cases {
			if err := do(ctx); errors.As(err, &wrongAnswer{}) {
				run.wrong = err
			} else if err != nil {
				return err
			}
		}
		if round == 0 { // the first one warms up
			for _, f := range []*felt{idle, bare, run} {
				f.p99, f.longest = nil, nil
			}
		}
		slices.Reverse(cases)
	}
	return d.feltCells(idle, bare, run)
}

// felt is what users met in one case, round by round.
type felt struct {
	name         string
	p99, longest []time.Duration
	wrong        error
}

// between keeps the updates that were wanted while the case was at work. A
// moment that nobody met says nothing.
func (f *felt) between(calls []call, from, to time.Time) {
	var waits []time.Duration
	longest := time.Duration(0)
	for _, c := range calls {
		if c.wanted.Before(from) || c.wanted.After(to) {
			continue
		}
		waits = append(waits, c.answered.Sub(c.wanted))
		longest = max(longest, c.answered.Sub(c.sent))
	}
	if len(waits) == 0 {
		return
	}
	slices.Sort(waits)
	f.p99, f.longest = append(f.p99, waits[(len(waits)-1)*99/100]), append(f.longest, longest)
}

// calmBefore is how long users work before and beside nothing else.
const calmBefore = 200 * time.Millisecond

func (d *desk) idle(ctx context.Context, u *users, f *felt) error {
	if err := errors.Join(d.rebuild(ctx), d.even(ctx)); err != nil {
		return err
	}
	return d.among(ctx, u, f, false, func(ctx context.Context) (from, to time.Time, err error) {
		from = time.Now()
		err = pause(ctx, 5*calmBefore)
		return from, time.Now(), err
	})
}

func (d *desk) bared(ctx context.Context, u *users, f *felt) error {
	if err := errors.Join(d.rebuild(ctx), d.even(ctx)); err != nil {
		return err
	}
	return d.among(ctx, u, f, true, func(ctx context.Context) (from, to time.Time, err error) {
		from = time.Now()
		err = d.b.perform(ctx, bareSQL)
		return from, time.Now(), err
	})
}

// felt runs a plan among users. What counts is the time of its batches: nothing
// is written before and after them.
func (h *hands) felt(ctx context.Context, u *users, f *felt) error {
	d := h.desk
	if err := d.rebuild(ctx); err != nil {
		return err
	}
	v, err := h.frozen(ctx)
	if err != nil {
		return err
	}
	job, err := h.claimed(ctx, v)
	if err != nil {
		return err
	}
	if err := d.even(ctx); err != nil {
		return err
	}
	return d.among(ctx, u, f, true, func(ctx context.Context) (from, to time.Time, err error) {
		h.watch.start()
		v, err := h.run(ctx, job)
		if err != nil {
			return from, to, err
		}
		if v.Progress.Counts.Written != d.harm.writes() {
			err = wrongAnswer{fmt.Errorf("the run ended as %s with %+v: %s%s", v.State, v.Progress.Counts, v.Why, v.Waits)}
		}
		return h.watch.began, h.watch.began.Add(h.watch.batched.wall), cmp.Or(err, h.watch.err)
	})
}

const usersSQL = `
	select count(*) filter (where t.phone = '+call ' || t.id),
	       count(*) filter (where t.id is null or b.id is null or (t.email, t.crm_id, t.note, t.updated_at) is distinct from (b.email, b.crm_id, b.note, b.updated_at)
	                           or (t.phone is distinct from b.phone and t.phone is distinct from '+call ' || t.id)),
	       count(*) filter (where t.lead_status is distinct from case when $1 then coalesce(w.lead_status, b.lead_status) else b.lead_status end)
	  from snafu_bench.lead_base b full join snafu_bench.lead_work t using (id) left join snafu_bench.wanted w using (id)`

// among does something while users work, and then holds the table to both.
func (d *desk) among(ctx context.Context, u *users, f *felt, fixed bool, do func(context.Context) (from, to time.Time, err error)) error {
	stop := u.begin(ctx)
	err := pause(ctx, calmBefore)
	var from, to time.Time
	if err == nil {
		from, to, err = do(ctx)
	}
	calls, stopErr := stop()
	if err = errors.Join(err, stopErr); err != nil {
		return err
	}
	f.between(calls, from, to)
	var survived, other, status int64
	if err := d.b.db.conn.QueryRow(ctx, usersSQL, fixed).Scan(&survived, &other, &status); err != nil {
		return fmt.Errorf("look for the updates of users: %w", err)
	}
	const kept, changed, wrong = "updates of users that are still there", "leads changed otherwise", "leads with a false status"
	err = differs(figures{kept: int64(len(calls)), changed: 0, wrong: 0}, figures{kept: survived, changed: other, wrong: status})
	if err != nil {
		return wrongAnswer{fmt.Errorf("%s: %w", f.name, err)}
	}
	return nil
}
