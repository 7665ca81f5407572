package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb"
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
	id := func(name string) string {
		p, err := s.sim.As(name).Profile()
		require.NoError(t, err)
		return p.ID
	}
	pgtest.Login(t, "snafu_count")
	source, backup := pgtest.Empty(t), pgtest.Empty(t)
	env := map[string]string{}
	for name, login := range map[string]struct{ as, of string }{
		"CLUB_COUNT": {"snafu_count", source}, "CLUB_EXEC": {"snafu_exec", source}, "CLUB_NIGHTLY": {"snafu_count", backup},
	} {
		url, err := pgdb.As(login.as, login.of)
		require.NoError(t, err)
		env[name] = url
	}
	config, err := parse("snafu.yaml", fmt.Appendf(nil, guestConfig, id("chi"), id("dev"), ago(10*time.Hour)), lookup(env), Need{Sources: true})
	require.NoError(t, err)
	s.config.Sources = config.Sources
	setup, err := SourceSQL(config, "club")
	require.NoError(t, err)
	live, copied := pgtest.Connect(t, source), pgtest.Connect(t, backup)
	for _, sql := range []string{guestSQL, guestGone, setup} {
		_, err := live.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	for _, sql := range []string{guestSQL, `grant usage on schema club to snafu_count; grant select on club.guest to snafu_count`} {
		_, err := copied.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	a, _ := s.run(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ana, says := s.sim.As("ana"), slacksim.Contains
	_, err = ana.Slash(ctx, "#general", "/snafu open sev3 Guests are gone --on club")
	require.NoError(t, err)
	room, err := ana.AwaitChannel(ctx, "snafu-1-")
	require.NoError(t, err)
	types := func(line string) {
		t.Helper()
		require.NoError(t, a.Idle(ctx))
		_, err := ana.Slash(ctx, "#"+room.Name, "/snafu "+line)
		require.NoError(t, err)
	}
	sees := func(words ...slacksim.Matching) {
		t.Helper()
		_, err := ana.Await(ctx, "#"+room.Name, words...)
		require.NoError(t, err)
	}
	runs := func(ref, rows string) {
		t.Helper()
		for _, who := range []string{"chi", "dev"} {
			require.NoError(t, a.Idle(ctx))
			approver := s.sim.As(who)
			_, err := approver.Press(ctx, "#"+room.Name, "Review and approve")
			require.NoError(t, err)
			form, err := approver.Modal(ctx, slacksim.Callback("approve"))
			require.NoError(t, err)
			_, err = form.Submit(ctx, slacksim.Values{"rows": rows})
			require.NoError(t, err)
		}
		sees(says(ref + " r1 is approved by"))
		chi := s.sim.As("chi")
		card, err := chi.Await(ctx, "#"+room.Name, says(ref+" r1 · "), slacksim.Shows("Run")) // an earlier plan's may still show its own
		require.NoError(t, err)
		_, err = chi.Press(ctx, "#"+room.Name, "Run", slacksim.On(card.TS))
		require.NoError(t, err)
		form, err := chi.Modal(ctx, slacksim.Callback("run"))
		require.NoError(t, err)
		_, err = form.Submit(ctx, slacksim.Values{"ref": ref})
		require.NoError(t, err)
	}
	number := func(sql string) (n int) {
		t.Helper()
		require.NoError(t, live.QueryRow(ctx, sql).Scan(&n))
		return n
	}

	types("restore nightly phone --gone")
	sees(slacksim.OnlyForMe(), says("Their whole records come back, so no field is named."))
	types("restore nightly --gone --run clean-7 --since " + ago(2*time.Hour+time.Minute))
	sees(says("Reinsert R1 from nightly"))
	for _, line := range []string{"contain stopped the clean-up (was on, now off)", "triage 2 clean-7", "triage 3 no", "triage 4 guests deleted", "triage 7 workflow the clean-up"} {
		types(line)
	}
	types("plan propose R1")
	sees(says("11 to write"), says("From backup nightly, last saved"), says("deleted"))
	v := planOf(t, a)
	require.Equal(t, rollback.KindReinsert, v.Spec.Kind)
	require.Equal(t, rollback.Counts{Write: 11, Conflict: 1}, v.Classes())
	runs("R1", "11")
	sees(says("R1 done: 11 written"))
	require.Equal(t, 12, number(`select count(*) from club.guest where id <= 12`))
	require.Equal(t, 11, number(`select count(*) from club.guest where id between 2 and 12 and phone = '+49 30 ' || id and tier = 'gold'`))
	list, err := a.list(ctx, v.Spec.Plan, rollback.ListOf{Name: rollback.ListFixed, Format: rollback.ListCSV})
	require.NoError(t, err)
	require.EqualValues(t, 11, list.Rows)

	types("undo R1 they were to go after all")
	sees(says("Undo R2 of R1"))
	types("plan propose R2")
	sees(says("deleted inserted"), says("Undoes R1: each of the 11 records that it inserted is marked as removed, gone := yes. None is deleted."))
	runs("R2", "11")
	sees(says("R2 done: 11 written"))
	require.Equal(t, 11, number(`select count(*) from club.guest where id between 2 and 12 and gone = 'yes'`))
	require.Equal(t, 30, number(`select count(*) from club.guest`), "nothing is ever deleted")
}
