package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
)

func TestTheGrantsAreTheWall(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.plan(3, "later_writer")
	for login, tries := range map[string][]string{
		"snafu_count": {
			`update "my shop".item set "Status" = 'x'`, `insert into "my shop".item values (9)`, `delete from "my shop".item`,
			`insert into snafu.runs values (1, 9, 'x')`, `update snafu.runs set epoch = 9`, `delete from snafu.ledger`, `create table snafu.x (i int)`,
			`select xmin from "my shop".item`, `insert into "my shop".log (item) values (1)`, `set role snafu_exec`, `set role snafu_owner`,
			`select lo_import('/etc/passwd')`, `copy "my shop".item to program 'cat'`, `select pg_read_file('/etc/passwd')`,
		},
		"snafu_exec": {
			`update "my shop".item set note = 'x'`, `update "my shop".item set id = 9`, `delete from "my shop".item`, `truncate "my shop".item`,
			`insert into "my shop".item values (9)`, `update "my shop".log set now = 'x'`, `delete from "my shop".log`, `insert into "my shop".member values ('x', 1)`,
			`update snafu.frozen_rows set desired = null`, `delete from snafu.frozen_rows`, `update snafu.ledger set outcome = 1`, `delete from snafu.ledger`,
			`update snafu.batches set digest = ''`, `delete from snafu.runs`, `update snafu.runs set run = 2`, `truncate snafu.ledger`, `drop table snafu.ledger`,
			`alter table "my shop".item disable trigger logged`, `set session_replication_role = replica`, `create table "my shop".x (i int)`,
			`set role snafu_owner`,
		},
	} {
		conn := pgtest.Connect(t, s.as(login))
		_, err := conn.Exec(t.Context(), `set default_transaction_read_only = off`)
		require.NoError(t, err)
		for _, sql := range tries {
			_, err := conn.Exec(t.Context(), sql)
			var pg *pgconn.PgError
			require.ErrorAs(t, err, &pg, "%s may: %s", login, sql)
			require.Equal(t, "42501", pg.Code, "%s: %s: %s", login, sql, pg.Message)
		}
	}
}

func TestCheckFindsWhatIsMissingAndWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	sound := items(t)
	f, err := Check(t.Context(), sound.opt)
	require.NoError(t, err)
	require.True(t, f.Sound(), "%+v", f)

	for _, c := range []struct{ name, sql, missing, surplus string }{
		{"no select on a column", `revoke select (note) on "my shop".item from snafu_count`, `grant select ("note") on "my shop"."item" to snafu_count`, ""},
		{"no update of the set column", `revoke update ("Status") on "my shop".item from snafu_exec`, `grant update ("Status") on "my shop"."item" to snafu_exec`, ""},
		{"no row versions", `revoke select (xmin) on "my shop".item from snafu_exec`, `grant select ("xmin") on "my shop"."item" to snafu_exec`, ""},
		{"no history", `revoke select (was) on "my shop".log from snafu_exec`, `grant select ("was") on "my shop"."log" to snafu_exec`, ""},
		{"no usage", `revoke usage on schema "my shop" from snafu_count`, `grant usage on schema "my shop" to snafu_count`, ""},
		{"a newer schema", `update snafu.schema_version set version = 9`, "has version 9", ""},
		{"no schema", `drop schema snafu cascade`, "has no schema snafu", ""},
		{"a table that is gone", `drop table "my shop".member`, `"my shop"."member"`, ""},
		{"a key that is gone", `alter table "my shop".item drop constraint item_pkey`, "no primary or unique key", ""},
		{"the counter may write", `grant update (note) on "my shop".item to snafu_count`, "", `snafu_count may update my shop.item.note`},
		{"the counter may write everything", `grant all on "my shop".item to snafu_count`, "", `snafu_count may delete my shop.item`},
		{"the writer may delete", `grant delete on "my shop".item to snafu_exec`, "", `snafu_exec may delete my shop.item`},
		{"the writer may update another column", `grant update (note) on "my shop".item to snafu_exec`, "", `snafu_exec may update my shop.item.note`},
		{"the writer may update the whole table", `grant update on "my shop".item to snafu_exec`, "", `snafu_exec may update my shop.item`},
		{"the writer may create", `grant create on schema "my shop" to snafu_exec`, "", "snafu_exec may create in schema my shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			s.exec(c.sql)
			f, err := Check(t.Context(), s.opt)
			require.NoError(t, err)
			require.False(t, f.Sound())
			if c.missing != "" {
				require.Contains(t, joined(f.Missing()), c.missing)
			}
			if c.surplus != "" {
				require.Contains(t, joined(f.Surplus()), c.surplus)
			}
		})
	}

	s := items(t)
	s.opt.ExecURL = s.url
	f, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, joined(f.Surplus()), "is a superuser")

	s.opt.ExecURL = ""
	f, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.True(t, f.Sound(), "a source may be measured only")
	_, err = OpenWriter(t.Context(), s.opt)
	require.ErrorContains(t, err, "only measured")
}

func joined(lines []string) string {
	out := ""
	for _, l := range lines {
		out += l + "\n"
	}
	return out
}

func TestTheSetupCanBeRunAgain(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.exec(SetupSQL(s.opt))
	f, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.True(t, f.Sound(), "%+v", f)
	require.Zero(t, s.number(`select count(*) from pg_class where relnamespace = 'snafu'::regnamespace and relowner <> 'snafu_owner'::regrole`))
}

func TestTheSetupMakesItsLoginsAlsoWhenSomebodyMakesTheirOwnerAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := items(t)
	more := fmt.Sprintf("_%d", s.number(`select oid::bigint from pg_database where datname = current_database()`))
	names := []string{"snafu_owner" + more, "snafu_count" + more, "snafu_exec" + more}
	var renamed []string
	for i, name := range []string{"snafu_owner", "snafu_count", "snafu_exec"} {
		renamed = append(renamed, name, names[i])
	}
	s.exec(`drop schema snafu cascade`)
	other := pgtest.Connect(t, s.url)
	tx, err := other.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "create role "+names[0])
	require.NoError(t, err)

	here := pgtest.Connect(t, s.url)
	made := make(chan error, 1)
	var setup sync.WaitGroup
	setup.Go(func() {
		_, err := here.Exec(t.Context(), "begin;"+strings.NewReplacer(renamed...).Replace(SetupSQL(s.opt))+";rollback")
		made <- err
	})
	require.Eventually(t, func() bool {
		return s.number(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0
	}, time.Minute, time.Millisecond)
	require.NoError(t, tx.Commit(t.Context()))
	setup.Wait()
	_, err = s.admin.Exec(context.WithoutCancel(t.Context()), "drop role "+names[0])
	require.NoError(t, err)
	require.NoError(t, <-made, "each grant found its login")
}

func TestASourceThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.opt.CountURL = "postgres://snafu_count@127.0.0.1:1/nowhere?connect_timeout=1"
	_, err := s.reader().StateTable(t.Context(), s.Scope())
	require.Equal(t, "source-away", code(t, err))
}
