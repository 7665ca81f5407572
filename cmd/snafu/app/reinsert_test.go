package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

const guestConfig = `
sources:
  club:
    system: postgres
    count_dsn_env: CLUB_COUNT
    exec_dsn_env: CLUB_EXEC
    approvers: {users: [%s, %s], discussed: free}
    tables:
      guest:
        table: club.guest
        unit: guests
        key: [id]
        settable: [tier]
        insertable: [tier, phone]
        pii: [phone]
        archive: {column: gone, value: "yes"}
        history: {table: club.log, key: [guest], order: nr, at: at, field: field, old: was, new: became, run: job, deleted: record}
    backups:
      nightly: {dsn_env: CLUB_NIGHTLY, last_saved: {at: "%s"}}
`

const guestSQL = `
	create schema club;
	create table club.guest (id bigint generated always as identity primary key, tier text, phone text, gone text);
	insert into club.guest (tier, phone) select 'gold', '+49 30 ' || n from generate_series(1, 30) n`

const guestGone = `
	create table club.log (nr bigint generated always as identity primary key, guest bigint, at timestamptz, field text, was text, became text, job text);
	delete from club.guest where id <= 12;
	insert into club.log (guest, at, field, job) select n, now() - interval '2 hours', 'record', 'clean-7' from generate_series(1, 12) n;
	insert into club.guest (id, tier, phone) overriding system value values (1, 'silver', 'new')`

func TestDeletedRecordsAreInsertedAgainAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.read = -1
	source, backup := pgtest.Empty(t), pgtest.Empty(t)
	env := logsIn(t, map[string][2]string{
		"CLUB_COUNT": {"snafu_count", source}, "CLUB_EXEC": {"snafu_exec", source}, "CLUB_NIGHTLY": {"snafu_count", backup},
	})
	config, err := parse("snafu.yaml", fmt.Appendf(nil, guestConfig, s.id(t, "chi"), s.id(t, "dev"), ago(10*time.Hour)), lookup(env), Need{Sources: true})
	require.NoError(t, err)
	s.config.Sources = config.Sources
	setup, err := SourceSQL(config, "club")
	require.NoError(t, err)
	holds(t, backup, guestSQL, `grant usage on schema club to snafu_count; grant select on club.guest to snafu_count`)
	live := holds(t, source, guestSQL, guestGone, setup)
	x, says := s.opens(t, "sev3 Guests are gone --on club"), slacksim.Contains

	x.types("restore nightly phone --gone")
	x.sees("ana", slacksim.OnlyForMe(), says("Their whole records come back, so no field is named."))
	x.types("restore nightly --gone --run clean-7 --since " + ago(2*time.Hour+time.Minute))
	x.sees("ana", says("Reinsert R1 from nightly"))
	x.types("contain stopped the clean-up (was on, now off)", "triage 2 clean-7", "triage 3 no", "triage 4 guests deleted", "triage 7 workflow the clean-up")
	x.types("plan propose R1")
	x.sees("ana", says("11 to write"), says("From backup nightly, last saved"), says("deleted"))
	v := x.plan()
	require.Equal(t, rollback.KindReinsert, v.Spec.Kind)
	require.Equal(t, rollback.Counts{Write: 11, Conflict: 1}, v.Classes())
	x.starts("R1", "r1", "11")
	x.sees("ana", says("R1 done: 11 written"))
	require.Equal(t, 12, number(t, live, `select count(*) from club.guest where id <= 12`))
	require.Equal(t, 11, number(t, live, `select count(*) from club.guest where id between 2 and 12 and phone = '+49 30 ' || id and tier = 'gold'`))
	list, err := x.a.list(t.Context(), v.Spec.Plan, rollback.ListOf{Name: rollback.ListFixed, Format: rollback.ListCSV})
	require.NoError(t, err)
	require.EqualValues(t, 11, list.Rows)

	x.types("undo R1 they were to go after all")
	x.sees("ana", says("Undo R2 of R1"))
	x.types("plan propose R2")
	x.sees("ana", says("deleted inserted"), says("Undoes R1: each of the 11 records that it inserted is marked as removed, gone := yes. None is deleted."))
	x.starts("R2", "r1", "11")
	x.sees("ana", says("R2 done: 11 written"))
	require.Equal(t, 11, number(t, live, `select count(*) from club.guest where id between 2 and 12 and gone = 'yes'`))
	require.Equal(t, 30, number(t, live, `select count(*) from club.guest`), "nothing is ever deleted")
}
