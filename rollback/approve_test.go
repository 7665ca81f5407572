package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func codeOf(err error) string {
	if r, ok := refusal.As(err); ok {
		return r.Code
	}
	return "internal: " + err.Error()
}

func TestAnApprovalIsRefusedWithItsReason(t *testing.T) {
	p := proposed(t, dev)
	for name, c := range map[string]struct {
		change func(*Click)
		at     time.Time
		code   string
	}{
		"the requester approves":                {func(c *Click) { c.By = ana }, noon.Add(time.Minute), "self"},
		"an author of a revision approves":      {func(c *Click) { c.By = dev }, noon.Add(time.Minute), "author"},
		"another digest was on the screen":      {func(c *Click) { c.Read[0]++ }, noon.Add(time.Minute), "stale"},
		"no digest was on the screen":           {func(c *Click) { c.Read = Digest{} }, noon.Add(time.Minute), "stale"},
		"the plan was proposed seconds ago":     {func(c *Click) { c.Opened = noon }, noon.Add(4 * time.Second), "too-soon"},
		"the modal stood open for an hour":      {func(c *Click) { c.Opened = noon }, noon.Add(time.Hour), "too-late"},
		"the wrong cohort was typed":            {func(c *Click) { c.Typed = 1176 }, noon.Add(time.Minute), "typed"},
		"the counts are four hours and 1 s old": {func(c *Click) { c.Opened = noon.Add(4 * time.Hour) }, noon.Add(4*time.Hour + time.Second), "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			click := click(p, ben)
			c.change(&click)
			_, err := p.Approve(click, []incidents.Person{ben, chi}, c.at)
			require.Equal(t, c.code, code(t, err))
		})
	}
}

func TestOnePersonTwiceIsOneVoice(t *testing.T) {
	p := proposed(t)
	s, err := p.Approve(click(p, ben), nil, noon.Add(time.Minute))
	require.NoError(t, err)
	_, err = s.(Proposed).Approve(click(p, ben), nil, noon.Add(time.Minute))
	require.Equal(t, "voted", code(t, err))
	require.EqualValues(t, 1, s.(Proposed).Missing(noon.Add(time.Minute)))
}

func TestAnApprovalTakenBackCannotBeGivenAgain(t *testing.T) {
	a := approved(t)
	p, err := a.WithdrawApproval(ben)
	require.NoError(t, err)
	require.EqualValues(t, 1, p.Missing(noon.Add(3*time.Minute)))
	_, err = p.Approve(click(p, ben), nil, noon.Add(4*time.Minute))
	require.Equal(t, "withdrew", code(t, err))
	_, err = p.WithdrawApproval(dev)
	require.Equal(t, "state", code(t, err))
}

// An approval is one person's, whole: a prefix of a name is another person.
func TestAdversarial17APrefixOfAPersonIsAnotherPerson(t *testing.T) {
	s := leadSpec()
	s.Requester, s.Author = "T1/U012", "T1/U012"
	d, err := NewDraft(s)
	require.NoError(t, err)
	f, err := d.Freeze(leadFreeze())
	require.NoError(t, err)
	p, err := f.Propose(noon)
	require.NoError(t, err)
	require.Equal(t, "self", code(t, p.Eligible("T1/U012", nil)))
	require.NoError(t, p.Eligible("T1/U01", nil))
	require.NoError(t, p.Eligible("T2/U012", nil))

	next, err := p.Approve(click(p, "T1/U01"), nil, noon.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, []incidents.Person{"T1/U01"}, next.(Proposed).Voices(noon.Add(time.Minute)))
}

func TestOnlyTwoOtherPeopleMakeAnApprovedPlan(t *testing.T) {
	people := []incidents.Person{ana, ben, chi, dev} // ana and dev wrote revisions
	rapid.Check(t, func(t *rapid.T) {
		start := proposed(t, dev)
		digests := []Digest{start.Digest(), {}, {1}}
		at := noon.Add(MinRead)
		var s State = start
		for range rapid.IntRange(1, 12).Draw(t, "clicks") {
			p, open := s.(Proposed)
			if !open {
				break
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "seconds")) * time.Second)
			who := rapid.SampledFrom(people).Draw(t, "who")
			if rapid.IntRange(0, 5).Draw(t, "withdraws") == 0 {
				if next, err := p.WithdrawApproval(who); err == nil {
					s = next
				}
				continue
			}
			next, err := p.Approve(Click{
				By: who, Read: rapid.SampledFrom(digests).Draw(t, "read"), Opened: at,
				Typed: rapid.SampledFrom([]int64{1169, 1169, 1176, 0}).Draw(t, "typed"),
			}, nil, at)
			if err == nil {
				s = next
			}
		}
		if a, ok := s.(Approved); ok {
			require.ElementsMatch(t, []incidents.Person{ben, chi}, a.Voices(at))
			require.False(t, a.ApprovedAt().After(a.Expires()))
			_, err := a.Start(dev, at)
			require.NoError(t, err)
			_, err = a.Start(dev, at.Add(a.Spec().Limits.StartWithin))
			require.Equal(t, "start-late", codeOf(err))
		}
	})
}

func TestNobodyStartsAPlanThatNobodyApproved(t *testing.T) {
	_, err := Approved{}.Start(ben, noon)
	require.Error(t, err)
	_, ok := refusal.As(err)
	require.False(t, ok, "it is a fault of ours, not a person's")

	forged := Approved{frozen(t).frozenPart}
	_, err = forged.Start(ben, noon)
	require.Error(t, err)
	forged.approvals = []Approval{{By: ana, At: noon}, {By: ben, At: noon}} // the requester is no voice
	_, err = forged.Start(ben, noon)
	require.Error(t, err)
	forged.approvals = []Approval{{By: ben, At: noon}, {By: ben, At: noon}} // one voice twice
	_, err = forged.Start(ben, noon)
	require.Error(t, err)
	forged.approvals = []Approval{{By: ben, At: noon}, {By: chi, At: noon}}
	forged.spec.Needs = 1
	_, err = forged.Start(ben, noon)
	require.Error(t, err)
}

func TestARequesterWhoCountsIsOneOfTheTwo(t *testing.T) {
	s := leadSpec()
	s.RequesterCounts = true
	d, err := NewDraft(s)
	require.NoError(t, err)
	f, err := d.Freeze(leadFreeze())
	require.NoError(t, err)
	p, err := f.Propose(noon)
	require.NoError(t, err)
	next, err := p.Approve(click(p, ana), nil, noon.Add(time.Minute))
	require.NoError(t, err)
	next, err = next.(Proposed).Approve(click(p, ben), nil, noon.Add(time.Minute))
	require.NoError(t, err)
	require.IsType(t, Approved{}, next)
	_, err = next.(Approved).Start(ana, noon.Add(2*time.Minute))
	require.NoError(t, err)
}

func TestOldApprovalsDoNotCarryAResume(t *testing.T) {
	paused := running(t).Pause()
	_, err := paused.Resume(noon.Add(8 * time.Hour))
	require.NoError(t, err)
	_, err = paused.Resume(noon.Add(8*time.Hour + 3*time.Minute))
	require.Equal(t, "expired", code(t, err))
}

func TestAnApproverCannotBecomeAnAuthor(t *testing.T) {
	p := proposed(t)
	s, err := p.Approve(click(p, ben), nil, noon.Add(time.Minute))
	require.NoError(t, err)
	_, _, err = s.(Proposed).Edit(Edit{By: ben, Scope: p.Spec().Scope, Decisions: p.Spec().Decisions}, "R2")
	require.Equal(t, "approver-edits", code(t, err))

	ended, next, err := s.(Proposed).Edit(Edit{By: dev, Scope: p.Spec().Scope, Decisions: p.Spec().Decisions}, "R2")
	require.NoError(t, err)
	require.Equal(t, NameSuperseded, ended.Name())
	require.EqualValues(t, 2, next.Spec().Revision)
	require.Equal(t, []incidents.Person{ana, dev}, next.Spec().Authors)
}
