package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

// A club whose clean-up has wiped telephone numbers. Nothing keeps a history;
// the backup of the night before was restored to a database of its own.
const clubConfig = `
sources:
  club:
    system: postgres
    title: The club
    count_dsn_env: CLUB_COUNT
    exec_dsn_env: CLUB_EXEC
    approvers: {users: [%s, %s], discussed: free}
    tables:
      person:
        table: club.person
        unit: people
        key: [id]
        settable: [tier, phone]
        touched_at: {column: updated_at}
        membership: {table: club.cleaned, key: [person], run: job, at: at}
        erasures: {table: club.erasure, key: [subject]}
    backups:
      nightly: {dsn_env: CLUB_NIGHTLY, tables: [person], last_saved: {at: "%s"}}
`

const clubSQL = `
	create schema club;
	create table club.person (id bigint primary key, tier text, phone text, updated_at timestamptz not null);
	create table club.cleaned (job text, person bigint, at timestamptz);
	create table club.erasure (subject bigint);
	insert into club.person select n, case when n % 2 = 0 then 'gold' else 'bronze' end, '+49 30 ' || n, now() - interval '2 days' from generate_series(1, 60) n`

const clubWiped = `
	update club.person set phone = null, tier = case tier when 'gold' then 'silver' else 'tin' end, updated_at = now() - interval '2 hours' where id <= 50;
	insert into club.cleaned select 'clean-7', n, now() - interval '2 hours' from generate_series(1, 50) n;
	update club.person set phone = '+49 89 1', updated_at = now() - interval '1 hour' where id = 1;
	insert into club.erasure values (2)`

// club declares the source and its backup, and returns the admin of the source.
func club(t *testing.T, s *stand, approvers ...string) (live *pgx.Conn) {
	t.Helper()
	source, backup := pgtest.Empty(t), pgtest.Empty(t)
	env := logsIn(t, map[string][2]string{
		"CLUB_COUNT": {"snafu_count", source}, "CLUB_EXEC": {"snafu_exec", source}, "CLUB_NIGHTLY": {"snafu_count", backup},
	})
	config, err := parse("snafu.yaml", fmt.Appendf(nil, clubConfig, approvers[0], approvers[1], ago(10*time.Hour)), lookup(env), Need{Sources: true})
	require.NoError(t, err)
	s.config.Sources = config.Sources
	setup, err := SourceSQL(config, "club")
	require.NoError(t, err)
	holds(t, backup, clubSQL, `grant usage on schema club to snafu_count; grant select on club.person to snafu_count`)
	return holds(t, source, clubSQL, clubWiped, setup)
}

func TestWipedNumbersComeBackFromABackupAndTheErasedPersonDoesNot(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.read = -1
	live := club(t, s, s.id(t, "chi"), s.id(t, "dev"))
	x, says := s.opens(t, "sev3 Telephone numbers are gone --on club"), slacksim.Contains

	// Nothing says which tier people had, but the rule of the clean-up does.
	x.types("pick clean-7")
	x.sees("ana", says("50 members. No history is kept here"))
	x.types("map gold=silver bronze=silver")
	x.sees("ana", slacksim.OnlyForMe(), says("gold and bronze both became silver, so silver alone does not say which it was. Use history or a backup."))
	x.types("map gold=silver bronze=tin")
	x.sees("ana", slacksim.OnlyForMe(), says("Decided by the rule: 50 people in 2 cohorts."))

	x.types("restore weekly phone --run clean-7 --since " + ago(2*time.Hour))
	x.sees("ana", slacksim.OnlyForMe(), says(`club declares no backup "weekly". There is nightly.`))
	x.types("restore nightly phone --run clean-7 --since " + ago(11*time.Hour))
	x.sees("ana", slacksim.OnlyForMe(), says("This backup was taken after the incident began"))
	x.types("restore nightly phone --run clean-7 --since " + ago(2*time.Hour+time.Minute) + " --until " + ago(2*time.Hour-5*time.Minute))
	x.sees("ana", says("Restore R1 from nightly"))
	x.types("contain stopped the clean-up (was on, now off)", "triage 2 clean-7", "triage 3 no", "triage 4 numbers wiped", "triage 7 workflow the clean-up")
	x.types("plan propose R1")
	x.sees("ana", says("48 to write"), says("From backup nightly, last saved"), says("1 were erased for good"), says("50 of 50 (100.0 %) can be restored"))
	v := x.plan()
	require.Equal(t, rollback.KindRestore, v.Spec.Kind)
	require.Equal(t, rollback.Counts{Write: 48, Conflict: 2}, v.Classes())

	x.starts("R1", "r1", "48")
	x.sees("ana", says("20 written, 20 read back"))
	x.presses("chi", "Continue", "", nil)
	x.sees("ana", says("R1 done: 48 written · 2 conflicts left alone"))

	var right, kept int
	require.NoError(t, live.QueryRow(t.Context(), `select count(*) filter (where phone = '+49 30 ' || id),
		count(*) filter (where id = 1 and phone = '+49 89 1' or id = 2 and phone is null) from club.person`).Scan(&right, &kept))
	require.Equal(t, []int{58, 2}, []int{right, kept}, "the re-entered number is kept, and nobody who was erased comes back")
	var spoken int
	require.NoError(t, s.db.Pool().QueryRow(t.Context(), `select count(*) from journal where detail::text like '%+49%'`).Scan(&spoken))
	require.Zero(t, spoken, "the journal holds no record's value")
}
