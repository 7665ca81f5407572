package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/rollback"
)

const columnSQL = `
	select n.nspname::text, c.relname::text, a.attname::text
	  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where a.attrelid = $1 and a.attnum = $2`

// personal says whether a column of a result is one that is declared to hold
// personal data, and whether it may: it is made of others, among which is such a
// one, or it is of a history, where the values of all columns stand.
func (o Options) personal(ctx context.Context, tx pgx.Tx, f pgconn.FieldDescription, w words) (is, perhaps bool, err error) {
	var schema, relation, name string
	err = tx.QueryRow(ctx, columnSQL, f.TableOID, int16(f.TableAttributeNumber)).Scan(&schema, &relation, &name)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, o.namesPersonal(w), nil
	}
	if err != nil {
		return false, false, err
	}
	declared := false
	for _, t := range o.Tables {
		for _, r := range relatedTo(t) {
			s, rel, ok := split(r.relation)
			if !ok || s != schema || rel != relation {
				continue
			}
			declared = true
			at := slices.Index(r.key, name)
			is = is || slices.Contains(t.PII, name) || at >= 0 && at < len(t.Key) && slices.Contains(t.PII, t.Key[at])
			perhaps = perhaps || len(t.PII) > 0 && slices.Contains(r.mixed, name)
		}
	}
	if !declared { // a view, for one
		is = o.namesPersonal(words{names: []string{name}})
	}
	return is, perhaps, nil
}

// related is a table that tells of the records of another.
type related struct {
	relation string
	key      []string // of the record
	mixed    []string // columns with values of any column of the record
}

func relatedTo(t rollback.Table) []related {
	all := []related{
		{relation: t.Relation, key: t.Key},
		{relation: t.Membership.Relation, key: t.Membership.Key},
		{relation: t.History.Relation, key: t.History.Key, mixed: []string{t.History.Old, t.History.New}},
	}
	for _, l := range t.Lists {
		all = append(all, related{relation: l.Relation, key: l.Key})
	}
	return all
}

// namesPersonal says whether a statement names a column of personal data.
func (o Options) namesPersonal(w words) bool {
	for _, t := range o.Tables {
		for _, name := range t.PII {
			if slices.Contains(w.names, name) {
				return true
			}
		}
	}
	return false
}
