package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// queries lets the server read each reviewed count, with the types that its
// parameters are declared with, and plan it without values. Nothing is run.
func (l *look) queries(ctx context.Context) error {
	if _, err := l.tx.Exec(ctx, pinQuery); err != nil {
		return err
	}
	for _, q := range l.opt.Queries {
		if err := l.part(ctx, "count "+q.Name, func(ctx context.Context) error { return l.query(ctx, q) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *look) query(ctx context.Context, q rollback.Query) error {
	name := "count " + q.Name
	s, err := statementOf(rollback.Question{Query: q})
	var sh shape
	if err == nil {
		sh, err = l.opt.prepared(ctx, l.tx, s)
	}
	if err == nil { // only a plan says whether the login may read all of it
		err = s.refused(l.opt, s.explained(ctx, l.tx, sh, math.Inf(1)), nowhere)
	}
	if no, ok := refusal.As(err); ok {
		l.found(name, source.Broken, nil, "%s", strings.TrimSuffix(no.Say, "."))
		return nil
	}
	if err != nil {
		return err
	}
	takes := "Takes nothing"
	if len(q.Params) > 0 {
		var all []string
		for _, p := range q.Params {
			all = append(all, fmt.Sprintf("%s (%s)", p.Name, p.Type))
		}
		takes = "Takes " + strings.Join(all, ", ")
	}
	switch {
	case sh.personal:
		l.found(name, source.Advice, nil, "%s, answers with labels that are personal data, so they are not shown", takes)
	case sh.grouped:
		l.found(name, source.Kept, nil, "%s, answers with a label and a number", takes)
	default:
		l.found(name, source.Kept, nil, "%s, answers with one number", takes)
	}
	return nil
}
