package embedded_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"snafu/incidents/pgdb/embedded"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestAThrowAwayServerAnswersAndLeavesNothing(t *testing.T) {
	srv, err := embedded.Start(t.Context(), embedded.Options{Tmpfs: true, Say: func(s string) { t.Log(s) }})
	require.NoError(t, err)
	t.Log(srv.Took, srv.Dir, srv.DSN("postgres"))

	conn, err := pgx.Connect(t.Context(), srv.DSN("postgres"))
	require.NoError(t, err)
	var fsync string
	require.NoError(t, conn.QueryRow(t.Context(), "show fsync").Scan(&fsync))
	require.Equal(t, "off", fsync)
	require.NoError(t, conn.Close(t.Context()))

	began := time.Now()
	require.NoError(t, srv.Stop(context.Background()))
	t.Log("stopped in", time.Since(began))
	require.NoError(t, srv.Stop(context.Background()))
	require.NoDirExists(t, srv.Dir)
	_, err = os.Stat(srv.Socket())
	require.ErrorIs(t, err, os.ErrNotExist)
}
