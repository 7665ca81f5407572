package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/rollback/source"
)

// What reads or writes files, governs the server, or reaches another one. No
// reader and no writer of records has a use for any of it.
var dangerous = []string{
	"pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "pg_file_write", "lo_import", "lo_export",
	"pg_reload_conf", "pg_rotate_logfile", "pg_promote", "pg_switch_wal", "pg_create_restore_point", "pg_wal_replay_pause",
	"pg_start_backup", "pg_backup_start",
	"dblink", "dblink_connect", "dblink_connect_u", "dblink_exec", "dblink_open", "dblink_send_query",
}

// What leaves something behind and everybody may by default. Counts are always
// rolled back, so these are told and not refused, unless granted by name.
var lasting = []string{"lo_creat", "lo_create", "lo_from_bytea", "lo_open", "lo_put", "lo_unlink", "lowrite", "pg_logical_emit_message"}

const functionsSQL = `
	select p.oid::regprocedure::text, p.proname::text = any ($1),
	       exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x where x.grantee = 0),
	       p.prokind::text
	  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
	 where (p.proname = any ($1) or p.proname = any ($2) and n.nspname = 'pg_catalog')
	   and has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage') order by 2 desc, 1`

// Functions that would lend this login somebody else's rights, and those in a
// language that is held by nothing.
const lendingSQL = `
	select p.oid::regprocedure::text from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
	  join pg_catalog.pg_language a on a.oid = p.prolang
	 where (p.prosecdef or not a.lanpltrusted and a.lanname not in ('internal', 'c')) and p.prorettype <> 'trigger'::regtype
	   and n.nspname not in ('pg_catalog', 'information_schema')
	   and has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage') order by 1 limit 20`

// functions looks for those that a login must not run.
func (l *look) functions(ctx context.Context) error {
	if l.super {
		return nil
	}
	const name = "no dangerous function"
	rows, err := l.tx.Query(ctx, functionsSQL, dangerous, lasting)
	if err != nil {
		return err
	}
	var function, kind string
	var never, everybody bool
	var lo []string
	before := len(l.f.Surplus())
	_, err = pgx.ForEachRow(rows, []any{&function, &never, &everybody, &kind}, func() error {
		from := role(l.who)
		if everybody {
			from = "public"
		}
		if !never && everybody {
			lo = append(lo, function)
			return nil
		}
		l.found(name, source.Surplus, []string{fmt.Sprintf("revoke execute on function %s from %s", function, from)}, "%s may run %s", l.who, function)
		return nil
	})
	if err != nil {
		return err
	}
	if len(lo) > 0 {
		l.found(name, source.Advice, []string{fmt.Sprintf("revoke execute on function %s from public", strings.Join(lo, ", "))},
			"%s may make large objects and write to the log of changes, as everybody may here; every count is rolled back", l.who)
	}
	lending, err := texts(ctx, l.tx, lendingSQL)
	if err != nil {
		return err
	}
	for _, f := range lending {
		if slices.Contains(l.lent(), f) {
			continue
		}
		l.found(name, source.Advice, []string{fmt.Sprintf("revoke execute on function %s from public, %s", f, role(l.who))},
			"%s may run %s, which has its owner's rights. See that it changes nothing", l.who, f)
	}
	if len(l.f.Surplus()) == before {
		l.found(name, source.Kept, nil, "No file, no other server, no command of the server's")
	}
	return nil
}

// limited lets a statement sleep and sees that the server ends it: the limit on
// every count is the server's, not ours alone.
func (l *look) limited(ctx context.Context) error {
	if _, err := l.tx.Exec(ctx, `select set_config('statement_timeout', '20ms', true)`); err != nil {
		return err
	}
	_, err := l.tx.Exec(ctx, `select pg_sleep(30)`)
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && pg.Code == "57014":
		l.found("time limit", source.Kept, nil, "A sleeping statement was ended by the server")
		return nil
	case errors.As(err, &pg) && pg.Code == "42501":
		l.found("time limit", source.Kept, nil, "%s may not even sleep", l.who)
		return nil
	case err != nil:
		return err
	}
	l.found("time limit", source.Broken, nil, "The server let a statement sleep for longer than its limit. A pooler before it may strip the setting")
	return nil
}
