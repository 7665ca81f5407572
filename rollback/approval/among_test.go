package approval_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// The reminder that something is still switched off has a button to release it,
// which knows it by the name of its hold.
func TestWhatIsSwitchedOffIsFoundByTheNameOfItsHold(t *testing.T) {
	t.Parallel()
	off := rollback.Switched{Source: "crm", Name: "weekly-sync", Title: "Weekly stage sync"}
	inc := incidents.Incident{Holds: []string{incidents.OffHold(off.Label())}}
	found, err := approval.Among([]rollback.Switched{{Source: "mail", Name: "weekly-sync", Title: "Weekly stage sync"}, off}, inc.SwitchedOff()[0])
	require.NoError(t, err)
	require.Equal(t, off, found)
}
