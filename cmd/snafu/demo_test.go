package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/cmd/snafu/story"
)

func TestADemoEndsWith0OnlyIfEveryCheckHeld(t *testing.T) {
	held := story.Check{What: "written", Expected: "1169", Found: "1169"}
	for name, c := range map[string]struct {
		report story.Report
		code   int
	}{
		"every check held":        {story.Report{Checks: []story.Check{held}}, exitHolds},
		"one figure is off":       {story.Report{Checks: []story.Check{held, {What: "wrong", Expected: "1177", Found: "1176"}}}, exitDoesNot},
		"the story broke off":     {story.Report{Checks: []story.Check{held}, Broke: errors.New("nobody answered")}, exitDoesNot},
		"nothing was checked":     {story.Report{}, exitDoesNot},
		"a figure was not looked": {story.Report{Checks: []story.Check{{What: "wrong", Expected: "1176"}}}, exitDoesNot},
	} {
		t.Run(name, func(t *testing.T) {
			var out, err bytes.Buffer
			require.Equal(t, c.code, verdict(console{ctx: t.Context(), out: &out, err: &err}, c.report.Verdict()))
		})
	}
}

func TestADemoOfAnUnknownStoryIsRefused(t *testing.T) {
	code, _, say := command(t, nil, "demo", "--story", "moby-dick")
	require.Equal(t, exitUsage, code)
	require.Contains(t, say, "lead-status")
}
