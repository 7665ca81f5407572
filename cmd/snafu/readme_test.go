package main

import (
	"flag"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the transcript and the README from what the demo says")

const (
	readmeFile     = "../../README.md"
	transcriptFile = "testdata/transcript.txt"
)

// shown are the scenes of the README, by how their titles begin.
var shown = []string{
	"Maya opens", "The campaign goes on", "Maya stops", "Iris says", "Rosa", "Maya asks", "Who asked", "Ken types", "Lena", "Ken runs", "Maya resolves",
}

var (
	readmeBlock = regexp.MustCompile("(?s)<!-- transcript -->\n```\n(.*?)```\n<!-- end -->")
	scene       = regexp.MustCompile(`(?m)^== (.*)$`)
	edits       = regexp.MustCompile(`(?m)^ {2,4}edited .*\n(?: {13,}.*\n)*`)
)

// What differs from run to run, in the places where it may.
var changing = []struct {
	found *regexp.Regexp
	same  string
}{
	{regexp.MustCompile(`\b\d\d:\d\d\b`), "09:02"},
	{regexp.MustCompile(`\b[0-9a-f]{12}\b`), "3f9a1c07be52"},
	{regexp.MustCompile(`\d+(?: m \d+)? s\b`), "20 s"},
	{regexp.MustCompile(`(?:Paused|paused) at [\d,]+ of`), "Paused at 320 of"},
	{regexp.MustCompile(`Paused at 320 of 1,169: the first 20`), "Paused at 20 of 1,169: the first 20"},
	{regexp.MustCompile(`void after \S+`), "void after 13:02"},
	{regexp.MustCompile(`before 09:02`), "before 10:02"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:8020"},
}

// retell makes of the demo's output what the README shows of it.
func retell(out string) string {
	for _, c := range changing {
		out = c.found.ReplaceAllString(out, c.same)
	}
	var told []string
	starts := scene.FindAllStringSubmatchIndex(out, -1)
	for i, at := range starts {
		end := len(out)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		title := out[at[2]:at[3]]
		if !slices.ContainsFunc(shown, func(s string) bool { return strings.HasPrefix(title, s) }) {
			continue
		}
		body, _, _ := strings.Cut(out[at[1]+1:end], "\n     check ")
		body = edits.ReplaceAllString(body, "")
		body = headed(body)
		told = append(told, "== "+title+"\n"+strings.TrimRight(body, "\n")+"\n")
	}
	return strings.Join(told, "\n")
}

// headed drops the name of a channel in which nothing is left to be shown, and
// one that stands there already.
func headed(body string) string {
	var lines []string
	room, pending := "", ""
	for _, line := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		if !strings.HasPrefix(line, " ") {
			pending = line
			continue
		}
		if pending != "" && pending != room && !strings.HasPrefix(line, "  world") {
			lines, room = append(lines, pending), pending
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Who is faster, a reply or a card, is no part of the story: the lines of a
// scene are compared, not their order.
func lines(transcript string) map[string][]string {
	scenes := map[string][]string{}
	for _, s := range strings.Split(strings.TrimPrefix(transcript, "== "), "\n== ") {
		all := strings.Split(strings.TrimSpace(s), "\n")
		said := slices.DeleteFunc(all[1:], func(l string) bool { return strings.HasPrefix(l, "#") })
		slices.Sort(said)
		scenes[all[0]] = said
	}
	return scenes
}

func TestTheDemoHoldsAndTellsWhatTheREADMEShows(t *testing.T) {
	if testing.Short() {
		t.Skip("it plays the whole story")
	}
	code, out, say := command(t, map[string]string{"PATH": os.Getenv("PATH")}, "demo", "--exit", "--speed", "20")
	require.Equal(t, exitHolds, code, out+say)
	told := retell(out)
	if *update {
		require.NoError(t, os.WriteFile(transcriptFile, []byte(told), 0o644))
		text, err := os.ReadFile(readmeFile)
		require.NoError(t, err)
		block := "<!-- transcript -->\n```\n" + strings.ReplaceAll(told, "$", "$$") + "```\n<!-- end -->"
		require.NoError(t, os.WriteFile(readmeFile, readmeBlock.ReplaceAll(text, []byte(block)), 0o644))
	}
	golden, err := os.ReadFile(transcriptFile)
	require.NoError(t, err)
	want, found := lines(string(golden)), lines(told)
	require.Len(t, found, len(want))
	for title, said := range want {
		require.Equal(t, strings.Join(said, "\n"), strings.Join(found[title], "\n"), "%s: run with -update and read what changed", title)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	return string(text)
}

func TestTheREADMEShowsTheTranscript(t *testing.T) {
	golden, err := os.ReadFile(transcriptFile)
	require.NoError(t, err)
	block := readmeBlock.FindStringSubmatch(readme(t))
	require.NotNil(t, block, "the README has a transcript")
	require.Equal(t, string(golden), block[1])
}

var shell = regexp.MustCompile("(?s)```sh\n(.*?)```")

func TestEveryCommandOfTheREADMEExists(t *testing.T) {
	var found int
	for _, block := range shell.FindAllStringSubmatch(readme(t), -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			words := strings.Fields(line)
			for len(words) > 0 && strings.Contains(words[0], "=") {
				words = words[1:]
			}
			switch {
			case slices.Equal(words, strings.Fields("go test ./...")), slices.Equal(words, strings.Fields("go build -o snafu ./cmd/snafu")):
				continue
			case len(words) > 3 && slices.Equal(words[:3], strings.Fields("go run ./cmd/snafu")):
				words = words[3:]
			case len(words) > 1 && words[0] == "snafu":
				words = words[1:]
			default:
				t.Fatalf("%q is no command that this test knows", line)
			}
			parser, err := kong.New(&grammar{}, kong.Writers(io.Discard, io.Discard))
			require.NoError(t, err)
			_, err = parser.Parse(words)
			require.NoError(t, err, line)
			found++
		}
	}
	require.GreaterOrEqual(t, found, 8)
}

func TestTheREADMEShowsEveryRoomOfTheHouse(t *testing.T) {
	text := readme(t)
	for dir := range house {
		if _, err := os.Stat("../../" + dir); err != nil || dir == "rollback/source/sourcetest" {
			continue // a room to come, or one for tests alone
		}
		if strings.HasPrefix(dir, "cmd/snafu/") {
			dir = path.Base(dir)
		}
		require.Regexp(t, `(?m)(^| )`+regexp.QuoteMeta(dir)+`( |$)`, text)
	}
}
