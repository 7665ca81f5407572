package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A random walk found this: the clock of the log database goes back, so an
// approval counts that had run out when the one behind it was given. Taken back,
// that one leaves two that are enough; the plan waits for another all the same,
// and can still be read from its rows.
func TestAnApprovalThatWasTakenBackIsMissedWhateverTheClockDid(t *testing.T) {
	t.Parallel()
	s := leadSpec()
	s.Limits.FreezeExpires, s.Limits.StartWithin = 24*time.Hour, 24*time.Hour
	d, err := NewDraft(s)
	require.NoError(t, err)
	f, err := d.Freeze(leadFreeze())
	require.NoError(t, err)
	p, err := f.Propose(noon)
	require.NoError(t, err)
	var state State = p
	for _, vote := range []Approval{{By: ben, At: noon.Add(time.Minute)}, {By: chi, At: noon.Add(9 * time.Hour)}, {By: dev, At: noon.Add(8 * time.Hour)}} {
		p, open := state.(Proposed)
		require.True(t, open)
		c := click(p, vote.By)
		c.Opened = vote.At
		state, err = p.Approve(c, nil, vote.At)
		require.NoError(t, err)
	}
	a, ok := state.(Approved)
	require.True(t, ok)
	p, err = a.WithdrawApproval(chi)
	require.NoError(t, err)

	loaded, err := Load(save(p, nil))
	require.NoError(t, err)
	require.Equal(t, NameProposed, loaded.Name())
	require.Equal(t, p.Approvals(), loaded.(Proposed).Approvals())
}
