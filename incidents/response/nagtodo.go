package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

// NagFollowUp calls to mind what is owed after an incident, also long after it was
// closed.
const NagFollowUp = "follow-up-due"

const (
	dayBefore = 24 * time.Hour
	weekly    = 7 * 24 * time.Hour
	leadAfter = 14 * 24 * time.Hour
)

// nagFollowUps reminds an owner the day before, that day and weekly until it is
// done; after two weeks the lead hears of it too.
func (r *Response) nagFollowUps(ctx context.Context, q asker, inc incidents.Incident, at time.Time) (nags []incidents.Nag, err error) {
	if inc.Phase() == incidents.PhaseCancelled {
		return nil, nil
	}
	all, err := loadFollowUps(ctx, q, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range all.Open() {
		if f.Owner == "" || f.Due.IsZero() {
			continue
		}
		beats := incidents.Beats{At: []time.Duration{-dayBefore, 0, weekly}, Every: weekly}
		if f.Made.After(f.Due.Add(-dayBefore)) {
			beats.At = beats.At[1:] // who took it on a moment ago knows
		}
		to := []incidents.Person{f.Owner}
		if !at.Before(f.Due.Add(leadAfter)) && inc.Lead != f.Owner {
			to = append(to, inc.Lead)
		}
		fact := " is due "
		if f.Late(at) {
			fact = " was due "
		}
		nags = append(nags, incidents.Nag{
			Kind: NagFollowUp, Subject: f.Ref(), To: to, From: f.Due, Beats: beats,
			Say: incidents.Sentence(f.Ref()+" of "+inc.Key()+fact, incidents.Dated(f.Due), ", and ", f.Owner, " owns it: "+f.Text+". Say that it is done, or give it another day."),
			Do:  []incidents.NagAct{{Action: "todo.done", Label: "Done"}, {Action: "todo.edit", Label: "Change"}},
		})
	}
	return nags, nil
}

const findOwing = `
	select distinct f.incident
	from follow_ups f
	join incidents i on i.id = f.incident
	where f.state = 'open' and f.due_at is not null and f.owner <> '' and i.phase = 'closed'`

// owing are the closed incidents after which something is still owed.
func (r *Response) owing(ctx context.Context, q asker) ([]incidents.ID, error) {
	rows, err := q.Query(ctx, findOwing)
	if err != nil {
		return nil, fmt.Errorf("read where something is owed: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return nil, fmt.Errorf("read where something is owed: %w", err)
	}
	return ids, nil
}
