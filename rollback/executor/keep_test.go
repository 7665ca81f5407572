package executor

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHalfAFileOfAKilledProcessIsNotKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	lay := func(name string, age time.Duration) string {
		t.Helper()
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("ann@example.test"), 0o600))
		require.NoError(t, os.Chtimes(path, now.Add(-age), now.Add(-age)))
		return path
	}
	half, busy, whole := lay(".writing-12", 25*time.Hour), lay(".writing-13", 23*time.Hour), lay("SNAFU-1-R1r1.csv", 1000*time.Hour)
	require.NoError(t, dropUnfinished(dir, now.Add(-unfinishedFor)))
	require.NoFileExists(t, half)
	require.FileExists(t, busy, "somebody writes it")
	require.FileExists(t, whole, "its snafu decides")
	require.NoError(t, dropUnfinished(filepath.Join(dir, "none"), now))
}
