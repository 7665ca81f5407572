package story

import (
	"bytes"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"snafu/bot/slacksim/pagetest"
	"snafu/cmd/snafu/app"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(pagetest.Closing(m)) }

func TestTheStoryOfTheMovedLeadsHoldsInEveryFigure(t *testing.T) {
	t.Parallel()
	var told, log bytes.Buffer
	stage, err := Set(t.Context(), Options{
		Speed: 1000, Out: &told, Env: os.LookupEnv, Say: func(s string) { t.Log(s) },
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stage.Close()) })

	report := stage.Play(t.Context())
	require.NoError(t, report.Broke, "%s\n%s", told.String(), log.String())
	for _, c := range report.Checks {
		require.Equal(t, c.Expected, c.Found, c.What)
	}
	require.NoError(t, report.Verdict())
	golden(t, "lead-status.txt", lasting(told.String()))
	sameFigures(t, stage)

	t.Run("a figure that is not as expected is a verdict of no", func(t *testing.T) {
		for i := range report.Checks {
			broken := Report{Checks: slices.Clone(report.Checks)}
			broken.Checks[i].Expected += "1"
			require.ErrorIs(t, broken.Verdict(), app.ErrDoesNotHold, report.Checks[i].What)
		}
	})
}

// What differs from one telling to the next: instants, spans, hashes, places,
// and how far a run came before it was paused.
var passing = []struct{ pattern, as string }{
	{`\d{4}-\d\d-\d\d \d\d:\d\d|\b[A-Z][a-z]{2} \d{1,2}, \d{4} \d\d:\d\d`, "{date}"},
	{`\b[A-Z][a-z]{2} \d{1,2}, \d{4}\b|\b\d{4}-\d\d-\d\d\b`, "{day}"},
	{`\b\d\d:\d\d\b`, "{t}"},
	{`\b\d+ min \d+ s\b|\b\d+ (s|min)\b`, "{d}"},
	{`\b[0-9a-f]{12}\b`, "{digest}"},
	{`/\S*/exports/`, "exports/"},
	{`postmortem-[0-9a-f]{8}`, "postmortem-{id}"},
	{`\([\d,]+ bytes`, "({size} bytes"},
	{`(?i)(paused at) [\d,]+ of`, "$1 {n} of"},
	{`paused · [\d,]+ of`, "paused · {n} of"},
	{`R1 · [\d,]+ (of 1,169 written\n +)[█░]+ \d+ %(\n +Paused)`, "R1 · {n} $1{bar}$2"},
}

func lasting(text string) string {
	for _, p := range passing {
		text = regexp.MustCompile(p.pattern).ReplaceAllString(text, p.as)
	}
	return strings.TrimLeft(text, "\n")
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

func TestAStoryThatBreaksOffOrChecksNothingIsNoProof(t *testing.T) {
	require.ErrorIs(t, Report{}.Verdict(), app.ErrDoesNotHold)
	require.ErrorIs(t, Report{Checks: []Check{{"a", "1", "1"}}, Broke: os.ErrClosed}.Verdict(), app.ErrDoesNotHold)
	require.NoError(t, Report{Checks: []Check{{"a", "1", "1"}}}.Verdict())
}

func TestTheTableShowsWhatDidNotHold(t *testing.T) {
	var out bytes.Buffer
	_, err := Report{Checks: []Check{{"written", "1169", "1168"}, {"all leads", "3000", "3000"}}}.WriteTo(&out)
	require.NoError(t, err)
	require.Equal(t, `     check      expected  found
FAIL written    1169      1168
ok   all leads  3000      3000
1 of 2 checks held.
`, out.String())
}
