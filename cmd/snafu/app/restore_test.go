package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb"
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
	config, err := parse("snafu.yaml", fmt.Appendf(nil, clubConfig, approvers[0], approvers[1], ago(10*time.Hour)), lookup(env), Need{Sources: true})
	require.NoError(t, err)
	s.config.Sources = config.Sources
	setup, err := SourceSQL(config, "club")
	require.NoError(t, err)
	live = pgtest.Connect(t, source)
	copied := pgtest.Connect(t, backup)
	for _, sql := range []string{clubSQL, clubWiped, setup} {
		_, err := live.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	for _, sql := range []string{clubSQL, `grant usage on schema club to snafu_count; grant select on club.person to snafu_count`} {
		_, err := copied.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	return live
}

func TestWipedNumbersComeBackFromABackupAndTheErasedPersonDoesNot(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.read = -1
	id := func(name string) string {
		p, err := s.sim.As(name).Profile()
		require.NoError(t, err)
		return p.ID
	}
	live := club(t, s, id("chi"), id("dev"))
	a, _ := s.run(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ana, says := s.sim.As("ana"), slacksim.Contains
	_, err := ana.Slash(ctx, "#general", "/snafu open sev3 Telephone numbers are gone --on club")
	require.NoError(t, err)
	room, err := ana.AwaitChannel(ctx, "snafu-1-")
	require.NoError(t, err)
	types := func(line string) {
		t.Helper()
		require.NoError(t, a.Idle(ctx))
		_, err := ana.Slash(ctx, "#"+room.Name, line)
		require.NoError(t, err)
	}
	sees := func(words ...slacksim.Matching) {
		t.Helper()
		_, err := ana.Await(ctx, "#"+room.Name, words...)
		require.NoError(t, err)
	}

	// Nothing says which tier people had, but the rule of the clean-up does.
	types("/snafu pick clean-7")
	sees(says("50 members. No history is kept here"))
	types("/snafu map gold=silver bronze=silver")
	sees(slacksim.OnlyForMe(), says("gold and bronze both became silver, so silver alone does not say which it was. Use history or a backup."))
	types("/snafu map gold=silver bronze=tin")
	sees(slacksim.OnlyForMe(), says("Decided by the rule: 50 people in 2 cohorts."))

	types("/snafu restore weekly phone --run clean-7 --since " + ago(2*time.Hour))
	sees(slacksim.OnlyForMe(), says(`club declares no backup "weekly". There is nightly.`))
	types("/snafu restore nightly phone --run clean-7 --since " + ago(11*time.Hour))
	sees(slacksim.OnlyForMe(), says("This backup was taken after the incident began"))
	types("/snafu restore nightly phone --run clean-7 --since " + ago(2*time.Hour+time.Minute) + " --until " + ago(2*time.Hour-5*time.Minute))
	sees(says("Restore R1 from nightly"))
	for _, line := range []string{"contain stopped the clean-up (was on, now off)", "triage 2 clean-7", "triage 3 no", "triage 4 numbers wiped", "triage 7 workflow the clean-up"} {
		types("/snafu " + line)
	}
	types("/snafu plan propose R1")
	sees(says("48 to write"), says("From backup nightly, last saved"), says("1 were erased for good"), says("50 of 50 (100.0 %) can be restored"))
	v := planOf(t, a)
	require.Equal(t, rollback.KindRestore, v.Spec.Kind)
	require.Equal(t, rollback.Counts{Write: 48, Conflict: 2}, v.Classes())

	for _, who := range []string{"chi", "dev"} {
		require.NoError(t, a.Idle(ctx))
		approver := s.sim.As(who)
		_, err := approver.Press(ctx, "#"+room.Name, "Review and approve")
		require.NoError(t, err)
		form, err := approver.Modal(ctx, slacksim.Callback("approve"))
		require.NoError(t, err)
		_, err = form.Submit(ctx, slacksim.Values{"rows": "48"})
		require.NoError(t, err)
	}
	sees(says("R1 r1 is approved by"))
	chi := s.sim.As("chi")
	_, err = chi.Press(ctx, "#"+room.Name, "Run")
	require.NoError(t, err)
	form, err := chi.Modal(ctx, slacksim.Callback("run"))
	require.NoError(t, err)
	_, err = form.Submit(ctx, slacksim.Values{"ref": "R1"})
	require.NoError(t, err)
	sees(says("20 written, 20 read back"))
	_, err = chi.Press(ctx, "#"+room.Name, "Continue")
	require.NoError(t, err)
	sees(says("R1 done: 48 written · 2 conflicts left alone"))

	var right, kept int
	require.NoError(t, live.QueryRow(ctx, `select count(*) filter (where phone = '+49 30 ' || id),
		count(*) filter (where id = 1 and phone = '+49 89 1' or id = 2 and phone is null) from club.person`).Scan(&right, &kept))
	require.Equal(t, []int{58, 2}, []int{right, kept}, "the re-entered number is kept, and nobody who was erased comes back")
	var spoken int
	require.NoError(t, s.db.Pool().QueryRow(ctx, `select count(*) from journal where detail::text like '%+49%'`).Scan(&spoken))
	require.Zero(t, spoken, "the journal holds no record's value")
}

// ago is an instant as configuration and people write it.
func ago(d time.Duration) string { return time.Now().UTC().Add(-d).Format(time.RFC3339) }

func planOf(t *testing.T, a *App) rollback.PlanView {
	t.Helper()
	id, err := a.approval.Find(t.Context(), 1, "R1")
	require.NoError(t, err)
	v, err := a.approval.Get(t.Context(), id)
	require.NoError(t, err)
	return v
}
