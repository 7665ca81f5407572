package journal_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

func verify(t testing.TB, db *pgdb.DB, o journal.VerifyOptions) journal.Report {
	t.Helper()
	report, err := journal.Verify(t.Context(), pgtest.Connect(t, pgtest.As(t, db, pgdb.Reader)), o)
	require.NoError(t, err)
	return report
}

func requireSound(t testing.TB, db *pgdb.DB) {
	t.Helper()
	for _, c := range verify(t, db, journal.VerifyOptions{}).Chains {
		require.Nil(t, c.Fault, c.String())
	}
}

// story writes two chains and a house.
func story(t testing.TB, db *pgdb.DB) {
	t.Helper()
	for i := range 8 {
		say(t, db, 42, fmt.Sprint("a:", i), fmt.Sprint("fact ", i))
		say(t, db, 43, fmt.Sprint("b:", i), fmt.Sprint("other ", i))
	}
	say(t, db, journal.House, "start:1", "started")
}

func TestAdversarial86AnUntouchedJournalIsSoundInEveryTimeZone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	for _, zone := range []string{"UTC", "Asia/Kathmandu", "America/St_Johns"} {
		conn := pgtest.Connect(t, pgtest.As(t, db, pgdb.Reader))
		_, err := conn.Exec(t.Context(), `select set_config('TimeZone', $1, false), set_config('DateStyle', 'German', false)`, zone)
		require.NoError(t, err)
		report, err := journal.Verify(t.Context(), conn, journal.VerifyOptions{})
		require.NoError(t, err)
		require.Len(t, report.Chains, 3)
		require.Zero(t, report.Broken(), report.Chains)
		require.Equal(t, journal.House, report.Chains[0].Incident)
		require.Equal(t, int64(8), report.Chains[1].Entries)
	}
}

func TestTheReportSaysWhatWasNotChecked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	only := incidents.ID(42)
	report := verify(t, db, journal.VerifyOptions{Incident: &only, Slack: -1})
	require.Len(t, report.Chains, 1)

	var out strings.Builder
	_, err := report.WriteTo(&out)
	require.NoError(t, err)
	require.Regexp(t, `^SNAFU-42 +8 entries  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \.\. .* head [0-9a-f]{12}   OK\n`, out.String())
	require.Contains(t, out.String(), "not checked: whether a chain was rewritten or removed together with its head")
	require.Contains(t, out.String(), "all other chains")
	require.Contains(t, out.String(), "how far the instants are from the clock of Postgres")
	require.Contains(t, out.String(), "OK: 1 chain, all that was checked holds\n")
}

func TestAnEmptyJournalIsSound(t *testing.T) {
	t.Parallel()
	requireSound(t, pgtest.New(t))
}

// Each as the owner of the tables, who can switch off the triggers.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		sql  string
		kind string
		seq  int64
	}{
		{
			"Adversarial82 the bytes of an entry are changed",
			`update journal set body = set_byte(body, octet_length(body) - 1, get_byte(body, octet_length(body) - 1) # 1) where chain = 42 and seq = 3`, journal.FaultBody, 3,
		},
		{
			"the salt is changed",
			`update journal set salt = decode(repeat('00', 16), 'hex') where chain = 42 and seq = 3`, journal.FaultBody, 3,
		},
		{
			"Adversarial88 the reading copy is changed",
			`update journal set detail = jsonb_set(detail, '{what}', '"nothing"') where chain = 42 and seq = 4`, journal.FaultReadable, 4,
		},
		{
			"a large number in the reading copy is off by one",
			`update journal set detail = jsonb_set(detail, '{count}', '12345678901234568') where chain = 42 and seq = 4`, journal.FaultReadable, 4,
		},
		{
			"the reading copy is taken away",
			`update journal set detail = null where chain = 42 and seq = 4`, journal.FaultReadable, 4,
		},
		{
			"another actor stands in the column",
			`update journal set actor = 'T0DATA001/U0BEN0001' where chain = 42 and seq = 5`, journal.FaultColumn, 5,
		},
		{
			"the instant is moved by a microsecond",
			`update journal set at = at + interval '1 microsecond' where chain = 42 and seq = 5`, journal.FaultColumn, 5,
		},
		{
			"the kind is changed",
			`update journal set kind = 'contained/1' where chain = 42 and seq = 1`, journal.FaultColumn, 1,
		},
		{
			"Adversarial83 an entry in the middle is deleted",
			`delete from deliveries where incident = 42; delete from journal where chain = 42 and seq = 4`, journal.FaultGap, 4,
		},
		{
			"the first entry is deleted",
			`delete from deliveries where incident = 42; delete from journal where chain = 42 and seq = 1`, journal.FaultGap, 1,
		},
		{
			"Adversarial84 the last entry is deleted",
			`delete from deliveries where incident = 42; delete from journal where chain = 42 and seq = 8`, journal.FaultTail, 8,
		},
		{
			"the whole chain is deleted and its head stays",
			`delete from deliveries where incident = 42; delete from journal where chain = 42`, journal.FaultTail, 1,
		},
		{
			"two entries are swapped",
			`alter table deliveries drop constraint deliveries_incident_seq_fkey;
			 update journal set seq = 100 where chain = 42 and seq = 5;
			 update journal set seq = 5 where chain = 42 and seq = 6;
			 update journal set seq = 6 where chain = 42 and seq = 100`, journal.FaultLink, 5,
		},
		{
			"the hash of an entry is changed",
			`update journal set hash = sha256(hash) where chain = 42 and seq = 6`, journal.FaultLink, 6,
		},
		{
			"the head is edited",
			`update journal_heads set hash = sha256(hash) where chain = 42`, journal.FaultTail, 8,
		},
		{
			"the head is set back",
			`update journal_heads h set seq = 7, hash = (select hash from journal where chain = 42 and seq = 7) where chain = 42`, journal.FaultTail, 8,
		},
		{
			"the head is removed",
			`delete from journal_heads where chain = 42`, journal.FaultTail, 8,
		},
		{
			"the recorded instant is moved back",
			`update journal set recorded_at = recorded_at - interval '1 day' where chain = 42 and seq = 6`, journal.FaultTime, 6,
		},
		{
			"the recorded instant of the last entry is moved ahead",
			`update journal set recorded_at = recorded_at + interval '1 day' where chain = 42 and seq = 8`, journal.FaultTime, 8,
		},
		{
			"the bytes are taken away and nothing says so",
			`update journal set body = null, salt = null, detail = null where chain = 42 and seq = 2`, journal.FaultRedaction, 2,
		},
		{
			"the install is another one",
			`update house set install = uuid_send(gen_random_uuid())`, journal.FaultStart, 1,
		},
		{
			"an entry is copied from another chain",
			`delete from deliveries where incident = 42; delete from journal where chain = 42 and seq = 8;
			 insert into journal (chain, seq, at, actor, act_key, kind, format, salt, body, leaf, hash, detail)
			 select 42, 8, at, actor, act_key, kind, format, salt, body, leaf, hash, detail from journal where chain = 43 and seq = 8`, journal.FaultLink, 8,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			story(t, db)
			asOwner(t, db, `alter table journal disable trigger user`)
			asOwner(t, db, c.sql)

			found := verify(t, db, journal.VerifyOptions{})
			var chain journal.Chain
			for _, one := range found.Chains {
				if one.Incident == 42 {
					chain = one
				}
			}
			require.NotNil(t, chain.Fault, "nothing was found")
			require.Equal(t, c.kind, chain.Fault.Kind, chain.String())
			require.Equal(t, c.seq, chain.Fault.Seq, chain.String())
			require.Positive(t, found.Broken())
			require.Contains(t, chain.String(), fmt.Sprintf("BROKEN at #%d: %s (", c.seq, c.kind))
			if c.kind != journal.FaultStart { // that is a fault of every chain
				require.Equal(t, 1, found.Broken(), found.Chains)
			}
		})
	}
}

// Whoever owns the tables can write a chain anew, with hashes that follow from
// each other. Only a copy of its head elsewhere tells, and the report does not
// claim to know.
func TestAdversarial85AChainThatWasWrittenAnewIsFoundByItsOldHeadAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	witness := verify(t, db, journal.VerifyOptions{}).Chains[1]
	require.Equal(t, incidents.ID(42), witness.Incident)

	asOwner(t, db, `alter table journal disable trigger user`)
	asOwner(t, db, `delete from delivery_steps where incident = 42; delete from deliveries where incident = 42;
		delete from journal where chain = 42; delete from journal_heads where chain = 42`)
	for i := range 8 {
		say(t, db, 42, fmt.Sprint("anew:", i), fmt.Sprint("another fact ", i))
	}
	asOwner(t, db, `alter table journal enable trigger user`)

	after := verify(t, db, journal.VerifyOptions{})
	require.Zero(t, after.Broken(), "the new chain holds in itself")
	require.Equal(t, witness.Entries, after.Chains[1].Entries)
	require.NotEqual(t, witness.Head, after.Chains[1].Head, "whoever kept the old head knows")
	var out strings.Builder
	_, err := after.WriteTo(&out)
	require.NoError(t, err)
	require.Contains(t, out.String(), "not checked: whether a chain was rewritten or removed together with its head")
}

func TestAFormatOfALaterBinaryIsNotCalledBroken(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	asOwner(t, db, `alter table journal disable trigger user`)
	asOwner(t, db, `update journal set format = 9 where chain = 42 and seq = 4`)
	report := verify(t, db, journal.VerifyOptions{})
	require.Zero(t, report.Broken())
	require.Equal(t, 1, report.Unreadable())
	var out strings.Builder
	_, err := report.WriteTo(&out)
	require.NoError(t, err)
	require.Contains(t, out.String(), "COULD NOT CHECK: 1 of 3 chains\n")
}

func TestAnInstantFarFromTheClockOfPostgresIsFound(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	db.Clock = func() time.Time { return time.Date(2026, 1, 5, 9, 55, 0, 0, time.UTC) }
	say(t, db, 42, "one", "long ago")
	require.Equal(t, journal.FaultTime, verify(t, db, journal.VerifyOptions{}).Chains[0].Fault.Kind)
	require.Nil(t, verify(t, db, journal.VerifyOptions{Slack: -1}).Chains[0].Fault)
}

// The redactor blanks the text of an entry and nothing else; the chain holds.
func TestTheRedactorCanBlankAnEntryAndNothingElse(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	conn := pgtest.Connect(t, pgtest.AdminURL(t, db))
	exec := func(sql string) error {
		_, err := conn.Exec(t.Context(), sql)
		return err
	}
	require.NoError(t, exec(`set role snafu_redactor`))
	require.NoError(t, exec(`update snafu.journal set body = null, salt = null, detail = null where chain = 42 and seq = 2`))
	require.Equal(t, "42501", pgdb.State(exec(`update snafu.journal set detail = null where chain = 42 and seq = 3`)))
	require.Equal(t, "42501", pgdb.State(exec(`update snafu.journal set actor = 'x', body = null, salt = null, detail = null where chain = 42 and seq = 3`)))
	require.Equal(t, "42501", pgdb.State(exec(`delete from snafu.journal`)))

	blank := entries(t, db, 42)[1]
	require.True(t, blank.Value.Null())
	require.Len(t, entries(t, db, 42), 8)
}

func asOwner(t testing.TB, db *pgdb.DB, sql string) {
	t.Helper()
	conn := pgtest.Connect(t, pgtest.OwnerURL(t, db))
	_, err := conn.Exec(t.Context(), `set search_path = snafu`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}
