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

var update = flag.Bool("update", false, "rewrite the transcript of the README")

const (
	readmeFile = "../../README.md"
	storyFile  = "story/testdata/lead-status.txt" // what the demo says, held by its own test
)

// shown are the scenes of the README, by how their titles begin, and whether
// the edits of the cards are shown too.
var shown = []struct {
	title string
	edits bool
}{
	{"Maya opens", false},
	{"The campaign goes on", false},
	{"Maya stops", false},
	{"Iris says", true},
	{"Rosa", true},
	{"Maya asks", false},
	{"Who asked", false},
	{"Ken types", false},
	{"Lena", false},
	{"Ken runs", false},
	{"Maya resolves", false},
	{"She closes", false},
}

var (
	readmeBlock = regexp.MustCompile("(?s)<!-- transcript -->\n```\n(.*?)```\n<!-- end -->")
	edits       = regexp.MustCompile(`(?m)^ {2,4}edited .*\n(?: {13,}.*\n)*`)
)

// What differs from one telling to the next is filled in as it might be.
var example = strings.NewReplacer("void after {t}", "void after 13:02", "before {t}", "before 10:02", "{date}", "2026-03-28 09:02", "{day}", "2026-04-04", "{id}", "4cbe1fda", "{size}", "10,988", "{t}", "09:02",
	"{d}", "20 s", "{digest}", "3f9a1c07be52", "{bar}", "█████░░░░░░░░░░░░░░░ 27 %", "aused at {n} of 1,169: the first 20", "aused at 20 of 1,169: the first 20", "{n}", "320")

// retell makes of the whole story what the README shows of it.
func retell(story string) string {
	var told []string
	for _, s := range strings.Split("\n"+example.Replace(story), "\n== ")[1:] {
		title, body, _ := strings.Cut(s, "\n")
		for _, x := range shown {
			if !strings.HasPrefix(title, x.title) {
				continue
			}
			body, _, _ = strings.Cut(body+"\n", "\n     check ")
			if !x.edits {
				body = edits.ReplaceAllString(body, "")
			}
			told = append(told, "== "+title+"\n"+headed(body)+"\n")
		}
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

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	return string(text)
}

func TestTheREADMEShowsWhatTheDemoSays(t *testing.T) {
	story, err := os.ReadFile(storyFile)
	require.NoError(t, err)
	told := retell(string(story))
	text := readme(t)
	if *update {
		block := "<!-- transcript -->\n```\n" + strings.ReplaceAll(told, "$", "$$") + "```\n<!-- end -->"
		text = readmeBlock.ReplaceAllString(text, block)
		require.NoError(t, os.WriteFile(readmeFile, []byte(text), 0o644))
	}
	block := readmeBlock.FindStringSubmatch(text)
	require.NotNil(t, block, "the README has a transcript")
	require.Equal(t, told, block[1], "run with -update and read what changed")
	require.NotContains(t, block[1], "{", "something that differs from run to run has no example")
	require.Len(t, regexp.MustCompile(`(?m)^== `).FindAllString(block[1], -1), len(shown))
}

func TestTheDemoComesUpAndEnds(t *testing.T) {
	code, out, say := command(t, map[string]string{"PATH": os.Getenv("PATH")}, "demo", "--story", "none", "--exit")
	require.Equal(t, exitHolds, code, out+say)
	require.Contains(t, say, "It is a throw-away: it ends with this program.")
	require.Contains(t, say, "A simulated Slack, not connected to Slack")
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
	forTests := []string{"rollback/source/sourcetest", "bot/slacksim/pagetest"}
	for dir := range house {
		if _, err := os.Stat("../../" + dir); err != nil || slices.Contains(forTests, dir) {
			continue // a room to come, or one for tests alone
		}
		if strings.HasPrefix(dir, "cmd/snafu/") {
			dir = path.Base(dir)
		}
		require.Regexp(t, `(?m)(^| )`+regexp.QuoteMeta(dir)+`( |$)`, text)
	}
}
