package postgres

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/source"
	"snafu/rollback/source/sourcetest"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t testing.TB) sourcetest.World { return items(t) })
}

const itemsSQL = `
	create schema "my shop";
	create table "my shop".item (id bigint primary key, "Status" text, note text not null default '');
	create table "my shop".log (no bigint generated always as identity primary key, item bigint, field text, was text, now text, at timestamptz default clock_timestamp(), job text);
	create table "my shop".member (job text, item bigint, at timestamptz default clock_timestamp());
	create function "my shop".logged() returns trigger language plpgsql security definer as $$ begin
	  if current_setting('test.silent', true) is distinct from 'on' then
	    insert into "my shop".log (item, field, was, now, job) values (new.id, 'Status', old."Status", new."Status", coalesce(nullif(current_setting('test.job', true), ''), nullif(current_setting('snafu.rollback_id', true), '')));
	  end if;
	  return null; end $$;
	create trigger logged after update of "Status" on "my shop".item for each row execute function "my shop".logged()`

func itemTable() rollback.Table {
	return rollback.Table{
		Name: "item", Relation: "my shop.item", Unit: "items", Key: []string{"id"}, Settable: []string{"Status"}, Export: []string{"note"},
		History:    rollback.History{Relation: "my shop.log", Key: []string{"item"}, Order: "no", At: "at", Field: "field", Old: "was", New: "now", Run: "job"},
		Membership: rollback.Membership{Relation: "my shop.member", Key: []string{"item"}, Run: "job", At: "at"},
	}
}

// shop is a table whose names need quotes, for the suite and the races.
type shop struct{ *world }

func items(t testing.TB) *shop { return &shop{empty(t, itemsSQL, itemTable())} }

func (s *shop) Reader() source.Reader { return s.reader() }
func (s *shop) Writer() source.Writer { return s.writer() }

func (s *shop) Scope() rollback.Scope {
	return rollback.Scope{Source: "crm", Table: "item", Set: []string{"Status"}, Run: "bad", From: time.Now().Add(-time.Hour)}
}

func nullable(v rollback.Value) *string { return rollback.Values{v}.Pointers()[0] }

func (s *shop) Spoil(key string, initial, left rollback.Value) {
	s.t.Helper()
	s.exec(`insert into "my shop".item (id, "Status") values ($1::text::bigint, $2)`, key, nullable(initial))
	s.exec(`insert into "my shop".member (job, item) values ('bad', $1::text::bigint)`, key)
	s.Again(key, left)
}

func (s *shop) Again(key string, value rollback.Value) {
	s.t.Helper()
	s.exec(`set test.job = 'bad'`)
	s.Change(key, value)
	s.exec(`reset test.job`)
}

func (s *shop) Join(key string, value rollback.Value) {
	s.t.Helper()
	s.exec(`insert into "my shop".item (id, "Status") values ($1::text::bigint, $2)`, key, nullable(value))
	s.exec(`insert into "my shop".member (job, item) values ('bad', $1::text::bigint)`, key)
}

func (s *shop) Change(key string, value rollback.Value) {
	s.t.Helper()
	s.exec(`update "my shop".item set "Status" = $2 where id = $1::text::bigint`, key, nullable(value))
}

func (s *shop) Slip(key string, value rollback.Value) {
	s.t.Helper()
	s.exec(`set test.silent = 'on'`)
	s.Change(key, value)
	s.exec(`reset test.silent`)
}

func (s *shop) Note(key, note string) {
	s.t.Helper()
	s.exec(`update "my shop".item set note = $2 where id = $1::text::bigint`, key, note)
}

func (s *shop) Delete(key string) {
	s.t.Helper()
	s.exec(`delete from "my shop".item where id = $1::text::bigint`, key)
}

func (s *shop) Parts(key string) []string { return []string{key} }

func (s *shop) Hold(key string) func() {
	s.t.Helper()
	tx := s.hold(key)
	return func() { require.NoError(s.t, tx.Rollback(s.t.Context())) }
}

func (s *shop) hold(key string) pgx.Tx {
	s.t.Helper()
	return s.holds(`select from "my shop".item where id = $1::text::bigint for update`, key)
}

// The switch is an integer in a record whose key is a number.
func (s *shop) Automate() {
	s.t.Helper()
	s.exec(`create table "my shop"."Flow" (no bigint primary key, "On?" smallint not null, note text); insert into "my shop"."Flow" values (7, 1), (8, 1)`)
	s.automate(rollback.SwitchColumn{Relation: "my shop.Flow", Key: map[string]string{"no": "7"}, Column: "On?", On: "1", Off: "0"})
}

func (s *shop) Turn(state rollback.SwitchState) {
	s.t.Helper()
	s.exec(`update "my shop"."Flow" set "On?" = $1 where no = 7`, map[rollback.SwitchState]int{rollback.SwitchOn: 1, rollback.SwitchOff: 0, "": 2}[state])
}

func (s *shop) HoldSwitch() func() {
	s.t.Helper()
	tx := s.holds(`update "my shop"."Flow" set note = 'mine' where no = 7`)
	return func() { require.NoError(s.t, tx.Rollback(s.t.Context())) }
}

func (s *shop) Meddle(key string, swallow bool) {
	s.t.Helper()
	does := `new."Status" := 'meddled'; return new;`
	if swallow {
		does = `return null;`
	}
	s.exec(`create function "my shop".meddle() returns trigger language plpgsql as $$ begin
		if new.id = ` + key + ` and current_setting('snafu.rollback_id', true) <> '' then ` + does + ` end if; return new; end $$;
		create trigger meddle before update on "my shop".item for each row execute function "my shop".meddle()`)
}

func (s *shop) Forbid(value string) {
	s.t.Helper()
	s.exec(`alter table "my shop".item add constraint never check ("Status" <> '` + value + `')`)
}

func (s *shop) Value(key string) (rollback.Value, bool) {
	s.t.Helper()
	rows, err := s.admin.Query(s.t.Context(), `select "Status" from "my shop".item where id = $1::text::bigint`, key)
	require.NoError(s.t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	require.NoError(s.t, err)
	if len(found) == 0 {
		return rollback.Value{}, false
	}
	return rollback.FromPointers(found)[0], true
}

func (s *shop) NoteOf(key string) string {
	s.t.Helper()
	var note string
	require.NoError(s.t, s.admin.QueryRow(s.t.Context(), `select note from "my shop".item where id = $1::text::bigint`, key).Scan(&note))
	return note
}
