package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What the product keeps lies in two schemas of one name, so its log has a
// database beside the scratch database, which plays the source.
const besideSQL = `
	select n.name, coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), ''), d.oid is not null
	  from (select left(current_database(), 50) || '_snafu_log') as n (name)
	  left join pg_catalog.pg_database d on d.datname = n.name`

// makeLog makes the database for the log anew, after what an earlier section
// left, and returns its address.
func (db *database) makeLog(ctx context.Context) (string, error) {
	if err := db.dropProduct(ctx, db.conn); err != nil {
		return "", err
	}
	name, _, err := db.beside(ctx, db.conn)
	if err != nil {
		return "", err
	}
	quoted := pgx.Identifier{name}.Sanitize()
	if err := db.of(ctx, db.conn, "create database "+quoted, "comment on database "+quoted+" is '"+stamp+"'"); err != nil {
		return "", fmt.Errorf("make database %s: %w", name, err)
	}
	return db.address(name)
}

// address is that of another database of the same server.
func (db *database) address(name string) (string, error) {
	u, err := url.Parse(db.url)
	if err != nil {
		return "", errors.New("--dsn is not written as postgres://user@host/database")
	}
	u.Path = "/" + name
	q := u.Query()
	q.Del("dbname")
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String(), nil
}

// beside names the database for the log, and says whether a benchmark has made
// it already. It fails when somebody else has.
func (db *database) beside(ctx context.Context, conn *pgx.Conn) (name string, there bool, err error) {
	var comment string
	if err := conn.QueryRow(ctx, besideSQL).Scan(&name, &comment, &there); err != nil {
		return "", false, fmt.Errorf("look for a log database: %w", err)
	}
	if there && comment != stamp {
		return "", false, fmt.Errorf("there is a database %s that no benchmark of this version made. Name another database in --dsn", name)
	}
	return name, there, nil
}

const sourceSQL = `
	select exists (select from pg_catalog.pg_namespace where nspname = 'snafu' and pg_catalog.obj_description(oid, 'pg_namespace') = '` + stamp + `')`

// dropProduct takes away what a benchmark let the product make: its schema in
// the scratch database, and its log.
func (db *database) dropProduct(ctx context.Context, conn *pgx.Conn) error {
	var source bool
	if err := conn.QueryRow(ctx, sourceSQL).Scan(&source); err != nil {
		return fmt.Errorf("look for what is left: %w", err)
	}
	if source {
		if _, err := conn.Exec(ctx, `drop schema snafu cascade`); err != nil {
			return fmt.Errorf("drop what a benchmark left: %w", err)
		}
	}
	name, there, err := db.beside(ctx, conn)
	if err != nil || !there {
		return err
	}
	if err := db.of(ctx, conn, "drop database "+pgx.Identifier{name}.Sanitize()+" with (force)"); err != nil {
		return fmt.Errorf("drop the log that a benchmark left: %w", err)
	}
	return nil
}

// of runs statements about a database, whose name can be no argument.
func (*database) of(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// asRole is an address whose connections act as a role, whoever logs in.
func asRole(raw, role string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("--dsn is not written as postgres://user@host/database")
	}
	q := u.Query()
	q.Set("options", strings.TrimSpace(q.Get("options")+" -crole="+role))
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String(), nil
}
