package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func savedRunning(t testing.TB) Saved {
	r := running(t)
	f := r.Freeze()
	claim := r.Claim()
	return Saved{
		Spec: r.Spec(), State: NameRunning, Freeze: &f, Canonical: r.Canonical(), Digest: r.Digest(), Proposed: noon,
		Approvals: r.Approvals(), Claim: &claim,
	}
}

func TestARunningPlanIsRebuiltByItsDecisions(t *testing.T) {
	s, err := Load(savedRunning(t))
	require.NoError(t, err)
	require.Equal(t, running(t), s)

	saved := savedRunning(t)
	saved.State = NamePaused
	s, err = Load(saved)
	require.NoError(t, err)
	require.Equal(t, NamePaused, s.Name())
}

func TestAdversarial16AnythingEditedAfterTwoApprovalsStartsNothing(t *testing.T) {
	for name, edit := range map[string]func(*Saved){
		"a count":                        func(s *Saved) { s.Freeze.Counts[0].Records++; s.Freeze.Counts[1].Records-- },
		"the number of writes":           func(s *Saved) { s.Freeze.Writes++ },
		"a desired value":                func(s *Saved) { s.Spec.Decisions[0].Desired = One("SQL2") },
		"the rows digest":                func(s *Saved) { s.Freeze.RowsDigest[31]++ },
		"the export":                     func(s *Saved) { s.Freeze.Export.SHA256 = []byte("other") },
		"the deadline":                   func(s *Saved) { s.Spec.Limits.StartWithin += time.Hour },
		"the canonical bytes":            func(s *Saved) { s.Canonical[40] ^= 1 },
		"the digest":                     func(s *Saved) { s.Digest[0] ^= 1 },
		"fewer people needed":            func(s *Saved) { s.Spec.Needs = 1 },
		"the requester":                  func(s *Saved) { s.Spec.Requester, s.Spec.Author = dev, dev },
		"an approval left out":           func(s *Saved) { s.Approvals = s.Approvals[:1] },
		"an approval by the requester":   func(s *Saved) { s.Approvals[0].By = ana },
		"one voice twice":                func(s *Saved) { s.Approvals[0].By = chi },
		"an approval of another number":  func(s *Saved) { s.Approvals[0].Typed = 1176 },
		"approvals older than they last": func(s *Saved) { s.Claim.At = s.Claim.At.Add(9 * time.Hour) },
		"voices of others":               func(s *Saved) { s.Claim.Voices = []incidents.Person{ben, dev} },
		"no claim":                       func(s *Saved) { s.Claim = nil },
		"a voice that is involved":       func(s *Saved) { s.Involved = []incidents.Person{ben} },
		"a voice that was withdrawn":     func(s *Saved) { s.Withdrew = []incidents.Person{ben} },
		"a state that nothing leads to":  func(s *Saved) { s.State = NameProposed; s.Claim = nil },
		"a freeze left out":              func(s *Saved) { s.Freeze = nil },
	} {
		t.Run(name, func(t *testing.T) {
			saved := savedRunning(t)
			saved.Spec = copyOf(t, saved.Spec)
			freeze := copyOf(t, *saved.Freeze)
			saved.Freeze = &freeze
			edit(&saved)
			_, err := Load(saved)
			require.Error(t, err)
		})
	}
}

func TestAnEndedPlanIsOnlyRead(t *testing.T) {
	saved := savedRunning(t)
	saved.State, saved.Why = NameDone, ""
	s, err := Load(saved)
	require.NoError(t, err)
	require.IsType(t, Ended{}, s)
	require.Equal(t, NameDone, s.Name())
}
