//go:build linux

package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// planted is a folder that looks like one of ours and names a process.
func planted(t *testing.T, place string, pid int) string {
	dir := filepath.Join(place, prefix+"planted")
	data := filepath.Join(dir, "data")
	require.NoError(t, os.MkdirAll(data, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "owner"), []byte("1\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(strconv.Itoa(pid)+"\n"+data+"\n"), 0o600))
	return dir
}

// bystander is a process that waits; its arguments are like a server's.
func bystander(t *testing.T, data string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", "read -r _", "-D", data)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, stdin.Close())
		_ = cmd.Wait()
		require.NotEqual(t, -1, cmd.ProcessState.ExitCode(), "the bystander was killed by a signal")
	})
	return cmd
}

func TestAPlantedFolderIsLeftAlone(t *testing.T) {
	cases := map[string]struct {
		root  bool
		plant func(t *testing.T, dir string)
	}{
		"it belongs to somebody else": {root: true, plant: func(t *testing.T, dir string) {
			require.NoError(t, os.Chown(dir, 65534, 65534))
		}},
		"others may write into it": {plant: func(t *testing.T, dir string) {
			require.NoError(t, os.Chmod(dir, 0o777))
		}},
		"it is a link to a folder elsewhere": {plant: func(t *testing.T, dir string) {
			elsewhere := filepath.Join(t.TempDir(), "elsewhere")
			require.NoError(t, os.Rename(dir, elsewhere))
			require.NoError(t, os.Symlink(elsewhere, dir))
		}},
		"its owner file is a link": {plant: func(t *testing.T, dir string) {
			owner := filepath.Join(dir, "owner")
			require.NoError(t, os.Rename(owner, owner+"-elsewhere"))
			require.NoError(t, os.Symlink(owner+"-elsewhere", owner))
		}},
		"it has no owner file": {plant: func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "owner")))
		}},
		"its starter lives": {plant: func(t *testing.T, dir string) {
			lock, err := lockFile(filepath.Join(dir, "owner"), 0)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, lock.Close()) })
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			place := t.TempDir()
			other := bystander(t, filepath.Join(place, prefix+"planted", "data"))
			dir := planted(t, place, other.Process.Pid)
			c.plant(t, dir)
			sweep(Options{}, []string{place})
			require.FileExists(t, filepath.Join(dir, "data", "postmaster.pid"))
		})
	}
}

func TestAFolderOfOursAimsNoSignalAtABystander(t *testing.T) {
	t.Run("whose arguments are other ones", func(t *testing.T) {
		place := t.TempDir()
		dir := planted(t, place, bystander(t, "/elsewhere").Process.Pid)
		sweep(Options{}, []string{place})
		require.NoDirExists(t, dir)
	})
	t.Run("who is another user", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a folder away")
		}
		place := t.TempDir()
		data := filepath.Join(place, prefix+"planted", "data")
		dir := planted(t, place, bystander(t, data).Process.Pid)
		require.NoError(t, os.Chown(data, 65534, 65534))
		sweep(Options{}, []string{place})
		require.NoDirExists(t, dir)
	})
	t.Run("that is everybody", func(t *testing.T) {
		for _, pid := range []int{-1, 0, 1} {
			place := t.TempDir()
			dir := planted(t, place, pid)
			sweep(Options{}, []string{place})
			require.NoDirExists(t, dir)
		}
	})
}

func TestASweepDoesNotWaitForAPipeInTheData(t *testing.T) {
	place := t.TempDir()
	dir := planted(t, place, 2)
	file := filepath.Join(dir, "data", "postmaster.pid")
	require.NoError(t, os.Remove(file))
	require.NoError(t, syscall.Mkfifo(file, 0o600))
	sweep(Options{}, []string{place})
	require.NoDirExists(t, dir)
}

func TestWhatIsHalfMadeIsLeftToItsMaker(t *testing.T) {
	place := t.TempDir()
	hidden := filepath.Join(place, "."+prefix+"1")
	require.NoError(t, os.Mkdir(hidden, 0o700))
	sweep(Options{}, []string{place})
	require.DirExists(t, hidden)
}
