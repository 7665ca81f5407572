package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// mostPast bounds the entries that are read of one record.
const mostPast = 12

// past reads the newest entries of a record's set columns. Its key is compared
// in the history's own column, so that an index on it serves.
func (t table) past(ctx context.Context, tx pgx.Tx, key []string, run string, into *rollback.Record) error {
	if t.untold() {
		return nil
	}
	var equal []string
	args := []any{t.fields()}
	for i, k := range t.key {
		args = append(args, key[i])
		equal = append(equal, fmt.Sprintf("h.%s = ($%d::text)::%s", t.hist.key[i], len(args), k.typ))
	}
	actor := "null"
	if t.decl.History.Actor != "" {
		actor = "h." + column(t.decl.History.Actor)
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select %s, coalesce(h.%s::text, ''), coalesce(%s::text, ''), %s, %s, h.%s::text, count(*) over ()
		  from %s h where %s and %s order by h.%s desc limit %d`,
		instantOf("h."+t.hist.at, t.decl.History.Zone), t.hist.run, actor, t.told(t.hist.old), t.told(t.hist.new),
		t.hist.field,
		t.hist.name, t.ofFields("$1"), strings.Join(equal, " and "), t.hist.order, mostPast), args...)
	if err != nil {
		return t.unreadable("read a history", err)
	}
	var total int64
	into.Past, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Change, error) {
		var c rollback.Change
		var old, fresh *string
		var field string
		if err := row.Scan(&c.At, &c.Run, &c.By, &old, &fresh, &field, &total); err != nil {
			return c, err
		}
		if t.wide() {
			c.Column = slices.Index(t.hist.names, field)
			c.Field = t.set[c.Column].plain
		}
		c.At, c.Ours = c.At.UTC(), c.Run == run
		if strings.Contains(c.By, "@") || t.personal(t.decl.History.Actor) {
			c.By = rollback.Mask(c.By)
		}
		c.Old, c.New = rollback.FromPointers([]*string{old})[0], rollback.FromPointers([]*string{fresh})[0]
		return c, nil
	})
	if err != nil {
		return t.unreadable("read a history", err)
	}
	into.Older = total - int64(len(into.Past))
	slices.Reverse(into.Past)
	return nil
}
