package app

import (
	"context"
	"maps"
	"slices"

	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// look asks what evidence is, before a plan rests on it.
func (s *sources) look(ctx context.Context, ask approval.EvidenceAsk) (rollback.Evidence, error) {
	if ask.From == rollback.FromQuery {
		return s.reviewed(ctx, ask.Scope, ask.Name)
	}
	copied, c, err := s.copy(ctx, ask.Scope, ask.Name)
	if err != nil {
		return rollback.Evidence{}, err
	}
	defer copied.Close()
	seen, err := copied.Seen(ctx, ask.Scope.Table, ask.Scope.Set)
	if err != nil {
		return rollback.Evidence{}, err
	}
	switch {
	case !ask.LastSaved.IsZero():
		seen.LastSaved = ask.LastSaved
	case !c.LastSaved.at.IsZero():
		seen.LastSaved = c.LastSaved.at
	}
	if err := seen.Holds(ask.Name, s.config[ask.Scope.Source].Tables[ask.Scope.Table].Unit); err != nil {
		return rollback.Evidence{}, err
	}
	return rollback.Evidence{
		From: rollback.FromBackup, Name: ask.Name, SHA256: seen.SHA256, LastSaved: seen.LastSaved, Copy: seen.Target, Records: seen.Records,
	}, nil
}

// copy opens the copy of a backup; whoever asked closes it.
func (s *sources) copy(ctx context.Context, scope rollback.Scope, name string) (source.Copy, BackupConfig, error) {
	c := s.config[scope.Source]
	b, ok := c.Backups[name]
	if !ok {
		return nil, b, rollback.RefuseNoEvidence(scope.Source, "backup", name, slices.Sorted(maps.Keys(c.Backups)))
	}
	if !b.holds(scope.Table) {
		return nil, b, rollback.RefuseBackupTable(name, scope.Table)
	}
	copied, err := systems[c.System].copy(ctx, name, c, b)
	return copied, b, err
}

// staged streams what evidence says about single records of a plan, for its
// freeze. The copy must still be the one that the plan was drafted on.
func (s *sources) staged(files func(context.Context, rollback.Spec) source.Staged) func(context.Context, rollback.Spec) source.Staged {
	return func(ctx context.Context, spec rollback.Spec) source.Staged {
		if spec.Evidence == nil {
			return files(ctx, spec)
		}
		return func(yield func(rollback.Staged, error) bool) {
			records, done, err := s.records(ctx, spec)
			if err != nil {
				yield(rollback.Staged{}, err)
				return
			}
			defer done()
			records(yield)
		}
	}
}

func (s *sources) records(ctx context.Context, spec rollback.Spec) (source.Staged, func(), error) {
	if spec.Evidence.From == rollback.FromQuery {
		records, err := s.says(ctx, spec)
		return records, func() {}, err
	}
	copied, _, err := s.copy(ctx, spec.Scope, spec.Evidence.Name)
	if err != nil {
		return nil, nil, err
	}
	seen, err := copied.Seen(ctx, spec.Scope.Table, spec.Scope.Set)
	if err == nil {
		err = spec.Evidence.Same(seen, spec.Unit)
	}
	if err != nil {
		copied.Close()
		return nil, nil, err
	}
	return copied.Records(ctx, spec.Scope.Table, spec.Scope.Set), copied.Close, nil
}
