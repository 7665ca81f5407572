package bot

import (
	stdflag "flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	readmeTable = "| Type `/snafu` and | to | or press |\n|---|---|---|\n"
	afterTable  = "\n## "
)

// verbTable is what the README shows of the table of verbs.
func verbTable() string {
	var rows strings.Builder
	rows.WriteString(readmeTable)
	for _, g := range helpGroups() {
		for _, row := range g.Verbs {
			name := "`" + row.Name + "`"
			if also := named(row.Name).aliases; len(also) > 0 {
				name += ", `" + strings.Join(also, "`, `") + "`"
			}
			fmt.Fprintf(&rows, "| %s | %s | %s |\n", name, row.Help, row.Button)
		}
	}
	return rows.String()
}

// The README, the help and what is done with a word that was typed are one table.
func TestEveryRowOfTheTablesOfVerbsStandsInTheREADME(t *testing.T) {
	const path = "../README.md"
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(raw), readmeTable)
	require.True(t, found, "the README has no table of what can be typed")
	shown, after, found := strings.Cut(rest, afterTable)
	require.True(t, found)
	if asked := stdflag.Lookup("update"); asked != nil && asked.Value.String() == "true" {
		require.NoError(t, os.WriteFile(path, []byte(before+verbTable()+afterTable+after), 0o600))
		return
	}
	require.Equal(t, verbTable(), readmeTable+shown, "run with -update")
	for i := range verbs {
		v, err := lookup(verbs[i].name)
		require.NoError(t, err)
		require.True(t, readmeRows(string(raw))[v.name], "the README leaves out %s", v.name)
	}
}
