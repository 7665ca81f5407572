package embedded

import (
	"fmt"
	"os"
	"path/filepath"
)

// Home is where the persistent server lives unless told otherwise: in the
// user's state folder (XDG_STATE_HOME, or ~/.local/state if that is empty), or
// for root in /var/lib, which the account of the server can reach.
func Home(xdgStateHome string) (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/snafu/postgres", nil
	}
	if !filepath.IsAbs(xdgStateHome) { // the standard tells us to ignore such a one
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state folder: %w", err)
		}
		xdgStateHome = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(xdgStateHome, "snafu", "postgres"), nil
}
