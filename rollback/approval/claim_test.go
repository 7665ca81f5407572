package approval_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
)

func TestAdversarial11AnApproverWhoLeftTheListIsNoVoiceAtTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	h.list(ben, dev)
	err := h.claim(stamp, ben)
	require.Equal(t, "not-listed", code(t, err))
	require.EqualError(t, err, "The approval of R1 by <@CHI> no longer counts. Freeze R1 again and ask anew.")
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan))
	require.Equal(t, 1, h.told("run-refused/1"))
}

func TestAdversarial12AnApproverWhoWasDeactivatedIsNoVoiceAtTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	h.flag(chi, func(s *approval.Standing) { s.Deactivated = true })
	require.Equal(t, "account", code(t, h.claim(stamp, ben)))
	require.Equal(t, "account", code(t, h.claim(stamp, chi)))
	require.Zero(t, h.executions())
}

func (h *house) executions() int {
	h.t.Helper()
	var n int
	require.NoError(h.t, h.db.Pool().QueryRow(h.t.Context(), `select count(*) from executions`).Scan(&n))
	return n
}

func TestAdversarial14APlanThatDidNotStartInTimeNeverStarts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	h.wait(time.Hour)
	err := h.claim(stamp, ben)
	require.Equal(t, "start-late", code(t, err))
	require.EqualError(t, err, "R1 had to start by 13:01 UTC. Freeze it again.")
	require.Zero(t, h.executions())

	again := h.freeze(stamp.Plan, ana)
	require.EqualValues(t, 2, again.Revision, "freezing again is a new revision, approved anew")
	require.Empty(t, h.get(stamp.Plan).Approvals)
}

func TestAdversarial16AnEditedRowHoldsNoVoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	// An owner of the tables who switches the triggers off edits one value.
	h.asOwner(`alter table revisions disable trigger revisions_kept`)
	h.asOwner(`update revisions set spec = jsonb_set(spec, '{decisions,0,desired,0}', '"Lost"')`)
	require.Equal(t, "altered", code(t, h.claim(stamp, ben)))
	_, _, err := h.a.ForRun(t.Context(), approval.Run{Plan: stamp.Plan, Revision: 1, Digest: stamp.Digest})
	require.Error(t, err)
	require.Zero(t, h.executions())
}

func TestAdversarial18OneApprovalIsNeverEnough(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *approval.Source) { s.Needed = 1 })
	_, err := h.a.Draft(t.Context(), h.act(ana), h.id, ask())
	require.ErrorContains(t, err, "revisions_needs_check")
}

func TestOfThreeNeededTwoAreNotEnough(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *approval.Source) { s.Needed = 3 })
	h.list(ben, chi, dev)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))
	require.Equal(t, "state", code(t, h.claim(stamp, ben)))
	require.NoError(t, h.approve(stamp, dev))
	h.flag(dev, func(s *approval.Standing) { s.Guest = true })
	require.Equal(t, "guest", code(t, h.claim(stamp, ben)), "the third voice is asked about too")
	h.flag(dev, func(s *approval.Standing) { s.Guest = false })
	require.NoError(t, h.claim(stamp, ben))
	_, _, err := h.a.ForRun(t.Context(), approval.Run{Plan: stamp.Plan, Revision: 1, Digest: stamp.Digest})
	require.NoError(t, err)
}

func TestAdversarial22OfManyStartsOneWins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	var wins, refused int
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range 8 {
		who := []incidents.Person{ben, chi}[i%2]
		group.Go(func() {
			err := h.claim(stamp, who)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				wins++
			} else if code(t, err) == "state" {
				refused++
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, wins)
	require.Equal(t, 7, refused)
	require.Equal(t, 1, h.executions())
	require.Equal(t, 1, h.told("run-claimed/1"))
}

func TestAdversarial22OfTwoExecutorsOneOwnsTheRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, run := h.running()
	epoch, err := h.a.Own(t.Context(), run, "first", 15*time.Second)
	require.NoError(t, err)
	_, err = h.a.Own(t.Context(), run, "second", 15*time.Second)
	require.ErrorIs(t, err, approval.ErrOwned)
	require.NoError(t, h.a.Keep(t.Context(), run, "first", epoch, 15*time.Second))
	owned, err := h.a.Unowned(t.Context())
	require.NoError(t, err)
	require.Empty(t, owned)

	h.wait(16 * time.Second)
	unowned, err := h.a.Unowned(t.Context())
	require.NoError(t, err)
	lost := run
	lost.Lost = epoch
	require.Equal(t, []approval.Run{lost}, unowned)
	later, err := h.a.Own(t.Context(), run, "second", 15*time.Second)
	require.NoError(t, err)
	require.Greater(t, later, epoch)
	require.ErrorIs(t, h.a.Keep(t.Context(), run, "first", epoch, 15*time.Second), approval.ErrOwned)
}

// Nothing about a plan lives in memory: another process decides on with the
// rows alone.
func TestAdversarial24AButtonOutlivesTheProcessThatPostedIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	posted, err := rollback.ParseStamp(stamp.String())
	require.NoError(t, err)
	h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{source("crm")}})
	require.NoError(t, h.approve(posted, ben))
	h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{source("crm")}})
	require.NoError(t, h.approve(posted, chi))
	require.NoError(t, h.claim(posted, chi))
}

func TestTheStartWantsTheNameOfThePlanAndAnApprover(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	require.Equal(t, "typed", code(t, h.a.Claim(t.Context(), h.act(ben), stamp, "R2")))
	require.Equal(t, "not-listed", code(t, h.claim(stamp, ana)))
	require.Equal(t, 2, h.told("run-refused/1"))
	require.NoError(t, h.a.Claim(t.Context(), h.act(ben), stamp, "r1"))
}

func TestOnePlanRunsOnASourceAtATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, _ := h.running()
	other := h.proposed()
	require.NoError(t, h.approve(other, ben))
	require.NoError(t, h.approve(other, chi))
	err := h.claim(other, ben)
	require.Equal(t, "running", code(t, err))
	require.EqualError(t, err, "R1 is running on crm; R2 can start when it ends.")

	r, err := response.New(response.Options{DB: h.db})
	require.NoError(t, err)
	inc, err := r.Get(t.Context(), h.id)
	require.NoError(t, err)
	require.Equal(t, []string{"R1"}, inc.Holds, "an incident with a live run can't close")

	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderPause, ""))
	require.NoError(t, h.pauseByOrder(stamp))
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderAbort, "wrong run"))
	require.Equal(t, rollback.NameAborted, h.state(stamp.Plan))
	require.NoError(t, h.claim(other, ben))
}

func (h *house) expire(args approval.Expire) {
	h.t.Helper()
	require.NoError(h.t, h.a.Expire(h.t.Context(), jobs.Job[approval.Expire]{Args: args}))
}

func TestDeadlinesEndAPlanByTheClockOfTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	at := h.get(stamp.Plan).Expires
	h.wait(time.Hour)
	require.NoError(t, h.a.Expire(t.Context(), jobs.Job[approval.Expire]{Args: approval.Expire{Plan: stamp.Plan, Revision: 1, At: at}}))
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
	h.wait(at.Sub(h.at()) + time.Second)
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 1, At: at})
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 1, At: at})
	require.Equal(t, rollback.NameExpired, h.state(stamp.Plan))
	require.Equal(t, 1, h.told("plan-expired/1"))
	require.Equal(t, "state", code(t, h.approve(stamp, ben)))

	again := h.freeze(stamp.Plan, ana)
	require.EqualValues(t, 2, again.Revision)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), again))
	h.wait(time.Minute)
	require.NoError(t, h.approve(again, ben))
	require.NoError(t, h.approve(again, chi))
	deadline := h.get(stamp.Plan).StartBefore
	h.wait(time.Hour)
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 2, At: deadline})
	require.Equal(t, rollback.NameExpired, h.state(stamp.Plan))
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 1, At: deadline})
}
