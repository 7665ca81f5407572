//go:build !linux && !darwin

package embedded

import (
	"context"
	"runtime"
)

// Start refuses: this system has no supervisor for a Postgres of our own.
func Start(_ context.Context, o Options) (*Server, error) { return nil, noPlatform(o) }

// Join refuses: this system has no supervisor for a Postgres of our own.
func Join(string) (*Server, error) { return nil, noPlatform(Options{}) }

func noPlatform(o Options) error {
	return refused(NoPlatform, nil, "I cannot run a Postgres of my own on %s. Set %s to a running server.", runtime.GOOS, o.urlSetting())
}
