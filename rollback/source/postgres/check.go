package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
	"snafu/rollback/source"
)

// Check asks the live source whether each promise of its declaration is kept,
// in the sessions of its own logins. Whatever it tries is rolled back. An error
// means that it could not look.
func Check(ctx context.Context, o Options) (source.Findings, error) {
	var f source.Findings
	r, err := OpenReader(ctx, o)
	if err != nil {
		return f, err
	}
	defer r.Close()
	var at rollback.Target
	err = r.snapshot(ctx, "check "+o.Name, func(tx pgx.Tx) error {
		l := &look{opt: r.opt, tx: tx, login: "snafu_count", f: &f}
		if at, err = target(ctx, tx); err != nil {
			return err
		}
		if err := l.needs(ctx); err != nil {
			return err
		}
		return l.promises(ctx)
	})
	if err == nil {
		err = r.unanswered("check "+o.Name, tried(ctx, r.pool, r.opt, "snafu_count", &f))
	}
	if err != nil {
		return f, err
	}
	if o.ExecURL == "" {
		f.Promises = append(f.Promises, source.Promise{
			Name: "login for writing", Verdict: source.Advice, Found: fmt.Sprintf("Source %s is only measured: it has no exec_dsn", o.Name),
		})
		return f, nil
	}
	return f, checkWriter(ctx, o, &f, &at)
}

// CheckWriter is the part of Check that the executing login answers and that
// nothing can be put back without.
func CheckWriter(ctx context.Context, o Options) (f source.Findings, err error) {
	err = checkWriter(ctx, o, &f, nil)
	return f, err
}

func checkWriter(ctx context.Context, o Options, f *source.Findings, counted *rollback.Target) error {
	w, err := OpenWriter(ctx, o)
	if err != nil {
		return err
	}
	defer w.Close()
	tx, err := begin(ctx, w.pool, pgx.RepeatableRead, pgx.ReadOnly, w.opt.Counts.StatementTimeout, w.opt.Counts.LockTimeout)
	if err != nil {
		return w.unanswered(err)
	}
	defer rollbackTx(ctx, tx)
	l := &look{opt: w.opt, tx: tx, login: "snafu_exec", f: f}
	if err := l.needs(ctx); err != nil {
		return w.unanswered(err)
	}
	if counted == nil {
		return nil
	}
	if err := l.promises(ctx); err != nil {
		return w.unanswered(err)
	}
	if err := l.sameDatabase(ctx, *counted); err != nil {
		return w.unanswered(err)
	}
	rollbackTx(ctx, tx)
	w.checkReplicas(ctx, l)
	return w.unanswered(tried(ctx, w.pool, w.opt, "snafu_exec", f))
}

func (w *Writer) unanswered(err error) error {
	err = fault("check "+w.opt.Name, err)
	if f, ok := source.AsFault(err); ok && (f.Busy() || f.Away()) {
		return errors.Join(rollback.RefuseSource(w.opt.Name, w.opt.Counts.StatementTimeout), err)
	}
	return err
}

// Caps says what the counting login may really do, asked live.
func (r *Reader) Caps(ctx context.Context) (rollback.Caps, error) {
	caps := rollback.Caps{Precondition: rollback.RowCAS, Atomic: rollback.AtomicTransaction, ExactCount: true}
	var f source.Findings
	err := r.snapshot(ctx, "read the rights on "+r.opt.Name, func(tx pgx.Tx) error {
		return (&look{opt: r.opt, tx: tx, login: "snafu_count", f: &f}).needs(ctx)
	})
	caps.Missing, caps.Surplus = f.Missing(), f.Surplus()
	caps.CanMeasure = err == nil && len(caps.Missing) == 0
	if err != nil || len(r.opt.Queries)+len(r.opt.Evidence) == 0 {
		return caps, err
	}
	var unfit source.Findings
	err = r.snapshot(ctx, "read the counts of "+r.opt.Name, func(tx pgx.Tx) error {
		l := &look{opt: r.opt, tx: tx, login: "snafu_count", f: &unfit}
		if err := l.queries(ctx); err != nil {
			return err
		}
		return l.evidence(ctx)
	})
	for _, p := range unfit.Promises {
		if p.Verdict == source.Broken || p.Verdict == source.Unknown {
			caps.Unfit = append(caps.Unfit, strings.TrimPrefix(p.Name, "count ")+": "+p.Say())
		}
	}
	return caps, err
}

// look is one login that is asked about itself.
type look struct {
	opt   Options
	tx    pgx.Tx
	login string // that the grants are made for
	who   string // that is really there
	super bool
	f     *source.Findings
}

// found notes an answer. Two declarations of one table get the same one once.
func (l *look) found(name string, v source.Verdict, fix []string, say string, args ...any) {
	p := source.Promise{Login: l.who, Name: name, Verdict: v, Found: fmt.Sprintf(say, args...), Fix: fix}
	same := func(o source.Promise) bool {
		return o.Login == p.Login && o.Name == p.Name && o.Verdict == p.Verdict && o.Say() == p.Say()
	}
	if !slices.ContainsFunc(l.f.Promises, same) {
		l.f.Promises = append(l.f.Promises, p)
	}
}

// needs asks what nothing works without, and which rights are too many. Every
// start of the bot asks it, so it reads the catalogue and nothing else.
func (l *look) needs(ctx context.Context) error {
	if err := l.power(ctx); err != nil {
		return err
	}
	if err := l.version(ctx); err != nil {
		return err
	}
	for _, t := range l.opt.Tables {
		lacks := len(l.f.Missing())
		for _, g := range grants(t) {
			if err := l.held(ctx, g); err != nil {
				return err
			}
		}
		if len(l.f.Missing()) > lacks {
			continue
		}
		if err := l.usable(ctx, t); err != nil {
			return err
		}
	}
	if l.super {
		return nil // no grant holds it, so counting them says nothing
	}
	return l.surplus(ctx)
}

// promises asks the rest: what was declared and can be read.
func (l *look) promises(ctx context.Context) error {
	type part struct {
		name string
		ask  func(context.Context) error
	}
	parts := []part{
		{"functions", l.functions},
		{"time limit", l.limited},
		{"standby", l.standby},
	}
	if l.login == "snafu_count" && len(l.opt.Queries) > 0 {
		parts = append(parts, part{"named counts", l.queries})
	}
	for _, a := range l.opt.Automations {
		if !a.Manual {
			parts = append(parts, part{automationPromise(a), func(ctx context.Context) error { return l.automation(ctx, a) }})
		}
	}
	if l.login == "snafu_count" && len(l.opt.Evidence) > 0 {
		parts = append(parts, part{"evidence", l.evidence})
	}
	for _, t := range l.opt.Tables {
		parts = append(parts, part{"row security of " + t.Relation, func(ctx context.Context) error { return l.rowSecurity(ctx, t) }})
		if l.login != "snafu_count" {
			if t.Require.SQL != "" {
				parts = append(parts, part{"requirement of " + t.Relation, func(ctx context.Context) error { return l.requirement(ctx, t) }})
			}
			continue
		}
		for _, p := range []struct {
			name string
			ask  func(context.Context, rollback.Table) error
		}{
			{"triggers of " + t.Relation, l.triggers},
			{"history kept of " + t.Relation, l.retention},
			{"history read of " + t.Relation, l.index},
			{"history told of " + t.Relation, l.told},
		} {
			parts = append(parts, part{p.name, func(ctx context.Context) error { return p.ask(ctx, t) }})
		}
	}
	for _, p := range parts {
		if err := l.part(ctx, p.name, p.ask); err != nil {
			return err
		}
	}
	return nil
}

// part asks one thing under a savepoint, so that what cannot be looked at does
// not hide the rest.
func (l *look) part(ctx context.Context, name string, ask func(context.Context) error) error {
	whole := l.tx
	sub, err := whole.Begin(ctx)
	if err != nil {
		return fmt.Errorf("ask about %s: %w", name, err)
	}
	l.tx = sub
	err = ask(ctx)
	l.tx = whole
	rollbackTx(ctx, sub)
	f, known := source.AsFault(fault("ask about "+name, err))
	switch {
	case err == nil:
		return nil
	case known && f.Busy():
		l.found(name, source.Unknown, nil, "No answer within %s. Ask again when the source has less to do", l.opt.Counts.StatementTimeout)
		return nil
	case known && f.State != "" && !f.Away():
		l.found(name, source.Unknown, nil, "It cannot be looked at (SQLSTATE %s)", f.State)
		return nil
	}
	return err
}

func texts(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
