package pgtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	one, two := pgtest.New(t), pgtest.New(t)
	_, err := one.Pool().Exec(t.Context(), `insert into leases (name, holder, epoch, expires_at) values ('only here', 'ana', 1, now())`)
	require.NoError(t, err)

	var n int
	require.NoError(t, two.Pool().QueryRow(t.Context(), `select count(*) from leases`).Scan(&n))
	require.Zero(t, n)
}

func TestATestIsTheBotAndNoSuperuser(t *testing.T) {
	db := pgtest.New(t)
	var user, session string
	var super bool
	const who = `select current_user, session_user, (select rolsuper from pg_roles where rolname = current_user)`
	require.NoError(t, db.Pool().QueryRow(t.Context(), who).Scan(&user, &session, &super))
	require.Equal(t, "snafu_app", user)
	require.Equal(t, "snafu_app", session)
	require.False(t, super)
}

func TestTheOwnerAndTheSuperuserAreAtHandForTampering(t *testing.T) {
	db := pgtest.New(t)
	var owner, admin string
	require.NoError(t, pgtest.Connect(t, pgtest.OwnerURL(t, db)).QueryRow(t.Context(), `select current_user`).Scan(&owner))
	require.NoError(t, pgtest.Connect(t, pgtest.AdminURL(t, db)).QueryRow(t.Context(), `select current_user`).Scan(&admin))
	require.Equal(t, "snafu_owner", owner)
	require.NotEqual(t, "snafu_owner", admin)
}

func TestAnEmptyDatabaseHasNoTable(t *testing.T) {
	var n int
	conn := pgtest.Connect(t, pgtest.Empty(t))
	require.NoError(t, conn.QueryRow(t.Context(), `select count(*) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')`).Scan(&n))
	require.Zero(t, n)
}

func BenchmarkClone(b *testing.B) {
	pgtest.New(b)
	for b.Loop() {
		pgtest.Empty(b)
	}
}
