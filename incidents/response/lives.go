package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Of the calls, one that ended or still rings before its first window is over is
// neither kept nor missed. A promise counts once for each instant, once it was
// kept or has passed: one that was moved ahead of time, or that nobody needs any
// more, is none. The first three questions are answered anew by whatever is
// counted, which corrects nobody.
const findLives = `
	select i.id, i.system, i.drill, i.light, i.phase, began.time began, noticed.choices noticed,
		coalesce(calls.pages, 0) pages, coalesce(calls.answered, 0) answered, coalesce(said.promises, 0) promises, coalesce(said.kept, 0) promises_kept,
		coalesce(amended.corrections, 0) corrections,
		coalesce(owed.follow_ups, 0) follow_ups, coalesce(owed.late, 0) late, exists (select from relations where incident = i.id and how = 'again') again,
		coalesce(came.wrong, 0) wrong, coalesce(came.fixed, 0) fixed, coalesce(came.kept, 0) kept, coalesce(came.lost, 0) lost
	from incidents i
	left join answers began on began.incident = i.id and began.question = $3
	left join answers noticed on noticed.incident = i.id and noticed.question = $4
	left join lateral (
		select count(*) filter (where s.outcome is null or s.outcome not in ('calling', 'ended')) pages, count(*) filter (where s.outcome = 'answered') answered
		from pages p
		left join lateral (select outcome from page_steps where page = p.id and outcome <> 'nobody' order by number limit 1) s on true
		where p.incident = i.id
	) calls on true
	left join lateral (
		select count(*) promises, count(*) filter (where met) kept
		from (
			select distinct on (due_at) ended_why = 'update' and ended_at <= due_at met, due_at < coalesce(ended_at, $8) passed
			from promises
			where incident = i.id
			order by due_at, number desc
		) p
		where met or passed
	) said on true
	left join lateral (
		select count(*) corrections
		from journal
		where chain = i.id and (kind = 'entry-corrected/1' or kind = 'answered/1' and detail ->> 'corrects' = 'true' and detail ->> 'question' not in ('1', '2', '3'))
	) amended on true
	left join lateral (
		select (detail ->> 'wrong')::bigint wrong, (detail ->> 'fixed')::bigint fixed, (detail ->> 'kept')::bigint kept, (detail ->> 'lost')::bigint lost
		from journal
		where chain = i.id and kind = 'resolved/1'
		order by seq desc
		limit 1
	) came on true
	left join lateral (
		select count(*) follow_ups, count(*) filter (where state = 'open' and due_at < $7) late
		from follow_ups f
		where f.incident = i.id and state <> 'dropped'
	) owed on true
	where i.opened_at >= $1 and ($2 = '' or i.system = $2) and (not i.private or i.lead = $5 or i.channel <> '' and i.channel = any($6))
	order by i.id`

type lifeRow struct {
	ID       int64      `db:"id"`
	System   string     `db:"system"`
	Drill    bool       `db:"drill"`
	Light    bool       `db:"light"`
	Follow   int64      `db:"follow_ups"`
	Late     int64      `db:"late"`
	Again    bool       `db:"again"`
	Phase    string     `db:"phase"`
	Began    *time.Time `db:"began"`
	Noticed  []string   `db:"noticed"`
	Pages    int64      `db:"pages"`
	Answered int64      `db:"answered"`
	Promises int64      `db:"promises"`
	OnTime   int64      `db:"promises_kept"`
	Amended  int64      `db:"corrections"`
	Wrong    int64      `db:"wrong"`
	Fixed    int64      `db:"fixed"`
	Kept     int64      `db:"kept"`
	Lost     int64      `db:"lost"`
}

// Lives returns what the incidents that were opened since then add to the
// metrics: all of them, or those of one system. Of private ones it returns those
// that somebody leads or whose channels they are in: figures of a few would tell
// others what happened in them.
func (r *Response) Lives(ctx context.Context, since time.Time, system string, of incidents.Person, sees []string) ([]incidents.Life, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return nil, err
	}
	rows, err := r.db.Pool().Query(ctx, findLives, since, system, int64(incidents.QuestionBegan), int64(incidents.QuestionNoticed), string(of), sees, at.Add(-incidents.FollowUpGrace), at)
	if err != nil {
		return nil, fmt.Errorf("read what incidents came to: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[lifeRow])
	if err != nil {
		return nil, fmt.Errorf("read what incidents came to: %w", err)
	}
	ids := make([]incidents.ID, len(found))
	for n, row := range found {
		ids[n] = incidents.ID(row.ID)
	}
	reached, err := journal.Milestones(ctx, r.db, ids...)
	if err != nil {
		return nil, err
	}
	lives := make([]incidents.Life, len(found))
	for n, row := range found {
		lives[n] = row.life(reached[ids[n]])
	}
	return lives, nil
}

func (r lifeRow) life(reached map[incidents.Milestone]incidents.Reached) incidents.Life {
	l := incidents.Life{
		ID: incidents.ID(r.ID), System: r.System, Drill: r.Drill, Light: r.Light, Again: r.Again, FollowUps: r.Follow, FollowUpsLate: r.Late, Phase: incidents.Phase(r.Phase), Began: instant(r.Began), Reached: reached,
		Wrong: r.Wrong, Fixed: r.Fixed, Kept: r.Kept, Lost: r.Lost, Pages: r.Pages, PagesInTime: r.Answered, Promises: r.Promises, PromisesKept: r.OnTime, Corrections: r.Amended,
	}
	if len(r.Noticed) > 0 && r.Noticed[0] != incidents.DontKnow {
		l.Noticed = r.Noticed[0]
	}
	return l
}

// Exported records that the post-mortem of an incident was written, and why if a
// private one was taken out of Slack. It changes nothing else, whatever the phase.
func (r *Response) Exported(ctx context.Context, act journal.Act, id incidents.ID, fact incidents.Exported, why string) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		facts := []incidents.Fact{fact}
		if why != "" {
			facts = append(facts, incidents.TakenOut{Format: fact.Format, Why: why})
		}
		return inc, facts, nil
	})
}
