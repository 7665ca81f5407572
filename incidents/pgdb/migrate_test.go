package pgdb_test

import (
	"errors"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
)

func TestASecondMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.Unmigrated(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, nil))
	before := rungsOf(t, url)
	require.NoError(t, pgdb.Migrate(t.Context(), url, nil))
	require.Equal(t, before, rungsOf(t, url))
}

func TestTwoMigrationsAtOnceClimbOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Unmigrated(t)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = pgdb.Migrate(t.Context(), url, nil) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	conn := pgtest.Connect(t, url)
	var twice int
	_, err := conn.Exec(t.Context(), `set role snafu_owner`)
	require.NoError(t, err)
	require.NoError(t, conn.QueryRow(t.Context(), `select count(*) - count(distinct version_id) from snafu.goose_db_version`).Scan(&twice))
	require.Zero(t, twice)
}

func TestAnEditedMigrationIsRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.Unmigrated(t)
	files := copyOf(t)
	require.NoError(t, pgdb.MigrateFiles(t.Context(), url, files))

	crlf := copyOf(t)
	crlf["0001_house.sql"] = &fstest.MapFile{Data: withCRLF(crlf["0001_house.sql"].Data)}
	require.NoError(t, pgdb.MigrateFiles(t.Context(), url, crlf), "other line ends are the same migration")

	edited := copyOf(t)
	edited["0001_house.sql"] = &fstest.MapFile{Data: append(edited["0001_house.sql"].Data, "-- more\n"...)}
	edited["0900_later.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table later ();\n")}
	err := pgdb.MigrateFiles(t.Context(), url, edited)
	require.ErrorContains(t, err, "migration 0001_house.sql was edited after it ran here")
	require.ErrorContains(t, err, "write the change as a new migration")
	require.NotContains(t, rungsOf(t, url), "0900_later.sql", "nothing ran")
}

func TestAFailedMigrationLeavesTheOnesBeforeIt(t *testing.T) {
	t.Parallel()
	url := pgtest.Unmigrated(t)
	files := copyOf(t)
	files["0900_good.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table good ();\n")}
	files["0901_bad.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table half ();\nselect 1/0;\n")}
	err := pgdb.MigrateFiles(t.Context(), url, files)
	require.ErrorContains(t, err, "migration 901")
	require.Contains(t, rungsOf(t, url), "0900_good.sql")

	files["0901_bad.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table half ();\n")}
	require.NoError(t, pgdb.MigrateFiles(t.Context(), url, files))
	require.Contains(t, rungsOf(t, url), "0901_bad.sql")
}

func TestALaterSchemaIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	url := pgtest.Unmigrated(t)
	later := copyOf(t)
	later["0900_later.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table later ();\n")}
	require.NoError(t, pgdb.MigrateFiles(t.Context(), url, later))
	require.NoError(t, pgdb.Migrate(t.Context(), url, nil))
}

func TestMigrationWithoutTheRolesSaysWhatToRun(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	err := pgdb.Migrate(t.Context(), pgtest.As(t, db, pgdb.App), nil)
	require.ErrorContains(t, err, "may not act as snafu_owner. Migrate as snafu_migrate")
}

func TestTheProgramSeesHowFarTheLadderIs(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	have, need, err := db.Ladder(t.Context())
	require.NoError(t, err)
	require.Equal(t, need, have)
	require.GreaterOrEqual(t, need, int64(8))

	bare, err := pgdb.Open(t.Context(), pgdb.Options{URL: pgtest.Unmigrated(t)})
	require.NoError(t, err)
	t.Cleanup(bare.Close)
	have, _, err = bare.Ladder(t.Context())
	require.NoError(t, err)
	require.Zero(t, have)
}

func TestTheRoleScriptMayRunAgainAndRefusesABotWithMore(t *testing.T) {
	db := pgtest.New(t) // not parallel: roles belong to the whole server
	admin := pgtest.AdminURL(t, db)
	require.NoError(t, pgdb.Roles(t.Context(), admin, manifests.LogRoles))
	require.NoError(t, pgdb.Roles(t.Context(), admin, manifests.LogRoles))

	conn := pgtest.Connect(t, admin)
	_, err := conn.Exec(t.Context(), `grant snafu_owner to snafu_app`)
	require.NoError(t, err)
	err = pgdb.Roles(t.Context(), admin, manifests.LogRoles)
	_, undo := conn.Exec(t.Context(), `revoke snafu_owner from snafu_app`)
	require.NoError(t, undo)
	require.ErrorContains(t, err, "is a member of a role above it")
}

func TestTheDatabaseIsClosedToStrangersAndTheBotMakesNothingInIt(t *testing.T) {
	t.Parallel()
	url := pgtest.Unmigrated(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, nil))
	conn := pgtest.Connect(t, url)
	for _, c := range []struct {
		role, privilege string
		may             bool
	}{
		{"snafu_app", "connect", true},
		{"snafu_app", "create", false},
		{"snafu_app", "temp", false},
		{"snafu_verify", "connect", true},
		{"snafu_verify", "create", false},
		{"snafu_verify", "temp", false},
		{"snafu_migrate", "connect", true},
		{"snafu_migrate", "create", false},
		{"snafu_owner", "create", true},
		{"pg_monitor", "connect", false},
	} {
		var may bool
		require.NoError(t, conn.QueryRow(t.Context(), `select has_database_privilege($1, current_database(), $2)`, c.role, c.privilege).Scan(&may))
		require.Equal(t, c.may, may, "%s %s", c.role, c.privilege)
	}
}

func rungsOf(t testing.TB, url string) []string {
	t.Helper()
	conn := pgtest.Connect(t, url)
	_, err := conn.Exec(t.Context(), `set role snafu_owner`)
	require.NoError(t, err)
	rows, err := conn.Query(t.Context(), `select name from snafu.rungs order by version`)
	require.NoError(t, err)
	var names []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	return names
}

func copyOf(t testing.TB) fstest.MapFS {
	t.Helper()
	files, err := pgdb.Files()
	require.NoError(t, err)
	names, err := fs.Glob(files, "*.sql")
	require.NoError(t, err)
	m := fstest.MapFS{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		m[name] = &fstest.MapFile{Data: text}
	}
	return m
}

func withCRLF(text []byte) (out []byte) {
	for _, b := range text {
		if b == '\n' {
			out = append(out, '\r')
		}
		out = append(out, b)
	}
	return out
}
