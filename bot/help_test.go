package bot

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/view"
	"snafu/manifests"
)

// What the help says of everything fits into what somebody reads, whatever verbs
// there will be, and names each of them.
func TestTheHelpNamesEveryVerbInWhatSomebodyReads(t *testing.T) {
	next := []view.Act{
		{Say: "Answer: which run or list did it?", Typed: "triage"},
		{Say: "Stop the cause, and say what was done", Typed: "contain"},
		{Say: "Bring in a second person", Typed: "call"},
		{Say: "See where it stands, and your part in it", Typed: "status"},
		{Say: "Add a line to the timeline", Typed: "note WHAT HAPPENED"},
	}
	text := ""
	for _, b := range view.Help(helpGroups(), next).Blocks {
		section, ok := b.(*slack.SectionBlock)
		require.True(t, ok)
		text += section.Text.Text + "\n"
	}
	require.Less(t, len(utf16.Encode([]rune(text))), 3000)
	for i := range verbs {
		require.Contains(t, text, "`"+verbs[i].name+"` ", "help leaves out a verb")
	}
	require.Contains(t, text, "*Start*\n`open` Say that something went", "the headings come in the order of an incident")
}

// What Slack hints at while somebody types leads somewhere.
func TestWhatTheManifestHintsAtAreVerbs(t *testing.T) {
	var app struct {
		Features struct {
			Commands []struct {
				Hint string `json:"usage_hint"`
			} `json:"slash_commands"`
		} `json:"features"`
	}
	require.NoError(t, json.Unmarshal(manifests.SlackApp(), &app))
	for _, hint := range strings.Split(app.Features.Commands[0].Hint, "|") {
		word := strings.Fields(hint)[0]
		require.NotNil(t, named(word), "the manifest hints at %q", word)
	}
}

var typedInREADME = regexp.MustCompile("`/snafu ([a-z]+)")

// A command that the README tells somebody to type is one that I know.
func TestEveryCommandOfTheREADMEIsAVerb(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	found := typedInREADME.FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, found)
	for _, f := range found {
		_, err := lookup(f[1])
		require.NoError(t, err, "the README says /snafu %s", f[1])
	}
	for row := range readmeRows(string(text)) {
		v := named(row)
		require.NotNil(t, v, "the table of the README names %q", row)
	}
}

// readmeRows are the first words of the table of what can be typed.
func readmeRows(text string) map[string]bool {
	rows := map[string]bool{}
	_, table, _ := strings.Cut(text, "| Type `/snafu` and | to |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, line := range strings.Split(table, "\n") {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(cell, "`")
			rows[name] = true
		}
	}
	return rows
}

// Buttons, forms and shortcuts lead to a row of the one table of verbs, and each
// verb that says which button does the same is reached by one.
func TestEveryButtonThatTheHelpNamesIsThere(t *testing.T) {
	reached := map[string]bool{"approve": true}
	for _, a := range actions {
		reached[a.verb] = true
	}
	for _, s := range shortcuts {
		reached[s.verb] = true
	}
	for i := range verbs {
		if v := &verbs[i]; v.button != "" {
			require.True(t, reached[v.name], "help names a button for %s, and no element leads to it", v.name)
		}
	}
}
