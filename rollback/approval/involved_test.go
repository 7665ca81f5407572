package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
)

func (h *house) involve(by, who incidents.Person) error {
	return h.a.Involve(h.t.Context(), h.act(by), h.id, who)
}

func TestAdversarial27WhoHadAPartInTheCauseIsNoVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	stamp := h.proposed()
	require.NoError(t, h.involve(ben, ben), "they say so themselves")
	require.NotContains(t, h.get(stamp.Plan).Can, ben)
	err := h.approve(stamp, ben)
	require.Equal(t, "involved", code(t, err))
	require.EqualError(t, err, "You are recorded as involved in the cause, so your approval can't count here. <@CHI> and <@DEV> can.")
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan), "nobody's approval was lost")
	require.Equal(t, 1, h.told("plan-involved/1"), "the review names one person less")

	require.Empty(t, h.exec(addPart, stamp.Plan, ben, "approver"))
	require.Equal(t, refusedForEver, h.exec(addApproval, stamp.Plan, stamp.Digest.Bytes(), ben, "approver", false, 1169, "k", noon), "nor past all Go code")

	next := h.freeze(h.draft().Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), next))
	h.wait(time.Minute)
	require.Equal(t, "involved", code(t, h.approve(next, ben)), "nor for a later plan of the snafu")

	require.NoError(t, h.approve(next, chi))
	require.NoError(t, h.involve(ben, ben), "a second time changes nothing")
	require.Len(t, h.get(next.Plan).Approvals, 1)
	require.Equal(t, 1, h.told("involved/1"))
}

func TestAdversarial27AnApprovalOfSomebodyInvolvedIsVoidWhenThatIsRecorded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	stamp := h.approved()
	err := h.involve(chi, ben)
	require.Equal(t, "not-lead", code(t, err))
	require.EqualError(t, err, "Only the lead can record that about somebody else. That is <@ANA>.")
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan))

	require.NoError(t, h.involve(ana, ben), "the lead records it")
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameDraft, v.State)
	require.EqualValues(t, 2, v.Spec.Revision)
	require.Equal(t, 1, h.told("plan-superseded/1"))
	require.Equal(t, "stale", code(t, h.claim(stamp, chi)))

	again := h.freeze(stamp.Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), again))
	h.wait(time.Minute)
	require.Equal(t, "involved", code(t, h.approve(again, ben)))
	require.Equal(t, refusedForEver, h.exec(addApproval, again.Plan, again.Digest.Bytes(), ben, "approver", false, 1169, "k", noon), "whose part in the plan is that of an approver for ever")
	require.NoError(t, h.approve(again, chi))
	require.NoError(t, h.approve(again, dev))
	require.NoError(t, h.claim(again, chi))
}

func TestAdversarial27ASourceMayLetSomebodyInvolvedCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *approval.Source) { s.InvolvedCounts = true })
	stamp := h.proposed()
	require.NoError(t, h.involve(ben, ben))
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.involve(ana, chi))
	require.NoError(t, h.approve(stamp, chi))
	require.NoError(t, h.claim(stamp, ben))
	require.Zero(t, h.told("plan-superseded/1"))
}

// A run goes by what was known when it was started; a person who wants it to go
// on after a pause does not.
func TestARunWhoseApproverTurnsOutToBeInvolvedIsNotContinued(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, run := h.running()
	require.NoError(t, h.involve(ben, ben))
	running, _, err := h.a.ForRun(t.Context(), run)
	require.NoError(t, err)
	require.Equal(t, stamp.Digest, running.Digest())
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderPause, ""))
	require.NoError(t, h.pauseByOrder(stamp))
	require.Equal(t, "involved", code(t, h.a.Order(t.Context(), h.act(chi), stamp, rollback.OrderResume, "")))
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderAbort, "an approval is gone"))
}

func TestTwoAccountsWithOneAddressAreOnePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	h.address = map[incidents.Person]string{ana: "ana@example.com", dev: "ana@example.com"}
	stamp := h.proposed()
	err := h.approve(stamp, dev)
	require.Equal(t, "account", code(t, err))
	require.EqualError(t, err, "This account can't approve (it has the e-mail address of <@ANA>). <@BEN> and <@CHI> can.")

	h.address = map[incidents.Person]string{ben: "ben@example.com", dev: "ben@example.com"}
	require.NoError(t, h.approve(stamp, ben))
	require.Equal(t, "account", code(t, h.approve(stamp, dev)), "a voice has that address already")
	require.NoError(t, h.approve(stamp, chi))

	h.address = map[incidents.Person]string{ben: "ben@example.com", chi: "ben@example.com"}
	require.Equal(t, "account", code(t, h.claim(stamp, ben)), "the voices are asked about again at the start")
	h.address = nil
	require.NoError(t, h.claim(stamp, ben))
}

func TestWhoApprovesOnePlanAfterTheOtherIsNamedOnTheCard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var last rollback.Stamp
	for range rollback.MostInAnHour {
		last = h.proposed()
		require.NoError(t, h.approve(last, ben))
		require.Empty(t, h.get(last.Plan).Hasty)
	}
	last = h.proposed()
	require.NoError(t, h.approve(last, chi))
	require.NoError(t, h.approve(last, ben))
	require.Equal(t, []incidents.Person{ben}, h.get(last.Plan).Hasty, "the sixth of an hour, and only who gave it")

	h.wait(time.Hour)
	later := h.proposed()
	require.NoError(t, h.approve(later, ben))
	require.Empty(t, h.get(later.Plan).Hasty)
}
