package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

// NagRunPaused calls to mind a run that rests: whoever started it, and the lead.
const NagRunPaused = "run-paused"

const (
	pausedFirst = 30 * time.Minute
	pausedAgain = time.Hour
)

// A run rests when the last that is known of its plan is that it rests.
const pausedRuns = `
	select ref, at, why, starter
	from (
		select distinct on (detail->'rev'->>'ref') detail->'rev'->>'ref' ref, kind, at, coalesce(detail->>'why', '') why,
			coalesce((select c.actor from journal c where c.chain = $1 and c.kind = 'run-claimed/1'
				and c.detail->'rev'->>'ref' = journal.detail->'rev'->>'ref' order by c.seq desc limit 1), '') starter
		from journal
		where chain = $1 and kind in ('run-claimed/1', 'run-continued/1', 'run-paused/1', 'run-resumed/1', 'run-revived/1', 'batch/1',
			'run-aborted/1', 'run-finished/1')
		order by detail->'rev'->>'ref', seq desc
	) newest
	where kind = 'run-paused/1'
	order by ref`

func (r *Response) nagPaused(ctx context.Context, q asker, inc incidents.Incident, _ time.Time) (nags []incidents.Nag, err error) {
	if !inc.Phase().Live() {
		return nil, nil
	}
	rows, err := q.Query(ctx, pausedRuns, int64(inc.ID))
	if err != nil {
		return nil, fmt.Errorf("find runs that rest: %w", err)
	}
	var ref, why, starter string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&ref, &at, &why, &starter}, func() error {
		to := []incidents.Person{inc.Lead}
		if p, ok := incidents.Actor(starter).Person(); ok && p != inc.Lead {
			to = append(to, p)
		}
		say := ref + " of " + inc.Key() + " rests since "
		if why != "" {
			why = ": " + incidents.Line(why, 200)
		}
		nags = append(nags, incidents.Nag{
			Kind: NagRunPaused, Subject: ref, To: to, From: at.UTC(), Beats: incidents.Beats{At: []time.Duration{pausedFirst}, Every: pausedAgain},
			Say: incidents.Sentence(say, incidents.Dated(at.UTC()), why+". Some records hold their old values and others the new. In its thread it goes on, or is ended with a reason: `/snafu abort "+ref+" WHY`."),
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find runs that rest: %w", err)
	}
	return nags, nil
}
