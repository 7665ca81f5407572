package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"snafu/rollback"
	"snafu/rollback/source"
)

// Text forms depend on settings, and comparing text needs them pinned. They
// are set for the transaction alone, so that a pooler between us and the
// server changes nothing. With row_security off a hidden row is an error
// instead of vanishing. A statement whose client is gone ends within a second: the
// request to cancel it can come between two messages, and is forgotten then.
const pin = `
	select set_config('search_path', '', true), set_config('TimeZone', 'UTC', true),
	       set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'postgres', true),
	       set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true),
	       set_config('row_security', 'off', true), set_config('jit', 'off', true),
	       set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
	       set_config('idle_in_transaction_session_timeout', '30s', true), set_config('enable_nestloop', $3, true),
	       set_config('client_connection_check_interval', '1s', true)`

// Whole sets are joined by hash: right after a mass change the statistics are
// stale, and 2,926 members in nested loops took 18 s instead of 60 ms
// (measured). Where one record is looked up by its key, the SQL says lateral,
// which is a nested loop whatever the setting.
const (
	wholeSets = "off"
	fewRows   = "on"
)

// A killed client's statement must not go on by itself: its transaction ends
// when the connection is found gone, for the executing login sooner.
const pinWriter = `
	select set_config('client_connection_check_interval', '500ms', true), set_config('snafu.rollback_id', $1, true),
	       set_config('application_name', 'snafu:' || $2, true), set_config('enable_seqscan', $3, true)`

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// snapshot runs f in one read-only repeatable-read transaction, which ends
// without a trace whatever f did.
func (r *Reader) snapshot(ctx context.Context, doing string, f func(tx pgx.Tx) error) error {
	limit := r.opt.Counts.StatementTimeout
	ctx, cancel := context.WithTimeout(ctx, 4*limit)
	defer cancel()
	tx, err := r.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return r.unanswered(doing, err)
	}
	defer rollbackTx(ctx, tx)
	if _, err := tx.Exec(ctx, pin, ms(limit), ms(r.opt.Counts.LockTimeout), wholeSets); err != nil {
		return r.unanswered(doing, err)
	}
	return r.unanswered(doing, f(tx))
}

// tooManyConnections is what the server says when a login or all of it is full:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const tooManyConnections = "53300"

// unanswered tells a person that the source took too long, is full or away, and
// leaves every other error to be logged.
func (r *Reader) unanswered(doing string, err error) error {
	var connect *pgconn.ConnectError
	late := errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &connect)
	err = fault(doing, err)
	f, ok := source.AsFault(err)
	switch {
	case ok && f.State == tooManyConnections:
		return errors.Join(rollback.RefuseConnections(r.opt.Name), err)
	case ok && f.Away() && !late:
		return errors.Join(rollback.RefuseAway(r.opt.Name), err)
	case ok && (f.Busy() || f.Away()):
		return errors.Join(rollback.RefuseSource(r.opt.Name, r.opt.Counts.StatementTimeout), err)
	}
	return err
}

// begin opens a transaction of the executing login with everything pinned, in one
// message: a batch has four of them.
func begin(ctx context.Context, pool *pgxpool.Pool, mode pgx.TxIsoLevel, access pgx.TxAccessMode, timeout, lock time.Duration) (pgx.Tx, error) {
	sets := fewRows
	if mode == pgx.RepeatableRead {
		sets = wholeSets
	}
	pinned := strings.NewReplacer("$1", "'"+ms(timeout)+"'", "$2", "'"+ms(lock)+"'", "$3", "'"+sets+"'").Replace(pin)
	return pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: fmt.Sprintf("begin isolation level %s %s;%s", mode, access, pinned)})
}

// rollbackTx ends a transaction even when its context has ended.
func rollbackTx(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // a transaction that cannot be rolled back is gone with its connection
}

// fault keeps of a server's error what holds no value of a record. Refusals
// and faults pass as they are.
func fault(doing string, err error) error {
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg):
		return &source.Fault{Doing: doing, State: pg.Code, Table: pg.TableName, Column: pg.ColumnName, Constraint: pg.ConstraintName}
	case errors.As(err, &connect), pgconn.SafeToRetry(err), gone(err):
		return &source.Fault{Doing: doing}
	}
	return err
}

// gone says that the connection ended, or answered too late to be waited for.
func gone(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded)
}
