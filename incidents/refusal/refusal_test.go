package refusal_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
)

func TestARefusalIsFoundBehindWraps(t *testing.T) {
	err := fmt.Errorf("approve: %w", refusal.Forbidden("You asked for %s. Two other people must approve it.", "R1").Coded("self"))

	no, ok := refusal.As(err)
	require.True(t, ok)
	require.Equal(t, refusal.KindForbidden, no.Kind)
	require.Equal(t, "self", no.Code)
	require.Equal(t, "You asked for R1. Two other people must approve it.", no.Say)
}

func TestAnInternalErrorIsNoRefusal(t *testing.T) {
	_, ok := refusal.As(errors.New("append journal: broken pipe"))
	require.False(t, ok)
	_, ok = refusal.As(nil)
	require.False(t, ok)
}

func TestARefusalMatchesByKindAndCode(t *testing.T) {
	err := fmt.Errorf("claim: %w", refusal.Conflict("R1 runs already.").Coded("running"))
	require.ErrorIs(t, err, &refusal.Error{Kind: refusal.KindConflict})
	require.ErrorIs(t, err, &refusal.Error{Kind: refusal.KindConflict, Code: "running"})
	require.NotErrorIs(t, err, &refusal.Error{Kind: refusal.KindConflict, Code: "stale"})
	require.NotErrorIs(t, err, &refusal.Error{Kind: refusal.KindForbidden})
}

func TestNamingARefusalLeavesTheOriginalAlone(t *testing.T) {
	plain := refusal.Invalid("Say a number.")
	_ = plain.Coded("number")
	require.Empty(t, plain.Code)
}
