package response_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// live brings the program to a minute: people act, and unless it is down its duties
// come round.
func (m *month) live(at time.Time, n int, dice *rand.Rand) {
	t := m.h.t
	m.h.now.Store(at.UnixMicro())
	if m.ids == nil {
		m.ids = map[string]incidents.ID{}
	}
	for _, d := range m.deeds {
		if d.at.Equal(at) {
			require.NoError(t, d.do(m.ids[d.name]), "%s of %s", at, d.name)
		}
	}
	if m.isDown(at) {
		return
	}
	switch n % 6 {
	case 0: // it is killed in the middle
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(dice.IntN(4000))*time.Microsecond)
		_ = m.sweep(ctx)
		cancel()
	case 1: // it starts anew
		var err error
		m.h.Response, err = response.New(m.o)
		require.NoError(t, err)
	case 2: // two think that they lead
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { _ = m.sweep(t.Context()) })
		}
		both.Wait()
	}
	require.NoError(t, m.sweep(t.Context()), at)
}

// River's own clock is not moved, so each of the newest jobs is tried: one that comes
// too early asks to be called again, one that is done does nothing.
const askedJobs = `
	select kind, args
	from river.river_job
	where kind in ('escalate', 'lead-due')
	order by id desc
	limit 8`

// sweep does each duty once, and the jobs that were asked for.
func (m *month) sweep(ctx context.Context) error {
	if _, err := m.h.Missed(ctx); err != nil {
		return err
	}
	if _, err := m.h.Nags(ctx); err != nil {
		return err
	}
	if _, err := m.h.Morning(ctx); err != nil {
		return err
	}
	rows, err := m.h.db.Pool().Query(ctx, askedJobs)
	if err != nil {
		return err
	}
	defer rows.Close()
	type job struct {
		kind string
		args []byte
	}
	var due []job
	for rows.Next() {
		var j job
		if err := rows.Scan(&j.kind, &j.args); err != nil {
			return err
		}
		due = append(due, j)
	}
	rows.Close()
	for _, j := range due {
		var early *river.JobSnoozeError
		if err := m.work(ctx, j.kind, j.args); err != nil && !errors.As(err, &early) {
			return err
		}
	}
	return rows.Err()
}

func (m *month) work(ctx context.Context, kind string, raw []byte) error {
	if kind == (response.Escalate{}).Kind() {
		var job jobs.Job[response.Escalate]
		if err := json.Unmarshal(raw, &job.Args); err != nil {
			return err
		}
		return m.h.Escalate(ctx, job)
	}
	var job jobs.Job[response.LeadDue]
	if err := json.Unmarshal(raw, &job.Args); err != nil {
		return err
	}
	return m.h.LeadDue(ctx, job)
}

// found is what the journal says was told.
func (m *month) found() (all []event) {
	for name, id := range m.ids {
		for _, e := range m.h.entries(id) {
			what := e.Kind
			switch what {
			case "nagged/1", "nag-over/1":
				nag, _ := e.Value.Field("nag")
				what += " " + fmt.Sprint(nag.Plain())
			case "called-next/1", "call-unanswered/1", "lead-offer-ended/1", "update-missed/1", "update-overdue/1":
			default:
				continue
			}
			all = append(all, event{e.At, name + " " + what})
		}
	}
	return all
}

const askedDigests = `
	select args ->> 'day'
	from river.river_job
	where kind = 'digest'
	order by id`

// digests are the mornings for which River was asked to tell one.
func (m *month) digests() (days []string) {
	rows, err := m.h.db.Pool().Query(m.h.t.Context(), askedDigests)
	require.NoError(m.h.t, err)
	days, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(m.h.t, err)
	return days
}
