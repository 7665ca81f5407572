package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// CopyOptions declare the restored copy of a backup.
type CopyOptions struct {
	Name      string // of the backup: "nightly"
	URL       string // a login that can only read
	Tables    []rollback.Table
	LastSaved string // column whose greatest value says of when the copy is; empty where the copy does not say it
	Counts    Counts
	Limits    rollback.Limits
}

// Copy is the restored copy of a backup.
type Copy struct {
	*Reader
	lastSaved string
}

var _ source.Copy = (*Copy)(nil)

// OpenCopy opens the login of a copy. No connection is made before the first
// question. A history or a membership is not looked for in a copy: what it has
// to say is what the records held.
func OpenCopy(ctx context.Context, o CopyOptions) (*Copy, error) {
	opt := Options{Name: "backup " + o.Name, CountURL: o.URL, Counts: o.Counts, Limits: o.Limits}
	for _, t := range o.Tables {
		opt.Tables = append(opt.Tables, rollback.Table{
			Name: t.Name, Relation: t.Relation, Unit: t.Unit, Key: t.Key, KeyWhere: t.KeyWhere, Settable: t.Settable, Insertable: t.Insertable, TouchedAt: t.TouchedAt,
		})
	}
	r, err := OpenReader(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &Copy{r, o.LastSaved}, nil
}

// find resolves a table of the copy. One that is not there makes the copy no
// copy of it.
func (c *Copy) find(ctx context.Context, tx pgx.Tx, name string, set []string) (table, error) {
	t, err := c.opt.resolve(ctx, tx, name, set)
	if no, ok := refusal.As(err); ok && no.Kind == refusal.KindNotFound {
		decl, known := c.opt.table(name)
		if known == nil {
			return t, errors.Join(rollback.RefuseBackupTable(strings.TrimPrefix(c.opt.Name, "backup "), decl.Relation), err)
		}
	}
	return t, err
}

// Seen looks at the copy of a table.
func (c *Copy) Seen(ctx context.Context, name string, set []string) (rollback.CopySeen, error) {
	var out rollback.CopySeen
	err := c.snapshot(ctx, "look at a backup", func(tx pgx.Tx) error {
		t, err := c.find(ctx, tx, name, set)
		if err != nil {
			return err
		}
		if out.Target, err = target(ctx, tx); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(t.copySQL()))
		out.SHA256 = hex.EncodeToString(sum[:])
		var saved, newest *time.Time
		err = tx.QueryRow(ctx, fmt.Sprintf(`select count(*), %s, %s from %s t`,
			newestOf(c.lastSaved), newestOf(t.decl.TouchedAt.Column), t.name)).Scan(&out.Records, &saved, &newest)
		if err != nil {
			return fmt.Errorf("look at a backup: %w", err)
		}
		out.LastSaved, out.Newest = utc(saved), utc(newest)
		return nil
	})
	return out, err
}

// newestOf is the greatest instant of a column, none where there is no column.
func newestOf(name string) string {
	if name == "" {
		return "null::timestamptz"
	}
	return "max(t." + column(name) + ")::timestamptz"
}

func utc(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC().Truncate(time.Microsecond)
}

// copySQL reads every record of a copy: its key, and what the set columns held.
func (t table) copySQL() string {
	keys := make([]string, len(t.key))
	for i, k := range t.key {
		keys[i] = "t." + k.name + "::text"
	}
	return fmt.Sprintf("select array[%s], %s from %s t", strings.Join(keys, ", "), t.list(t.current()), t.name)
}

// Records streams what the copy says about every record of the table.
func (c *Copy) Records(ctx context.Context, name string, set []string) source.Staged {
	return func(yield func(rollback.Staged, error) bool) {
		err := c.eachRecord(ctx, name, set, func(key []string, held []*string) bool {
			return yield(rollback.Staged{
				Key: key, Desired: rollback.FromPointers(held), Confidence: rollback.ConfidenceDerived, Evidence: c.opt.Name, Candidates: 1,
			}, nil)
		})
		if err != nil {
			yield(rollback.Staged{}, err)
		}
	}
}

func (c *Copy) eachRecord(ctx context.Context, name string, set []string, do func(key []string, held []*string) bool) error {
	tx, err := begin(ctx, c.pool, pgx.RepeatableRead, pgx.ReadOnly, c.opt.Limits.FreezeTimeout, time.Second)
	if err != nil {
		return c.unanswered("read a backup", err)
	}
	defer rollbackTx(ctx, tx)
	t, err := c.find(ctx, tx, name, set)
	if err != nil {
		return c.unanswered("read a backup", err)
	}
	rows, err := tx.Query(ctx, t.copySQL())
	if err != nil {
		return c.unanswered("read a backup", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key []string
		var held []*string
		if err := rows.Scan(&key, &held); err != nil {
			return fmt.Errorf("read a backup: %w", err)
		}
		if !do(key, held) {
			return nil
		}
	}
	return c.unanswered("read a backup", rows.Err())
}
