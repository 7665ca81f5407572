package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// table is a declaration found in the catalogue. Every name below is quoted
// and may stand in SQL.
type table struct {
	decl rollback.Table
	oid  uint32
	rel  rollback.Relation
	name string // "crm"."lead"
	key  []col
	set  []col
	hist hist
	ran  bool // a plan of ours ran in this database before
	adds bool // the plan inserts records
}

// col is a column: its quoted name, the type a text of it is cast to, and the
// type whose text form a history may have written otherwise, empty where a
// value has but one.
type col struct {
	plain, name, typ, form string
}

// hist is the declared history: its quoted relation and columns, the types its
// columns must be cast to, and the names it gives the set columns.
type hist struct {
	name, order, orderType, at, field, old, new, run string
	key                                              []string
	names                                            []string
}

const relationSQL = `
	select c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text,
	       c.relkind = 'r' and exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid),
	       row_security_active(c.oid), n.nspname in ('pg_catalog', 'information_schema')
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where n.nspname = $1 and c.relname = $2`

const columnsSQL = `
	select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname, a.attgenerated <> '', a.attidentity <> '',
	       a.attnotnull,
	       exists (select from pg_catalog.pg_partitioned_table p where p.partrelid = a.attrelid and a.attnum = any (p.partattrs::int2[])),
	       case when t.typcategory in ('S', 'E', 'X') then ''
	            when t.typtype = 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod)
	            else pg_catalog.format_type(a.atttypid, a.atttypmod) end
	  from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
	 where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
	 order by a.attnum`

// A key is whole (no predicate), valid, at once (not deferrable), over plain columns, none of them null.
const uniqueSQL = `
	select array(select a.attname::text from unnest(i.indkey::int2[]) k join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.k
	              order by a.attname collate "C")
	  from pg_catalog.pg_index i
	 where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null and i.indnkeyatts = i.indnatts`

type columnRow struct {
	Name, Type, Base                           string
	Generated, Identity, NotNull, PartitionKey bool
	Form                                       string
}

var tableKinds = map[string]string{
	"v": "a view", "m": "a materialized view", "f": "a foreign table", "S": "a sequence", "i": "an index", "c": "a type", "t": "a system table",
}

// resolve finds a declared table once in the catalogue. It refuses what cannot
// be put back record by record: no table, no key (no-key), a column that may
// not be set (column), records hidden by row security (row-security).
func (o Options) resolve(ctx context.Context, tx pgx.Tx, name string, set []string) (table, error) {
	decl, err := o.table(name)
	if err != nil {
		return table{}, err
	}
	t, columns, err := o.relation(ctx, tx, decl)
	if err != nil {
		return table{}, err
	}
	if err := t.settable(columns, set); err != nil {
		return table{}, err
	}
	if err := t.uniqueKey(ctx, tx, columns); err != nil {
		return table{}, err
	}
	if h := decl.History; h.Relation != "" {
		if t.hist, err = history(ctx, tx, decl); err != nil {
			return table{}, err
		}
		if t.ran, err = ran(ctx, tx); err != nil {
			return table{}, err
		}
		if err := zoned(ctx, tx, "history of "+decl.Name, h.Relation, h.At, h.Zone); err != nil {
			return table{}, err
		}
	}
	for _, name := range set {
		if n, ok := decl.History.FieldNames[name]; ok {
			name = n
		}
		t.hist.names = append(t.hist.names, name)
	}
	if m := decl.Membership; m.Relation != "" && m.At != "" {
		if err := zoned(ctx, tx, "membership of "+decl.Name, m.Relation, m.At, m.Zone); err != nil {
			return table{}, err
		}
	}
	return t, nil
}

// zoned refuses instants whose zone nobody knows: read in the wrong one, a
// window would leave out hours of the run.
func zoned(ctx context.Context, tx pgx.Tx, what, relation, at, zone string) error {
	schema, rel, _ := split(relation)
	var typ string
	err := tx.QueryRow(ctx, typeSQL, schema, rel, at).Scan(&typ)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return refusal.NotFound("%s has no column %s, or this login may not see it.", relation, at)
	case err != nil:
		return fmt.Errorf("read the instants of %s: %w", relation, err)
	case strings.HasPrefix(typ, "timestamp") && strings.HasSuffix(typ, "with time zone"):
		if zone != "" {
			return refusal.Invalid("%s of %s has a zone of its own. Leave zone out of the %s.", at, relation, what)
		}
		return nil
	case !strings.HasPrefix(typ, "timestamp"):
		return refusal.Invalid("%s of %s is of type %s and says no instant. Name another column as at in the %s.", at, relation, typ, what)
	case zone == "":
		return refusal.Invalid("%s of %s is of a type without time zone. Write zone into the %s: the zone that it is written in, such as UTC or Europe/Berlin.", at, relation, what)
	}
	return nil
}

// local is an instant as a column without a zone holds it.
func local(instant, zone string) string {
	if zone == "" {
		return instant
	}
	return "(" + instant + "::timestamptz at time zone " + literal(zone) + ")"
}

// instantOf is the instant that such a column says.
func instantOf(expression, zone string) string {
	if zone == "" {
		return expression
	}
	return "(" + expression + " at time zone " + literal(zone) + ")"
}

func (o Options) relation(ctx context.Context, tx pgx.Tx, decl rollback.Table) (table, []columnRow, error) {
	schema, rel, ok := split(decl.Relation)
	if !ok {
		return table{}, nil, refusal.Invalid("Table %q of source %s is not written as schema.table.", decl.Relation, o.Name)
	}
	t := table{decl: decl, name: quoted(decl.Relation)}
	var kind, persistence string
	var parent, hidden, system bool
	err := tx.QueryRow(ctx, relationSQL, schema, rel).Scan(&t.oid, &t.rel.Schema, &t.rel.Name, &kind, &persistence, &parent, &hidden, &system)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return table{}, nil, refusal.NotFound("Source %s has no table %s, or this login may not see it.", o.Name, decl.Relation)
	case err != nil:
		return table{}, nil, fmt.Errorf("find table %s: %w", decl.Name, err)
	case kind != "r" && kind != "p":
		return table{}, nil, rollback.RefuseTableKind(decl.Relation, tableKinds[kind])
	case persistence == "t":
		return table{}, nil, rollback.RefuseTableKind(decl.Relation, "a temporary table")
	case parent:
		return table{}, nil, rollback.RefuseTableKind(decl.Relation, "an inheritance parent")
	case system:
		return table{}, nil, rollback.RefuseTableKind(decl.Relation, "part of the catalogue")
	case hidden:
		return table{}, nil, rollback.RefuseRowSecurity(decl.Relation, "this login")
	}
	t.rel.OID = int64(t.oid)
	columns, err := columnsOf(ctx, tx, t.oid)
	return t, columns, err
}

func columnsOf(ctx context.Context, tx pgx.Tx, oid uint32) ([]columnRow, error) {
	rows, err := tx.Query(ctx, columnsSQL, oid)
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[columnRow])
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	return columns, nil
}

func find(columns []columnRow, name string) (columnRow, bool) {
	i := slices.IndexFunc(columns, func(c columnRow) bool { return c.Name == name })
	if i < 0 {
		return columnRow{}, false
	}
	return columns[i], true
}

func (t *table) settable(columns []columnRow, set []string) error {
	if len(set) == 0 || len(set) > rollback.MostColumns {
		return refusal.Invalid("A plan sets 1 to %d columns of %s, and %d were named.", rollback.MostColumns, t.decl.Relation, len(set)).Coded("column")
	}
	for i, name := range set {
		c, ok := find(columns, name)
		switch {
		case slices.Contains(set[:i], name):
			return rollback.RefuseColumn(name, "named twice")
		case !ok:
			return rollback.RefuseColumn(name, "not there")
		case !slices.Contains(t.decl.Settable, name) && name != t.decl.Archive.Column && !t.insertable(name):
			return rollback.RefuseColumn(name, "not settable")
		case slices.Contains(t.decl.Key, name):
			return rollback.RefuseColumn(name, "part of the key")
		case t.personal(name) && !t.insertable(name):
			return rollback.RefuseColumn(name, "personal (pii), and a state table shows its values to everybody")
		case c.PartitionKey && !t.insertable(name):
			return rollback.RefuseColumn(name, "part of the partition key")
		case c.Generated:
			return rollback.RefuseColumn(name, "generated")
		case c.Identity:
			return rollback.RefuseColumn(name, "an identity")
		case slices.Contains([]string{"json", "xml", "money", "oid"}, c.Base):
			return rollback.RefuseColumn(name, "of type "+c.Base)
		}
		t.set = append(t.set, col{plain: name, name: column(name), typ: c.Type, form: c.Form})
		t.rel.Set = append(t.rel.Set, rollback.Column{Name: name, Type: c.Type})
	}
	return nil
}

// insertable says that a column may be filled in a record that is inserted again,
// and that no other plan writes it. Its values stand on no card.
func (t *table) insertable(name string) bool {
	return slices.Contains(t.decl.Insertable, name) && !slices.Contains(t.decl.Settable, name)
}

func (t *table) uniqueKey(ctx context.Context, tx pgx.Tx, columns []columnRow) error {
	if len(t.decl.Key) == 0 || t.decl.KeyWhere != "" {
		return rollback.RefuseNoKey(t.decl.Relation)
	}
	for _, name := range t.decl.Key {
		c, ok := find(columns, name)
		if !ok || !c.NotNull {
			return rollback.RefuseNoKey(t.decl.Relation)
		}
		t.key = append(t.key, col{plain: name, name: column(name), typ: c.Type})
		t.rel.Key = append(t.rel.Key, rollback.Column{Name: name, Type: c.Type})
	}
	rows, err := tx.Query(ctx, uniqueSQL, t.oid)
	if err != nil {
		return fmt.Errorf("read unique keys: %w", err)
	}
	uniques, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	if err != nil {
		return fmt.Errorf("read unique keys: %w", err)
	}
	want := slices.Sorted(slices.Values(t.decl.Key))
	for _, u := range uniques {
		if slices.Equal(u, want) {
			return nil
		}
	}
	return rollback.RefuseNoKey(t.decl.Relation)
}

const typeSQL = `
	select pg_catalog.format_type(a.atttypid, a.atttypmod)
	  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where n.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0 and not a.attisdropped`

func history(ctx context.Context, tx pgx.Tx, decl rollback.Table) (hist, error) {
	d := decl.History
	schema, rel, _ := split(d.Relation)
	h := hist{
		name: quoted(d.Relation), order: column(d.Order), at: column(d.At), field: column(d.Field),
		old: column(d.Old), new: column(d.New), run: column(d.Run),
	}
	for _, k := range d.Key {
		h.key = append(h.key, column(k))
	}
	if len(h.key) != len(decl.Key) {
		return hist{}, refusal.Invalid("History of %s names %d key columns, the table has %d.", decl.Relation, len(h.key), len(decl.Key))
	}
	err := tx.QueryRow(ctx, typeSQL, schema, rel, d.Order).Scan(&h.orderType)
	if errors.Is(err, pgx.ErrNoRows) {
		return hist{}, refusal.NotFound("History %s has no column %s, or this login may not see it.", d.Relation, d.Order)
	}
	if err != nil {
		return hist{}, fmt.Errorf("read history of %s: %w", decl.Name, err)
	}
	return h, nil
}
