package approval

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// Switch asks for an automation to be switched as its row says. The act of whoever
// asked tells one asking from the next.
type Switch struct {
	Automation int64     `json:"automation"`
	Act        string    `json:"act"`
	At         time.Time `json:"at"`
}

// Kind names the job.
func (Switch) Kind() string { return "switch" }

// autoStep is one decision about the automations of an incident, inside its
// transaction: the incident is locked.
type autoStep struct {
	a   *Approval
	tx  pgx.Tx
	act journal.Act
	inc incidents.Incident
	at  time.Time
	all []rollback.Switched // that the incident has switched
}

func (s *autoStep) say(ctx context.Context, fact incidents.Fact) error {
	return journal.Append(ctx, s.tx, s.inc.ID, s.act, s.at, fact)
}

func (a *Approval) automate(ctx context.Context, act journal.Act, id incidents.ID, do func(*autoStep) error) error {
	return a.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, a.db, act, id)
		if err != nil {
			return err
		}
		all, err := a.automationRows(ctx, tx, readAutomations, int64(id))
		if err != nil {
			return err
		}
		return do(&autoStep{a: a, tx: tx, act: act, inc: inc, at: at, all: all})
	})
}

// DependentsUnknown says that nobody has declared what stands still with an
// automation that snafu switches. It refuses what is not declared (automation).
func (a *Approval) DependentsUnknown(system, word string) (bool, error) {
	d, _, err := a.declared(system, word)
	return !d.Manual && len(d.Dependents) == 0, err
}

// SwitchOff asks for an automation to be switched off because it is the cause of
// an incident, or may be. One that only a person can stop is asked of that person;
// one that is declared risky waits until a second person confirms it.
//
// It refuses what is not declared (automation), anybody but the lead and an
// approver of its source where snafu itself switches it (not-lead), and what is
// off or under way already (state).
func (a *Approval) SwitchOff(ctx context.Context, act journal.Act, id incidents.ID, system, word string) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	d, src, err := a.declared(system, word)
	if err != nil {
		return err
	}
	st, may := a.maySwitch(ctx, id, d.Manual, src, by)
	return a.automate(ctx, act, id, func(s *autoStep) error {
		if err := s.ready(ctx, d, src, may); err != nil {
			return err
		}
		if d.Risky {
			return s.wantSecond(ctx, d, by, st.Pool)
		}
		return s.wants(ctx, d, by)
	})
}

// ready refuses an automation that cannot be switched off for the incident now.
func (s *autoStep) ready(ctx context.Context, d DeclaredAutomation, src Source, may func(incidents.Incident, rollback.Automation, Source) error) error {
	if s.inc.Phase().Ended() {
		return rollback.RefuseSwitchState(s.inc.Key(), "is over, so nothing is switched off for it", "`/snafu reopen again WHY` takes it up again.")
	}
	if err := may(s.inc, d.Automation, src); err != nil {
		return err
	}
	if s.inc.Drill && !src.Drill && !d.Manual {
		return rollback.RefuseDrill(d.Automation, src.Name, s.inc.ID)
	}
	if have, err := Among(s.all, d.Word()); err == nil {
		return rollback.RefuseSwitchState(d.Title, "is "+stageWords(have)+" for this incident already", "`/snafu status` shows it.")
	}
	_, err := s.others(ctx, d.Source, d.Name, d.Title)
	return err
}

// wants keeps the wish of whoever asked, and asks for it.
func (s *autoStep) wants(ctx context.Context, d DeclaredAutomation, by incidents.Person) error {
	var row int64
	err := s.tx.QueryRow(ctx, insertAutomation, int64(s.inc.ID), d.Source, d.Name, d.Title, d.Manual, by, s.at).Scan(&row)
	if pgdb.Broke(err, "automations_one_moves") {
		return refuseMoving(d.Title, "another snafu")
	}
	if err != nil {
		return fmt.Errorf("insert automation: %w", err)
	}
	auto := Auto{Source: d.Source, Name: d.Name, Title: d.Title}
	if d.Manual {
		return s.say(ctx, AutomationWanted{Auto: auto, Owner: person(d.Admin, by), By: by})
	}
	if err := jobs.Add(ctx, s.tx, Switch{Automation: row, Act: s.act.Key, At: s.at}); err != nil {
		return err
	}
	return s.say(ctx, AutomationAsked{Auto: auto, By: by})
}

// others are the incidents that rely on an automation's being off, locked, so that
// two that let go at the same moment see each other. It refuses while one of them
// has it switched (state).
func (s *autoStep) others(ctx context.Context, source, name, title string) (off []rollback.Switched, err error) {
	all, err := s.a.automationRows(ctx, s.tx, lockWishes, source, name)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		switch {
		case o.Incident == s.inc.ID:
		case o.Stage != rollback.StageOff:
			return nil, refuseMoving(title, o.Incident.String())
		default:
			off = append(off, o)
		}
	}
	return off, nil
}

func refuseMoving(title, whose string) error {
	return rollback.RefuseSwitchState(title, "is being switched just now, for "+whose, "Try again when that is done.")
}

// maySwitch asks Slack, before any transaction, who somebody is; the answer is
// judged when the lead is known. others are those who may not be the same human.
func (a *Approval) maySwitch(ctx context.Context, id incidents.ID, manual bool, src Source, by incidents.Person, others ...incidents.Person) (Standing, func(incidents.Incident, rollback.Automation, Source) error) {
	if manual { // it is asked of a person, who judges it
		return Standing{Person: by}, func(incidents.Incident, rollback.Automation, Source) error { return nil }
	}
	st := a.ask(ctx, id, src, by, others...)
	return st, func(inc incidents.Incident, d rollback.Automation, src Source) error {
		if by == inc.Lead {
			return nil
		}
		if err := st.Account(nil); err != nil {
			return err
		}
		if !st.Listed {
			return rollback.RefuseSwitcher(d, src.Name, inc.Lead)
		}
		return nil
	}
}

func stageWords(s rollback.Switched) string {
	switch s.Stage {
	case rollback.StageSwitching:
		return "being switched off"
	case rollback.StageReleasing:
		return "being released"
	}
	return "off"
}

const findLiveRun = `
	select p.number from plans p join executions e on e.plan = p.id
	 where p.incident = $1 and e.ended_at is null order by p.number limit 1`

// Release asks for an automation to get back the state that it had before. What
// was off stays off, and so does what another incident keeps off.
//
// It refuses what the incident has not switched (automation), an empty reason,
// who may not switch it (not-lead), and while a plan of the incident runs (state).
func (a *Approval) Release(ctx context.Context, act journal.Act, id incidents.ID, word, why string) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	if why = incidents.Line(why, mostWaiver); why == "" {
		return refusal.Invalid("Say why it may work again: `/snafu release %s WHY`.", word).Coded("why")
	}
	all, err := a.Automations(ctx, id)
	if err != nil {
		return err
	}
	mine, err := Among(all, word)
	if err != nil {
		asked, waits, failed := a.waitingSecond(ctx, id, word)
		switch {
		case failed != nil:
			return failed
		case waits:
			return a.takeBack(ctx, act, asked, by, why)
		}
		return err
	}
	src, err := a.source(mine.Source)
	if err != nil {
		src = Source{Name: mine.Source}
	}
	_, may := a.maySwitch(ctx, id, mine.Manual, src, by)
	return a.automate(ctx, act, id, func(s *autoStep) error {
		mine, err := Among(s.all, mine.Word())
		if err != nil {
			return err
		}
		if err := may(s.inc, rollback.Automation{Title: mine.Title}, src); err != nil {
			return err
		}
		switch {
		case mine.Stage == rollback.StageSwitching && mine.Manual:
			return s.fail(ctx, mine, WishTakenBack, "It is not asked for any more: "+why, by)
		case mine.Stage != rollback.StageOff:
			return rollback.RefuseSwitchState(mine.Title, "is "+stageWords(mine)+" just now", "Look again in a minute.")
		}
		var number int64
		if err := s.tx.QueryRow(ctx, findLiveRun, int64(id)).Scan(&number); err == nil {
			return rollback.RefuseSwitchState(mine.Title, fmt.Sprintf("has to stay off while R%d runs", number), "It can be released when that has ended.")
		} else if !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("look for a run: %w", err)
		}
		return s.release(ctx, mine, by, why)
	})
}

func (s *autoStep) release(ctx context.Context, mine rollback.Switched, by incidents.Person, why string) error {
	others, err := s.others(ctx, mine.Source, mine.Name, mine.Title)
	if err != nil {
		return err
	}
	mine.FreeBy, mine.Why = by, why
	keeps := ""
	if len(others) > 0 {
		keeps = others[0].Incident.String()
	}
	if keeps != "" || mine.Before == rollback.SwitchOff {
		return s.released(ctx, mine, rollback.SwitchOff, keeps, "")
	}
	_, err = s.tx.Exec(ctx, storeReleasing, mine.ID, by, why, s.at)
	if pgdb.Broke(err, "automations_one_moves") {
		return refuseMoving(mine.Title, "another snafu")
	}
	if err != nil {
		return fmt.Errorf("release automation: %w", err)
	}
	if mine.Manual {
		return s.say(ctx, AutomationWanted{Auto: autoOf(mine), Release: true, Owner: mine.Owner, Why: why, By: by})
	}
	if err := jobs.Add(ctx, s.tx, Switch{Automation: mine.ID, Act: s.act.Key, At: s.at}); err != nil {
		return err
	}
	return s.say(ctx, AutomationAsked{Auto: autoOf(mine), Release: true, Why: why, By: by})
}

// Confirm records that the person who looks after an automation has stopped it,
// and what it was before, or has let it work again. It refuses anybody else
// (not-owner), and what is asked of nobody (state).
func (a *Approval) Confirm(ctx context.Context, act journal.Act, id incidents.ID, word string, was rollback.SwitchState) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.automate(ctx, act, id, func(s *autoStep) error {
		mine, err := Among(s.all, word)
		switch {
		case err != nil:
			return err
		case !mine.Manual:
			return rollback.RefuseSwitchState(mine.Title, "is switched by snafu itself", "Nobody needs to confirm it.")
		case by != mine.Owner && (mine.Owner != "" || by != s.inc.Lead):
			if mine.Owner == "" {
				mine.Owner = s.inc.Lead
			}
			return rollback.RefuseSwitchOwner(mine)
		case mine.Stage == rollback.StageSwitching:
			if was, err = s.wasBefore(ctx, mine, was); err != nil {
				return err
			}
			return s.off(ctx, mine, was, "as "+by.Mention()+" says", by)
		case mine.Stage == rollback.StageReleasing:
			return s.released(ctx, mine, rollback.SwitchOn, "", "as "+by.Mention()+" says")
		}
		return rollback.RefuseSwitchState(mine.Title, "is off, which is confirmed", "`/snafu release "+mine.Name+" WHY` lets it work again.")
	})
}

// wasBefore is what an automation was before any of it: who found it off because
// another incident keeps it off did not find it off.
func (s *autoStep) wasBefore(ctx context.Context, mine rollback.Switched, was rollback.SwitchState) (rollback.SwitchState, error) {
	if mine.Before != "" {
		return mine.Before, nil
	}
	others, err := s.others(ctx, mine.Source, mine.Name, mine.Title)
	if err == nil && was == rollback.SwitchOff && len(others) > 0 {
		was = others[0].Before
	}
	return was, err
}

// off records that an automation stands still.
func (s *autoStep) off(ctx context.Context, mine rollback.Switched, before rollback.SwitchState, proof string, by incidents.Person) error {
	if _, err := s.tx.Exec(ctx, storeOff, mine.ID, before, s.at); err != nil {
		return fmt.Errorf("store that an automation is off: %w", err)
	}
	if err := response.Hold(ctx, s.tx, s.inc.ID, incidents.OffHold(mine.Label())); err != nil {
		return err
	}
	fact := AutomationSwitched{Auto: autoOf(mine), Before: string(before), After: string(rollback.SwitchOff), Proof: proof, By: by}
	if err := s.say(ctx, fact); err != nil {
		return err
	}
	if err := s.containing(ctx, mine); err != nil {
		return err
	}
	if s.a.acted == nil || before == rollback.SwitchOff {
		return nil // what was off already is no act on the cause
	}
	err := s.a.acted(ctx, s.tx, s.act, s.inc.ID, incidents.Containment{
		How: incidents.Stopped, What: mine.Title, Was: string(before), Now: string(rollback.SwitchOff), Proof: strings.TrimSpace(proof),
	}, s.at)
	if _, refused := refusal.As(err); refused {
		return nil // the incident ended meanwhile; that it is off stays true
	}
	return err
}

// released records that an automation is let go.
func (s *autoStep) released(ctx context.Context, mine rollback.Switched, after rollback.SwitchState, keeps, proof string) error {
	if _, err := s.tx.Exec(ctx, storeReleased, mine.ID, mine.FreeBy, mine.Why, s.at); err != nil {
		return fmt.Errorf("store that an automation is released: %w", err)
	}
	if err := response.Release(ctx, s.tx, s.inc.ID, incidents.OffHold(mine.Label())); err != nil {
		return err
	}
	err := s.say(ctx, AutomationReleased{
		Auto: autoOf(mine), Before: string(mine.Before), After: string(after), Proof: proof, For: keeps, Why: mine.Why, By: mine.FreeBy,
	})
	if err != nil {
		return err
	}
	return s.freeing(ctx, mine)
}

// fail records that a wish came to nothing: what was to be off is left as it is,
// and what was to be released stays off.
func (s *autoStep) fail(ctx context.Context, mine rollback.Switched, code, say string, by incidents.Person) error {
	sql, args := storeFailed, []any{mine.ID, s.at}
	if mine.Stage == rollback.StageReleasing {
		sql, args = storeStaysOff, []any{mine.ID}
	}
	if _, err := s.tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("store that an automation was not switched: %w", err)
	}
	return s.say(ctx, AutomationRefused{Auto: autoOf(mine), Release: mine.Stage == rollback.StageReleasing, Code: code, Say: say, By: by})
}
