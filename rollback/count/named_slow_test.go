package count_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// resting is a house with a named count that takes ten minutes, of a source that
// is asked as the options say.
func resting(t *testing.T, change func(*postgres.Options)) *house {
	t.Helper()
	h := picked(t)
	h.exec(`create function crm.rests() returns bigint language plpgsql stable as $$ begin perform pg_sleep(600); return 1; end $$;
		grant execute on function crm.rests() to snafu_count`)
	opt := h.opt
	change(&opt)
	reader, err := postgres.OpenReader(context.WithoutCancel(t.Context()), opt)
	require.NoError(t, err)
	t.Cleanup(reader.Close)
	q := namedQuery("crm", "rests", "select count(*) from crm.lead where id = crm.rests()")
	h.count = count.New(count.Options{DB: h.db, Queries: []rollback.Query{q}, Reader: func(string) (source.Reader, error) { return reader, nil }})
	return h
}

func TestANamedCountThatIsCancelledEndsInTheSource(t *testing.T) {
	t.Parallel()
	h := resting(t, func(o *postgres.Options) { o.Counts.StatementTimeout = 10 * time.Minute })
	q, err := h.count.Lookup("rests", "crm")
	require.NoError(t, err)
	ctx, cancel := withCancel(t)
	act, answer := h.act(), make(chan error, 1)
	go func() {
		_, err := h.count.Named(ctx, act, h.id, q, nil)
		answer <- err
	}()
	active := func() (n int) {
		require.NoError(t, h.admin.QueryRow(t.Context(), `
			select count(*) from pg_stat_activity
			 where datname = current_database() and application_name = 'snafu:count' and query like '%crm.rests()%' and state = 'active'`).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool { return active() == 1 }, time.Minute, 10*time.Millisecond, "it counts")
	cancel()
	require.Error(t, <-answer)
	require.Eventually(t, func() bool { return active() == 0 }, time.Minute, 10*time.Millisecond, "the source does not work on it any more")
	require.Zero(t, h.stored())
}

func TestANamedCountThatGetsNoAnswerSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	h := resting(t, func(o *postgres.Options) { o.Counts.StatementTimeout = 300 * time.Millisecond })
	_, err := h.named("rests", nil)
	says(t, err, refusal.KindUnavailable, "crm did not answer within")
	says(t, err, refusal.KindUnavailable, "so the count was ended. Add a condition, or ask its admin for an index.")

	away := resting(t, func(o *postgres.Options) { o.CountURL = "postgres://snafu_count@127.0.0.1:1/crm" })
	_, err = away.named("rests", nil)
	says(t, err, refusal.KindUnavailable, "crm cannot be reached. Try again in a minute")
	no, _ := refusal.As(err)
	require.NotContains(t, no.Say, "index", "it is away, not slow: "+no.Say)
	require.NotContains(t, no.Say, "127.0.0.1")
	require.Zero(t, h.stored()+away.stored())
}
