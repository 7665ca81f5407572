package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

func TestAPlanGoesFromDraftToTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()

	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameApproved, v.State)
	require.Equal(t, []incidents.Person{ben, chi}, v.Approvers())
	require.Equal(t, h.at().Add(time.Hour), v.StartBefore)
	require.EqualValues(t, 1169, v.Writes())
	require.NoError(t, h.claim(stamp, ben))

	v = h.get(stamp.Plan)
	require.Equal(t, rollback.NameRunning, v.State)
	require.Equal(t, ben, v.Claim.By)
	running, _, err := h.a.ForRun(t.Context(), approval.Run{Plan: stamp.Plan, Revision: 1, Digest: stamp.Digest})
	require.NoError(t, err)
	require.Equal(t, stamp.Digest, running.Digest())
	require.Equal(t, "SNAFU-1/R1", running.Run().Label)
	require.Equal(t, []string{
		"opened/1",
		"plan-drafted/1", "freeze-asked/1", "plan-frozen/1", "plan-proposed/1",
		"approval-given/1", "approval-given/1", "plan-approved/1", "run-claimed/1",
	}, h.kinds())
}

func TestAdversarial01TheRequesterIsNoVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	err := h.a.Review(t.Context(), h.act(ana), stamp)
	require.Equal(t, "self", code(t, err))
	require.EqualError(t, err, "You asked for R1, so your approval can't count. <@BEN> and <@CHI> can.")
	require.Equal(t, "self", code(t, h.approve(stamp, ana)))

	h.list(ana, ben, chi) // not even on the list
	require.Equal(t, "self", code(t, h.approve(stamp, ana)))
	require.Equal(t, 3, h.told("approval-refused/1"))
	require.Empty(t, h.get(stamp.Plan).Approvals)
}

func TestAdversarial02AnAuthorOfAnEarlierRevisionIsNoVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	first := h.proposed()
	edited, err := h.a.Edit(t.Context(), h.act(dev), first, ask())
	require.NoError(t, err)
	require.EqualValues(t, 2, edited.Revision)
	again, err := h.a.Edit(t.Context(), h.act(ana), edited, ask())
	require.NoError(t, err)
	require.EqualValues(t, 2, again.Revision, "a draft is changed in place")

	stamp := h.freeze(first.Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
	h.wait(time.Minute)
	require.Equal(t, "author", code(t, h.approve(stamp, dev)))
	require.NoError(t, h.approve(stamp, ben))
}

func TestAdversarial03OnePersonTwiceIsCountedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	err := h.approve(stamp, ben)
	require.Equal(t, "voted", code(t, err))
	require.EqualError(t, err, "Already counted.")
	v := h.get(stamp.Plan)
	require.Len(t, v.Approvals, 1)
	require.EqualValues(t, 1, v.Missing)
	require.Equal(t, []incidents.Person{chi}, v.Can)

	require.NoError(t, h.approve(stamp, chi))
	require.Equal(t, "voted", code(t, h.approve(stamp, ben)), "also after the last one needed")
}

// One person may stand on the user list and in the group: Slack's answer names
// them once, and one name is one voice.
func TestAdversarial04ListedTwiceIsOneVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, ben, chi)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	require.Equal(t, "voted", code(t, h.approve(stamp, ben)))
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
}

func TestAdversarial06AnOldButtonDecidesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r1 := h.proposed()
	r2 := h.freeze(r1.Plan, ana)
	r3 := h.freeze(r1.Plan, ana)
	require.EqualValues(t, 3, r3.Revision)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), r3))
	h.wait(time.Minute)
	err := h.approve(r2, ben)
	require.Equal(t, "stale", code(t, err))
	require.EqualError(t, err, "R1 r2 was replaced by r3 at 12:01 UTC. Read r3 first.")

	mixed := r3
	mixed.Digest = r2.Digest
	require.Equal(t, "stale", code(t, h.approve(mixed, ben)))
	require.NoError(t, h.approve(r3, ben))
}

func TestAdversarial07AReplayedPayloadUnderAnotherUserIsNoSecondVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	act := h.act(ben)
	require.NoError(t, h.a.Approve(t.Context(), act, stamp, 1169, h.at()))
	require.ErrorIs(t, h.a.Approve(t.Context(), act, stamp, 1169, h.at()), journal.ErrAlready)
	act.By = chi.Actor()
	require.ErrorIs(t, h.a.Approve(t.Context(), act, stamp, 1169, h.at()), journal.ErrAlready)
	require.Len(t, h.get(stamp.Plan).Approvals, 1)
}

func TestAdversarial09AnAccountThatIsNoFullMemberIsNotCounted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flag func(*approval.Standing)
		code string
	}{
		"a guest":           {func(s *approval.Standing) { s.Guest = true }, "guest"},
		"a bot or workflow": {func(s *approval.Standing) { s.Bot = true }, "account"},
		"deactivated":       {func(s *approval.Standing) { s.Deactivated = true }, "account"},
		"a stranger":        {func(s *approval.Standing) { s.Stranger = true }, "account"},
		"invited only":      {func(s *approval.Standing) { s.Invited = true }, "account"},
		"another workspace": {func(s *approval.Standing) { s.OtherTeam = true }, "account"},
		"a shared channel":  {func(s *approval.Standing) { s.Shared = true }, "shared-channel"},
		"not on the list":   {func(s *approval.Standing) { s.Listed = false }, "not-listed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			stamp := h.proposed()
			h.flag(ben, c.flag)
			require.Equal(t, c.code, code(t, h.a.Review(t.Context(), h.act(ben), stamp)))
			require.Equal(t, c.code, code(t, h.approve(stamp, ben)))
			require.Equal(t, c.code, code(t, h.a.Reject(t.Context(), h.act(ben), stamp, "no")))
			require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
			require.Equal(t, 3, h.told("approval-refused/1"))
		})
	}
}

func TestAdversarial10WhileSlackIsSilentNothingIsCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	h.silent = true
	require.Equal(t, "slack-unsure", code(t, h.approve(stamp, ben)))
	require.Equal(t, 1, h.told("approval-refused/1"), "it is visible")
	h.silent = false
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))
	h.silent = true
	require.Equal(t, "slack-unsure", code(t, h.claim(stamp, ben)))
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan))
}

func TestAdversarial13AnApprovalOfOldCountsIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	h.wait(h.get(stamp.Plan).Expires.Sub(h.at()) + time.Second)
	err := h.approve(stamp, ben)
	require.Equal(t, "expired", code(t, err))
	require.EqualError(t, err, "The counts of R1 are from 12:00 UTC, over 4 h old. Freeze it again.")
}

func TestAdversarial19AProposalNeedsEnoughPeopleWhoCanApproveIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ana, ben)
	stamp := h.freeze(h.draft().Plan, ana)
	err := h.a.Propose(t.Context(), h.act(ana), stamp)
	require.Equal(t, "too-few", code(t, err))
	require.EqualError(t, err, "R1 needs 2 approvals and only <@BEN> can give one. Add an approver of crm, or ask its admin <@IRIS>.")

	h.list(ben, chi)
	h.flag(chi, func(s *approval.Standing) { s.Deactivated = true })
	require.Equal(t, "too-few", code(t, h.a.Propose(t.Context(), h.act(ana), stamp)))
	h.flag(chi, func(s *approval.Standing) { s.Deactivated = false })
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
}

func TestAClickIsHeldToItsTimesAndItsNumber(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.freeze(h.draft().Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
	h.wait(4 * time.Second)
	err := h.approve(stamp, ben)
	require.EqualError(t, err, "Read it first: this opened 4 s ago.")
	require.Equal(t, "too-soon", code(t, err))

	h.wait(time.Hour)
	err = h.a.Approve(t.Context(), h.act(ben), stamp, 1169, h.at().Add(-11*time.Minute))
	require.Equal(t, "too-late", code(t, err))
	err = h.a.Approve(t.Context(), h.act(ben), stamp, 1176, h.at())
	require.Equal(t, "typed", code(t, err))
	require.EqualError(t, err, "R1 writes 1,169 leads; you typed 1,176.")
	require.Empty(t, h.get(stamp.Plan).Approvals)
}

func TestAdversarial15ANoAfterAYesEndsThePlan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	require.Equal(t, "self", code(t, h.a.Reject(t.Context(), h.act(ana), stamp, "no")))
	require.NoError(t, h.a.Reject(t.Context(), h.act(chi), stamp, "Rosa is still calling these"))
	require.Equal(t, rollback.NameRejected, h.state(stamp.Plan))
	require.Equal(t, "state", code(t, h.claim(stamp, ben)))
	require.Equal(t, "state", code(t, h.a.Reject(t.Context(), h.act(ben), stamp, "no")))

	next := h.draft()
	other := h.freeze(next.Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), other))
	h.wait(time.Minute)
	require.NoError(t, h.approve(other, ben))
	require.NoError(t, h.approve(other, chi))
	require.NoError(t, h.claim(other, ben))
	err := h.a.Reject(t.Context(), h.act(chi), other, "no")
	require.Equal(t, "state", code(t, err))
	require.EqualError(t, err, "R2 is running, so it can't be rejected. `abort R2 WHY` stops it.")
}

func TestAdversarial27SomebodyInvolvedIsNoVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	_, err := h.db.Pool().Exec(t.Context(), `insert into plan_people (plan, person, part) values ($1, $2, 'involved')`, stamp.Plan, ben)
	require.NoError(t, err)
	require.Equal(t, "involved", code(t, h.approve(stamp, ben)))
	require.NoError(t, h.approve(stamp, chi))
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
}

func TestAnApprovalCanBeTakenBackUntilTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	stamp := h.approved()
	require.NoError(t, h.a.WithdrawApproval(t.Context(), h.act(ben), stamp))
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameProposed, v.State)
	require.True(t, v.StartBefore.IsZero())
	require.Equal(t, []incidents.Person{dev}, v.Can)
	require.Equal(t, "withdrew", code(t, h.approve(stamp, ben)))
	require.Equal(t, "state", code(t, h.claim(stamp, chi)))
	require.NoError(t, h.approve(stamp, dev))
	require.NoError(t, h.claim(stamp, chi))
	require.Equal(t, "state", code(t, h.a.WithdrawApproval(t.Context(), h.act(chi), stamp)))
}

func TestWhoApprovedCannotEdit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	_, err := h.a.Edit(t.Context(), h.act(ben), stamp, ask())
	require.Equal(t, "approver-edits", code(t, err))
	require.EqualError(t, err, "You approved R1 r1, so someone else must change it. Or plan R2.")
	require.Equal(t, "approver-edits", code(t, h.a.AskFreeze(t.Context(), h.act(ben), stamp.Plan)))

	second, err := h.a.Edit(t.Context(), h.act(dev), stamp, ask())
	require.NoError(t, err)
	require.Equal(t, rollback.NameDraft, h.state(stamp.Plan))
	require.Empty(t, h.get(stamp.Plan).Approvals, "an edit voids what was approved")
	_, err = h.a.Edit(t.Context(), h.act(ben), second, ask())
	require.Equal(t, "approver-edits", code(t, err), "a part is for ever")
	require.Equal(t, "stale", code(t, h.approve(stamp, chi)))
}

func TestARequesterMayCountWhereTheSourceSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *approval.Source) { s.RequesterCounts = true })
	h.list(ana, ben, chi)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ana))
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.claim(stamp, ana))
}
