package app

import (
	"context"
	"maps"
	"slices"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/source"
)

// reviewed asks whether evidence can be asked, and the one beside it, before a
// plan rests on it.
func (s *sources) reviewed(ctx context.Context, scope rollback.Scope, name string) (rollback.Evidence, error) {
	e, err := s.alone(ctx, scope, name)
	second := s.config[scope.Source].Evidence[name].Beside
	if err != nil || second == "" {
		return e, err
	}
	b, err := s.alone(ctx, scope, second)
	e.Beside = &rollback.Beside{Name: second, SHA256: b.SHA256, Source: b.Source, Copy: b.Copy, Rule: b.Rule}
	return e, err
}

func (s *sources) alone(ctx context.Context, scope rollback.Scope, name string) (rollback.Evidence, error) {
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
	if err := spec.Evidence.SameFiles(e); err != nil {
		return nil, err
	}
	first, err := s.streams(ctx, spec.Scope, e.Name)
	if err != nil || e.Beside == nil {
		return first, err
	}
	second, err := s.streams(ctx, spec.Scope, e.Beside.Name)
	if err != nil {
		return nil, err
	}
	return spec.Evidence.Beside.Weigh(first, second), nil
}

func (s *sources) streams(ctx context.Context, scope rollback.Scope, name string) (source.Staged, error) {
	r, _ := Config{Sources: s.config}.evidence(scope.Source, name)
	reader, err := s.reader(r.Source)
	if err != nil {
		return nil, err
	}
	return reader.Evidence(ctx, r, scope), nil
}

// spot reads what the evidence of a frozen plan says of some of its records.
func (s *sources) spot(ctx context.Context, v rollback.PlanView) ([]rollback.Told, error) {
	reader, err := s.reader(v.Spec.Scope.Source)
	if err != nil {
		return nil, err
	}
	return reader.Spot(ctx, v.Spec.Scope, v.Frozen.ID, v.Stamp.Digest.SpotOrds(v.Frozen.Writes))
}
