package approval_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// Every execution, against everything that was ever given or written, in SQL
// that shares nothing with the rules.
const unlawful = `
	select p.id
	from executions e
	join plans p on p.id = e.plan
	join revisions r on r.plan = e.plan and r.digest = e.digest
	cross join lateral (
		select count(distinct a.person) as voices
		from approvals a
		where a.plan = e.plan and a.digest = e.digest and a.counts and a.typed = r.writes
		  and a.person <> p.requester
		  and not exists (select 1 from revisions w where w.plan = e.plan and w.author = a.person)
		  and a.at <= r.freeze_expires and a.at + interval '8 hours' >= e.claimed_at) v
	where v.voices < 2 or e.claimed_at >= r.start_before or e.digest <> sha256(r.canonical)
	   or e.claimed_at >= (select max(a.at) from approvals a where a.plan = e.plan and a.digest = e.digest and a.counts) + interval '1 hour'`

// TestNoHistoryStartsAPlanWithoutTwoOtherPeople lets five people do what they
// like to a plan, in any order, with clocks that jump, and holds every start to
// the law.
func TestNoHistoryStartsAPlanWithoutTwoOtherPeople(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("SNAFU_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("SNAFU_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	h := newHouse(t)
	h.list(ben, chi, dev)
	people := []incidents.Person{ana, ben, chi, dev, "T1/EVE"}
	started := 0
	for history := range 40 {
		id := h.draft().Plan
		for range 30 {
			if h.step(rng, id, people[rng.IntN(len(people))]) {
				started++
				break
			}
		}
		if v := h.get(id); v.State.Live() {
			require.NoError(t, h.a.Order(t.Context(), h.act(ana), v.Stamp, rollback.OrderPause, ""), "history %d", history)
			require.NoError(t, h.pauseByOrder(v.Stamp))
			require.NoError(t, h.a.Order(t.Context(), h.act(ana), v.Stamp, rollback.OrderAbort, "next history"))
		}
	}
	require.Positive(t, started, "no history led to a start: the test shows nothing")
	rows, err := h.db.Pool().Query(t.Context(), unlawful)
	require.NoError(t, err)
	defer rows.Close()
	require.False(t, rows.Next(), "an execution breaks the law")
}

// step does one thing to a plan, mostly what leads on; it tells whether the
// plan was started. Nothing but a refusal may stand in the way.
func (h *house) step(rng *rand.Rand, id rollback.ID, who incidents.Person) bool {
	h.t.Helper()
	ctx, v := h.t.Context(), h.get(id)
	stamp := v.Stamp
	if rng.IntN(12) == 0 && stamp.Revision > 1 {
		stamp.Revision--
	}
	h.wait([]time.Duration{0, time.Minute, 10 * time.Minute, 50 * time.Minute, 3 * time.Hour}[rng.IntN(5)])
	var err error
	switch n := rng.IntN(20); {
	case n == 0:
		_, err = h.a.Edit(ctx, h.act(who), stamp, ask())
	case n == 1:
		err = h.a.AskFreeze(ctx, h.act(who), id)
	case n == 2:
		err = h.a.WithdrawApproval(ctx, h.act(who), stamp)
	case n == 3:
		err = h.a.Reject(ctx, h.act(who), stamp, "no")
	case v.Freezing:
		err = h.a.Frozen(ctx, h.freezeJob(id), freezeAt(h.at()))
	case v.State == rollback.NameDraft, v.State == rollback.NameExpired:
		err = h.a.AskFreeze(ctx, h.act(ana), id)
	case v.State == rollback.NameFrozen:
		err = h.a.Propose(ctx, h.act(ana), stamp)
	case v.State == rollback.NameApproved && n < 12:
		if err = h.claim(stamp, who); err == nil {
			return true
		}
	default:
		err = h.a.Approve(ctx, h.act(who), stamp, []int64{1169, 1169, 1169, 1176}[rng.IntN(4)], h.at())
	}
	if err != nil {
		_, ok := refusal.As(err)
		require.True(h.t, ok, "%s in %s: %v", fmt.Sprint(who), v.State, err)
	}
	return false
}

// The checker has teeth: a start on one voice and the requester's, written past
// every constraint, is found.
func TestTheLawFindsAStartWithoutTwoOtherPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	conn := pgtest.Connect(t, pgtest.AdminURL(t, h.db))
	for _, statement := range []string{
		`set session_replication_role = replica`,
		`set search_path = snafu`,
		`insert into executions (plan, digest, source, voice1, voice2, started_by, claimed_at, start_before)
		 select plan, digest, 'crm', 'T1/ANA', 'T1/BEN', 'T1/BEN', proposed_at, proposed_at + interval '1 hour' from revisions`,
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	var found int64
	require.NoError(t, h.db.Pool().QueryRow(t.Context(), unlawful).Scan(&found))
	require.EqualValues(t, stamp.Plan, found)
	_, _, err := h.a.ForRun(t.Context(), job(stamp))
	require.Error(t, err, "nor does it ever run")
}
