package bot_test

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

// insist does something again until Slack acknowledges it, as people do. The
// clock goes on while Slack waits for an answer that does not come.
func (w *workspace) insist(act func(ctx context.Context, n int) (slacksim.Act, error)) {
	w.t.Helper()
	const (
		looksAt = 20               // an act before the clock is moved on; more each time, on a busy machine
		longest = 40 * time.Second // that Slack keeps a payload back, or waits for its acknowledgement
	)
	type outcome struct {
		act slacksim.Act
		err error
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for n := 1; ctx.Err() == nil; n++ {
		done := make(chan outcome, 1)
		go func() {
			a, err := act(ctx, n)
			done <- outcome{a, err}
		}()
		var got outcome
		moved := time.Duration(0)
		for looks := 0; got.act.ID == "" && got.err == nil; looks++ {
			select {
			case got = <-done:
			case <-time.After(10 * time.Millisecond):
				if looks > looksAt*n && moved < longest {
					moved += time.Second
					_ = w.sim.Advance(time.Second)
				}
			}
		}
		require.NoError(w.t, got.err)
		if got.act.Deliveries[0].State == "acked" {
			return
		}
		require.NotEmpty(w.t, got.act.Shown, "who is not heard reads so")
		select { // a person does not press a hundred times a second
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	w.t.Fatal("Slack acknowledged nothing")
}

const atWork = `
	select count(*) from river.river_job
	 where kind in ('deliver', 'homes', 'act')
	   and (state = 'running' and kind <> 'act' or state in ('available', 'retryable', 'scheduled') and scheduled_at <= clock_timestamp())`

const untold = `
	select incident from deliveries where expanded_at is null
	union select incident from delivery_steps where state in ('waiting', 'sending', 'unknown')`

// settles moves the clock on until everything is done and told. What waits for
// a later instant is woken when the clock has moved there.
func (w *workspace) settles() {
	w.t.Helper()
	w.nothingUnderWay()
	ctx := w.ctx()
	admin := w.admin()
	require.Eventually(w.t, func() bool {
		var busy int
		require.NoError(w.t, admin.QueryRow(ctx, atWork).Scan(&busy))
		if busy > 0 {
			return false
		}
		waiting := w.untold()
		homes := w.count(`select count(*) from homes where shown < wanted`)
		open := w.count(`select count(*) from receipts where outcome is null`)
		if len(waiting)+homes+open == 0 {
			return true
		}
		if len(waiting)+homes > 0 {
			_ = w.sim.Advance(w.untilNext())
		}
		w.wakeAll(waiting)
		return false
	}, patience, 5*time.Millisecond, "something is still to be told")
	require.NoError(w.t, jobs.Idle(ctx, w.db.Pool()))
	w.nothingUnderWay()
}

// untold are the incidents of which something is still to be told.
func (w *workspace) untold() []incidents.ID {
	w.t.Helper()
	rows, err := w.db.Pool().Query(w.ctx(), untold)
	require.NoError(w.t, err)
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	require.NoError(w.t, err)
	return waiting
}

// untilNext is how far the clock is from the next instant for which something
// waits, at least a second.
func (w *workspace) untilNext() time.Duration {
	w.t.Helper()
	now, err := w.db.Now(w.ctx(), nil)
	require.NoError(w.t, err)
	var next *time.Time
	require.NoError(w.t, w.db.Pool().QueryRow(w.ctx(),
		`select min(next_at) from delivery_steps where state in ('waiting', 'sending', 'unknown') and next_at > $1`, now).Scan(&next))
	if next == nil {
		return time.Second
	}
	return max(next.Sub(now), time.Second)
}

// wakeAll has what waits looked at now, and the Home tabs if one is old.
func (w *workspace) wakeAll(waiting []incidents.ID) {
	w.t.Helper()
	for _, id := range waiting {
		w.wake(journal.Deliver{Incident: id})
	}
	if w.count(`select count(*) from homes where shown < wanted`) > 0 {
		w.wake(bot.Homes{})
	}
}

// nothingUnderWay waits until no payload waits for its acknowledgement. One that
// went to a lost connection, or is held back, waits for the clock.
func (w *workspace) nothingUnderWay() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		if w.sim.Idle(ctx) == nil {
			return true
		}
		_ = w.sim.Advance(time.Second)
		return false
	}, patience, time.Millisecond, "a payload is under way")
}

// waits lets everything be tried that can be tried now, and a little later.
func (w *workspace) waits() {
	w.t.Helper()
	for range 2 {
		require.Eventually(w.t, func() bool { return w.count(`select count(*) from receipts where outcome is null`) == 0 }, patience, 5*time.Millisecond)
		require.NoError(w.t, jobs.Idle(w.ctx(), w.db.Pool()))
		require.NoError(w.t, w.sim.Advance(w.untilNext()))
		w.wakeAll(w.untold())
	}
}

func (w *workspace) wake(args jobs.Args) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.ctx(), func(tx pgx.Tx) error { return jobs.Add(w.ctx(), tx, args) }))
}

// forget makes the bot ask Slack again who somebody is.
func (w *workspace) forget() { w.bot.Forget() }

// looksAway opens the Home tab while events may be lost.
func (w *workspace) looksAway(who string) {
	w.t.Helper()
	w.insistOnEvents(func(ctx context.Context) error {
		_, err := w.sim.As(who).OpensHome(ctx)
		return err
	})
}

// insistOnEvents does what raises events, and moves the clock on for those that
// are held back.
func (w *workspace) insistOnEvents(do func(context.Context) error) {
	w.t.Helper()
	done := make(chan error, 1)
	ctx := w.ctx()
	go func() { done <- do(ctx) }()
	for looks := 0; ; looks++ {
		select {
		case err := <-done:
			require.NoError(w.t, err)
			return
		case <-time.After(10 * time.Millisecond):
			if looks > 40 {
				_ = w.sim.Advance(time.Second)
			}
		}
	}
}

// struck counts the calls that a kind of fault has hit.
func (w *workspace) struck(kind string) (n int) {
	for _, t := range w.sim.Traffic("api") {
		if t.Fault == kind {
			n++
		}
	}
	return n
}
