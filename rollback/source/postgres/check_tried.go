package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"snafu/rollback/source"
)

// tried lets a login really try what it must not do, and what it must, in one
// transaction that is rolled back. The catalogue says what was granted; only
// the server says what works.
func tried(ctx context.Context, pool *pgxpool.Pool, o Options, login string, f *source.Findings) error {
	l := &look{opt: o, login: login, f: f}
	var standby bool
	if err := pool.QueryRow(ctx, `select current_user::text, r.rolsuper, pg_is_in_recovery() from pg_catalog.pg_roles r where r.rolname = current_user`).
		Scan(&l.who, &l.super, &standby); err != nil {
		return err
	}
	name := map[string]string{"snafu_count": "writes nothing", "snafu_exec": "writes nothing else"}[login]
	switch {
	case l.super:
		return nil // told already, and everything would work
	case standby:
		l.found(name, source.Kept, nil, "A standby takes no write at all")
		return nil
	}
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite})
	if err != nil {
		return err
	}
	defer rollbackTx(ctx, tx)
	l.tx = tx
	if _, err := tx.Exec(ctx, pin, ms(o.Counts.StatementTimeout), ms(o.Counts.LockTimeout), fewRows); err != nil {
		return err
	}
	musts, mustNots, err := l.trials(ctx)
	if err != nil {
		return err
	}
	for _, sql := range musts {
		state, err := l.try(ctx, "explain "+sql)
		switch {
		case err != nil:
			return err
		case state == "55P03":
			l.found("writes what a plan sets", source.Unknown, nil, "Somebody's lock stood in the way: %s", sql)
			return nil
		case state != "":
			l.found("writes what a plan sets", source.Lacks, nil, "The server refused it (SQLSTATE %s): %s", state, sql)
		}
	}
	let, unsure := 0, ""
	for i, sql := range mustNots {
		state, err := l.refuses(ctx, sql)
		if state == "55P03" { // the next one would wait for the same lock
			unsure = fmt.Sprintf("Somebody's lock stood in the way after %d of %d statements: %s", i, len(mustNots), sql)
			break
		}
		switch {
		case err != nil:
			return err
		case state == "":
			let++
			l.found(name, source.Surplus, nil, "The server let %s do this: %s", l.who, sql)
		case state != "42501" && unsure == "":
			unsure = fmt.Sprintf("One try ended otherwise than refused (SQLSTATE %s): %s", state, sql)
		}
	}
	switch {
	case let > 0:
	case unsure != "":
		l.found(name, source.Unknown, nil, "%s", unsure)
	default:
		l.found(name, source.Kept, nil, "%d statements were tried and the server refused each", len(mustNots))
	}
	return nil
}

// refuses tries a statement. One that could change something is explained
// first, which asks for the same rights and runs nothing; it is run only once
// the server has refused that.
func (l *look) refuses(ctx context.Context, sql string) (state string, err error) {
	if verb, _, _ := strings.Cut(sql, " "); slices.Contains([]string{"update", "insert", "delete", "select"}, verb) {
		if state, err = l.try(ctx, "explain "+sql); err != nil || state != "42501" {
			return state, err
		}
	}
	return l.try(ctx, sql)
}

// try runs a statement under a savepoint and returns the state with which the
// server refused it, empty when it did not.
func (l *look) try(ctx context.Context, sql string) (string, error) {
	sub, err := l.tx.Begin(ctx)
	if err != nil {
		return "", err
	}
	defer rollbackTx(ctx, sub)
	_, err = sub.Exec(ctx, sql)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR" {
		return pg.Code, nil
	}
	return "", err
}

const writableColumnsSQL = `
	select a.attname::text from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a' and c.relkind in ('r', 'p')
	 order by a.attnum`

// trials are the statements of a login: what it must be able to do, and what
// the server must refuse.
func (l *look) trials(ctx context.Context) (musts, mustNots []string, err error) {
	var seen []string
	writes, fills := map[string][]string{}, map[string][]string{}
	for _, g := range l.needed() {
		if !slices.Contains(seen, g.relation) && !strings.HasPrefix(g.relation, "snafu.") {
			seen = append(seen, g.relation)
		}
		if g.does == "update" {
			writes[g.relation] = append(writes[g.relation], g.columns...)
		}
		if g.does == "insert" {
			fills[g.relation] = append(fills[g.relation], g.columns...)
		}
	}
	for _, relation := range seen {
		schema, rel, ok := split(relation)
		if !ok {
			continue
		}
		all, err := texts(ctx, l.tx, writableColumnsSQL, schema, rel)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range all {
			sql := fmt.Sprintf("update %s set %[2]s = null where false", quoted(relation), column(c))
			if slices.Contains(writes[relation], c) {
				musts = append(musts, sql)
			} else {
				mustNots = append(mustNots, sql)
			}
			if fill := fmt.Sprintf("insert into %s (%s) select null where false", quoted(relation), column(c)); slices.Contains(fills[relation], c) {
				musts = append(musts, fill)
			} else {
				mustNots = append(mustNots, fill)
			}
		}
		if len(all) > 0 {
			mustNots = append(mustNots, "delete from "+quoted(relation)+" where false")
		}
		create := "create table " + quoted(column(schema)+"."+column("snafu check")) + " ()"
		if !slices.Contains(mustNots, create) {
			mustNots = append(mustNots, create)
		}
	}
	return musts, append(mustNots, never[l.login]...), nil
}

// never are the statements that are refused on every source.
var never = map[string][]string{
	"snafu_count": append([]string{
		`insert into snafu.freezes (ref) select null where false`, `insert into snafu.ledger (run) select null where false`,
		`insert into snafu.runs (run) select null where false`, `update snafu.runs set epoch = null where false`,
		`set local role snafu_exec`,
	}, always...),
	"snafu_exec": always,
}

var always = []string{
	`update snafu.frozen_rows set desired = null where false`, `delete from snafu.frozen_rows where false`,
	`update snafu.ledger set outcome = null where false`, `delete from snafu.ledger where false`,
	`update snafu.batches set digest = null where false`, `delete from snafu.batches where false`,
	`update snafu.runs set run = null where false`, `delete from snafu.runs where false`,
	`create table snafu."snafu check" ()`, `set local role snafu_owner`, `set local session_replication_role = replica`,
	`select pg_read_file('PG_VERSION')`,
}
