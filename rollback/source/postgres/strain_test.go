package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

func TestWhatCannotBeAskedCountsAsStrain(t *testing.T) {
	t.Parallel()
	s := items(t)
	require.Zero(t, s.writer().Strain(t.Context()), "nothing is declared, so nothing is asked")
	for url, why := range map[string]string{
		"postgres://nobody@127.0.0.1:1/nothing": "replica eu-2 does not answer",
		"postgres://%":                          "replica eu-2 does not answer",
		s.as("snafu_count"):                     "eu-2 is no replica",
	} {
		s.opt.Throttle = Throttle{Replicas: []Replica{{"eu-2", url}}}
		require.Equal(t, rollback.Strain{Code: "lag", Why: why}, s.writer().Strain(t.Context()))
	}
	s.opt.Throttle.Replicas, s.opt.ExecURL = s.opt.Throttle.Replicas[:1], "postgres://snafu_exec@127.0.0.1:1/nothing"
	require.Equal(t, "crm does not say how far it is", s.writer().Strain(t.Context()).Why)
	s.opt.Throttle = Throttle{MaxActive: 10}
	require.Equal(t, rollback.Strain{Code: "active", Why: "crm does not say how busy it is"}, s.writer().Strain(t.Context()))
	require.Error(t, s.writer().Ping(t.Context()))
}

// Sessions of other people are counted by their open transactions, which every
// login may see. The server is shared by parallel tests, so its own number moves.
func TestSessionsAtWorkAreCounted(t *testing.T) {
	t.Parallel()
	s := items(t)
	require.NoError(t, s.writer().Ping(t.Context()))
	for range 3 {
		tx, err := pgtest.Connect(t, s.url).Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `select`)
		require.NoError(t, err)
	}
	s.opt.Throttle.MaxActive = 2
	require.Regexp(t, `^\d+ sessions of crm are at work, at most 2 may be$`, s.writer().Strain(t.Context()).Why)
	s.opt.Throttle.MaxActive = 100_000
	require.Zero(t, s.writer().Strain(t.Context()))
}
