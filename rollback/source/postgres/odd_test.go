package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// Everything about this table is unusual and allowed: names that need quoting, a
// key of three columns of which one is a domain and one is padded, keys that look
// like syntax, an enum that may be null, partitions.
const oddSQL = `
	create schema "odd shop";
	create type "odd shop"."St""age" as enum ('one', 'it''s', 'good one');
	create domain "odd shop"."no" as int check (value > 0);
	create table "odd shop"."Item ""x""" (region text, "select" char(4), "no" "odd shop"."no", "st'age" "odd shop"."St""age", n int not null default 0,
	  primary key (region, "select", "no")) partition by list (region);
	create table "odd shop".some partition of "odd shop"."Item ""x""" for values in ('', 'NULL');
	create table "odd shop".rest partition of "odd shop"."Item ""x""" default;
	create table "odd shop"."log" ("no" bigint generated always as identity, r text, s char(4), n int, field text, was text, "new" text,
	  at timestamptz default clock_timestamp(), job text);
	create function "odd shop".logged() returns trigger language plpgsql security definer set search_path = '' as $$ begin
	  insert into "odd shop"."log" (r, s, n, field, was, "new", job) values (new.region, new."select", new."no", 'st''age', old."st'age", new."st'age",
	    coalesce(nullif(current_setting('test.job', true), ''), nullif(current_setting('snafu.rollback_id', true), '')));
	  return null; end $$;
	create trigger logged after update of "st'age" on "odd shop"."Item ""x""" for each row execute function "odd shop".logged()`

func oddTable() rollback.Table {
	return rollback.Table{
		Name: "odd", Relation: `odd shop.Item "x"`, Unit: "items", Key: []string{"region", "select", "no"}, Settable: []string{"st'age"}, Export: []string{"n"},
		History: rollback.History{Relation: "odd shop.log", Key: []string{"r", "s", "n"}, Order: "no", At: "at", Field: "field", Old: "was", New: "new", Run: "job"},
	}
}

var oddKeys = []string{"", "NULL", "null", `{a,b}`, `"quoted"`, `back\slash`, "comma, ", "tab\tline\nend", "ümlaut", "u\u0308mlaut", "$1", "--", " pad ", "'; drop"}

func TestUnusualNamesKeysTypesAndPartitionsAreFrozenWrittenAndVerified(t *testing.T) {
	t.Parallel()
	for name, careful := range map[string]bool{"quick": false, "careful": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := empty(t, oddSQL, oddTable())
			for i, key := range oddKeys {
				w.exec(`insert into "odd shop"."Item ""x""" values ($1, 'a b', $2, 'one')`, key, i+1)
			}
			w.exec(`set test.job = 'bad'`)
			w.exec(`update "odd shop"."Item ""x""" set "st'age" = case when "no" % 2 = 0 then 'it''s'::"odd shop"."St""age" end`)
			w.exec(`reset test.job`)
			one := rollback.One("one")
			sp := spec(rollback.Scope{Source: "crm", Table: "odd", Set: []string{"st'age"}, Run: "bad"}, []rollback.Decision{
				{Pair: rollback.Pair{Initial: one, Error: rollback.One("it's")}, Desired: rollback.One("good one")},
				{Pair: rollback.Pair{Initial: one, Error: rollback.Values{rollback.Null()}}, Desired: one},
			})
			sp.TouchedAt = rollback.TouchedAt{}
			wr := w.writer()
			running, f, _ := w.running(wr, sp)
			require.EqualValues(t, len(oddKeys), f.Writes)
			drift, err := wr.Preflight(t.Context(), running)
			require.NoError(t, err)
			require.Equal(t, rollback.Drift{RowsKept: true}, drift)
			fence, err := wr.Take(t.Context(), running, "first")
			require.NoError(t, err)
			b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: f.Writes, Careful: careful})
			require.NoError(t, err)
			require.Equal(t, rollback.Outcomes{Written: f.Writes}, b.Counts)
			require.Len(t, b.Cohorts, 2)
			seen, err := wr.Batches(t.Context(), fence, 0)
			require.NoError(t, err)
			require.Equal(t, []rollback.Batch{b}, seen, "what the source remembers is what it answered")

			require.EqualValues(t, 7, w.number(`select count(*) from "odd shop"."Item ""x""" where "st'age" = 'good one' and "no" % 2 = 0`))
			require.EqualValues(t, 7, w.number(`select count(*) from "odd shop"."Item ""x""" where "st'age" = 'one' and "no" % 2 = 1`))
			r := w.reader()
			report, err := r.Verify(t.Context(), running.Run())
			require.NoError(t, err)
			require.True(t, report.Agrees(), "%+v", report.Lines)
			var keys []string
			require.NoError(t, r.Ledger(t.Context(), running.Run(), func(l rollback.LedgerRow) error {
				keys = append(keys, l.Key[0])
				return nil
			}))
			require.ElementsMatch(t, oddKeys, keys)
			held, err := r.Held(t.Context(), running.Run())
			require.NoError(t, err)
			require.Equal(t, f.Writes, held)
		})
	}
}
