package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/rollback/source"
)

const usageSQL = `
	select count(*) > 0, coalesce(bool_or(has_schema_privilege(oid, 'usage')), false) from pg_catalog.pg_namespace where nspname = $1`

const relationHeldSQL = `
	select count(*) > 0, coalesce(bool_or(has_table_privilege(c.oid, $3)), false)
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`

const columnsHeldSQL = `
	select k.name, a.attnum is not null, coalesce(has_column_privilege(a.attrelid, a.attnum, $3), false)
	  from unnest($4::text[]) with ordinality as k (name, place)
	  left join (pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace)
	         on n.nspname = $1 and c.relname = $2 and a.attname = k.name and not a.attisdropped
	 order by k.place`

// held asks for one right that is needed. What is not there at all is told
// apart from what may not be read: a name in the declaration may be wrong.
func (l *look) held(ctx context.Context, g right) error {
	if g.login != l.login {
		return nil
	}
	g.login = l.who
	name := "may " + g.does + " " + g.relation
	if g.does == "usage" {
		var there, may bool
		if err := l.tx.QueryRow(ctx, usageSQL, g.relation).Scan(&there, &may); err != nil {
			return fmt.Errorf("read a right: %w", err)
		}
		if there && !may {
			l.found(name, source.Lacks, []string{g.sql()}, "Missing, or the name is wrong")
		} else if !there {
			l.found(name, source.Lacks, nil, "There is no schema %s in this database. Correct the name in snafu.yaml", column(g.relation))
		}
		return nil
	}
	schema, rel, ok := split(g.relation)
	if !ok {
		l.found(name, source.Lacks, nil, "%q is not written as schema.table", g.relation)
		return nil
	}
	var there, may bool
	if err := l.tx.QueryRow(ctx, relationHeldSQL, schema, rel, g.does).Scan(&there, &may); err != nil {
		return fmt.Errorf("read a right: %w", err)
	}
	switch {
	case !there:
		l.found(name, source.Lacks, nil, "There is no %s in this database. Correct the name in snafu.yaml", quoted(g.relation))
		return nil
	case len(g.columns) == 0:
		if !may {
			l.found(name, source.Lacks, []string{g.sql()}, "Missing")
		}
		return nil
	}
	rows, err := l.tx.Query(ctx, columnsHeldSQL, schema, rel, g.does, g.columns)
	if err != nil {
		return fmt.Errorf("read a right: %w", err)
	}
	var c string
	var gone, lacks []string
	if _, err := pgx.ForEachRow(rows, []any{&c, &there, &may}, func() error {
		switch {
		case !there:
			gone = append(gone, c)
		case !may:
			lacks = append(lacks, c)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("read a right: %w", err)
	}
	if len(gone) > 0 {
		l.found(name, source.Lacks, nil, "%s has no column %s. Correct the name in snafu.yaml", quoted(g.relation), columns(gone))
	}
	if len(lacks) > 0 {
		g.columns = lacks
		l.found(name, source.Lacks, []string{g.sql()}, "Missing, or the name is wrong")
	}
	if len(gone)+len(lacks) == 0 {
		l.found(name, source.Kept, nil, "%s", columns(g.columns))
	}
	return nil
}

// Everything that this login was given on anything outside the catalogue: by
// name, through PUBLIC, or through a role it is a member of.
const givenSQL = `
	with acl as (
	  select n.nspname, c.relname, c.relowner, '' as attribute, x.privilege_type, x.grantee
	    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	    cross join lateral aclexplode(coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r'::"char" end, c.relowner))) as x
	   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
	  union all
	  select n.nspname, c.relname, c.relowner, a.attname, x.privilege_type, x.grantee
	    from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	    cross join lateral aclexplode(a.attacl) as x where a.attacl is not null and not a.attisdropped)
	select nspname::text, relname::text, attribute::text, lower(privilege_type), case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end
	  from acl
	 where nspname not in ('pg_catalog', 'information_schema') and nspname not like 'pg\_%' and relowner <> current_user::regrole
	   and (grantee = 0 or pg_has_role(current_user, grantee, 'usage'))
	 order by nspname, relname, privilege_type, grantee, attribute`

// given is one line of it.
type given struct{ schema, relation, column, does, grantee string }

// sameRight says that two lines differ in nothing but the column.
func (g given) sameRight(o given) bool {
	whole := o.column == "" || g.column == ""
	o.column = g.column
	return g == o && !whole
}

func (g given) name() string { return g.schema + "." + g.relation }

// surplus finds the rights that nobody declared: exactly the columns of the
// declaration may be read, and those of a plan written.
func (l *look) surplus(ctx context.Context) error {
	before := len(l.f.Surplus())
	if err := l.surplusRights(ctx); err != nil {
		return err
	}
	for _, ask := range []func(context.Context) error{l.makes, l.later, l.parameters, l.servers} {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	if len(l.f.Surplus()) == before {
		l.found("no right too many", source.Kept, nil, "Nothing beyond the declared columns and schema snafu")
	}
	return nil
}

func (l *look) surplusRights(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, givenSQL)
	if err != nil {
		return fmt.Errorf("read surplus rights: %w", err)
	}
	var all []given
	var g given
	if _, err := pgx.ForEachRow(rows, []any{&g.schema, &g.relation, &g.column, &g.does, &g.grantee}, func() error {
		if !l.allowed(g) {
			all = append(all, g)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("read surplus rights: %w", err)
	}
	for len(all) > 0 {
		first := all[0]
		n := 1
		for n < len(all) && first.column != "" && all[n].sameRight(first) {
			n++
		}
		l.tooMany(all[:n])
		all = all[n:]
	}
	return nil
}

// tooMany tells one right too many, on a relation or on columns of it.
func (l *look) tooMany(same []given) {
	g := same[0]
	what := g.name()
	r := right{g.grantee, g.does, pgx.Identifier{g.schema, g.relation}.Sanitize(), nil}
	if g.column != "" {
		for _, one := range same {
			r.columns = append(r.columns, one.column)
		}
		if what += "." + g.column; len(same) > 1 {
			what = g.name() + " (" + columns(r.columns) + ")"
		}
	}
	fix := []string{r.revoke()}
	if g.does == "usage" { // of relations only sequences know it
		fix = []string{fmt.Sprintf("revoke usage on sequence %s from %s", r.relation, role(g.grantee))}
	}
	if g.column == "" { // takes the rights on its columns away too
		for _, need := range l.needed() {
			if s, rel, ok := split(need.relation); ok && s == g.schema && rel == g.relation && need.does == g.does {
				fix = append(fix, need.sql())
			}
		}
	}
	through := ""
	switch g.grantee {
	case l.who:
	case "public":
		through = ", as everybody may"
	default:
		through = " through " + g.grantee
	}
	verdict := source.Surplus
	if g.does == "select" && g.grantee == "public" {
		verdict = source.Advice
	}
	l.found("no right too many", verdict, fix, "%s may %s %s%s", l.who, g.does, what, through)
}

// needed are all rights of this login on relations.
func (l *look) needed() (all []right) {
	for _, t := range l.opt.Tables {
		for _, g := range grants(t) {
			if g.login == l.login && g.does != "usage" {
				g.login = l.who
				all = append(all, g)
			}
		}
	}
	for _, g := range automationGrants(l.opt.Automations) {
		if g.login == l.login && g.does != "usage" {
			g.login = l.who
			all = append(all, g)
		}
	}
	for _, e := range l.opt.Evidence {
		for _, g := range reads(e) {
			if g.login == l.login && g.does != "usage" {
				g.login = l.who
				all = append(all, g)
			}
		}
	}
	for _, g := range ownTables {
		if g.login == l.login {
			g.login = l.who
			all = append(all, g)
		}
	}
	return all
}

func (l *look) allowed(g given) bool {
	if g.schema == "snafu" && g.does == "select" {
		return true
	}
	for _, need := range l.needed() {
		schema, rel, ok := split(need.relation)
		if !ok || schema != g.schema || rel != g.relation || need.does != g.does {
			continue
		}
		if len(need.columns) == 0 || slices.Contains(need.columns, g.column) {
			return true
		}
	}
	return false
}
