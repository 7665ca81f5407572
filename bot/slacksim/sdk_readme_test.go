package slacksim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

const readmeURL = "http://127.0.0.1:8020/"

// readme is the section of the README that tells how any app uses the simulated
// Slack, with the address of this one.
func (d *desk) readme() string {
	d.t.Helper()
	text, err := os.ReadFile("../../README.md")
	require.NoError(d.t, err)
	_, section, found := strings.Cut(string(text), "\n## The simulated Slack\n")
	require.True(d.t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	return strings.ReplaceAll(section, readmeURL, strings.TrimSuffix(d.sim.APIURL(), "api/"))
}

var (
	javascript = regexp.MustCompile("(?s)```js\n(.*?)```")
	curl       = regexp.MustCompile(`(?m)^curl (\S+) --json '(.*)'$`)
)

// curls does what the curl lines say, and returns what each answered.
func (d *desk) curls() []map[string]any {
	var answers []map[string]any
	for _, line := range curl.FindAllStringSubmatch(d.readme(), -1) {
		resp := postJSON(d.t, line[1], line[2])
		body := read(d.t, resp)
		require.Equal(d.t, http.StatusOK, resp.StatusCode, "%s: %s", line[0], body)
		var answer map[string]any
		require.NoError(d.t, json.Unmarshal([]byte(body), &answer))
		answers = append(answers, answer)
	}
	return answers
}

func TestWhatTheREADMEShowsOfTheControlAPIIsTaken(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Log: quiet()})
	answers := d.curls()
	require.Len(t, answers, 3)
	require.Contains(t, answers[0]["shown"], "dispatch_failed", "no app is there")
	require.NotEmpty(t, answers[1]["id"])
	require.NotEmpty(t, answers[2]["ts"])
}

func TestTheAppOfTheREADMERuns(t *testing.T) {
	t.Parallel()
	dir := node(t)
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	code := javascript.FindStringSubmatch(d.readme())
	require.NotNil(t, code)
	end := "process.stdin.on('end', () => app.stop()).resume();\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "readme.mjs"), []byte(code[1]+end), 0o600))
	p := d.runIn(dir, "readme.mjs")
	require.NoError(t, d.sim.AwaitConnections(longer(t), 1))
	require.Equal(t, "Hello @ana", d.curls()[0]["shown"])
	p.logsNothing()
}
