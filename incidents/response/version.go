package response

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

// What people work out together (a walk-through, a tree of whys, a board) is
// stored whole at each change: the newest version holds, and the older ones stay.

// newestVersion reads the number and the value that sql finds for an incident; 0
// and the zero value if there is none.
func newestVersion[T any](ctx context.Context, q asker, sql string, id incidents.ID) (number int, value T, err error) {
	rows, err := q.Query(ctx, sql, int64(id))
	if err != nil {
		return 0, value, fmt.Errorf("read a version: %w", err)
	}
	var raw []byte
	_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&number, &raw)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, value, nil
	}
	if err != nil {
		return 0, value, fmt.Errorf("read a version: %w", err)
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return 0, value, fmt.Errorf("read a version: %w", err)
	}
	return number, value, nil
}

// addVersion stores the next version by sql, whose arguments are incident, number,
// value, who and when.
func addVersion(ctx context.Context, tx pgx.Tx, sql string, id incidents.ID, number int, value any, by incidents.Actor, at time.Time) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode a version: %w", err)
	}
	if _, err := tx.Exec(ctx, sql, int64(id), number, raw, string(by), at); err != nil {
		return fmt.Errorf("insert a version: %w", err)
	}
	return nil
}
