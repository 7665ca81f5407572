//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
)

func persistent(ctx context.Context, o Options, a account) (*folder, binaries, error) {
	return nil, binaries{}, errors.New("persistent")
}
