package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Everything about the table that could change what a write does: one line per
// column, constraint, index, trigger with its function, rule and policy.
const fingerprintSQL = `
	select format('column %s %s notnull=%s default=%s collation=%s generated=%s identity=%s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
	              a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation, a.attgenerated, a.attidentity) as line
	  from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
	 where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
	union all
	select format('constraint %s %s', conname, pg_catalog.pg_get_constraintdef(oid)) from pg_catalog.pg_constraint where conrelid = $1
	union all
	select format('index %s', pg_catalog.pg_get_indexdef(indexrelid)) from pg_catalog.pg_index where indrelid = $1
	union all
	select format('trigger %s enabled=%s %s', pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled, encode(sha256(convert_to(pg_catalog.pg_get_functiondef(g.tgfoid), 'UTF8')), 'hex'))
	  from pg_catalog.pg_trigger g
	 where (g.tgrelid = $1 or g.tgparentid = 0 and g.tgrelid in (select relid from pg_catalog.pg_partition_tree($1::oid::regclass))) and not g.tgisinternal
	union all
	select format('rule %s', pg_catalog.pg_get_ruledef(oid)) from pg_catalog.pg_rewrite where ev_class = $1
	union all
	select format('policy %s %s %s %s %s %s', polname, polcmd, polpermissive, polroles::regrole[], pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid))
	  from pg_catalog.pg_policy where polrelid = $1
	union all
	select format('row security %s forced %s', relrowsecurity, relforcerowsecurity) from pg_catalog.pg_class where oid = $1
	 order by 1`

func (t table) fingerprint(ctx context.Context, tx pgx.Tx) ([]byte, error) {
	rows, err := tx.Query(ctx, fingerprintSQL, t.oid)
	if err != nil {
		return nil, fmt.Errorf("read the fingerprint: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the fingerprint: %w", err)
	}
	slices.Sort(lines) // by bytes, whatever the database's collation
	sum := sha256.New()
	for _, l := range lines {
		fmt.Fprintf(sum, "%d:%s\n", len(l), l)
	}
	return sum.Sum(nil), nil
}

// changes says in words what differs between the table as it was frozen and as
// it is. It is asked only when the fingerprints differ, so it never says nothing.
func changes(was rollback.Freeze, rel rollback.Relation, now rollback.Inventory) []string {
	var out []string
	if was.Relation.OID != rel.OID {
		out = append(out, "it was made anew")
	}
	for i, c := range rel.Set {
		if i < len(was.Relation.Set) && was.Relation.Set[i] != c {
			out = append(out, fmt.Sprintf("%s is %s, it was %s", c.Name, c.Type, was.Relation.Set[i].Type))
		}
	}
	out = append(out, differ("trigger", triggerNames(was.Inventory), triggerNames(now))...)
	out = append(out, differ("rule", was.Inventory.Rules, now.Rules)...)
	out = append(out, differ("foreign key", was.Inventory.KeysOut, now.KeysOut)...)
	if len(out) == 0 {
		out = append(out, "a column, constraint, index, function or policy of it")
	}
	return out
}

func triggerNames(inv rollback.Inventory) []string {
	var names []string
	for _, t := range inv.Triggers {
		names = append(names, t.Name)
	}
	return names
}

func differ(what string, was, now []string) []string {
	var out []string
	for _, n := range now {
		if !slices.Contains(was, n) {
			out = append(out, "new "+what+" "+n)
		}
	}
	for _, n := range was {
		if !slices.Contains(now, n) {
			out = append(out, what+" "+n+" is gone")
		}
	}
	return out
}
