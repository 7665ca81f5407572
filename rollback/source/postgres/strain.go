package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Throttle is what a run looks at between its batches, so that it harms nobody.
type Throttle struct {
	Replicas  []Replica
	MaxLag    time.Duration // of each of them; zero means 5 s
	MaxActive int64         // sessions of the primary with a transaction open; zero asks nothing
}

// Replica is a standby that must keep up with a run.
type Replica struct {
	Name string // as people know it
	URL  string
}

// An answer that takes longer is none: a server that is too busy to say how busy
// it is has said so.
const strainTimeout = 5 * time.Second

// Every session with an open transaction holds a lock on the transaction's own
// number. Whoever may log in sees those, while the states of other people's
// sessions are shown to monitors only.
const activeSQL = `
	select count(*) from pg_catalog.pg_locks
	 where locktype = 'virtualxid' and mode = 'ExclusiveLock' and granted and pid <> pg_backend_pid()`

// Strain says why the source wants to be left alone for now. What gives no
// answer counts as a reason: a replica whose lag nobody knows may be far behind.
func (w *Writer) Strain(ctx context.Context) rollback.Strain {
	if why := w.lagging(ctx); why != "" {
		return rollback.Strain{Code: "lag", Why: why}
	}
	if most := w.opt.Throttle.MaxActive; most > 0 {
		if why := w.crowded(ctx, most); why != "" {
			return rollback.Strain{Code: "active", Why: why}
		}
	}
	return rollback.Strain{}
}

// A replica that has replayed what its primary had at the look before keeps up,
// however long ago that was: a primary that rests has nothing to replay.
const behindSQL = `
	select pg_is_in_recovery(),
	       case when not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= $1::text::pg_lsn then 0
	            when pg_last_xact_replay_timestamp() is null then -1
	            else greatest(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), 0) end::double precision`

// behind is what is wrong with a replica, empty when it keeps up.
func (w *Writer) behind(ctx context.Context, pool *pgxpool.Pool, name, position string) string {
	var standby bool
	var seconds float64
	err := glance(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, behindSQL, position).Scan(&standby, &seconds)
	})
	most := w.opt.Throttle.MaxLag
	switch behind := time.Duration(seconds * float64(time.Second)); {
	case err != nil:
		return fmt.Sprintf("replica %s does not answer", name)
	case !standby:
		return fmt.Sprintf("%s is no replica", name)
	case behind < 0:
		return fmt.Sprintf("replica %s does not know how far it is behind", name)
	case behind > most:
		return fmt.Sprintf("replica %s is %s behind, at most %s may be", name, incidents.Took(behind), incidents.Took(most))
	}
	return ""
}

const positionSQL = `select pg_current_wal_flush_lsn()::text`

// lagging is the first replica that does not keep up, in words.
func (w *Writer) lagging(ctx context.Context) string {
	replicas := w.opt.Throttle.Replicas
	if len(replicas) == 0 {
		return ""
	}
	var now string
	err := glance(ctx, w.pool, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, positionSQL).Scan(&now)
	})
	if err != nil {
		return w.opt.Name + " does not say how far it is"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.position
	if w.position = now; before == "" {
		before = now
	}
	for i, r := range replicas {
		pool, err := w.replica(ctx, i)
		if err != nil {
			return fmt.Sprintf("replica %s does not answer", r.Name)
		}
		if why := w.behind(ctx, pool, r.Name, before); why != "" {
			return why
		}
	}
	return ""
}

// replica keeps a connection to a replica for as long as the writer lasts.
func (w *Writer) replica(ctx context.Context, i int) (_ *pgxpool.Pool, err error) {
	if w.replicas == nil {
		w.replicas = make([]*pgxpool.Pool, len(w.opt.Throttle.Replicas))
	}
	if w.replicas[i] == nil {
		w.replicas[i], err = open(context.WithoutCancel(ctx), w.opt.Throttle.Replicas[i].URL, "snafu:throttle", 1)
	}
	return w.replicas[i], err
}

// checkReplicas asks each replica that a run is to look at whether it is one.
func (w *Writer) checkReplicas(ctx context.Context, l *look) {
	for i, r := range w.opt.Throttle.Replicas {
		name, standby := "replica "+r.Name, false
		pool, err := w.replica(ctx, i)
		if err == nil {
			err = glance(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
				return tx.QueryRow(ctx, `select pg_is_in_recovery()`).Scan(&standby)
			})
		}
		switch {
		case err != nil:
			l.found(name, source.Broken, nil, "It does not answer, so no run would begin. See its address and login, or take it out of throttle.replica_dsn_envs")
		case !standby:
			l.found(name, source.Broken, nil, "It is no standby, so no run would begin. Name a standby of exec_dsn in throttle.replica_dsn_envs")
		default:
			l.found(name, source.Kept, nil, "A standby")
		}
	}
}

func (w *Writer) crowded(ctx context.Context, most int64) string {
	var active int64
	err := glance(ctx, w.pool, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, activeSQL).Scan(&active)
	})
	switch {
	case err != nil:
		return w.opt.Name + " does not say how busy it is"
	case active > most:
		return fmt.Sprintf("%d sessions of %s are at work, at most %d may be", active, w.opt.Name, most)
	}
	return ""
}

// Ping asks whether the server lets the login in and takes writes now.
func (w *Writer) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, strainTimeout)
	defer cancel()
	return fault("ask whether it answers", w.inTx(ctx, strainTimeout, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `select`)
		return err
	}))
}

// glance asks one short question that leaves no trace.
func glance(ctx context.Context, pool *pgxpool.Pool, ask func(context.Context, pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, strainTimeout)
	defer cancel()
	tx, err := begin(ctx, pool, pgx.ReadCommitted, pgx.ReadOnly, strainTimeout, strainTimeout)
	if err != nil {
		return err
	}
	defer rollbackTx(ctx, tx)
	return ask(ctx, tx)
}
