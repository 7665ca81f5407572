package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// presence is how processes know of each other. Each holds an advisory lock in a
// session of its own, which the server gives up when the process is gone, however
// it went. River by itself waits until a job has run for two minutes: a process
// that was killed while it told Slack something would leave an incident silent
// for as long.
type presence struct {
	pool *pgxpool.Pool
	id   string
	now  func() time.Time

	mu     sync.Mutex
	conn   *pgx.Conn
	absent map[string]time.Time // since when a process was missed
}

// A process that lost its session, as all do when the database restarts, has
// this long to be back before its jobs are another's.
const absentFor = 5 * time.Second

const (
	presenceClass = 7233726
	attend        = `select pg_advisory_lock_shared($1, hashtext($2))`
	attends       = `select 1`
)

// attend says that this process is there. It opens a session if there is none,
// or none any more.
func (p *presence) attend(ctx context.Context) error {
	if p.conn != nil {
		if _, err := p.conn.Exec(ctx, attends); err == nil {
			return nil
		}
		p.leave(ctx)
	}
	conn, err := pgx.ConnectConfig(ctx, p.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("open a session to be known by: %w", err)
	}
	if _, err := conn.Exec(ctx, attend, presenceClass, p.id); err != nil {
		_ = conn.Close(ctx)
		return fmt.Errorf("say that this process is there: %w", err)
	}
	p.conn = conn
	return nil
}

func (p *presence) leave(ctx context.Context) {
	if p.conn != nil {
		_ = p.conn.Close(ctx) // the server ends what is left of it
	}
	p.conn = nil
}

// The last of attempted_by is who has the job. pg_locks shows a number without
// sign where hashtext has one.
const missed = `
	select distinct j.attempted_by[cardinality(j.attempted_by)]
	from river.river_job j
	where j.state = 'running'
	  and not exists (
	    select from pg_locks l
	    where l.locktype = 'advisory'
	      and l.database = (select oid from pg_database where datname = current_database())
	      and l.classid = $1
	      and l.objid::bigint = hashtext(j.attempted_by[cardinality(j.attempted_by)])::bigint & 4294967295
	  )`

const free = `
	update river.river_job
	set state = 'available', scheduled_at = clock_timestamp()
	where state = 'running' and attempted_by[cardinality(attempted_by)] = any($1)`

// tend attends, and frees the jobs of processes that are gone.
func (p *presence) tend(ctx context.Context) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.attend(ctx); err != nil {
		return 0, err
	}
	rows, err := p.conn.Query(ctx, missed, presenceClass)
	if err != nil {
		return 0, fmt.Errorf("look for processes that are gone: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("look for processes that are gone: %w", err)
	}
	gone := p.gone(names, p.now())
	if len(gone) == 0 {
		return 0, nil
	}
	done, err := p.conn.Exec(ctx, free, gone)
	if err != nil {
		return 0, fmt.Errorf("free the jobs of a process that is gone: %w", err)
	}
	return done.RowsAffected(), nil
}

// gone are those of the missed who have been so for long enough.
func (p *presence) gone(missed []string, now time.Time) (gone []string) {
	since := map[string]time.Time{}
	for _, name := range missed {
		since[name] = now
		if first, ok := p.absent[name]; ok {
			since[name] = first
		}
		if now.Sub(since[name]) >= absentFor {
			gone = append(gone, name)
		}
	}
	p.absent = since
	return gone
}

// Tend says that this process is alive, and frees the jobs of processes that are
// gone. It is called every few seconds; where it is not, a job of a killed
// process waits for two minutes, or its own timeout if that is longer. It
// returns how many jobs were freed.
func (r *Runner) Tend(ctx context.Context) (int64, error) {
	if r.presence == nil {
		return 0, nil
	}
	return r.presence.tend(ctx)
}

// absent ends the session: what was cut off is free for the next process.
func (r *Runner) absent(ctx context.Context) {
	if r.presence == nil {
		return
	}
	r.presence.mu.Lock()
	defer r.presence.mu.Unlock()
	r.presence.leave(context.WithoutCancel(ctx))
}
