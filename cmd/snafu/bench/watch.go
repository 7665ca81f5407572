package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
	"snafu/rollback/source"
)

// watch times a run from the outside: the batches, from the first one to the
// verification, with everything that stands between them.
type watch struct {
	desk    *desk
	batches int64
	began   time.Time
	before  map[int]time.Duration // CPU by backend
	wal     int64
	batched took // what the batches cost
	err     error
}

// start forgets the run before.
func (w *watch) start() { *w = watch{desk: w.desk} }

const (
	runBackendsSQL = `
	select pid from pg_catalog.pg_stat_activity
	 where datname = current_database() and application_name like 'snafu:%' and application_name <> 'snafu:count'`
	walSQL = `select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint`
)

// backends are the executing login's, with the time each has been on a CPU.
func (db *database) backends(ctx context.Context) (map[int]time.Duration, error) {
	rows, err := db.conn.Query(ctx, runBackendsSQL)
	if err != nil {
		return nil, fmt.Errorf("find the backends of a run: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("find the backends of a run: %w", err)
	}
	out := map[int]time.Duration{}
	for _, pid := range pids {
		if d, ok := onCPU(pid); ok {
			out[pid] = d
		}
	}
	return out, nil
}

func (db *database) written(ctx context.Context) (n int64, err error) {
	if err := db.conn.QueryRow(ctx, walSQL).Scan(&n); err != nil {
		return 0, fmt.Errorf("ask how much was written: %w", err)
	}
	return n, nil
}

// first is called before each batch.
func (w *watch) first(ctx context.Context) {
	if w.batches++; w.batches > 1 || w.err != nil {
		return
	}
	db := w.desk.b.db
	if w.wal, w.err = db.written(ctx); w.err != nil {
		return
	}
	if db.local() {
		w.before, w.err = db.backends(ctx)
	}
	w.began = time.Now()
}

// last is called before the verification.
func (w *watch) last(ctx context.Context) {
	if w.began.IsZero() || w.batched.wall > 0 || w.err != nil {
		return
	}
	w.batched.wall = time.Since(w.began)
	db := w.desk.b.db
	var wal int64
	if wal, w.err = db.written(ctx); w.err != nil {
		return
	}
	w.batched.wal = wal - w.wal
	if w.before == nil {
		return
	}
	var after map[int]time.Duration
	if after, w.err = db.backends(ctx); w.err != nil {
		return
	}
	for pid, d := range after {
		w.batched.cpu += d - w.before[pid]
	}
}

type watchedWriter struct {
	source.Writer
	watch *watch
}

func (w watchedWriter) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	w.watch.first(ctx)
	return w.Writer.Apply(ctx, f, s)
}

type watchedReader struct {
	source.Reader
	watch *watch
}

func (r watchedReader) Verify(ctx context.Context, run rollback.Run) (rollback.Report, error) {
	r.watch.last(ctx)
	return r.Reader.Verify(ctx, run)
}
