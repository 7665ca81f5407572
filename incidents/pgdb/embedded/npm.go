//go:build linux || darwin

package embedded

import "context"

func provided(ctx context.Context, o Options, major int) (binaries, error) {
	return binaries{}, nil
}
