package postgres

import (
	"context"
	"math"
	"strings"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// evidence lets the server read each reviewed file of evidence and plan it
// without values. Nothing is run.
func (l *look) evidence(ctx context.Context) error {
	if _, err := l.tx.Exec(ctx, pinQuery); err != nil {
		return err
	}
	for _, e := range l.opt.Evidence {
		if err := l.part(ctx, "evidence "+e.Name, func(ctx context.Context) error { return l.reviewed(ctx, e) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *look) reviewed(ctx context.Context, e rollback.Reviewed) error {
	name := "evidence " + e.Name
	for _, g := range reads(e) {
		if err := l.held(ctx, g); err != nil {
			return err
		}
	}
	s, err := l.opt.saying(ctx, l.tx, e, nil)
	if err == nil {
		err = s.refused(l.opt, s.explained(ctx, l.tx, shape{types: s.types}, math.Inf(1)), nowhere)
	}
	if no, ok := refusal.As(err); ok {
		l.found(name, source.Broken, nil, "%s", strings.TrimSuffix(no.Say, "."))
		return nil
	}
	if err != nil {
		return err
	}
	l.found(name, source.Kept, nil, "Says of records of %s what they were, by %s", e.Of, strings.Join(e.Key, ", "))
	return nil
}
