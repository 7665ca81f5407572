package postgres

import (
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/source"
	"snafu/rollback/source/sourcetest"
)

// The whole suite again on a schema that is unlike the other in every name, key
// and type: two texts tell a record apart, the set column is an enum, records
// and history are partitioned, and the run is found through its campaign.
func TestSuiteOnAForeignSchema(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t testing.TB) sourcetest.World { return orders(t) })
}

func orderTable() rollback.Table {
	return rollback.Table{
		Name: "auftrag", Relation: `"Versand 2.0"."Auftrag"`, Unit: "orders", Key: []string{"Mandant", "Nr."}, Settable: []string{"Status"},
		Export: []string{"Bemerkung"},
		History: rollback.History{
			Relation: `"Versand 2.0"."Änderung"`, Key: []string{"Mandant", "Auftrag"}, Order: "Folge", At: "Zeit", Zone: "Europe/Berlin", Field: "Feld",
			FieldNames: map[string]string{"Status": "ST"}, Old: "vorher", New: "nachher", Run: "Lauf",
		},
		Membership: rollback.Membership{
			Relation: `"Versand 2.0"."Kampagne/Auftrag"`, Key: []string{"Mandant", "Nr."}, Run: "Kampagne", At: "seit",
			Runs: rollback.Runs{Relation: `"Versand 2.0"."Lauf"`, Run: "Kennung", Member: "Kampagne"},
		},
	}
}

type versand struct {
	*world
	labels map[string]bool
}

func orders(t testing.TB) *versand {
	w := &versand{empty(t, manifests.ForeignSchema, orderTable()), map[string]bool{}}
	w.exec(`insert into "Versand 2.0"."Lauf" values ('bad', 'good intentions')`)
	return w
}

func (v *versand) Reader() source.Reader { return v.reader() }
func (v *versand) Writer() source.Writer { return v.writer() }

func (v *versand) Scope() rollback.Scope {
	return rollback.Scope{Source: "versand", Table: "auftrag", Set: []string{"Status"}, Run: "bad", From: time.Now().Add(-time.Hour)}
}

// keyOf spreads the suite's keys over the partitions.
func (v *versand) keyOf(key string) (client, number string) {
	n, err := strconv.Atoi(key)
	require.NoError(v.t, err)
	return []string{"Nord", "Süd", `Café "Eck"`}[n%3], "K " + key
}

// label makes the enum know a value before somebody holds it.
func (v *versand) Parts(key string) []string {
	client, number := v.keyOf(key)
	return []string{client, number}
}

func (v *versand) label(value rollback.Value) *string {
	if !value.Null && !v.labels[value.Text] {
		v.exec(`do $$ begin execute format('alter type "Versand 2.0"."Auftragsstatus" add value if not exists %L', ` + literal(value.Text) + `); end $$`)
		v.labels[value.Text] = true
	}
	return nullable(value)
}

func (v *versand) Join(key string, value rollback.Value) {
	v.t.Helper()
	client, number := v.keyOf(key)
	v.exec(`insert into "Versand 2.0"."Auftrag" ("Mandant", "Nr.", "Status") values ($1, $2, $3::text::"Versand 2.0"."Auftragsstatus")`, client, number, v.label(value))
	v.exec(`insert into "Versand 2.0"."Kampagne/Auftrag" values ('good intentions', $1, $2)`, client, number)
}

func (v *versand) Spoil(key string, initial, left rollback.Value) {
	v.t.Helper()
	v.label(rollback.Text("good")) // a plan may want it, and a constraint refuse the other
	v.label(rollback.Text("bad"))
	v.Join(key, initial)
	v.Again(key, left)
}

func (v *versand) Again(key string, value rollback.Value) {
	v.t.Helper()
	v.exec(`set "versand.lauf" = 'bad'`)
	v.Change(key, value)
	v.exec(`reset "versand.lauf"`)
}

func (v *versand) Change(key string, value rollback.Value) {
	v.t.Helper()
	client, number := v.keyOf(key)
	before, there := v.Value(key)
	v.exec(`update "Versand 2.0"."Auftrag" set "Status" = $3::text::"Versand 2.0"."Auftragsstatus" where "Mandant" = $1 and "Nr." = $2`, client, number, v.label(value))
	if there && before == value { // its own history is silent here; the suite's is not
		v.exec(`insert into "Versand 2.0"."Änderung" ("Mandant", "Auftrag", "Feld", "vorher", "nachher", "Lauf")
		        values ($1, $2, 'ST', $3, $3, nullif(current_setting('versand.lauf', true), ''))`, client, number, nullable(value))
	}
}

func (v *versand) Slip(key string, value rollback.Value) {
	v.t.Helper()
	client, number := v.keyOf(key)
	label := v.label(value)
	v.exec(`set session_replication_role = replica`)
	v.exec(`update "Versand 2.0"."Auftrag" set "Status" = $3::text::"Versand 2.0"."Auftragsstatus" where "Mandant" = $1 and "Nr." = $2`, client, number, label)
	v.exec(`reset session_replication_role`)
}

func (v *versand) Note(key, note string) {
	v.t.Helper()
	client, number := v.keyOf(key)
	v.exec(`update "Versand 2.0"."Auftrag" set "Bemerkung" = $3 where "Mandant" = $1 and "Nr." = $2`, client, number, note)
}

func (v *versand) Delete(key string) {
	v.t.Helper()
	client, number := v.keyOf(key)
	v.exec(`delete from "Versand 2.0"."Auftrag" where "Mandant" = $1 and "Nr." = $2`, client, number)
}

func (v *versand) Hold(key string) func() {
	v.t.Helper()
	client, number := v.keyOf(key)
	tx, err := pgtest.Connect(v.t, v.url).Begin(v.t.Context())
	require.NoError(v.t, err)
	_, err = tx.Exec(v.t.Context(), `select from "Versand 2.0"."Auftrag" where "Mandant" = $1 and "Nr." = $2 for update`, client, number)
	require.NoError(v.t, err)
	return func() { require.NoError(v.t, tx.Rollback(v.t.Context())) }
}

func (v *versand) Meddle(key string, swallow bool) {
	v.t.Helper()
	_, number := v.keyOf(key)
	v.label(rollback.Text("meddled"))
	does := `new."Status" := 'meddled'; return new;`
	if swallow {
		does = `return null;`
	}
	v.exec(`create function "Versand 2.0".meddle() returns trigger language plpgsql as $$ begin
		if new."Nr." = '` + number + `' and current_setting('snafu.rollback_id', true) <> '' then ` + does + ` end if; return new; end $$;
		create trigger meddle before update on "Versand 2.0"."Auftrag" for each row execute function "Versand 2.0".meddle()`)
}

func (v *versand) Forbid(value string) {
	v.t.Helper()
	v.exec(`alter table "Versand 2.0"."Auftrag" add constraint never check ("Status"::text <> '` + value + `')`)
}

func (v *versand) Value(key string) (rollback.Value, bool) {
	v.t.Helper()
	client, number := v.keyOf(key)
	rows, err := v.admin.Query(v.t.Context(), `select "Status"::text from "Versand 2.0"."Auftrag" where "Mandant" = $1 and "Nr." = $2`, client, number)
	require.NoError(v.t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	require.NoError(v.t, err)
	if len(found) == 0 {
		return rollback.Value{}, false
	}
	return rollback.FromPointers(found)[0], true
}

func (v *versand) NoteOf(key string) string {
	v.t.Helper()
	client, number := v.keyOf(key)
	var note string
	require.NoError(v.t, v.admin.QueryRow(v.t.Context(), `select "Bemerkung" from "Versand 2.0"."Auftrag" where "Mandant" = $1 and "Nr." = $2`, client, number).Scan(&note))
	return note
}

func TestInstantsWithoutAZoneAreReadInTheDeclaredOne(t *testing.T) {
	t.Parallel()
	v := orders(t)
	for _, key := range []string{"1", "2", "3"} {
		v.Spoil(key, first, lost)
	}
	var now time.Time
	require.NoError(t, v.admin.QueryRow(t.Context(), `select clock_timestamp()`).Scan(&now))
	sc := v.Scope()
	sc.From, sc.To = now.Add(-15*time.Minute), now.Add(15*time.Minute) // the zone is an hour or two away
	table, err := v.reader().StateTable(t.Context(), sc)
	require.NoError(t, err)
	require.Len(t, table.Groups, 1)
	require.True(t, table.Groups[0].Known)
	require.EqualValues(t, 3, table.Groups[0].Records)
	members, _, err := v.reader().Members(t.Context(), sc)
	require.NoError(t, err)
	require.EqualValues(t, 3, members)
	require.WithinDuration(t, now, table.HistoryFrom, 15*time.Minute)
	runs, err := v.reader().Runs(t.Context(), "auftrag", sc.From)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.WithinDuration(t, now, runs[0].From, 15*time.Minute)

	v.opt.Tables[0].History.Zone = ""
	_, err = v.reader().StateTable(t.Context(), sc)
	require.ErrorContains(t, err, `Zeit of "Versand 2.0"."Änderung" is of a type without time zone. Write zone into the history of auftrag`)
	f, err := Check(t.Context(), v.opt)
	require.NoError(t, err)
	require.Contains(t, joined(f.Missing()), "Write zone into the history of auftrag")

	v.opt.Tables[0].History.Zone = "Europe/Berlin"
	v.opt.Tables[0].Membership.Zone = "Europe/Berlin"
	_, err = v.reader().StateTable(t.Context(), sc)
	require.ErrorContains(t, err, "has a zone of its own. Leave zone out of the membership of auftrag")
}

// The switch is an enum of its own, in a record that two texts tell apart, one of
// them fixed in length.
func (v *versand) Automate() {
	v.t.Helper()
	v.exec(`create type "Versand 2.0"."Zustand" as enum ('AN', 'AUS', '"halb"');
		create table "Versand 2.0"."Flüße" ("Mandant" text, "Kürzel" char(6), "Zustand" "Versand 2.0"."Zustand", primary key ("Mandant", "Kürzel"));
		insert into "Versand 2.0"."Flüße" values ('O''Brien', 'a"b', 'AN'), ('O''Brien', 'a', 'AN')`)
	v.automate(rollback.SwitchColumn{Relation: `"Versand 2.0"."Flüße"`, Key: map[string]string{"Mandant": "O'Brien", "Kürzel": `a"b`}, Column: "Zustand", On: "AN", Off: "AUS"})
}

func (v *versand) Turn(state rollback.SwitchState) {
	v.t.Helper()
	label := map[rollback.SwitchState]string{rollback.SwitchOn: "AN", rollback.SwitchOff: "AUS", "": `"halb"`}[state]
	v.exec(`update "Versand 2.0"."Flüße" set "Zustand" = $1::text::"Versand 2.0"."Zustand" where "Kürzel" = 'a"b'`, label)
}

func (v *versand) HoldSwitch() func() {
	v.t.Helper()
	tx := v.holds(`select from "Versand 2.0"."Flüße" where "Kürzel" = 'a"b' for share`)
	return func() { require.NoError(v.t, tx.Rollback(v.t.Context())) }
}
