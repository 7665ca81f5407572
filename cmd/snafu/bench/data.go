package bench

import (
	"context"
	"fmt"
	"time"

	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// began is when the run of the data began. Everything in them follows from the
// size and the seed, so that two benchmarks measure the same.
var began = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

// The erroneous run writes one status into every step-th lead, whatever it was
// before. One in 50 is changed by a person afterwards, one in 1,000 is changed
// by a person and written by the run again, one in 1,000 is written twice, and
// one in 997 is gone. truth.go says the same in Go, and must.
const makeSQL = `
drop schema if exists snafu_bench cascade;
create schema snafu_bench;
comment on schema snafu_bench is '` + stamp + `';
create table snafu_bench.commits (n bigint generated always as identity);

create function snafu_bench.draw(i bigint, salt bigint, seed bigint, below bigint) returns bigint immutable language sql as
$$ select ((i + seed) * 2654435761 + salt * 40503) % 1000003 % below $$;

create view snafu_bench.shape as select 1::bigint as i, ''::text as was, false as gone, false as later, false as again, false as twice;

create function snafu_bench.touched(affected bigint, cohorts bigint, seed bigint) returns setof snafu_bench.shape immutable language sql as $$
  select i, 'stage ' || snafu_bench.draw(i, 1, seed, cohorts), snafu_bench.draw(i, 5, seed, 997) = 0,
         snafu_bench.draw(i, 2, seed, 50) = 0, snafu_bench.draw(i, 4, seed, 1000) = 0, snafu_bench.draw(i, 4, seed, 1000) = 1
    from generate_series(0, affected - 1) i $$;

create function snafu_bench.leads(name text, many bigint, affected bigint, cohorts bigint, seed bigint) returns void language plpgsql as $$
begin
  execute format('create table snafu_bench.%1$I (id bigint primary key, lead_status text, email text not null, crm_id text, phone text, note text, updated_at timestamptz not null) with (autovacuum_enabled = off)', name);
  execute format('insert into snafu_bench.%1$I select n, case when t.i is null then ''stage '' || n %% 5 when t.later then ''Customer'' else ''SQL'' end, ''lead'' || n || ''@example.test'', lpad(n::text, 15, ''0''), case when n %% 9 <> 0 then ''+1555'' || n end, repeat(''x'', 70), $5
      from generate_series(1, $1) n left join snafu_bench.touched($2, $3, $4) t on n = 1 + t.i * ($1 / $2) + $4 %% ($1 / $2)
     where t.gone is not true order by n', name) using many, affected, cohorts, seed, timestamptz '2026-01-05 10:00Z';
end $$;

create function snafu_bench.history(name text, many bigint, affected bigint, cohorts bigint, seed bigint, old bigint) returns void language plpgsql as $$
begin
  execute format('create table snafu_bench.%1$I (id bigint primary key, lead_id bigint not null, at timestamptz not null, field text not null, old text, new text, run text, by text) with (autovacuum_enabled = off)', name);
  execute format('insert into snafu_bench.%1$I select n, n, timestamptz ''2025-12-29 10:00Z'' + n %% 86400 * interval ''1 s'', ''lead_status'', ''new'', ''stage '' || n %% 5, ''weekly-41'', ''campaign'' from generate_series(1, $1) n', name) using old;
  execute format('insert into snafu_bench.%1$I
    select $6 + t.i * 4 + e.n, 1 + t.i * ($1 / $2) + $4 %% ($1 / $2), timestamptz ''2026-01-05 10:00Z'' + t.i %% 3000 * interval ''1 s'' + e.n * interval ''4 min'', ''lead_status'', e.was, e.now, e.run, e.by
      from snafu_bench.touched($2, $3, $4) t
     cross join lateral (
           select 1 as n, t.was, case when t.twice then ''Between'' else ''SQL'' end as now, ''weekly-42'' as run, ''campaign'' as by
            union all select 2, ''SQL'', ''MQL'', null, ''rosa'' where t.again
            union all select 3, case when t.again then ''MQL'' else ''Between'' end, ''SQL'', ''weekly-42'', ''campaign'' where t.again or t.twice
            union all select 4, ''SQL'', ''Customer'', null, ''rosa'' where t.later) e
     order by 1', name) using many, affected, cohorts, seed, 0, old;
end $$;
`

// The indexes that the setup of a source advises; a test holds them to that.
const (
	indexByRun    = `create index on "snafu_bench"."history_advised" ("run", "field", "at") include ("lead_id", "old", "new") where "run" is not null`
	indexByTime   = `create index on "snafu_bench"."history_advised" ("at") include ("field", "run", "lead_id", "id", "old", "new")`
	indexByKey    = `create index on "snafu_bench"."lead_advised" ("id") include ("lead_status")`
	indexByRecord = `create index on "snafu_bench"."history_advised" ("lead_id", "id")`
)

const (
	makeLeads   = `select snafu_bench.leads($1, $2, $3, $4, $5)`
	makeHistory = `select snafu_bench.history($1, $2, $3, $4, $5, $6)`
)

// set is one table of leads with its history.
type set struct {
	name           string
	rows, affected int64
	cohorts        int64
	leads, history string // names of the tables
	old            int64  // entries from before the run
}

const mainCohorts = 4

func (o Options) set(name string, rows, affected int64) set {
	return set{name: name, rows: rows, affected: affected, cohorts: mainCohorts, leads: "lead_" + name, history: "history_" + name, old: rows}
}

// cohorted is a set over the leads of another whose records were of so many
// kinds before the run. Its history holds nothing but the run.
func (s set) cohorted(n int64) set {
	s.name, s.cohorts, s.history, s.old = fmt.Sprintf("cohorts_%d", n), n, fmt.Sprintf("history_%d", n), 0
	return s
}

// table declares the set as a configuration would.
func (s set) table() rollback.Table {
	return rollback.Table{
		Name: s.name, Relation: "snafu_bench." + s.leads, Unit: "leads", Key: []string{"id"}, Settable: []string{"lead_status"},
		History: rollback.History{
			Relation: "snafu_bench." + s.history, Key: []string{"lead_id"}, Order: "id", At: "at", Field: "field", Old: "old", New: "new", Run: "run", Actor: "by",
		},
	}
}

func (s set) scope() rollback.Scope {
	return rollback.Scope{Source: "bench", Table: s.name, Set: []string{"lead_status"}, Run: "weekly-42", From: began}
}

func (b *bench) perform(ctx context.Context, sql string, args ...any) error {
	if _, err := b.db.conn.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	return nil
}

// makeSet writes a set; leads that are there already are shared.
func (b *bench) makeSet(ctx context.Context, s set, leads bool) error {
	if leads {
		if _, err := b.db.conn.Exec(ctx, makeLeads, s.leads, s.rows, s.affected, s.cohorts, b.o.Seed); err != nil {
			return fmt.Errorf("make the leads of %s: %w", s.name, err)
		}
	}
	if _, err := b.db.conn.Exec(ctx, makeHistory, s.history, s.rows, s.affected, s.cohorts, b.o.Seed, s.old); err != nil {
		return fmt.Errorf("make the history of %s: %w", s.name, err)
	}
	return nil
}

// reader opens the product's counting login over the sets, with one connection,
// so that its backend can be watched.
func (b *bench) reader(ctx context.Context, sets ...set) (*postgres.Reader, error) {
	var tables []rollback.Table
	for _, s := range sets {
		tables = append(tables, s.table())
	}
	return postgres.OpenReader(ctx, postgres.Options{
		Name: "bench", CountURL: b.db.url, Tables: tables,
		Counts: postgres.Counts{StatementTimeout: 10 * time.Minute, LockTimeout: time.Minute, Connections: 1},
	})
}
