package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback/source"
)

const makesSQL = `
	select 'database' as of, d.datname::text as name, lower(x.privilege_type) as does, x.grantee = 0 as everybody
	  from pg_catalog.pg_database d cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as x
	 where d.datname = current_database() and d.datdba <> current_user::regrole and x.privilege_type in ('CREATE', 'TEMPORARY')
	   and (x.grantee = 0 or pg_has_role(current_user, x.grantee, 'usage'))
	union all
	select 'schema', n.nspname::text, lower(x.privilege_type), x.grantee = 0
	  from pg_catalog.pg_namespace n cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as x
	 where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema' and n.nspowner <> current_user::regrole and x.privilege_type = 'CREATE'
	   and (x.grantee = 0 or pg_has_role(current_user, x.grantee, 'usage'))
	 order by 1, 2, 3, 4`

// makes finds where the login may make something. What everybody may in every
// new database is advice: taking it away would take it from the applications.
func (l *look) makes(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, makesSQL)
	if err != nil {
		return fmt.Errorf("read surplus rights: %w", err)
	}
	var of, name, does string
	var everybody bool
	_, err = pgx.ForEachRow(rows, []any{&of, &name, &does, &everybody}, func() error {
		from, verdict, say := role(l.who), source.Surplus, ""
		if everybody {
			from, say = "public", ", as everybody may here"
			if does == "temporary" || name == "public" {
				verdict = source.Advice
			}
		}
		what := fmt.Sprintf("create in schema %s", name)
		switch {
		case does == "temporary":
			what = "make temporary tables"
		case of == "database":
			what = "create schemas in this database"
		}
		l.found("makes nothing", verdict, []string{fmt.Sprintf("revoke %s on %s %s from %s", does, of, column(name), from)}, "%s may %s%s", l.who, what, say)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read surplus rights: %w", err)
	}
	return nil
}

const laterSQL = `
	select d.defaclrole::regrole::text, coalesce(' in schema ' || quote_ident(n.nspname), ''), lower(x.privilege_type),
	       case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'n' then 'schemas' else 'types' end
	  from pg_catalog.pg_default_acl d left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
	  cross join lateral aclexplode(d.defaclacl) as x
	 where x.grantee <> 0 and x.grantee <> d.defaclrole and pg_has_role(current_user, x.grantee, 'usage') order by 1, 2, 3`

// later finds rights on tables that do not exist yet.
func (l *look) later(ctx context.Context) error {
	rows, err := l.tx.Query(ctx, laterSQL)
	if err != nil {
		return fmt.Errorf("read default privileges: %w", err)
	}
	var maker, in, does, what string
	_, err = pgx.ForEachRow(rows, []any{&maker, &in, &does, &what}, func() error {
		fix := fmt.Sprintf("alter default privileges for role %s%s revoke %s on %s from %s", maker, in, does, what, role(l.who))
		l.found("no right too many", source.Surplus, []string{fix}, "%s will get %s on all %s that %s makes%s", l.who, does, what, maker, in)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read default privileges: %w", err)
	}
	return nil
}

const parametersSQL = `
	select p.parname::text, lower(x.privilege_type), case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee)::text end
	  from pg_catalog.pg_parameter_acl p cross join lateral aclexplode(p.paracl) as x
	 where x.grantee = 0 or pg_has_role(current_user, x.grantee, 'usage') order by 1, 2`

// parameters finds settings that were opened to the login, such as the one that
// switches triggers and foreign keys off. Servers before 15 know no such right.
func (l *look) parameters(ctx context.Context) error {
	var known bool
	if err := l.tx.QueryRow(ctx, `select to_regclass('pg_catalog.pg_parameter_acl') is not null`).Scan(&known); err != nil || !known {
		return err
	}
	rows, err := l.tx.Query(ctx, parametersSQL)
	if err != nil {
		return fmt.Errorf("read rights on settings: %w", err)
	}
	var name, does, grantee string
	_, err = pgx.ForEachRow(rows, []any{&name, &does, &grantee}, func() error {
		l.found("no right too many", source.Surplus, []string{fmt.Sprintf("revoke %s on parameter %s from %s", does, name, role(grantee))}, "%s may %s %s", l.who, does, name)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read rights on settings: %w", err)
	}
	return nil
}

const serversSQL = `
	select s.srvname::text from pg_catalog.pg_foreign_server s where has_server_privilege(s.oid, 'usage') order by 1`

// servers finds other servers that the login may reach through this one.
func (l *look) servers(ctx context.Context) error {
	names, err := texts(ctx, l.tx, serversSQL)
	if err != nil {
		return fmt.Errorf("read foreign servers: %w", err)
	}
	for _, n := range names {
		l.found("no right too many", source.Surplus, []string{fmt.Sprintf("revoke usage on foreign server %s from %s, public", column(n), role(l.who))},
			"%s may use the foreign server %s", l.who, n)
	}
	return nil
}
