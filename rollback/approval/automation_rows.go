package approval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/rollback"
)

const automationColumns = `id, incident, source, name, title, manual, stage, before, asked_by, asked_at, off_at, free_by, free_why, free_at`

const (
	// What an incident has switched and not let go.
	readAutomations = `select ` + automationColumns + ` from automations
		where incident = $1 and stage in ('switching', 'off', 'releasing') order by id`
	readAutomation = `select ` + automationColumns + ` from automations where id = $1`
	lockAutomation = `select ` + automationColumns + ` from automations where id = $1 for update`
	// All wishes about one automation, whichever incident has them. Under this lock
	// two incidents that let go at the same moment see each other.
	lockWishes = `select ` + automationColumns + ` from automations
		where source = $1 and name = $2 and stage in ('switching', 'off', 'releasing') order by id for update`

	insertAutomation = `insert into automations (incident, source, name, title, manual, stage, asked_by, asked_at)
		values ($1, $2, $3, $4, $5, 'switching', $6, $7) returning id`
	// What somebody finds off because another incident keeps it off was not off before.
	inherited = `case when $2 = 'off' then coalesce(
			(select o.before from automations o where o.source = m.source and o.name = m.name and o.id <> m.id and o.stage = 'off' order by o.id limit 1), 'off')
		else $2 end`
	storeBefore    = `update automations m set before = ` + inherited + ` where id = $1 and stage = 'switching' and before is null`
	storeOff       = `update automations set stage = 'off', before = $2, off_at = $3 where id = $1`
	storeReleasing = `update automations set stage = 'releasing', free_by = $2, free_why = $3, free_at = $4 where id = $1`
	storeReleased  = `update automations set stage = 'released', free_by = $2, free_why = $3, free_at = $4, ended_at = $4 where id = $1`
	storeFailed    = `update automations set stage = 'failed', ended_at = $2 where id = $1`
	storeStaysOff  = `update automations set stage = 'off' where id = $1`
)

type automationRow struct {
	ID       int64
	Incident int64
	Source   string
	Name     string
	Title    string
	Manual   bool
	Stage    string
	Before   *string
	AskedBy  string
	AskedAt  time.Time
	OffAt    *time.Time
	FreeBy   *string
	FreeWhy  *string
	FreeAt   *time.Time
}

// switched is a row beside what is declared about it now. Its title stays what it
// was: the hold of the incident is named for it.
func (a *Approval) switched(r automationRow) rollback.Switched {
	s := rollback.Switched{
		ID: r.ID, Incident: incidents.ID(r.Incident), Source: r.Source, Name: r.Name, Title: r.Title, Stage: rollback.SwitchStage(r.Stage), Manual: r.Manual,
		AskedBy: incidents.Person(r.AskedBy), AskedAt: r.AskedAt.UTC(),
	}
	if r.Before != nil {
		s.Before = rollback.SwitchState(*r.Before)
	}
	if r.OffAt != nil {
		s.OffAt = r.OffAt.UTC()
	}
	if r.FreeBy != nil {
		s.FreeBy = incidents.Person(*r.FreeBy)
	}
	if r.FreeWhy != nil {
		s.Why = *r.FreeWhy
	}
	all := a.Declared("")
	i := slices.IndexFunc(all, func(d DeclaredAutomation) bool { return d.Source == r.Source && d.Name == r.Name })
	if i < 0 {
		s.Manual = true // nobody knows where its switch is any more: the lead says how it stands
		return s
	}
	s.Manual = s.Manual || all[i].Manual
	if all[i].Admin != "" {
		s.Owner = person(all[i].Admin, s.AskedBy)
	}
	return s
}

func (a *Approval) automationRows(ctx context.Context, q querier, sql string, args ...any) ([]rollback.Switched, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read automations: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[automationRow])
	if err != nil {
		return nil, fmt.Errorf("read automations: %w", err)
	}
	var all []rollback.Switched
	for _, r := range found {
		all = append(all, a.switched(r))
	}
	return all, nil
}

// Automations are what an incident has switched off, or is about to, and has not
// let go; in the order in which it was asked for.
func (a *Approval) Automations(ctx context.Context, id incidents.ID) ([]rollback.Switched, error) {
	return a.automationRows(ctx, a.db.Pool(), readAutomations, int64(id))
}

// Declared are the automations of a source, or of all where it is not one.
func (a *Approval) Declared(source string) (all []DeclaredAutomation) {
	_, err := a.source(source)
	for _, s := range a.sources {
		if err != nil || s.Name == source {
			for _, d := range s.Automations {
				all = append(all, DeclaredAutomation{Source: s.Name, Automation: d})
			}
		}
	}
	return all
}

// DeclaredAutomation is an automation with its source.
type DeclaredAutomation struct {
	Source string
	rollback.Automation
}

// Word is how people type it: "crm/weekly-sync".
func (d DeclaredAutomation) Word() string { return d.Source + "/" + d.Name }

// declared finds an automation by "weekly-sync", its title or "crm/weekly-sync";
// those of the incident's own source come first.
func (a *Approval) declared(system, word string) (DeclaredAutomation, Source, error) {
	called := func(d DeclaredAutomation) [4]string {
		return [4]string{d.Word(), d.Name, d.Title, Auto{Source: d.Source, Title: d.Title}.Label()}
	}
	found := meant(a.Declared(system), word, called)
	if len(found) == 0 {
		found = meant(a.Declared(""), word, called)
	}
	switch len(found) {
	case 0:
		return DeclaredAutomation{}, Source{}, rollback.RefuseNoAutomation(word, wordsOf(a.Declared(""), DeclaredAutomation.Word))
	case 1:
		src, err := a.source(found[0].Source)
		return found[0], src, err
	}
	return DeclaredAutomation{}, Source{}, rollback.RefuseWhichAutomation(word, wordsOf(found, DeclaredAutomation.Word))
}

// meant are the ones that a word names: by its whole name if there is one of
// that, else by name, else by title, else as it is told: "Weekly sync (crm)".
func meant[T any](all []T, word string, called func(T) [4]string) []T {
	word = strings.TrimSpace(strings.Trim(strings.TrimSpace(word), "\"'`"))
	for n := range 4 {
		found := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !strings.EqualFold(called(one)[n], word) })
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func wordsOf[T any](all []T, word func(T) string) (words []string) {
	for _, one := range all {
		words = append(words, word(one))
	}
	return words
}

// Among finds one of those that an incident has switched, by its name, its title or
// "crm/weekly-sync". It refuses what is not among them, and a word that names
// several (automation).
func Among(all []rollback.Switched, word string) (rollback.Switched, error) {
	found := meant(all, word, func(s rollback.Switched) [4]string { return [4]string{s.Word(), s.Name, s.Title, s.Label()} })
	switch len(found) {
	case 0:
		return rollback.Switched{}, refuseNotSwitched(word, wordsOf(all, rollback.Switched.Word))
	case 1:
		return found[0], nil
	}
	return rollback.Switched{}, rollback.RefuseWhichAutomation(word, wordsOf(found, rollback.Switched.Word))
}
