package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
)

// home is a Home tab that somebody opened.
type home struct {
	Member  string // team and user, as the event named them
	Wanted  int64
	Drawn   []byte
	DrawnAt time.Time
}

// Whoever wants a drawing and whoever takes the last look for one hold this
// lock, so that none is asked for behind the back of a job that just ends.
const lockHomes = `select pg_advisory_xact_lock(7233726684719)`

const upsertHome = `
	insert into homes (member, opened_at)
	values ($1, $2)
	on conflict (member) do update
	   set opened_at = excluded.opened_at, wanted = homes.wanted + 1,
	       drawn = case when $3 then '' else homes.drawn end`

// openedHome remembers that somebody looks at their tab and asks for its
// drawing. empty says that Slack shows nothing in it, whatever we remember.
func openedHome(ctx context.Context, db *pgdb.DB, member string, empty bool) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockHomes); err != nil {
			return fmt.Errorf("lock home tabs: %w", err)
		}
		at, err := db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, upsertHome, member, at, empty); err != nil {
			return fmt.Errorf("keep home tab: %w", err)
		}
		return jobs.Add(ctx, tx, Homes{})
	})
}

const anyHome = `select exists (select from homes where opened_at > $1)`

const wantHome = `update homes set wanted = wanted + 1 where opened_at > $1`

// wantHomes asks for a drawing of every tab that was opened of late.
func wantHomes(ctx context.Context, tx pgx.Tx, at time.Time) error {
	var there bool
	if err := tx.QueryRow(ctx, anyHome, at.Add(-homeKept)).Scan(&there); err != nil || !there {
		return err
	}
	if _, err := tx.Exec(ctx, lockHomes); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, wantHome, at.Add(-homeKept)); err != nil {
		return err
	}
	return jobs.Add(ctx, tx, Homes{})
}

const selectStaleHomes = `
	select member, wanted, drawn, coalesce(drawn_at, 'epoch') as drawn_at
	  from homes
	 where shown < wanted and opened_at > $1
	 order by drawn_at nulls first, member
	 limit 100`

func staleHomes(ctx context.Context, db *pgdb.DB, at time.Time) ([]home, error) {
	rows, err := db.Pool().Query(ctx, selectStaleHomes, at.Add(-homeKept))
	if err != nil {
		return nil, fmt.Errorf("read home tabs: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[home])
	if err != nil {
		return nil, fmt.Errorf("read home tabs: %w", err)
	}
	return all, nil
}

// What was wanted while the tab was drawn is not shown by it.
const updateShownHome = `
	update homes
	   set shown = greatest(shown, $2), drawn = $3, drawn_at = $4
	 where member = $1`

func shownHome(ctx context.Context, db *pgdb.DB, h home, at time.Time) error {
	if h.Drawn == nil {
		h.Drawn = []byte{}
	}
	if _, err := db.Pool().Exec(ctx, updateShownHome, h.Member, h.Wanted, h.Drawn, at); err != nil {
		return fmt.Errorf("keep home tab: %w", err)
	}
	return nil
}

const countStaleHomes = `
	select count(*)
	  from homes
	 where shown < wanted and opened_at > $1`

// finishHomes takes the last look: with nothing left to draw the job ends.
func finishHomes(ctx context.Context, db *pgdb.DB, job jobs.Job[Homes]) (done bool, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockHomes); err != nil {
			return fmt.Errorf("lock home tabs: %w", err)
		}
		left, err := homesLeft(ctx, db, tx)
		if done = err == nil && left == 0; !done {
			return err
		}
		return job.Done(ctx, tx)
	})
	return done && err == nil, err
}

func homesLeft(ctx context.Context, db *pgdb.DB, tx pgx.Tx) (left int, err error) {
	at, err := db.Now(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := tx.QueryRow(ctx, countStaleHomes, at.Add(-homeKept)).Scan(&left); err != nil {
		return 0, fmt.Errorf("count home tabs: %w", err)
	}
	return left, nil
}

func sweepHomes(ctx context.Context, db *pgdb.DB) (found int, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockHomes); err != nil {
			return fmt.Errorf("lock home tabs: %w", err)
		}
		left, err := homesLeft(ctx, db, tx)
		if err != nil || left == 0 {
			return err
		}
		added, err := jobs.Ensure(ctx, tx, Homes{})
		if added {
			found = 1
		}
		return err
	})
	return found, err
}

// Receipts are dated by the server's own clock, whatever ours is.
const countLateActs = `
	select count(*)
	  from receipts
	 where outcome is null and received_at < clock_timestamp() - interval '1 minute'`

// lateActs counts what people asked for that nobody has done for a minute.
func lateActs(ctx context.Context, db *pgdb.DB) (late int64, err error) {
	if err := db.Pool().QueryRow(ctx, countLateActs).Scan(&late); err != nil {
		return 0, fmt.Errorf("count late acts: %w", err)
	}
	return late, nil
}
