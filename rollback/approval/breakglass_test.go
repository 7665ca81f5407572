package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
)

const emergency = "the mailing goes out at five and nobody else is awake"

func glass(rows int64) func(*approval.Source) {
	return func(s *approval.Source) { s.BreakGlass = approval.Glass{Enabled: true, MaxRows: rows} }
}

func (h *house) breaks(who incidents.Person, id rollback.ID, why string) error {
	return h.a.BreakGlass(h.t.Context(), h.act(who), id, why)
}

// broken is a plan that waits for two approvals, of which ana's own may be one.
func (h *house) broken() rollback.Stamp {
	h.t.Helper()
	id := h.draft().Plan
	require.NoError(h.t, h.breaks(ana, id, emergency))
	job := h.freezeJob(id)
	require.NoError(h.t, h.a.Frozen(h.t.Context(), job, freezeAt(h.at())))
	stamp := h.get(id).Stamp
	require.NoError(h.t, h.a.Propose(h.t.Context(), h.act(ana), stamp))
	h.wait(time.Minute)
	return stamp
}

func TestAdversarial26BreakGlassIsOffUnlessASourceSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ana, ben, chi)
	stamp := h.proposed()
	err := h.breaks(ana, stamp.Plan, emergency)
	require.Equal(t, "break-glass", code(t, err))
	require.EqualError(t, err, "Break-glass is off for crm. <@IRIS> decides about that in the configuration; until then two other people approve.")
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
	require.Equal(t, "self", code(t, h.approve(stamp, ana)))
	require.Equal(t, refusedByForeign, h.exec(addApproval, stamp.Plan, stamp.Digest.Bytes(), ana, "requester", true, 1169, "k", noon), "nor past all Go code")
}

func TestAdversarial26BreakGlassIsStillTwoPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t, glass(2000))
	h.list(ana, ben, chi, dev, "T1/EVE")
	h.flag("T1/EVE", func(s *approval.Standing) {
		*s = approval.Standing{Person: "T1/EVE", Source: "crm", Listed: true, Pool: []incidents.Person{ana, ben, chi, dev, "T1/EVE"}}
	})
	stamp := h.broken()
	require.EqualValues(t, 2, stamp.Revision)
	v := h.get(stamp.Plan)
	require.Equal(t, emergency, v.Spec.BreakGlass.Why)
	require.Contains(t, v.Can, ana)
	require.Equal(t, 1, h.told("break-glass/1"))

	require.NoError(t, h.approve(stamp, ana))
	require.Equal(t, "voted", code(t, h.approve(stamp, ana)))
	require.Equal(t, "state", code(t, h.claim(stamp, ana)), "one person is never enough")
	require.Zero(t, h.executions())
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.claim(stamp, ana))

	v = h.get(stamp.Plan)
	require.True(t, v.Broken())
	require.EqualValues(t, 2, v.ReviewsMissing())
	line := v.Line()
	require.Equal(t, emergency, line.Glass)
	review := func(who incidents.Person) error { return h.a.ReviewGlass(t.Context(), h.act(who), stamp) }
	for who, why := range map[incidents.Person]string{ana: "You asked for it", ben: "You approved it"} {
		err := review(who)
		require.Equal(t, "break-glass-review", code(t, err))
		require.ErrorContains(t, err, why)
	}
	require.NoError(t, review(chi))
	require.Equal(t, "voted", code(t, review(chi)))
	require.EqualValues(t, 1, h.get(stamp.Plan).ReviewsMissing())

	// A day later who has not looked is asked again, and then again.
	again := approval.AskReview{Plan: stamp.Plan, Digest: stamp.Digest, At: h.at().Add(24 * time.Hour)}
	require.Error(t, h.a.AskReview(t.Context(), jobs.Job[approval.AskReview]{Args: approval.AskReview{Plan: stamp.Plan, Digest: stamp.Digest, At: h.at().Add(time.Minute)}}), "not yet")
	require.Zero(t, h.told("break-glass-review-wanted/1"))
	h.wait(24 * time.Hour)
	for range 2 {
		require.NoError(t, h.a.AskReview(t.Context(), jobs.Job[approval.AskReview]{Args: again}))
	}
	require.Equal(t, 1, h.told("break-glass-review-wanted/1"))
	require.NoError(t, review(dev))
	require.False(t, h.get(stamp.Plan).GlassOpen())
	h.wait(24 * time.Hour)
	again.At = again.At.Add(24 * time.Hour)
	require.NoError(t, h.a.AskReview(t.Context(), jobs.Job[approval.AskReview]{Args: again}))
	require.Equal(t, 1, h.told("break-glass-review-wanted/1"), "nobody is asked any more")
}

func TestAdversarial26BreakGlassIsBoundedAndHasAReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t, glass(1168))
	h.list(ana, ben, chi)
	id := h.draft().Plan
	require.Equal(t, "break-glass", code(t, h.breaks(ana, id, "urgent")), "a word is no reason")
	require.Equal(t, "break-glass", code(t, h.breaks(ana, id, "                        urgent")))
	require.Equal(t, "break-glass", code(t, h.breaks(ben, id, emergency)), "only for one's own plan")
	require.NoError(t, h.breaks(ana, id, emergency))
	err := h.a.Frozen(t.Context(), h.freezeJob(id), freezeAt(h.at()))
	require.Equal(t, "break-glass", code(t, err), "1,169 records are more than 1,168")
	require.EqualError(t, err, "R1 writes 1,169 records; break-glass allows 1,168. Two other people approve it, or a smaller plan goes first.")

	stamp := h.proposed()
	require.Equal(t, "break-glass", code(t, h.breaks(ana, stamp.Plan, emergency)), "known before it is frozen again")
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
	h.list(ben, chi)
	require.Equal(t, "not-listed", code(t, h.breaks(ana, stamp.Plan, emergency)), "only an approver's own voice can count")
}

func TestARunThatTwoOthersApprovedNeedsNoReview(t *testing.T) {
	t.Parallel()
	h := newHouse(t, glass(2000))
	h.list(ana, ben, chi, dev)
	stamp := h.broken()
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))
	require.NoError(t, h.claim(stamp, ben))
	require.False(t, h.get(stamp.Plan).GlassOpen())
	require.Equal(t, "break-glass-review", code(t, h.a.ReviewGlass(t.Context(), h.act(dev), stamp)))
}

func TestAPlanThatWaitsIsCalledToMindUntilItIsApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	remind := func() { // as the job does whose instant has come
		require.NoError(t, h.a.Remind(t.Context(), jobs.Job[approval.Remind]{Args: approval.Remind{Plan: stamp.Plan, Revision: 1, At: h.at()}}))
	}
	h.wait(15 * time.Minute)
	remind()
	remind()
	require.Equal(t, 1, h.told("approval-waiting/1"), "once for one instant")
	h.wait(30 * time.Minute)
	remind()
	require.Equal(t, 2, h.told("approval-waiting/1"))
	var next []time.Time
	rows, err := h.db.Pool().Query(t.Context(), `select (args->>'at')::timestamptz from river.river_job where kind = 'remind' order by 1`)
	require.NoError(t, err)
	for rows.Next() {
		var at time.Time
		require.NoError(t, rows.Scan(&at))
		next = append(next, at.UTC().Truncate(time.Second))
	}
	require.NoError(t, rows.Err())
	require.Contains(t, next, noon.Add(15*time.Minute), "the first a quarter of an hour after the proposal")
	require.Contains(t, next, h.at().Add(30*time.Minute))

	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))
	h.wait(30 * time.Minute)
	remind()
	require.Equal(t, 2, h.told("approval-waiting/1"), "an approved plan waits for nobody")
}

func TestApprovalsAreVoidWhenTheRulesOfTheirSourceChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	begin := func(change func(*approval.Source)) {
		crm := source("crm")
		change(&crm)
		h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{crm}})
		require.NoError(t, h.a.HoldRules(t.Context()))
	}
	same := func(*approval.Source) {}
	begin(same)
	stamp := h.approved()
	begin(same)
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan), "a start with the same rules changes nothing")

	begin(func(s *approval.Source) { s.Users = []string{"BEN", "CHI", "DEV"} })
	require.Equal(t, rollback.NameDraft, h.state(stamp.Plan), "another approver list")
	require.Equal(t, "stale", code(t, h.claim(stamp, ben)))
	require.Equal(t, 1, h.told("plan-superseded/1"))

	again := h.freeze(stamp.Plan, ana)
	begin(func(s *approval.Source) { s.Users, s.RequesterCounts = []string{"BEN", "CHI", "DEV"}, true })
	require.Equal(t, rollback.NameFrozen, h.state(stamp.Plan), "nobody has approved it")
	require.Equal(t, "rules", code(t, h.a.Propose(t.Context(), h.act(ana), again)), "but it was frozen under the rules before")
	last := h.freeze(stamp.Plan, ana)
	h.list(ana, ben, chi)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), last))
	h.wait(time.Minute)
	require.NoError(t, h.approve(last, ana))
	require.NoError(t, h.approve(last, ben))
	begin(func(s *approval.Source) { s.Users, s.Needed = []string{"BEN", "CHI", "DEV"}, 3 })
	require.EqualValues(t, 3, h.get(stamp.Plan).Spec.Needs, "the next revision stands under the new rules")

	var changes int
	require.NoError(t, h.db.Pool().QueryRow(t.Context(), `select count(*) from journal where chain = 0 and kind = 'approvers-changed/1'`).Scan(&changes))
	require.Equal(t, 3, changes)
}

// A draft of break-glass keeps no more than its source allows when it is frozen.
func TestAdversarial26BreakGlassGoesNoFurtherThanItsSourceAllowsNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t, glass(2000))
	h.list(ana, ben, chi)
	stamp := h.broken()
	require.NoError(t, h.approve(stamp, ana))
	require.NoError(t, h.approve(stamp, ben))
	begin := func(allowed func(*approval.Source)) {
		crm := source("crm")
		allowed(&crm)
		h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{crm}})
	}
	begin(glass(1000))
	require.Equal(t, "rules", code(t, h.claim(stamp, ben)))
	require.EqualError(t, h.a.AskFreeze(t.Context(), h.act(ana), stamp.Plan), "You approved R1 r2, so someone else must change it. Or plan R2.")
	require.NoError(t, h.a.AskFreeze(t.Context(), h.act(dev), stamp.Plan))
	require.EqualValues(t, 1000, h.get(stamp.Plan).Spec.BreakGlass.MaxRows)
	require.Equal(t, "break-glass", code(t, h.a.Frozen(t.Context(), h.freezeJob(stamp.Plan), freezeAt(h.at()))), "it holds 1,169")

	begin(func(*approval.Source) {})
	require.NoError(t, h.a.Withdraw(t.Context(), h.act(ana), stamp.Plan, "smaller"))
	require.Zero(t, h.executions())
}
