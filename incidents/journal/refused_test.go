package journal_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

// What the bot, or whoever took its login, cannot do to the journal.
func TestTheBotCannotChangeWhatItHasWritten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)

	const line = `(chain, seq, at, actor, act_key, kind, format, salt, body, leaf, hash`
	const values = `99, 1, now(), 'x', 'y', 'z/1', 1, decode(repeat('00',16),'hex'), '', sha256(''), sha256('')`
	for _, c := range []struct{ name, sql string }{
		{"choose an entry's number", `insert into journal ` + line + `, entry_id) overriding system value values (` + values + `, 1)`},
		{"choose when it was recorded", `insert into journal ` + line + `, recorded_at) values (` + values + `, now() - interval '1 day')`},
		{"change an entry", `update journal set detail = '{}' where chain = 42`},
		{"lock an entry for a change", `select from journal where chain = 42 for update`},
		{"delete an entry", `delete from journal where chain = 42`},
		{"empty the journal", `truncate journal cascade`},
		{"overwrite by upsert", `insert into journal ` + line + `) values (42, 1, now(), 'x', 'y', 'z/1', 1, null, null, sha256(''), sha256('')) on conflict (chain, seq) do update set actor = 'x'`},
		{"switch a trigger off", `alter table journal disable trigger journal_no_change`},
		{"drop the journal", `drop table journal cascade`},
		{"drop the trigger", `drop trigger journal_no_change on journal`},
		{"replace the trigger's function", `create or replace function snafu.journal_is_append_only() returns trigger language plpgsql as 'begin return new; end'`},
		{"grant itself more", `do $$ begin
			grant update on journal to snafu_app; -- gives a warning and nothing else
			if not has_table_privilege('snafu_app', 'journal', 'update') then
				raise insufficient_privilege;
			end if;
		end $$`},
		{"become the owner", `set role snafu_owner`},
		{"become the redactor", `set role snafu_redactor`},
		{"pretend to be a replica", `set session_replication_role = replica`},
		{"rewrite by a rule", `create rule quiet as on insert to journal do instead nothing`},
		{"put a trigger of its own", `create trigger own before insert on journal for each row execute function suppress_redundant_updates_trigger()`},
		{"make a table in our schema", `create table snafu.house2 ()`},
		{"change the install", `update house set install = decode(repeat('00', 16), 'hex')`},
		{"remove a head", `delete from journal_heads`},
		{"forget an act", `delete from acts`},
		{"rename an act", `update acts set key = 'other'`},
		{"forget a delivery", `delete from deliveries`},
		{"forget a step", `delete from delivery_steps`},
		{"rename a step", `update delivery_steps set step = 'other'`},
		{"climb the ladder", `insert into goose_db_version (version_id, is_applied) values (99, true)`},
		{"remove a checksum", `delete from rungs`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := db.Pool().Exec(t.Context(), c.sql)
			require.Equal(t, "42501", pgdb.State(err), err)
		})
	}
	require.Len(t, entries(t, db, 42), 8)
	requireSound(t, db)
}

// The grants keep the bot out; the triggers keep everybody out who has grants.
func TestNotEvenASuperuserChangesAnEntryInPassing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	conn := pgtest.Connect(t, pgtest.AdminURL(t, db))
	for _, setting := range []string{`set session_replication_role = origin`, `set session_replication_role = replica`} {
		_, err := conn.Exec(t.Context(), setting)
		require.NoError(t, err)
		for _, sql := range []string{
			`update snafu.journal set actor = 'x'`,
			`update snafu.journal set body = null, salt = null, detail = null`,
			`delete from snafu.journal`,
			`truncate snafu.journal cascade`,
		} {
			_, err := conn.Exec(t.Context(), sql)
			require.ErrorContains(t, err, "the journal is append-only", sql)
		}
	}
	requireSound(t, db)
}

func TestWhoVerifiesCannotWrite(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	story(t, db)
	conn := pgtest.Connect(t, pgtest.As(t, db, pgdb.Reader))
	for _, sql := range []string{
		`insert into snafu.acts (key, actor) values ('a', 'b')`,
		`update snafu.journal_heads set seq = 1`,
		`delete from snafu.journal`,
		`select from snafu.incidents`,
		`set role snafu_owner`,
	} {
		_, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
		require.Equal(t, "42501", pgdb.State(err), sql)
	}
}
