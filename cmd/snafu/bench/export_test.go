package bench

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestAFileIsKnownByItsLinesAndTheirHash(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/lines"
	require.NoError(t, os.WriteFile(path, []byte("a\nb\n"), 0o600))
	two, err := hashOf(path)
	require.NoError(t, err)
	require.EqualValues(t, 2, two.Rows)
	x := &exporting{desk: &desk{dir: t.TempDir()}, view: rollback.PlanView{Frozen: &rollback.Freeze{Export: two}}}
	for text, right := range map[string]bool{"a\nb\n": true, "a\nc\n": false, "a\nb\nb\n": false} {
		p := x.probe("a file", "", goal{}, func(_ context.Context, path string) (rollback.Export, error) {
			return rollback.Export{}, os.WriteFile(path, []byte(text), 0o600)
		})
		if _, err := p.time(t.Context()); right {
			require.NoError(t, err)
		} else {
			require.ErrorAs(t, err, &wrongAnswer{})
		}
	}
}
