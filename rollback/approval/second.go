package approval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// SecondDue asks whether a wish for a risky automation is over that nobody has
// confirmed.
type SecondDue struct {
	Incident incidents.ID `json:"incident"`
	Ask      int64        `json:"ask"`
	At       time.Time    `json:"at"`
}

// Kind names the job.
func (SecondDue) Kind() string { return "second-due" }

const (
	insertSecond = `insert into automation_seconds (incident, source, name, title, asked_by, asked_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7) returning id`
	secondColumns = `select id, incident, source, name, title, asked_by, asked_at, expires_at from automation_seconds`
	readSecond    = secondColumns + ` where incident = $1 and source = $2 and name = $3 and state = 'waiting'`
	readSecondID  = secondColumns + ` where id = $1 and state = 'waiting'`
	readSeconds   = secondColumns + ` where incident = $1 and state = 'waiting' order by id`
	storeSecond   = `update automation_seconds set state = 'confirmed', second_by = $2, ended_at = $3 where id = $1`
	expireSecond  = `update automation_seconds set state = 'expired', ended_at = $2 where id = $1`
)

// secondAsk reads the one that waits. The lock of its incident keeps two from
// ending it at once.
func secondAsk(ctx context.Context, q querier, sql string, args ...any) (ask rollback.SecondAsk, waits bool, err error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return ask, false, fmt.Errorf("read who is to confirm a switch: %w", err)
	}
	ask, err = pgx.CollectExactlyOneRow(rows, secondOf)
	if errors.Is(err, pgx.ErrNoRows) {
		return ask, false, nil
	}
	if err != nil {
		return ask, false, fmt.Errorf("read who is to confirm a switch: %w", err)
	}
	return ask, true, nil
}

func secondOf(row pgx.CollectableRow) (r rollback.SecondAsk, err error) {
	err = row.Scan(&r.ID, &r.Incident, &r.Source, &r.Name, &r.Title, &r.By, &r.At, &r.Until)
	r.At, r.Until = r.At.UTC(), r.Until.UTC()
	return r, err
}

// waitingSecond is the one wish of an incident that waits and that a word names.
func (a *Approval) waitingSecond(ctx context.Context, id incidents.ID, word string) (ask rollback.SecondAsk, waits bool, err error) {
	rows, err := a.db.Pool().Query(ctx, readSeconds, int64(id))
	if err != nil {
		return ask, false, fmt.Errorf("read who is to confirm a switch: %w", err)
	}
	all, err := pgx.CollectRows(rows, secondOf)
	if err != nil {
		return ask, false, fmt.Errorf("read who is to confirm a switch: %w", err)
	}
	found := meant(all, word, func(s rollback.SecondAsk) [4]string {
		return [4]string{s.Source + "/" + s.Name, s.Name, s.Title, Auto{Source: s.Source, Title: s.Title}.Label()}
	})
	if len(found) != 1 {
		return ask, false, nil
	}
	return found[0], true, nil
}

// takeBack ends a wish that nobody has confirmed, for whoever had it and for
// everybody who may switch.
func (a *Approval) takeBack(ctx context.Context, act journal.Act, asked rollback.SecondAsk, by incidents.Person, why string) error {
	src, err := a.source(asked.Source)
	if err != nil {
		src = Source{Name: asked.Source}
	}
	_, may := a.maySwitch(ctx, asked.Incident, by == asked.By, src, by)
	return a.automate(ctx, act, asked.Incident, func(s *autoStep) error {
		ask, waits, err := secondAsk(ctx, s.tx, readSecondID, asked.ID)
		switch {
		case err != nil:
			return err
		case !waits:
			return rollback.RefuseNoSecond(asked.Title, asked.Name)
		}
		if err := may(s.inc, rollback.Automation{Title: ask.Title}, src); err != nil {
			return err
		}
		if err := s.secondEnds(ctx, ask); err != nil {
			return err
		}
		return s.say(ctx, AutomationRefused{
			Auto: Auto{Source: ask.Source, Name: ask.Name, Title: ask.Title}, Code: WishTakenBack, Say: "It is not asked for any more: " + why, By: by,
		})
	})
}

// wantSecond keeps the wish for a risky automation until somebody else confirms
// it. It refuses one that waits already (state).
func (s *autoStep) wantSecond(ctx context.Context, d DeclaredAutomation, by incidents.Person, pool []incidents.Person) error {
	old, waits, err := secondAsk(ctx, s.tx, readSecond, int64(s.inc.ID), d.Source, d.Name)
	switch {
	case err != nil:
		return err
	case waits && s.at.Before(old.Until):
		return rollback.RefuseSwitchState(d.Title, "waits for a second person until "+old.Until.Format("15:04")+" UTC", "The lead or an approver of "+d.Source+" confirms it: `/snafu contain second "+d.Name+"`.")
	case waits:
		if err := s.secondOver(ctx, old); err != nil {
			return err
		}
	}
	until := s.at.Add(rollback.SecondWithin)
	var id int64
	if err := s.tx.QueryRow(ctx, insertSecond, int64(s.inc.ID), d.Source, d.Name, d.Title, by, s.at, until).Scan(&id); err != nil {
		return fmt.Errorf("keep who is to confirm a switch: %w", err)
	}
	if err := jobs.AddAt(ctx, s.tx, SecondDue{Incident: s.inc.ID, Ask: id, At: until}, until); err != nil {
		return err
	}
	can := []incidents.Person{s.inc.Lead}
	for _, p := range pool {
		if !slices.Contains(can, p) {
			can = append(can, p)
		}
	}
	can = slices.DeleteFunc(can, func(p incidents.Person) bool { return p == by })
	return s.say(ctx, SecondWanted{Auto: Auto{Source: d.Source, Name: d.Name, Title: d.Title}, By: by, Until: until, Can: can[:min(len(can), mostAsked)]})
}

// mostAsked is how many of those who can confirm are named.
const mostAsked = 5

// SecondSwitch confirms that a risky automation is to be switched off, and asks
// for that. It refuses whoever asked (same-person), anybody but the lead and an
// approver of its source (not-lead), an account that does not count, one that
// waits for nobody, and one whose time is over (state).
func (a *Approval) SecondSwitch(ctx context.Context, act journal.Act, id incidents.ID, system, word string) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	d, src, err := a.declared(system, word)
	if err != nil {
		return err
	}
	asked, waits, err := secondAsk(ctx, a.db.Pool(), readSecond, int64(id), d.Source, d.Name)
	if err != nil {
		return err
	}
	if !waits {
		return rollback.RefuseNoSecond(d.Title, d.Name)
	}
	st, may := a.maySwitch(ctx, id, d.Manual, src, by, asked.By)
	return a.automate(ctx, act, id, func(s *autoStep) error {
		ask, waits, err := secondAsk(ctx, s.tx, readSecond, int64(id), d.Source, d.Name)
		switch {
		case err != nil:
			return err
		case !waits || ask.ID != asked.ID:
			return rollback.RefuseNoSecond(d.Title, d.Name)
		}
		if err := ask.Confirm(by, s.at); err != nil {
			return err
		}
		if err := s.ready(ctx, d, src, may); err != nil {
			return err
		}
		if err := st.Account(nil); err != nil { // also of the lead: two people have two accounts
			return err
		}
		if _, err := s.tx.Exec(ctx, storeSecond, ask.ID, by, s.at); err != nil {
			return fmt.Errorf("store who confirmed a switch: %w", err)
		}
		auto := Auto{Source: d.Source, Name: d.Name, Title: d.Title}
		if err := s.say(ctx, Seconded{Auto: auto, By: ask.By, Second: by}); err != nil {
			return err
		}
		return s.wants(ctx, d, ask.By)
	})
}

// SecondDue ends a wish for a risky automation that nobody has confirmed in time,
// by the clock of the database.
func (a *Approval) SecondDue(ctx context.Context, job jobs.Job[SecondDue]) error {
	act := journal.Act{By: incidents.System("approval"), Key: fmt.Sprintf("second-due:%d", job.Args.Ask)}
	var early time.Duration
	err := a.automate(ctx, act, job.Args.Incident, func(s *autoStep) error {
		early = 0
		ask, waits, err := secondAsk(ctx, s.tx, readSecondID, job.Args.Ask)
		switch {
		case err != nil:
			return err
		case !waits:
			return ErrObsolete
		case s.at.Before(ask.Until):
			early = ask.Until.Sub(s.at)
			return ErrObsolete
		}
		if s.inc.Phase().Ended() { // nobody can ask again, nor wants to
			return s.secondEnds(ctx, ask)
		}
		return s.secondOver(ctx, ask)
	})
	switch {
	case early > 0:
		return jobs.Snooze(early + time.Second)
	case errors.Is(err, ErrObsolete), errors.Is(err, journal.ErrAlready):
		return nil
	}
	return err
}

func (s *autoStep) secondEnds(ctx context.Context, ask rollback.SecondAsk) error {
	if _, err := s.tx.Exec(ctx, expireSecond, ask.ID, s.at); err != nil {
		return fmt.Errorf("end a wish for a switch: %w", err)
	}
	return nil
}

func (s *autoStep) secondOver(ctx context.Context, ask rollback.SecondAsk) error {
	if err := s.secondEnds(ctx, ask); err != nil {
		return err
	}
	return s.say(ctx, SecondExpired{Auto: Auto{Source: ask.Source, Name: ask.Name, Title: ask.Title}, By: ask.By})
}
