package pgdb_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

func TestAWrongDatabaseURLIsToldInWords(t *testing.T) {
	t.Parallel()
	good, err := url.Parse(pgtest.Empty(t))
	require.NoError(t, err)
	for _, c := range []struct {
		name, url, say string // a pattern
	}{
		{"nothing listens", "postgres://ana@127.0.0.1:1/snafu", "Nothing answers as Postgres at the address of the database. Check host and port in the URL, and that it runs."},
		{"no such database", good.Scheme + "://" + good.User.String() + "@" + good.Host + "/nowhere?" + good.RawQuery, "There is no such database. Create it, or mend its name in the URL."},
		{"no such role", good.Scheme + "://nobody_here@" + good.Host + good.Path + "?" + good.RawQuery, "^Postgres (lets nobody in with that login|refused that user or password). Check .* in the URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			_, err := pgdb.Open(ctx, pgdb.Options{URL: c.url})
			require.Error(t, err)
			require.Regexp(t, c.say, pgdb.Words(err), err)
		})
	}
}

func TestADatabaseWithoutOurSchemaIsToldInWords(t *testing.T) {
	t.Parallel()
	db, err := pgdb.Open(t.Context(), pgdb.Options{URL: pgtest.Empty(t)})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	err = pgdb.NewLease(db, "metronome", "ana").TryRenew(t.Context())
	require.Equal(t, "A table is missing. Run snafu migrate.", pgdb.Words(err))
	require.False(t, pgdb.Lost(err))
}

func TestEveryConnectionHasTheLimitsOfTheHouse(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for setting, want := range map[string]string{
		"search_path":                         "snafu",
		"TimeZone":                            "UTC",
		"lock_timeout":                        "1s",
		"statement_timeout":                   "15s",
		"idle_in_transaction_session_timeout": "30s",
		"client_connection_check_interval":    "500ms",
		"application_name":                    "snafu",
	} {
		var have string
		require.NoError(t, db.Pool().QueryRow(t.Context(), `select current_setting($1)`, setting).Scan(&have))
		require.Equal(t, want, have, setting)
	}
}
