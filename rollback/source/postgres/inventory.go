package postgres

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Inventory lists what an update of the set columns may set off or meet.
func (r *Reader) Inventory(ctx context.Context, name string, set []string) (rollback.Inventory, error) {
	var out rollback.Inventory
	err := r.snapshot(ctx, "read the inventory of "+name, func(tx pgx.Tx) error {
		t, err := r.opt.resolve(ctx, tx, name, set)
		if err != nil {
			return err
		}
		out, err = t.inventory(ctx, tx)
		return err
	})
	return out, err
}

// A trigger fires on our update when it is enabled for ordinary sessions, is
// for updates, and names no columns or one that we write; on our insert when it
// is for inserts. One that stands on a
// partition alone fires for the records in it.
const triggersSQL = `
	select case when g.tgrelid = $1 then g.tgname::text else g.tgname || ' on ' || g.tgrelid::regclass end,
	       case when g.tgtype & 2 <> 0 then 'before' when g.tgtype & 64 <> 0 then 'instead of' else 'after' end
	       || concat_ws(' or', case when g.tgtype & 4 <> 0 then ' insert' end, case when g.tgtype & 16 <> 0 then ' update' end,
	                    case when g.tgtype & 8 <> 0 then ' delete' end, case when g.tgtype & 32 <> 0 then ' truncate' end),
	       array(select a.attname::text from unnest(g.tgattr::int2[]) k join pg_catalog.pg_attribute a on a.attrelid = g.tgrelid and a.attnum = k.k order by 1),
	       p.pronamespace::regnamespace::text || '.' || p.proname,
	       case when g.tgqual is not null then pg_catalog.pg_get_triggerdef(g.oid) else '' end,
	       case when $3::boolean then g.tgtype & 4 <> 0 else g.tgtype & 16 <> 0 and (g.tgattr::text = '' or exists (
	         select from unnest(g.tgattr::int2[]) k join pg_catalog.pg_attribute a on a.attrelid = g.tgrelid and a.attnum = k.k where a.attname = any ($2))) end
	  from pg_catalog.pg_trigger g join pg_catalog.pg_proc p on p.oid = g.tgfoid
	 where (g.tgrelid = $1 or g.tgparentid = 0 and g.tgrelid in (select relid from pg_catalog.pg_partition_tree($1::oid::regclass)))
	   and not g.tgisinternal and g.tgenabled in ('O', 'A') order by g.tgrelid <> $1, 1`

// guard is a condition that is false for a session which carries our setting,
// in the forms in which the server prints it.
var guard = regexp.MustCompile(`(?i)^(coalesce\(current_setting\('snafu\.rollback_id'::text, true\), ''::text\) = ''::text` +
	`|nullif\(current_setting\('snafu\.rollback_id'::text, true\), ''::text\) is null)$`)

// spares says of a trigger's definition that its condition keeps it from firing
// for our writes: the guard is the condition, or one of those that all have to
// hold. It is sure or says no: such a trigger can be accepted by name.
func spares(definition string) bool {
	_, when, found := strings.Cut(definition, " WHEN (")
	end := strings.LastIndex(when, ") EXECUTE ")
	return found && end >= 0 && slices.ContainsFunc(conjuncts(when[:end]), guard.MatchString)
}

// conjuncts are the conditions that all have to hold for one that the server has
// printed. What stands in quotes or deeper in brackets is left as it is.
func conjuncts(condition string) []string {
	condition = strings.TrimSpace(condition)
	depth, quoted, wrapped, from := 0, false, strings.HasPrefix(condition, "("), 0
	var parts []string
	for i := range len(condition) {
		switch char := condition[i]; {
		case char == '\'':
			quoted = !quoted
		case quoted:
		case char == '(':
			depth++
		case char == ')':
			depth--
			wrapped = wrapped && (depth > 0 || i == len(condition)-1)
		case depth == 0 && strings.HasPrefix(condition[i:], " AND "):
			parts, from = append(parts, condition[from:i]), i+len(" AND ")
		}
	}
	switch {
	case len(parts) > 0:
		var all []string
		for _, part := range append(parts, condition[from:]) {
			all = append(all, conjuncts(part)...)
		}
		return all
	case wrapped && len(condition) > 2:
		return conjuncts(condition[1 : len(condition)-1])
	}
	return []string{condition}
}

const rulesSQL = `
	select rulename::text from pg_catalog.pg_rewrite where ev_class = $1 order by 1`

const keysOutSQL = `
	select conname || ' to ' || confrelid::regclass from pg_catalog.pg_constraint
	 where conrelid = $1 and contype = 'f' order by 1`

const keysInSQL = `
	select conname || ' from ' || conrelid::regclass
	       || case confupdtype when 'c' then ', on update cascade' when 'n' then ', on update set null' when 'd' then ', on update set default' else '' end
	       || case confdeltype when 'c' then ', on delete cascade' when 'n' then ', on delete set null' when 'd' then ', on delete set default' else '' end
	  from pg_catalog.pg_constraint where confrelid = $1 and contype = 'f' order by 1`

const generatedSQL = `
	select attname::text from pg_catalog.pg_attribute
	 where attrelid = $1 and attnum > 0 and not attisdropped and attgenerated <> '' order by 1`

const identitySQL = `
	select attname::text from pg_catalog.pg_attribute
	 where attrelid = $1 and attnum > 0 and not attisdropped and attidentity <> '' order by 1`

const partitionsSQL = `
	select inhrelid::regclass::text from pg_catalog.pg_inherits where inhparent = $1 order by 1`

const publicationsSQL = `
	select distinct p.pubname::text
	  from pg_catalog.pg_publication_tables p join pg_catalog.pg_class c on c.relname = p.tablename
	  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = p.schemaname
	 where c.oid in (select relid from pg_catalog.pg_partition_tree($1::oid::regclass)) or c.oid = $1 order by 1`

const rowSecuritySQL = `select relrowsecurity from pg_catalog.pg_class where oid = $1`

func (t table) inventory(ctx context.Context, tx pgx.Tx) (rollback.Inventory, error) {
	inv := rollback.Inventory{TouchedAt: t.decl.TouchedAt.Column}
	for _, s := range t.decl.Syncs {
		inv.Syncs = append(inv.Syncs, s.String())
	}
	var err error
	if inv.Triggers, err = t.triggers(ctx, tx); err != nil {
		return inv, err
	}
	for _, names := range []struct {
		into *[]string
		sql  string
	}{
		{&inv.Rules, rulesSQL},
		{&inv.KeysOut, keysOutSQL},
		{&inv.KeysIn, keysInSQL},
		{&inv.Generated, generatedSQL},
		{&inv.Identity, identitySQL},
		{&inv.Partitions, partitionsSQL},
		{&inv.Publications, publicationsSQL},
	} {
		rows, err := tx.Query(ctx, names.sql, t.oid)
		if err != nil {
			return inv, fmt.Errorf("read inventory: %w", err)
		}
		if *names.into, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return inv, fmt.Errorf("read inventory: %w", err)
		}
	}
	if err := tx.QueryRow(ctx, rowSecuritySQL, t.oid).Scan(&inv.RowSecurity); err != nil {
		return inv, fmt.Errorf("read row security: %w", err)
	}
	return inv, nil
}

// written are the columns our update names.
func (t table) written() []string {
	var names []string
	for _, c := range t.set {
		names = append(names, c.plain)
	}
	if at := t.decl.TouchedAt; at.Column != "" && !at.Keep {
		names = append(names, at.Column)
	}
	return names
}

// triggers are those of the table and of its partitions.
func (t table) triggers(ctx context.Context, tx pgx.Tx) ([]rollback.Trigger, error) {
	rows, err := tx.Query(ctx, triggersSQL, t.oid, t.written(), t.adds)
	if err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Trigger, error) {
		var g rollback.Trigger
		var definition string
		err := row.Scan(&g.Name, &g.Timing, &g.Columns, &g.Function, &definition, &g.Fires)
		g.Guarded = spares(definition)
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	return all, nil
}
