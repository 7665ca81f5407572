package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/refusal"
	"snafu/rollback/source"
)

// Groups and candidates are told by evidence alone: a file has none, and is
// staged in a source whose tables are from before there were any.
var (
	stagedColumns   = []string{"freeze_id", "key", "initial", "desired", "confidence", "evidence"}
	evidenceColumns = append(stagedColumns[:6:6], "part", "candidates")
)

// stage brings what comes from outside into the source, record by record, as it
// is read. It refuses (Invalid) a key of the wrong number of parts and a value
// that the column cannot hold as it was given: the table may have changed since
// the file was taken.
func (t table) stage(ctx context.Context, tx pgx.Tx, id int64, staged source.Staged, evidence bool) error {
	if staged == nil {
		return nil
	}
	next, stop := iter.Pull2(staged)
	defer stop()
	var broke error // the server would answer with a code of its own
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		s, err, more := next()
		switch {
		case !more:
			return nil, nil
		case err != nil:
			broke = err
			return nil, errStaged
		case len(s.Key) != len(t.key):
			broke = refusal.Invalid("A record of %s is known by %s, and the evidence names %d columns. Correct it and take it again.", t.decl.Name, strings.Join(t.decl.Key, " and "), len(s.Key))
			return nil, errStaged
		}
		row := []any{id, []string(s.Key), s.Initial.Pointers(), s.Desired.Pointers(), s.Confidence.Code(), s.Evidence}
		if evidence {
			row = append(row, s.Group, s.Candidates)
		}
		return row, nil
	})
	columns := stagedColumns
	if evidence {
		columns = evidenceColumns
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"snafu", "staged_rows"}, columns, rows)
	var pg *pgconn.PgError
	switch {
	case broke != nil:
	case errors.As(err, &pg) && pg.Code == "42703":
		return refusal.Conflict("The tables of schema snafu in this source are older than this program. Its admin runs what `snafu source sql` prints, then freeze again.")
	case errors.As(err, &pg) && pg.Code == "23505":
		return refusal.Invalid("The evidence names a record of %s twice. Correct it and take it again.", t.decl.Name)
	}
	if err != nil || broke != nil {
		if broke != nil {
			return broke
		}
		return fmt.Errorf("stage what comes from outside: %w", err)
	}
	return t.stagedFits(ctx, tx, id)
}

// errStaged is all that the server is told of why nothing more comes.
var errStaged = errors.New("what comes from outside has ended early")

func (t table) stagedFits(ctx context.Context, tx pgx.Tx, id int64) error {
	var cut, all int64
	err := tx.QueryRow(ctx, fmt.Sprintf(`
		select count(*) filter (where %s), count(%s) from snafu.staged_rows where freeze_id = $1`, t.cut(t.stored("desired")), t.held(t.stored("desired"))), id).Scan(&cut, &all)
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23")), err == nil && cut > 0:
		return refusal.Invalid("%s can't hold a value that was given for a record: %s. Correct that and take it again.", t.names(), t.types())
	case err != nil:
		return fmt.Errorf("check what was staged: %w", err)
	}
	return nil
}
