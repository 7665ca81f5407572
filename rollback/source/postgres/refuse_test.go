package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

func code(t testing.TB, err error) string {
	t.Helper()
	no, ok := refusal.As(err)
	require.True(t, ok, "%v", err)
	return no.Code
}

func TestTablesAndColumnsThatCannotBePutBackAreRefused(t *testing.T) {
	t.Parallel()
	logged := itemTable().History
	declare := func(name, relation, key, set string) rollback.Table {
		return rollback.Table{Name: name, Relation: relation, Unit: "rows", Key: []string{key}, Settable: []string{set}, History: logged}
	}
	const sql = itemsSQL + `;
		create schema s;
		create table s.keyless (id bigint, v text);
		create table s.partial (id bigint not null, v text, gone boolean); create unique index on s.partial (id) where not gone;
		create table s.nullable (id bigint unique, v text);
		create table s.late (id bigint not null unique deferrable initially deferred, v text);
		create table s.odd (id bigint primary key, made bigint generated always as (id * 2) stored, no bigint generated always as identity,
		                    doc json, price money, plain text, hidden text);
		create view s.seen as select * from s.odd;
		create materialized view s.kept as select * from s.odd;
		create table s.parent (id bigint primary key, v text); create table s.child () inherits (s.parent);
		create table s.parted (id bigint, region text, v text, primary key (id, region)) partition by list (region);
		create table s.parted_a partition of s.parted for values in ('a');
		create table s.rls (id bigint primary key, v text); alter table s.rls enable row level security;
		alter table s.rls force row level security; create policy p on s.rls using (id > 1)`
	parted := declare("parted", "s.parted", "id", "v")
	parted.Key, parted.Settable, parted.History = []string{"id", "region"}, []string{"v", "region"}, rollback.History{}
	where := declare("where", "s.partial", "id", "v")
	where.KeyWhere = "not gone"
	odd := declare("odd", "s.odd", "id", "plain")
	odd.Settable = []string{"id", "made", "no", "doc", "price", "plain"}
	tables := []rollback.Table{
		declare("keyless", "s.keyless", "id", "v"), declare("partial", "s.partial", "id", "v"), declare("nullable", "s.nullable", "id", "v"),
		declare("late", "s.late", "id", "v"), declare("seen", "s.seen", "id", "plain"), declare("kept", "s.kept", "id", "plain"),
		declare("parent", "s.parent", "id", "v"), declare("rls", "s.rls", "id", "v"), declare("gone", "s.gone", "id", "v"),
		declare("bare", "bare", "id", "v"), odd, parted, where,
	}
	s := &shop{empty(t, sql)}
	s.opt.Tables = tables
	for _, tb := range tables {
		if tb.Name != "gone" && tb.Name != "bare" {
			s.exec("grant usage on schema s to snafu_count; grant select on " + tb.Relation + " to snafu_count")
		}
	}
	s.exec(`grant usage on schema "my shop" to snafu_count; grant select on all tables in schema "my shop" to snafu_count`)
	r := s.reader()
	for _, c := range []struct{ table, set, code, say string }{
		{"keyless", "v", "no-key", ""},
		{"partial", "v", "no-key", ""},
		{"where", "v", "no-key", ""},
		{"nullable", "v", "no-key", ""},
		{"late", "v", "no-key", ""},
		{"seen", "plain", "table-kind", "s.seen is a view. Name its table."},
		{"kept", "plain", "table-kind", ""},
		{"parent", "v", "table-kind", ""},
		{"odd", "id", "column", "id is part of the key and can't be written."},
		{"odd", "made", "column", ""},
		{"odd", "no", "column", ""},
		{"odd", "doc", "column", ""},
		{"odd", "price", "column", ""},
		{"odd", "hidden", "column", ""},
		{"odd", "absent", "column", ""},
		{"parted", "region", "column", ""},
		{"rls", "v", "row-security", ""},
		{"gone", "v", "", ""},
		{"bare", "v", "", ""},
		{"nothing", "v", "", ""},
	} {
		_, err := r.Inventory(t.Context(), c.table, []string{c.set})
		require.Equal(t, c.code, code(t, err), "%s.%s: %v", c.table, c.set, err)
		if c.say != "" {
			require.ErrorContains(t, err, c.say)
		}
	}
	_, err := r.Inventory(t.Context(), "odd", []string{"plain"})
	require.NoError(t, err)
	_, err = r.Inventory(t.Context(), "parted", []string{"v"})
	require.NoError(t, err, "a partitioned table works")
}

func TestAdversarial37ATableWithoutAKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := &shop{empty(t, itemsSQL+`; alter table "my shop".item drop constraint item_pkey`)}
	s.opt.Tables = []rollback.Table{itemTable()}
	s.exec(SetupSQL(s.opt))
	_, err := s.reader().StateTable(t.Context(), s.Scope())
	require.Equal(t, "no-key", code(t, err))
	draft, err := rollback.NewDraft(spec(s.Scope(), []rollback.Decision{fixing()}))
	require.NoError(t, err)
	_, err = s.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
	require.Equal(t, "no-key", code(t, err))
	require.Zero(t, s.number(`select count(*) from snafu.freezes`))
}

func TestAdversarial38AColumnThatNoPlanMayWriteIsRefused(t *testing.T) {
	t.Parallel()
	for name, column := range map[string]string{
		"in the key":         `drop constraint item_pkey, add primary key (id, "Status")`,
		"generated":          `drop "Status" cascade, add "Status" text generated always as (note) stored`,
		"an identity":        `drop "Status" cascade, add "Status" bigint generated always as identity`,
		"a document":         `alter "Status" type json using null`,
		"an amount of money": `alter "Status" type money using null`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			s.exec(`drop trigger logged on "my shop".item`)
			if name == "in the key" {
				s.opt.Tables[0].Key, s.opt.Tables[0].History.Key = []string{"id", "Status"}, []string{"item", "was"}
				s.opt.Tables[0].Membership = rollback.Membership{}
			}
			s.exec(`alter table "my shop".item ` + column)
			_, err := s.reader().StateTable(t.Context(), s.Scope())
			require.Equal(t, "column", code(t, err), "%v", err)
			sp := spec(s.Scope(), []rollback.Decision{fixing()})
			sp.TouchedAt = rollback.TouchedAt{}
			draft, err := rollback.NewDraft(sp)
			require.NoError(t, err)
			_, err = s.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
			require.Equal(t, "column", code(t, err), "%v", err)
			require.Zero(t, s.number(`select count(*) from snafu.freezes`))
		})
	}
}

// The same pair decided twice is no plan; a record that is listed twice is
// frozen once; and a second row of one record has no room in the source.
func TestAdversarial32ARecordStandsInOneCohort(t *testing.T) {
	t.Parallel()
	twice := fixing()
	twice.Desired = rollback.One("else")
	s := items(t)
	_, err := rollback.NewDraft(spec(s.Scope(), []rollback.Decision{fixing(), twice}))
	require.Equal(t, "overlap", code(t, err))
	s.exec(`create function "my shop".again() returns trigger language plpgsql as $$ begin
		insert into "my shop".member (job, item) values (new.job, new.item); return null; end $$`)
	s.exec(`create trigger again after insert on "my shop".member for each row when (pg_trigger_depth() = 0) execute function "my shop".again()`)
	_, running, _ := s.plan(3, rollback.GuardLaterWriter)
	require.EqualValues(t, 6, s.number(`select count(*) from "my shop".member`))
	require.EqualValues(t, 3, running.Freeze().Rows)
	_, err = s.admin.Exec(t.Context(), `
		insert into snafu.frozen_rows select freeze_id, 99, 2, class, key, initial, error, desired, mark, version from snafu.frozen_rows where ord = 1`)
	require.ErrorContains(t, err, "23505")
}

// Row security would hide records from us, and a plan that cannot see them all
// is none. It is refused as well when it was switched on after the count.
func TestAdversarial41ARecordThatRowSecurityHidesRefusesTheFreeze(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.Spoil("1", first, lost)
	s.Spoil("2", first, lost)
	sp := spec(s.Scope(), []rollback.Decision{fixing()})
	sp.TouchedAt = rollback.TouchedAt{}
	draft, err := rollback.NewDraft(sp)
	require.NoError(t, err)
	for _, sql := range []string{
		`alter table "my shop".item enable row level security`,
		`create policy later on "my shop".item using (id > 1)`,
	} {
		s.exec(sql)
		_, err = s.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		require.Equal(t, "row-security", code(t, err))
		_, err = s.reader().StateTable(t.Context(), s.Scope())
		require.Equal(t, "row-security", code(t, err))
	}
	require.Zero(t, s.number(`select count(*) from snafu.freezes`))
	s.exec(`alter table "my shop".item disable row level security`)
	f, err := s.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
	require.NoError(t, err)
	require.EqualValues(t, 2, f.Writes)
}

func TestAdversarial49ATableThatChangedSinceTheFreezeIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, sql, say string }{
		{"a new trigger", `create trigger mail after update on "my shop".item for each row execute function "my shop".logged()`, "new trigger mail"},
		{"a trigger less", `drop trigger logged on "my shop".item`, "trigger logged is gone"},
		{"another type", `drop trigger logged on "my shop".item; alter table "my shop".item alter "Status" type varchar(90);
			create trigger logged after update of "Status" on "my shop".item for each row execute function "my shop".logged()`, "Status is character varying(90), it was text"},
		{"another function body", `create or replace function "my shop".logged() returns trigger language plpgsql as $$ begin return null; end $$`, "a column, constraint"},
		{"a constraint", `alter table "my shop".item add check (id > 0)`, "a column, constraint"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			w, running, _ := s.plan(3, rollback.GuardLaterWriter)
			s.exec(c.sql)
			d, err := w.Preflight(t.Context(), running)
			require.NoError(t, err)
			require.Len(t, d.Schema, 1)
			require.Contains(t, d.Schema[0], c.say)
			verdict, err := d.Judge(running.Run(), "items")
			require.Equal(t, rollback.VerdictRedraft, verdict)
			require.Equal(t, "schema", code(t, err))
		})
	}
}

func TestAdversarial48OneMemberMoreIsGrowth(t *testing.T) {
	t.Parallel()
	s := items(t)
	w, running, _ := s.plan(20, rollback.GuardLaterWriter)
	s.Spoil("21", first, lost)
	s.Change("1", rollback.Text("mine"))
	s.Delete("2")
	s.Change("3", rollback.Text("mine"))
	s.Change("3", lost)
	s.Note("4", "no matter")
	d, err := w.Preflight(t.Context(), running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true, Growth: 1, Shrink: 3}, d)
}

func TestAFrozenSetThatWasTouchedIsFound(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"a desired value":    `update snafu.frozen_rows set desired = '{evil}' where ord = 2`,
		"a record less":      `delete from snafu.frozen_rows where ord = 3`,
		"a record more":      `insert into snafu.frozen_rows select freeze_id, 99, cohort, class, '{77}', initial, error, desired, mark, version from snafu.frozen_rows where ord = 1`,
		"two values for one": `update snafu.frozen_rows set desired = desired || '{more}'::text[] where ord = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			w, running, _ := s.plan(3, rollback.GuardLaterWriter)
			s.exec(sql)
			d, err := w.Preflight(t.Context(), running)
			require.NoError(t, err)
			require.False(t, d.RowsKept)
		})
	}
}

func TestAnotherDatabaseIsNeverWritten(t *testing.T) {
	t.Parallel()
	s := items(t)
	_, running, _ := s.plan(3, rollback.GuardLaterWriter)
	other := items(t)
	other.plan(3, rollback.GuardLaterWriter)
	d, err := other.writer().Preflight(t.Context(), running)
	require.NoError(t, err)
	require.NotEmpty(t, d.Target)
	verdict, _ := d.Judge(running.Run(), "items")
	require.Equal(t, rollback.VerdictFail, verdict)
}

func TestAdversarial42DeferredConstraintFailsWithItsLedger(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.exec(`create table "my shop".allowed (v text primary key); insert into "my shop".allowed values ('first'), ('lost'), ('good')`)
	s.exec(`alter table "my shop".item add constraint allowed foreign key ("Status") references "my shop".allowed deferrable initially deferred`)
	w, _, fence := s.plan(3, rollback.GuardLaterWriter)
	s.exec(`delete from "my shop".allowed where v = 'good'`)
	_, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 3})
	require.ErrorContains(t, err, "constraint allowed")
	require.NotContains(t, err.Error(), "good")
	require.Zero(t, s.number(`select count(*) from snafu.ledger`))
	require.Zero(t, s.number(`select count(*) from snafu.batches`))
	v, _ := s.Value("1")
	require.Equal(t, lost, v)
}
