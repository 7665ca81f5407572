package postgres

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

const noted = `
	create schema shop;
	create table shop.item (id bigint primary key, status text, note text, seen boolean);
	create table shop.log (no bigint generated always as identity primary key, item bigint, field text, was text, now text, at timestamptz default now(), job text);
	create function shop.ring() returns trigger language plpgsql as $$ begin return null; end $$;`

func noteTable() rollback.Table {
	return rollback.Table{
		Name: "item", Relation: "shop.item", Unit: "items", Key: []string{"id"}, Settable: []string{"status"},
		History: rollback.History{Relation: "shop.log", Key: []string{"item"}, Order: "no", At: "at", Field: "field", Old: "was", New: "now", Run: "job"},
		Syncs:   []rollback.Sync{{Name: "push", Direction: "out", Owner: "U0TOM"}},
	}
}

// What looks like our guard and is none would fire for every record.
func TestATriggerSparesOurWritesOnlyByItsCondition(t *testing.T) {
	t.Parallel()
	w := empty(t, noted, noteTable())
	const guard = `coalesce(current_setting('snafu.rollback_id', true), '') = ''`
	for name, c := range map[string]struct {
		when   string
		spares bool
	}{
		"a":  {"when (" + guard + ")", true},
		"b":  {"when (old.status is distinct from new.status and " + guard + ")", true},
		"c":  {"when (nullif(current_setting('snafu.rollback_id', true), '') is null and new.note is not null)", true},
		"d":  {"", false},
		"e":  {"when (new.seen or " + guard + ")", false},
		"f":  {"when (not (" + guard + "))", false},
		"g":  {`when (coalesce(current_setting('snafu.rollback_id', true), '') <> '')`, false},
		"h":  {`when (new.note = 'snafu.rollback_id')`, false},
		"i":  {`when (case when ` + guard + ` then true else new.seen end)`, false},
		"j":  {`when (coalesce(current_setting('snafu.rollback_ids', true), '') = '')`, false},
		"k2": {`when ((` + guard + `) is not null)`, false},
		"l":  {"when (new.seen = (old.seen and " + guard + "))", false},
		"m":  {"when ((new.seen or old.seen) and new.note <> ' AND (' and (old.seen and " + guard + "))", true},
		"n":  {"when (new.note = ' AND " + strings.ReplaceAll(guard, "'", "''") + "')", false},
	} {
		w.exec("create trigger " + name + " after update of status on shop.item for each row " + c.when + " execute function shop.ring()")
		inv, err := w.reader().Inventory(t.Context(), "item", []string{"status"})
		require.NoError(t, err)
		require.Len(t, inv.Triggers, 1)
		require.True(t, inv.Triggers[0].Fires)
		require.Equal(t, c.spares, inv.Triggers[0].Guarded, "%s %s", name, c.when)
		require.Equal(t, []string{"push out U0TOM"}, inv.Syncs)
		w.exec("drop trigger " + name + " on shop.item")
	}
}

func TestAnInventoryHoldsWhatAWriteMeetsInPartitions(t *testing.T) {
	t.Parallel()
	w := empty(t, noted+`
		drop table shop.item;
		create table shop.item (id bigint primary key, status text) partition by range (id);
		create table shop.low partition of shop.item for values from (0) to (100);
		create table shop.line (item bigint references shop.item on update cascade on delete set null);
		create trigger whole after update of status on shop.item for each row execute function shop.ring();
		create publication everything for table shop.item`, noteTable())
	before, err := w.reader().Inventory(t.Context(), "item", []string{"status"})
	require.NoError(t, err)
	require.Equal(t, []string{"trigger whole", "sync push"}, before.SetOff())
	require.Equal(t, []string{"everything"}, before.Publications)
	require.Equal(t, []string{"shop.low"}, before.Partitions)
	require.Equal(t, []string{"line_item_fkey from shop.line, on update cascade, on delete set null"}, before.KeysIn)

	// A trigger that somebody adds to one partition fires as well, and is a change of the table.
	s := spec(rollback.Scope{Source: "crm", Table: "item", Set: []string{"status"}, Run: "bad", From: t0}, []rollback.Decision{{Pair: pair("a", "b"), Desired: rollback.One("a")}})
	s.TouchedAt = rollback.TouchedAt{}
	w.exec(`insert into shop.item values (1, 'b'); insert into shop.log (item, field, was, now, job) values (1, 'status', 'a', 'b', 'bad')`)
	wr := w.writer()
	running, _, _ := w.running(wr, s)
	w.exec(`create trigger part after update on shop.low for each row execute function shop.ring()`)
	after, err := w.reader().Inventory(t.Context(), "item", []string{"status"})
	require.NoError(t, err)
	require.Equal(t, []string{"trigger whole", "trigger part on shop.low", "sync push"}, after.SetOff())
	drift, err := wr.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, []string{"new trigger part on shop.low"}, drift.Schema)
}
