package approval

import (
	"context"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// EvidenceAsk is what a person wants restored, and from what.
type EvidenceAsk struct {
	Scope     rollback.Scope
	From      rollback.EvidenceFrom
	Name      string            // of the backup or the evidence, as the configuration has it
	Left      []rollback.Values // what the run left; each is an error
	LastSaved time.Time         // as the person says; zero where the copy says it
	Newer     rollback.Newer    // what becomes of newer values; empty keeps them
	Effects   rollback.Effects
	Note      string
}

// Look asks what evidence is, before a plan rests on it. It refuses a copy that
// is empty (backup-empty), and a name that is not declared (no-evidence).
type Look func(context.Context, EvidenceAsk) (rollback.Evidence, error)

// Evidenced begins a plan that takes what the records were from a backup or from
// reviewed evidence. It is a plan like any other: frozen, proposed, approved by
// two people and run.
//
// It refuses what Draft and Look refuse, a backup without Last Saved State
// (backup-state) and one that was taken after the run began (backup-late).
func (a *Approval) Evidenced(ctx context.Context, act journal.Act, id incidents.ID, ask EvidenceAsk) (rollback.Stamp, error) {
	q, err := a.asks(act, ask.Scope, Source.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	if a.look == nil {
		return rollback.Stamp{}, rollback.RefuseNoEvidence(q.src.Name, string(ask.From), ask.Name, nil)
	}
	e, err := a.look(ctx, ask)
	if err != nil {
		return rollback.Stamp{}, err
	}
	e.Newer = ask.Newer
	if e.Newer == "" {
		e.Newer = rollback.KeepNewer
	}
	if e.Author != "" {
		e.Author = person(string(e.Author), q.by)
	}
	kind := rollback.KindRestore
	if ask.From == rollback.FromQuery {
		kind = rollback.KindReconstruct
	}
	spec := q.spec(kind, ask.Scope)
	spec.Decisions, spec.Effects, spec.Evidence = e.Whence(ask.Left), ask.Effects, &e
	return a.newPlan(ctx, act, q.by, id, q.src, spec, ask.Note, func(rev Rev) incidents.Fact {
		return EvidenceDrafted{
			Rev: rev, Source: q.src.Name, Table: q.table.Name, Run: ask.Scope.Run, From: string(e.From), Name: e.Name, SHA256: e.SHA256,
			LastSaved: e.LastSaved, Newer: string(e.Newer), By: q.by,
		}
	})
}

// EvidenceDrafted says that somebody asked for a plan that rests on evidence
// instead of a history.
type EvidenceDrafted struct {
	Rev       Rev
	Source    string
	Table     string
	Run       string
	From      string // backup or query
	Name      string
	SHA256    string // of the statement that reads it
	LastSaved time.Time
	Newer     string // what becomes of what people entered since
	By        incidents.Person
}

// Kind names the fact.
func (EvidenceDrafted) Kind() string { return "evidence-drafted/1" }
