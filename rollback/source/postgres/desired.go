package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// own gives desired values the form in which the database would hand them back,
// nil where each record has its own. A value that people saw in the table has it
// already. It refuses a value that its column cannot hold, and one that the type
// would cut: an explicit cast cuts without a word.
func (t table) own(ctx context.Context, tx pgx.Tx, d rollback.Decision) (rollback.Values, error) {
	if d.Each() {
		return nil, nil
	}
	out := slices.Clone(d.Want())
	for i, want := range out {
		if want.Null || !d.Chosen() && want == d.Error[i] {
			continue
		}
		text, err := t.set[i].own(ctx, tx, d, want.Text)
		if err != nil {
			return nil, err
		}
		out[i] = rollback.Text(text)
	}
	return out, nil
}

func (c col) own(ctx context.Context, tx pgx.Tx, d rollback.Decision, want string) (string, error) {
	// A savepoint, because a value that does not fit would end the transaction.
	sub, err := tx.Begin(ctx)
	if err != nil {
		return "", fmt.Errorf("check a desired value: %w", err)
	}
	defer rollbackTx(ctx, sub)
	var own string
	err = sub.QueryRow(ctx, fmt.Sprintf(`select ($1::text::%s)::text`, c.typ), want).Scan(&own)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23")) {
		return "", refusal.Invalid("%s can't hold the desired value of cohort %s: its type is %s. Choose another value.", c.plain, d.Label(), c.typ)
	}
	if err != nil {
		return "", fmt.Errorf("check a desired value: %w", err)
	}
	if c.cuts() && strings.TrimRight(want, " ") != strings.TrimRight(own, " ") {
		return "", refusal.Invalid("%s would cut the desired value of cohort %s: its type is %s. Choose a shorter one.", c.plain, d.Label(), c.typ)
	}
	return own, nil
}
