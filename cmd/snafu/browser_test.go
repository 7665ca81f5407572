package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPageIsOpenedOnlyWhereThereIsAScreen(t *testing.T) {
	t.Parallel()
	with := func(vars map[string]string) console {
		return console{ctx: t.Context(), out: &bytes.Buffer{}, env: func(name string) (string, bool) {
			value, ok := vars[name]
			return value, ok
		}}
	}
	require.Nil(t, with(nil).opener("linux"))
	require.Nil(t, with(map[string]string{"DISPLAY": ""}).opener("linux"))
	require.Equal(t, []string{"xdg-open"}, with(map[string]string{"DISPLAY": ":0"}).opener("linux"))
	require.Equal(t, []string{"xdg-open"}, with(map[string]string{"WAYLAND_DISPLAY": "wayland-0"}).opener("freebsd"))
	require.Equal(t, []string{"open"}, with(nil).opener("darwin"))
	require.False(t, with(nil).terminal(), "what is written into a buffer is read by no person")
}
