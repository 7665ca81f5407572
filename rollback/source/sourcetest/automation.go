package sourcetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Sync is the automation of a World.
const Sync = "sync"

// sees holds both logins to what the automation is now.
func sees(t *testing.T, w World, state rollback.SwitchState) {
	t.Helper()
	for _, ask := range []func() (rollback.Switch, error){
		func() (rollback.Switch, error) { return w.Reader().Automation(t.Context(), Sync) },
		func() (rollback.Switch, error) { return w.Writer().Automation(t.Context(), Sync) },
	} {
		now, err := ask()
		require.NoError(t, err)
		require.Equal(t, rollback.Switch{Name: Sync, Before: state, After: state}, now)
	}
}

// switched goes there and back. A second time nothing is left to do, which is
// how a lost answer is settled.
func switched(t *testing.T, w World) {
	w.Automate()
	sees(t, w, rollback.SwitchOn)
	turn := func(was, to rollback.SwitchState) {
		t.Helper()
		s, err := w.Writer().Switch(t.Context(), Sync, to)
		require.NoError(t, err)
		require.Equal(t, rollback.Switch{Name: Sync, Before: was, After: to}, s)
		sees(t, w, to)
	}
	turn(rollback.SwitchOn, rollback.SwitchOff)
	turn(rollback.SwitchOff, rollback.SwitchOff)
	w.Turn(rollback.SwitchOn) // a person lets it work again, and everybody sees that
	sees(t, w, rollback.SwitchOn)
	turn(rollback.SwitchOn, rollback.SwitchOff)
	turn(rollback.SwitchOff, rollback.SwitchOn)
	turn(rollback.SwitchOn, rollback.SwitchOn)
}

// notUnderstood leaves alone what is neither on nor off, and what is not declared.
func notUnderstood(t *testing.T, w World) {
	w.Automate()
	w.Turn("")
	refused := func(_ rollback.Switch, err error) {
		t.Helper()
		no, ok := refusal.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, "automation", no.Code)
	}
	for _, name := range []string{Sync, "another", ""} {
		refused(w.Reader().Automation(t.Context(), name))
		refused(w.Writer().Automation(t.Context(), name))
		refused(w.Writer().Switch(t.Context(), name, rollback.SwitchOff))
		refused(w.Writer().Switch(t.Context(), name, rollback.SwitchOn))
	}
	w.Turn(rollback.SwitchOff)
	sees(t, w, rollback.SwitchOff)
}

// inUse waits for nobody: what somebody else is just writing is tried again
// later, and is as that person left it.
func inUse(t *testing.T, w World) {
	w.Automate()
	release := w.HoldSwitch()
	_, err := w.Writer().Switch(t.Context(), Sync, rollback.SwitchOff)
	f, ok := source.AsFault(err)
	require.True(t, ok, "%v", err)
	require.True(t, f.Busy(), "%v", err)
	release()
	sees(t, w, rollback.SwitchOn)
	_, err = w.Writer().Switch(t.Context(), Sync, rollback.SwitchOff)
	require.NoError(t, err)
	sees(t, w, rollback.SwitchOff)
}
