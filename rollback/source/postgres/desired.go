package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// own gives a desired value the form in which the database would hand it back.
// A value that people saw in the table has it already. It refuses a value that
// the column cannot hold, and one that its type would cut: an explicit cast
// cuts without a word.
func (t table) own(ctx context.Context, tx pgx.Tx, d rollback.Decision) (*string, error) {
	if d.Each() {
		return nil, nil
	}
	want := d.Want()[0]
	if want.Null || want == d.Error[0] {
		return d.Want().Pointers()[0], nil
	}
	c := t.set[0]
	// A savepoint, because a value that does not fit would end the transaction.
	sub, err := tx.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("check a desired value: %w", err)
	}
	defer rollbackTx(ctx, sub)
	var own string
	err = sub.QueryRow(ctx, fmt.Sprintf(`select ($1::text::%s)::text`, c.typ), want.Text).Scan(&own)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23")) {
		return nil, refusal.Invalid("%s can't hold the desired value of cohort %s: its type is %s. Choose another value.", c.plain, d.Label(), c.typ)
	}
	if err != nil {
		return nil, fmt.Errorf("check a desired value: %w", err)
	}
	if strings.HasPrefix(c.typ, "character") && strings.TrimRight(want.Text, " ") != strings.TrimRight(own, " ") {
		return nil, refusal.Invalid("%s would cut the desired value of cohort %s: its type is %s. Choose a shorter one.", c.plain, d.Label(), c.typ)
	}
	return &own, nil
}
