package bot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOfTwoChoicesInAFormTheLaterOneIsDrawn(t *testing.T) {
	t.Parallel()
	b := &Bot{}
	early, late := incoming{user: "U1", acted: "1774699200.000100"}, incoming{user: "U1", acted: "1774699201.000100"}
	require.False(t, b.outrun(early))
	require.False(t, b.outrun(late))
	require.True(t, b.outrun(early), "what was chosen later came in between")
	require.False(t, b.outrun(late), "the same one once more")
	require.False(t, b.outrun(incoming{user: "U2", acted: early.acted}), "others choose for themselves")
}
