package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/response"
	"snafu/manifests"
	"snafu/rollback/source/postgres"
)

// desk is the product at work on the scratch database as its source: a log
// database of its own beside it, an incident, and the logins of a source.
type desk struct {
	b        *bench
	harm     harm
	db       *pgdb.DB
	log      string // address of the log database, as the bot's login
	opt      postgres.Options
	reader   *postgres.Reader
	dir      string // of before-image files
	incident incidents.ID
	acts     int
}

// newDesk makes the data, the log and an incident. close takes away what does
// not go with the scratch schema.
func newDesk(ctx context.Context, b *bench, section string, h harm) (d *desk, err error) {
	d = &desk{b: b, harm: h}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close(context.WithoutCancel(ctx)))
		}
	}()
	b.print.progress("%s: making %d leads, of which a run has changed %d", section, h.rows(), h.affected)
	if err := h.make(ctx, b); err != nil {
		return d, err
	}
	if d.dir, err = os.MkdirTemp("", "snafu-bench-"); err != nil {
		return d, fmt.Errorf("make a folder for exports: %w", err)
	}
	b.print.progress("%s: making a log database", section)
	if err := d.openLog(ctx); err != nil {
		return d, err
	}
	if err := d.openSource(ctx); err != nil {
		return d, err
	}
	return d, d.open(ctx)
}

func (d *desk) close(ctx context.Context) error {
	if d.reader != nil {
		d.reader.Close()
	}
	if d.db != nil {
		d.db.Close()
	}
	if d.dir == "" {
		return nil
	}
	return os.RemoveAll(d.dir)
}

// openLog makes the database in which the product keeps its log.
func (d *desk) openLog(ctx context.Context) error {
	admin, err := d.b.db.makeLog(ctx)
	if err != nil {
		return fmt.Errorf("make a log database beside the data; --dsn must be the address of a superuser for that: %w", err)
	}
	if err := pgdb.Roles(ctx, admin, manifests.LogRoles); err != nil {
		return err
	}
	if err := pgdb.Migrate(ctx, admin, d.b.o.Log); err != nil {
		return err
	}
	if d.log, err = asRole(admin, pgdb.App); err != nil {
		return err
	}
	d.db, err = pgdb.Open(ctx, pgdb.Options{URL: d.log, Log: d.b.o.Log})
	return err
}

// openSource prepares the scratch database as the administrator of a source does.
func (d *desk) openSource(ctx context.Context) (err error) {
	limits := longLimits(d.harm.affected)
	d.opt = postgres.Options{
		Name: sourceName, Tables: d.harm.tables(), Limits: limits,
		Counts: postgres.Counts{StatementTimeout: 10 * time.Minute, LockTimeout: time.Minute, Connections: 1},
	}
	if err := d.b.perform(ctx, "begin;\n"+postgres.SetupSQL(d.opt)+";\n"+markSourceSQL+";\ncommit"); err != nil {
		return fmt.Errorf("prepare the source; --dsn must be the address of a superuser for that: %w", err)
	}
	if d.opt.CountURL, err = asRole(d.b.db.url, "snafu_count"); err != nil {
		return err
	}
	if d.opt.ExecURL, err = asRole(d.b.db.url, "snafu_exec"); err != nil {
		return err
	}
	d.reader, err = postgres.OpenReader(context.WithoutCancel(ctx), d.opt)
	return err
}

// The work tables are swept when a case says so, and not in the middle of one.
const markSourceSQL = `
	comment on schema snafu is '` + stamp + `';
	alter table snafu.frozen_rows set (autovacuum_enabled = off);
	alter table snafu.ledger set (autovacuum_enabled = off)`

// The people of the benchmark: one asks, two approve, and one of these starts.
const (
	maya = incidents.Person("T0BENCH/MAYA")
	ken  = incidents.Person("T0BENCH/KEN")
	lena = incidents.Person("T0BENCH/LENA")
)

const restoringSQL = `update incidents set phase = 'restoring', contained_at = now(), restoring_at = now() where id = $1`

// open begins the incident, which is contained already.
func (d *desk) open(ctx context.Context) error {
	r, err := response.New(response.Options{DB: d.db})
	if err != nil {
		return err
	}
	d.incident, err = r.Open(ctx, d.act(maya), response.OpenRequest{Title: "Benchmark", Severity: incidents.SEV3, Reporter: maya})
	if err != nil {
		return err
	}
	if _, err := d.db.Pool().Exec(ctx, restoringSQL, d.incident); err != nil {
		return fmt.Errorf("contain the incident: %w", err)
	}
	return nil
}

func (d *desk) act(who incidents.Person) journal.Act {
	d.acts++
	return journal.Act{By: who.Actor(), Key: fmt.Sprintf("bench:%d", d.acts)}
}
