package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"

	"github.com/stretchr/testify/require"
)

// reported compares the post-mortem with the ledger of the run, while no bot is
// there to ask.
func (i *incident) reported() {
	i.t.Helper()
	files := func(form string) (paths []string) {
		c := i.run("export", "SNAFU-1", "--format", form, "--out", i.path("reports"))
		require.Equal(i.t, exitHolds, c.ends(), c.said.text())
		for line := range strings.Lines(c.said.text()) {
			if file, _, found := strings.Cut(line, " ("); found {
				paths = append(paths, file)
			}
		}
		return paths
	}
	raw, err := os.ReadFile(files("json")[0])
	require.NoError(i.t, err)
	var report struct {
		Lead   string
		Counts struct{ Touched, Wrong, Fixed, Kept, Left int64 }
		Plans  []struct {
			Written, Conflicts int64
			Approved           []string `json:"approved_by"`
		}
	}
	require.NoError(i.t, json.Unmarshal(raw, &report))
	require.Equal(i.t, number(i.t, i.db.crmAdmin, `select count(*) from snafu.ledger where outcome = 1`), report.Counts.Fixed, "what was fixed is what the ledger says")
	require.Equal(i.t, []int64{2926, 1176, 1169, 7, 0}, []int64{report.Counts.Touched, report.Counts.Wrong, report.Counts.Fixed, report.Counts.Kept, report.Counts.Left})
	require.Equal(i.t, []int64{1169, 7}, []int64{report.Plans[0].Written, report.Plans[0].Conflicts})
	require.Equal(i.t, []string{"chi", "dev"}, report.Plans[0].Approved, "as Slack calls them")
	require.Equal(i.t, "ana", report.Lead)

	for _, path := range files("csv") {
		if !strings.Contains(path, "cohorts") {
			continue
		}
		text, err := os.ReadFile(path)
		require.NoError(i.t, err)
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		require.NoError(i.t, err)
		require.Len(i.t, rows, 5, "a head and four cohorts")
		return
	}
	require.Fail(i.t, "no table of cohorts")
}
