package app

import (
	"context"
	"maps"
	"slices"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/source"
)

// reviewed asks whether evidence can be asked, before a plan rests on it.
func (s *sources) reviewed(ctx context.Context, scope rollback.Scope, name string) (rollback.Evidence, error) {
	declared := Config{Sources: s.config}
	r, ok := declared.evidence(scope.Source, name)
	c := s.config[scope.Source]
	if !ok {
		return rollback.Evidence{}, rollback.RefuseNoEvidence(scope.Source, "evidence", name, slices.Sorted(maps.Keys(c.Evidence)))
	}
	of := c.Evidence[name]
	if of.Table != scope.Table {
		return rollback.Evidence{}, rollback.RefuseEvidenceTable(name, of.Table, scope.Table)
	}
	reader, err := s.reader(r.Source)
	if err != nil {
		return rollback.Evidence{}, err
	}
	if err := reader.Fits(ctx, r, scope); err != nil {
		return rollback.Evidence{}, err
	}
	e := rollback.Evidence{
		From: rollback.FromQuery, Name: name, SHA256: r.Digest().String(), Rule: r.Rule, Author: incidents.Person(of.Author), Complete: int64(of.Complete),
	}
	if r.Source == scope.Source {
		return e, nil
	}
	e.Source = r.Source
	e.Copy, err = reader.Target(ctx)
	return e, err
}

// says streams what the evidence of a plan says. It is still the file, and the
// database, that the plan was drafted on.
func (s *sources) says(ctx context.Context, spec rollback.Spec) (source.Staged, error) {
	e, err := s.reviewed(ctx, spec.Scope, spec.Evidence.Name)
	if err != nil {
		return nil, err
	}
	if e.SHA256 != spec.Evidence.SHA256 || e.Source != spec.Evidence.Source || e.Copy != spec.Evidence.Copy {
		return nil, rollback.RefuseEvidenceChanged(e.Name)
	}
	r, _ := Config{Sources: s.config}.evidence(spec.Scope.Source, e.Name)
	reader, err := s.reader(r.Source)
	if err != nil {
		return nil, err
	}
	return reader.Evidence(ctx, r, spec.Scope), nil
}

// spot reads what the evidence of a frozen plan says of some of its records.
func (s *sources) spot(ctx context.Context, v rollback.PlanView) ([]rollback.Told, error) {
	reader, err := s.reader(v.Spec.Scope.Source)
	if err != nil {
		return nil, err
	}
	return reader.Spot(ctx, v.Spec.Scope, v.Frozen.ID, v.Stamp.Digest.SpotOrds(v.Frozen.Writes))
}
