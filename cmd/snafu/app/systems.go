package app

import (
	"context"
	"maps"
	"slices"

	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// system is a connector: how its counting login is opened, and how its writing
// one. Who can change a customer's data is readable here.
type system struct {
	setup  func(name string, s SourceConfig) string
	check  func(ctx context.Context, name string, s SourceConfig) (source.Findings, error)
	writes func(ctx context.Context, name string, s SourceConfig) (source.Findings, error) // what check asks the writing login at every start
	reader func(ctx context.Context, name string, s SourceConfig) (source.Reader, error)
	writer func(ctx context.Context, name string, s SourceConfig) (source.Writer, error)
	copy   func(ctx context.Context, name string, s SourceConfig, b BackupConfig) (source.Copy, error) // of a backup, restored elsewhere
}

var systems = map[string]system{
	"postgres": {
		func(name string, s SourceConfig) string { return postgres.SetupSQL(s.postgres(name)) },
		func(ctx context.Context, name string, s SourceConfig) (source.Findings, error) {
			return postgres.Check(ctx, s.postgres(name))
		},
		func(ctx context.Context, name string, s SourceConfig) (source.Findings, error) {
			return postgres.CheckWriter(ctx, s.postgres(name))
		},
		func(ctx context.Context, name string, s SourceConfig) (source.Reader, error) {
			return postgres.OpenReader(ctx, s.postgres(name))
		},
		func(ctx context.Context, name string, s SourceConfig) (source.Writer, error) {
			return postgres.OpenWriter(ctx, s.postgres(name))
		},
		func(ctx context.Context, name string, s SourceConfig, b BackupConfig) (source.Copy, error) {
			o := s.postgres(name)
			return postgres.OpenCopy(ctx, postgres.CopyOptions{
				Name: name, URL: b.DSN.Reveal(), Tables: o.Tables, LastSaved: b.LastSaved.Column,
				Counts: postgres.Counts{StatementTimeout: o.Counts.StatementTimeout, LockTimeout: o.Counts.LockTimeout}, Limits: o.Limits,
			})
		},
	},
}

func systemNames() []string { return slices.Sorted(maps.Keys(systems)) }

func (s SourceConfig) postgres(name string) postgres.Options {
	return postgres.Options{
		Name: name, CountURL: s.CountDSN.Reveal(), ExecURL: s.ExecDSN.Reveal(), Tables: s.tables(), Queries: s.checked(name), Evidence: s.asked, Automations: s.automations(), Throttle: s.Throttle.postgres(),
		Counts: postgres.Counts{
			StatementTimeout: s.Counts.StatementTimeout, LockTimeout: s.Counts.LockTimeout, Connections: int32(s.Counts.Connections),
			Replica: s.Counts.Replica, MaxLag: s.Counts.MaxLag, MaxCost: s.Counts.MaxCost,
		},
		Limits: s.Limits.limits(), Written: s.written,
	}
}
