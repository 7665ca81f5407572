package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

const (
	deliverFor   = 40 * time.Second // below the deadline of its job
	deliverAside = 6
	longestNap   = 10 * time.Second
	shortestNap  = 100 * time.Millisecond
)

// Deliver tells Slack what of an incident is not told yet: in the order of the
// journal for each place, and beside each other where places do not wait for
// one another. Slack is a projection: what is drawn is read from rows.
func (b *Bot) Deliver(ctx context.Context, job jobs.Job[journal.Deliver]) error {
	ctx, cancel := context.WithTimeout(ctx, deliverFor)
	defer cancel()
	id := job.Args.Incident
	for {
		progressed, err := b.tellAll(ctx, id)
		if errors.Is(err, journal.ErrStepMoved) {
			return jobs.Snooze(time.Second)
		}
		if err != nil {
			return b.napping(ctx, id, err)
		}
		if progressed {
			continue
		}
		left, err := journal.Finish(ctx, b.o.DB, job)
		if err != nil {
			return b.napping(ctx, id, err)
		}
		if left.Deliveries == 0 {
			return nil
		}
		if left.NextAt.IsZero() {
			continue // something was appended just now
		}
		now, err := b.o.DB.Now(ctx, nil)
		if err != nil {
			return b.napping(ctx, id, err)
		}
		nap := left.NextAt.Sub(now)
		if nap <= 0 {
			nap = max(-nap/2, time.Second/2) // something waits for something else, the longer the more patiently
		}
		return jobs.Snooze(min(max(nap, shortestNap), longestNap))
	}
}

// napping goes on a little later. A failed job would be tried after a pause
// that grows, and new facts would wait behind it.
func (b *Bot) napping(ctx context.Context, id incidents.ID, err error) error {
	b.log.ErrorContext(ctx, "deliver", "incident", id, "err", err)
	return jobs.Snooze(2 * time.Second)
}

// tellAll tells everything that can be told now, and says whether that was
// anything.
func (b *Bot) tellAll(ctx context.Context, id incidents.ID) (bool, error) {
	pending, err := journal.Pending(ctx, b.o.DB, id)
	if err != nil || len(pending) == 0 {
		return false, err
	}
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return false, err
	}
	inc, err := b.o.Response.Get(ctx, id)
	if err != nil {
		return false, err
	}
	homeless, inThread := inc.Channel == "", false
	if homeless {
		home, _, err := findPosted(ctx, b.o.DB, id, "refuge")
		if err != nil {
			return false, err
		}
		inc.Channel, inThread = home.Channel, home.TS == inThreadMark
	}
	if slices.ContainsFunc(pending, func(d journal.Delivery) bool { return !d.Expanded }) {
		if err := b.homesStale(ctx, at); err != nil {
			return false, err
		}
	}
	silent := false
	if inc.Phase() == incidents.PhaseClosed {
		if silent, err = b.o.Response.IsArchived(ctx, id); err != nil {
			return false, err
		}
	}
	var tasks []task
	for _, d := range pending {
		if !d.Expanded {
			if d.Steps, err = b.expand(ctx, inc, d.Entry, at); err != nil {
				return false, err
			}
		}
		for _, s := range d.Steps {
			if s.State.Open() {
				tasks = append(tasks, task{Step: s, entry: d.Entry, inc: inc, homeless: homeless, muted: silent, inThread: inThread})
			}
		}
	}
	return b.lanes(ctx, moving(tasks))
}

// expand splits an entry into its steps. An entry that nobody knows how to tell
// was written by a newer version; it stays in the journal and is not told.
func (b *Bot) expand(ctx context.Context, inc incidents.Incident, e journal.Entry, at time.Time) ([]journal.Step, error) {
	names, err := stepsOf(e)
	if err != nil {
		b.log.ErrorContext(ctx, "tell an entry", "incident", e.Incident, "err", err)
		names = nil
	}
	if inc.Phase() == incidents.PhaseResolved && gateMoves[e.Kind] {
		names = append(names, "card:gate")
	}
	if names, err = b.withFollowers(ctx, e, names); err != nil {
		return nil, err
	}
	if b.o.Pictures && pictured[e.Kind] {
		names = append(names, pictureStep)
	}
	return journal.Expand(ctx, b.o.DB, e.Incident, e.Seq, at, names...)
}

// lanes runs the steps: those of one lane in order, lanes beside each other.
func (b *Bot) lanes(ctx context.Context, tasks []task) (bool, error) {
	var order []string
	byLane := map[string][]task{}
	for _, t := range tasks {
		lane, err := b.lane(ctx, t)
		if err != nil {
			return false, err
		}
		if byLane[lane] == nil {
			order = append(order, lane)
		}
		byLane[lane] = append(byLane[lane], t)
	}
	done := make([]bool, len(order))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(b.o.Aside)
	for i, lane := range order {
		group.Go(func() (err error) {
			defer caught(&err, "deliver")
			done[i], err = b.walk(ctx, byLane[lane])
			return err
		})
	}
	err := group.Wait()
	for _, d := range done {
		if d {
			return true, err
		}
	}
	return false, err
}

// walk runs the steps of one lane until one has to wait.
func (b *Bot) walk(ctx context.Context, tasks []task) (progressed bool, err error) {
	for _, t := range tasks {
		at, err := b.o.DB.Now(ctx, nil)
		if err != nil {
			return progressed, err
		}
		p, err := b.run(ctx, t, at)
		if err != nil {
			return progressed, err
		}
		switch p {
		case moved:
			progressed = true
		case blocked:
			return progressed, nil
		}
	}
	return progressed, nil
}

// bury journals that something could not be told, so that the lead hears it.
func (b *Bot) bury(ctx context.Context, t task, reason string) error {
	act := journal.Act{By: incidents.System("bot"), Key: "dead:" + t.tag()}
	err := b.o.DB.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, b.o.DB, act, t.Incident)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, t.Incident, act, at, DeliveryDead{Incident: t.Incident, Entry: t.Seq, Step: t.Name, Reason: reason})
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}
