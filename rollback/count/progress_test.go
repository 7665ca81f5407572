package count_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback/count"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

func TestASourceCountsOneThingAtATimeAndOnceForAllWhoAskTheSame(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.eye.pass(time.Minute)
	w.eye.exact = 0
	w.eye.stop()
	answers := make(chan error, 3)
	ask := func(ctx context.Context) {
		act := w.act()
		go func() { answers <- w.count.Measure(ctx, act, w.id) }()
	}
	first, leave := withCancel(t)
	ask(first)
	<-w.eye.began
	ask(t.Context())
	ask(t.Context())
	require.Eventually(t, func() bool { return w.count.Waiting() == 2 }, time.Minute, time.Millisecond)

	gone, end := withCancel(t)
	end()
	other := count.ScopeOf("crm", "lead", []string{"lead_status"}, seenRun("weekly-41"))
	says(t, w.count.Pick(gone, w.act(), w.id, other), refusal.KindUnavailable, "busy with other counts")

	leave() // the one whose query it is gives up: the others still want an answer
	require.Error(t, <-answers)
	<-w.eye.began
	close(w.eye.block)
	require.NoError(t, <-answers)
	require.NoError(t, <-answers)
	require.Equal(t, 1, w.eye.exact, "one query, two answers")
	require.Equal(t, 2, w.kinds()["measured/1"], "the same answer is stored once")
}

func TestACancelledCountEndsInTheSource(t *testing.T) {
	t.Parallel()
	h := picked(t)
	h.exec(`alter table crm.campaign_member rename to joined;
		create view crm.campaign_member as select j.* from crm.joined j cross join (select pg_sleep(600)) as long;
		grant select on crm.campaign_member to snafu_count`)
	slow := h.opt
	slow.Counts.StatementTimeout = 10 * time.Minute
	reader, err := postgres.OpenReader(context.WithoutCancel(t.Context()), slow)
	require.NoError(t, err)
	t.Cleanup(reader.Close)
	counts := count.New(count.Options{DB: h.db, Reader: func(string) (source.Reader, error) { return reader, nil }})

	ctx, cancel := withCancel(t)
	act := h.act()
	var counting sync.WaitGroup
	answer := make(chan error, 1)
	counting.Go(func() { answer <- counts.Measure(ctx, act, h.id) })
	// A connection that is cut off stays for a moment after its query.
	sessions := func(state string) (n int) {
		require.NoError(t, h.admin.QueryRow(t.Context(), `
			select count(*) from pg_stat_activity
			 where datname = current_database() and application_name = 'snafu:count' and query like '%with raw as%' and state like $1`, state).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool { return sessions("active") == 1 }, time.Minute, 10*time.Millisecond, "it counts")
	cancel()
	require.Error(t, <-answer)
	counting.Wait()
	require.Eventually(t, func() bool { return sessions("%") == 0 }, time.Minute, 10*time.Millisecond, "the source does not work on it any more")
	require.Equal(t, 1, h.kinds()["measured/1"], "nothing was stored")
}

func TestWhoCancelsACountIsFoundBehindTheEntryWhereItBegan(t *testing.T) {
	t.Parallel()
	h := picked(t)
	require.NoError(t, h.count.Cancel(t.Context(), h.act(), h.id))
	seq, err := h.count.Newest(t.Context(), h.id)
	require.NoError(t, err)
	_, cancelled, err := h.count.CancelledSince(t.Context(), h.id, seq)
	require.NoError(t, err)
	require.False(t, cancelled, "an earlier count was meant")
	require.NoError(t, h.count.Cancel(t.Context(), h.act(), h.id))
	by, cancelled, err := h.count.CancelledSince(t.Context(), h.id, seq)
	require.NoError(t, err)
	require.True(t, cancelled)
	require.Equal(t, ana.Actor(), by)
}
