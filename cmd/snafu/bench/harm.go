package bench

import (
	"context"
	"fmt"
	"time"

	"snafu/rollback"
)

// harm is a table in which a run has written SQL into every other lead, whatever
// it was before. One in 50 of these has been changed by a person since.
type harm struct {
	affected int64
}

const (
	sourceName = "bench"
	tableName  = "work"
	badRun     = "weekly-42"
	byHand     = 50 // one in so many was changed by a person
	byHandAt   = 7
	stages     = 4
)

func (h harm) rows() int64 { return 2 * h.affected }

// writes is how many records a plan has to put back, worked out here without
// asking the database.
func (h harm) writes() int64 { return h.affected - h.conflicts() }

func (h harm) conflicts() int64 {
	if h.affected <= byHandAt {
		return 0
	}
	return (h.affected-byHandAt-1)/byHand + 1
}

// No index holds the set column: what an update costs beside one that has to
// keep such an index is another measure.
const harmSQL = `
drop table if exists snafu_bench.lead_base, snafu_bench.lead_work, snafu_bench.history_work, snafu_bench.wanted;
create table snafu_bench.lead_base (id bigint, lead_status text, email text not null, crm_id text, phone text, note text, updated_at timestamptz not null);
create table snafu_bench.lead_work (id bigint primary key, lead_status text, email text not null, crm_id text, phone text, note text, updated_at timestamptz not null) with (autovacuum_enabled = off);
create table snafu_bench.history_work (id bigint primary key, lead_id bigint not null, at timestamptz not null, field text not null, old text, new text, run text, by text);
create table snafu_bench.wanted (id bigint primary key, lead_status text);`

const (
	harmLeads = `
	insert into snafu_bench.lead_base
	select n, case when n % 2 = 0 then 'stage ' || n % 5 when n / 2 % 50 = 7 then 'Customer' else 'SQL' end, 'lead' || n || '@example.test',
	       lpad(n::text, 15, '0'), case when n % 9 <> 0 then '+1555' || n end, repeat('x', 70), timestamptz '2026-01-05 10:00Z'
	  from generate_series(1, 2 * $1::bigint) n order by n`
	harmHistory = `
	insert into snafu_bench.history_work
	select n, n, timestamptz '2025-12-29 10:00Z' + n % 86400 * interval '1 s', 'lead_status', 'new', 'stage ' || n / 2 % 4, 'weekly-41', 'campaign'
	  from generate_series(1, 2 * $1::bigint) n
	 union all
	select 2 * $1 + 2 * i + e.n + 1, 2 * i + 1, timestamptz '2026-01-05 10:00Z' + i % 3000 * interval '1 s' + e.n * interval '4 min', 'lead_status', e.was, e.now, e.run, e.by
	  from generate_series(0, $1::bigint - 1) i
	 cross join lateral (
	       select 0 as n, 'stage ' || i % 4 as was, 'SQL' as now, 'weekly-42' as run, 'campaign' as by
	        union all select 1, 'SQL', 'Customer', null, 'rosa' where i % 50 = 7) e
	 order by 1`
	harmWanted = `insert into snafu_bench.wanted select 2 * i + 1, 'stage ' || i % 4 from generate_series(0, $1::bigint - 1) i where i % 50 <> 7 order by 1`
	harmByRun  = `create index on snafu_bench.history_work (run, field, at) include (lead_id, old, new) where run is not null`
	harmByTime = `create index on snafu_bench.history_work (at) include (field, run, lead_id, id, old, new)`
	harmByLead = `create index on snafu_bench.history_work (lead_id, id)`
)

// make writes the base, from which the work table is rebuilt before each case.
func (h harm) make(ctx context.Context, b *bench) error {
	if err := b.perform(ctx, harmSQL); err != nil {
		return err
	}
	if err := h.load(ctx, b); err != nil {
		return err
	}
	for _, sql := range []string{harmByRun, harmByTime, harmByLead, `vacuum (analyze)`} {
		if err := b.perform(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// remake writes the base at another size, into the tables that a source has been
// told of.
func (h harm) remake(ctx context.Context, b *bench) error {
	if err := b.perform(ctx, `truncate snafu_bench.lead_base, snafu_bench.lead_work, snafu_bench.history_work, snafu_bench.wanted`); err != nil {
		return err
	}
	if err := h.load(ctx, b); err != nil {
		return err
	}
	return b.perform(ctx, `vacuum (analyze) snafu_bench.lead_base, snafu_bench.history_work, snafu_bench.wanted`)
}

func (h harm) load(ctx context.Context, b *bench) error {
	for _, sql := range []string{harmLeads, harmHistory, harmWanted} {
		if err := b.perform(ctx, sql, h.affected); err != nil {
			return err
		}
	}
	return nil
}

const rebuildSQL = `insert into snafu_bench.lead_work select * from snafu_bench.lead_base order by id`

// rebuild makes the work table as it was, so that each case finds the same
// pages, and forgets what earlier cases froze.
func (d *desk) rebuild(ctx context.Context) error {
	for _, sql := range []string{
		`truncate snafu_bench.lead_work, snafu.ledger, snafu.batches, snafu.runs, snafu.frozen_rows, snafu.staged_rows, snafu.freezes`,
		rebuildSQL, `vacuum (analyze) snafu_bench.lead_work`,
	} {
		if err := d.b.perform(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// even lets every writing case begin behind a checkpoint, so that all of them
// write whole pages alike.
func (d *desk) even(ctx context.Context) error { return d.b.perform(ctx, `checkpoint`) }

func (h harm) tables() []rollback.Table {
	return []rollback.Table{{
		Name: tableName, Relation: "snafu_bench.lead_work", Unit: "leads", Key: []string{"id"}, Settable: []string{"lead_status"}, Export: []string{"email", "crm_id"},
		History: rollback.History{
			Relation: "snafu_bench.history_work", Key: []string{"lead_id"}, Order: "id", At: "at", Field: "field", Old: "old", New: "new", Run: "run", Actor: "by",
		},
	}}
}

func (h harm) scope() rollback.Scope {
	return rollback.Scope{Source: sourceName, Table: tableName, Set: []string{"lead_status"}, Run: badRun, From: began}
}

// decisions put each record back to what it was before the run.
func (h harm) decisions() []rollback.Decision {
	var all []rollback.Decision
	for i := range stages {
		was := rollback.One(fmt.Sprintf("stage %d", i))
		all = append(all, rollback.Decision{Pair: rollback.Pair{Initial: was, Error: rollback.One("SQL")}, Desired: was})
	}
	return all
}

// longLimits let a plan of any size of a benchmark be made.
func longLimits(records int64) rollback.Limits {
	l := rollback.DefaultLimits()
	l.MaxRows, l.FreezeTimeout = max(l.MaxRows, records), time.Hour
	return l
}
