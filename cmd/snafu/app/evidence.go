package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"snafu/bot"
	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

func (a *App) evidence(ctx context.Context, id incidents.ID) (incidents.Evidence, error) {
	return Evidence(ctx, a.approval, a.count, a.unit, id)
}

// Evidence is what counts and plans know about the end of an incident. The room of
// incidents asks for it and knows neither. unit says what a record of a scope is
// called.
func Evidence(ctx context.Context, all *approval.Approval, counts *count.Count, unit func(rollback.Scope) string, id incidents.ID) (incidents.Evidence, error) {
	var e incidents.Evidence
	plans, err := all.OfIncident(ctx, id)
	if err != nil {
		return e, err
	}
	for _, p := range plans {
		line := p.Line()
		e.Plans = append(e.Plans, line)
		if line.Written > 0 {
			e.LastWrite = latest(e.LastWrite, line.WroteAt, p.Ended)
		}
	}
	m, found, err := counts.Latest(ctx, id)
	if err != nil || !found {
		return e, err
	}
	for _, p := range plans {
		// A verification counts the scope anew: it is the newest count there is,
		// and the only one that knows what the run has written.
		if p.Report != nil && p.Spec.Scope.Run == m.Scope.Run && p.Report.Table.At.After(m.Table.At) &&
			slices.Equal(p.Report.Table.Files, rollback.FilesOf(m.Decisions)) {
			m.Table = p.Report.Table
		}
	}
	var settled []rollback.Settled
	for _, p := range plans {
		// What a run did is in a count only if that was made after it.
		if p.Spec.Scope.Run == m.Scope.Run && (p.Report != nil || m.Table.At.After(p.Ended)) {
			settled = append(settled, p.Settled()...)
		}
	}
	classified, err := m.Classified()
	if err != nil {
		return e, fmt.Errorf("classify the newest count: %w", err)
	}
	tally := classified.Tally(m.Table, unit(m.Scope), settled)
	e.Tally = &tally
	return e, nil
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// unit is what a record of the scope's table is called.
func (a *App) unit(s rollback.Scope) string {
	return a.o.Config.Sources[s.Source].Tables[s.Table].Unit
}

// list is a list of records of a run, written anew.
func (a *App) list(ctx context.Context, plan rollback.ID, of rollback.ListOf) (bot.List, error) {
	list, err := a.executor.List(ctx, plan, of)
	return bot.List{Path: list.Path, Rows: list.Rows, SHA256: list.SHA256}, err
}
