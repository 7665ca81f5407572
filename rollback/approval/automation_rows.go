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

const automationColumns = `id, incident, source, name, manual, stage, before, asked_by, asked_at, off_at, free_by, free_why, free_at`

const (
	// What an incident has switched and not let go.
	readAutomations = `select ` + automationColumns + ` from automations
		where incident = $1 and stage in ('switching', 'off', 'releasing') order by id`
	readAutomation = `select ` + automationColumns + ` from automations where id = $1`
	lockAutomation = `select ` + automationColumns + ` from automations where id = $1 for update`
	// Another incident that relies on the same automation's being off.
	readOtherIncidents = `select ` + automationColumns + ` from automations
		where source = $1 and name = $2 and incident <> $3 and stage = 'off' order by id`

	insertAutomation = `insert into automations (incident, source, name, manual, stage, asked_by, asked_at)
		values ($1, $2, $3, $4, 'switching', $5, $6) returning id`
	// What somebody found off because another incident keeps it off was not off before.
	storeBefore = `update automations m
		set before = coalesce((select o.before from automations o where o.source = m.source and o.name = m.name and o.id <> m.id and o.stage in ('off', 'releasing') order by o.id limit 1), $2)
		where id = $1 and stage = 'switching' and before is null`
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

// switched is a row beside what is declared about it, which may be nothing any more.
func (a *Approval) switched(r automationRow) rollback.Switched {
	s := rollback.Switched{
		ID: r.ID, Incident: incidents.ID(r.Incident), Source: r.Source, Name: r.Name, Title: r.Name, Stage: rollback.SwitchStage(r.Stage), Manual: r.Manual,
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
	if src, err := a.source(r.Source); err == nil {
		for _, d := range src.Automations {
			if d.Name == r.Name {
				s.Title = d.Title
				if d.Admin != "" {
					s.Owner = person(d.Admin, s.AskedBy)
				}
			}
		}
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
	all := append(a.Declared(system), a.Declared("")...)
	i := slices.IndexFunc(all, func(d DeclaredAutomation) bool {
		return strings.EqualFold(d.Word(), word) || strings.EqualFold(d.Name, word) || strings.EqualFold(d.Title, word)
	})
	if i < 0 {
		var known []string
		for _, d := range all {
			if !slices.Contains(known, d.Word()) {
				known = append(known, d.Word())
			}
		}
		return DeclaredAutomation{}, Source{}, rollback.RefuseNoAutomation(word, known)
	}
	src, err := a.source(all[i].Source)
	return all[i], src, err
}

// Among finds one of those that an incident has switched, by its name, its title or
// "crm/weekly-sync". It refuses what is not among them (automation).
func Among(all []rollback.Switched, word string) (rollback.Switched, error) {
	i := slices.IndexFunc(all, func(s rollback.Switched) bool {
		return strings.EqualFold(s.Source+"/"+s.Name, word) || strings.EqualFold(s.Name, word) || strings.EqualFold(s.Title, word)
	})
	if i >= 0 {
		return all[i], nil
	}
	var known []string
	for _, s := range all {
		known = append(known, s.Source+"/"+s.Name)
	}
	return rollback.Switched{}, refuseNotSwitched(word, known)
}
