package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// allowed is what is required of a record whose key stands as text in rows of
// alias. Who wrote the requirement knows the key by the names of its columns.
func (t table) allowed(run rollback.Run, alias string) string {
	if run.Require == nil {
		return "true"
	}
	columns := make([]string, len(t.key))
	for i, k := range t.key {
		columns[i] = fmt.Sprintf("(%s.key[%d])::%s as %s", alias, i+1, k.typ, k.name)
	}
	return fmt.Sprintf("(select (\n%s\n) from (select %s) as key)", expression(t.decl.Require), strings.Join(columns, ", "))
}

// refusedBy is why a record was left alone that holds the error value.
func (t table) refusedBy(run rollback.Run) string {
	if run.Require == nil {
		return "null::text"
	}
	return literal(run.Require.Says)
}

func expression(r rollback.Require) string { return strings.TrimRight(r.SQL, " \t\r\n;") }

// requires refuses (require) a plan that was drafted under another requirement
// than its table has, and a requirement that the server can't answer.
func (w *Writer) requires(ctx context.Context, tx pgx.Tx, t table, s rollback.Spec) error {
	if !s.Asks(t.decl.Require) {
		return rollback.RefuseRequire(s.Ref, t.decl.Relation)
	}
	if s.Require == nil {
		return nil
	}
	return w.opt.answers(ctx, tx, t)
}

// answers lets the server read what is required, and plan it: nothing of it is
// run. It may do no more than a count may.
func (o Options) answers(ctx context.Context, tx pgx.Tx, t table) error {
	sub, err := tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("ask what is required: %w", err)
	}
	defer rollbackTx(ctx, sub)
	if _, err := sub.Exec(ctx, pinQuery); err != nil {
		return fmt.Errorf("ask what is required: %w", err)
	}
	columns := make([]string, len(t.key))
	for i, k := range t.key {
		columns[i] = fmt.Sprintf("null::%s as %s", k.typ, k.name)
	}
	s, err := statementOf(rollback.Question{Query: rollback.Query{
		Source: o.Name, Name: t.decl.Name, Text: fmt.Sprintf("select count(*) from (select %s) as key where (\n%s\n)", strings.Join(columns, ", "), expression(t.decl.Require)),
	}})
	var sh shape
	if err == nil {
		sh, err = o.prepared(ctx, sub, s)
	}
	if err == nil { // only a plan says whether the login may read all of it
		err = s.refused(o, s.explained(ctx, sub, sh, math.Inf(1)), nowhere)
	}
	if no, ok := refusal.As(err); ok {
		return rollback.RefuseRequireUnfit(t.decl.Relation, strings.TrimSuffix(no.Say, "."))
	}
	return err
}

// requirement says whether the login that writes can ask what is required.
func (l *look) requirement(ctx context.Context, t rollback.Table) error {
	if len(t.Settable) == 0 {
		return nil
	}
	name := "requirement of " + t.Relation
	found, err := l.opt.resolve(ctx, l.tx, t.Name, t.Settable[:1])
	if _, no := refusal.As(err); no {
		return nil // told already
	}
	if err == nil {
		err = l.opt.answers(ctx, l.tx, found)
	}
	if no, ok := refusal.As(err); ok {
		l.found(name, source.Lacks, nil, "%s", strings.TrimSuffix(no.Say, "."))
		return nil
	}
	if err == nil {
		l.found(name, source.Kept, nil, "It can be asked as a record is written; where it does not hold: %s", t.Require.Says)
	}
	return err
}
