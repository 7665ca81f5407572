package postgres

import (
	"context"
	"fmt"
	"strings"

	"snafu/rollback"
	"snafu/rollback/source"
)

// oldest is the first server whose executing login notices that its client is gone.
const oldest = 140000

const powerSQL = `
	select current_user::text, r.rolsuper, r.rolbypassrls, r.rolcreaterole or r.rolcreatedb or r.rolreplication, r.rolconnlimit,
	       array(select m.roleid::regrole::text from pg_catalog.pg_auth_members m where m.member = r.oid order by 1),
	       array(select m.member::regrole::text from pg_catalog.pg_auth_members m where m.roleid = r.oid order by 1),
	       array(select pg_catalog.pg_describe_object(d.classid, d.objid, 0) from pg_catalog.pg_shdepend d
	              where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o'
	                and d.dbid in (0, (select oid from pg_catalog.pg_database where datname = current_database())) order by 1 limit 20),
	       current_setting('server_version_num')::int, current_database()::text
	  from pg_catalog.pg_roles r where r.rolname = current_user`

// power is what a login may do whatever was granted.
func (l *look) power(ctx context.Context) error {
	var bypass, makes bool
	var limit, server int32
	var database string
	var memberOf, members, owns []string
	err := l.tx.QueryRow(ctx, powerSQL).Scan(&l.who, &l.super, &bypass, &makes, &limit, &memberOf, &members, &owns, &server, &database)
	if err != nil {
		return fmt.Errorf("read the login's power: %w", err)
	}
	before, who := len(l.f.Promises), role(l.who)
	const name = "power of the login"
	if l.super {
		l.found(name, source.Surplus, nil, "%s is a superuser, so no grant holds it. Use the login that `snafu source sql` makes", l.who)
		return nil
	}
	if server < oldest {
		l.found(name, source.Lacks, nil, "This is PostgreSQL %d; 14 or newer is needed", server/10000)
	}
	if bypass && !l.bypasses() {
		l.found(name, source.Surplus, []string{"alter role " + who + " nobypassrls"}, "%s bypasses row security, and no table declares that it should", l.who)
	}
	if makes {
		l.found(name, source.Surplus, []string{"alter role " + who + " nocreaterole nocreatedb noreplication"}, "%s may create roles or databases, or replicate", l.who)
	}
	for _, r := range memberOf {
		l.found(name, source.Surplus, []string{"revoke " + r + " from " + who}, "%s is a member of %s and has its rights", l.who, r)
	}
	for _, what := range owns {
		l.found(name, source.Surplus, []string{"reassign owned by " + who + " to OWNER"}, "%s owns %s, and no grant holds an owner", l.who, what)
	}
	if len(l.f.Promises) == before {
		l.found(name, source.Kept, nil, "No superuser, no member of another role, owner of nothing")
	}
	l.advise(members, limit)
	return nil
}

// advise tells what is no fault and worth knowing.
func (l *look) advise(members []string, limit int32) {
	who := role(l.who)
	if l.who != l.login {
		l.found("login", source.Advice, nil, "The login is %s; `snafu source sql` makes its grants for %s", l.who, l.login)
	}
	if len(members) > 0 {
		l.found("login", source.Advice, nil, "Who else may act as %s: %s", l.who, strings.Join(members, ", "))
	}
	if most := l.opt.Counts.Connections; l.login == "snafu_count" {
		fix := []string{fmt.Sprintf("alter role %s connection limit %d", who, most+1)}
		switch {
		case limit >= 0 && limit < most:
			l.found("connections", source.Broken, fix, "%s may hold %d connections, and %d are declared", l.who, limit, most)
		case limit < 0 || limit > most+1:
			l.found("connections", source.Advice, fix, "The server lets %s hold more than the %d connections that are declared", l.who, most)
		}
	}
}

func (l *look) bypasses() bool {
	for _, t := range l.opt.Tables {
		if t.Bypass {
			return true
		}
	}
	return false
}

const versionSQL = `
	select count(*) > 0, coalesce(bool_and(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')), false)
	  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where n.nspname = 'snafu' and c.relname = 'schema_version'`

// version looks for schema snafu and, where it is ours, for the rights on it.
func (l *look) version(ctx context.Context) error {
	const name = "schema snafu"
	setup := fmt.Sprintf("Run what `snafu source sql %s` prints", l.opt.Name)
	var there, usable bool
	if err := l.tx.QueryRow(ctx, versionSQL).Scan(&there, &usable); err != nil {
		return fmt.Errorf("look for schema snafu: %w", err)
	}
	switch {
	case !there:
		l.found(name, source.Lacks, nil, "Source %s has no schema snafu. %s", l.opt.Name, setup)
		return nil
	case !usable:
		l.found(name, source.Lacks, nil, "%s may not read schema snafu of %s. %s", l.who, l.opt.Name, setup)
		return nil
	}
	var found int
	if err := l.tx.QueryRow(ctx, `select coalesce(max(version), 0) from snafu.schema_version`).Scan(&found); err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if found != schemaVersion {
		l.found(name, source.Lacks, nil, "Schema snafu of %s has version %d, this program needs %d. %s", l.opt.Name, found, schemaVersion, setup)
		return nil
	}
	l.found(name, source.Kept, nil, "Version %d", found)
	for _, n := range ownNames {
		if err := l.held(ctx, right{l.login, "select", "snafu." + n, nil}); err != nil {
			return err
		}
	}
	for _, g := range ownTables {
		if err := l.held(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// sameDatabase compares where both logins lead. Both ask the server itself,
// because two addresses may be one server and one address two.
func (l *look) sameDatabase(ctx context.Context, counted rollback.Target) error {
	own, err := target(ctx, l.tx)
	if err != nil {
		return err
	}
	const name = "one database"
	switch {
	case own.Database != counted.Database || own.OID != counted.OID || own.SystemID != counted.SystemID:
		l.found(name, source.Lacks, nil, "count_dsn and exec_dsn lead to two databases, so what is counted is not what would be written. Correct one of them")
	case own.SystemID == "":
		l.found(name, source.Advice, nil, "The server hides its system identifier, so only name and number of the database say that both logins lead to one")
	default:
		l.found(name, source.Kept, nil, "Both logins lead to database %s of system %s", own.Database, own.SystemID)
	}
	return nil
}
