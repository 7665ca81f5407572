//go:build linux || darwin

package embedded

func sweep(o Options, places []string) {}
