package story

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/view"
)

// figured is what a post-mortem says in numbers.
type figured struct {
	Counts struct {
		Touched, Wrong, Fixed, Kept, Left int64
		AsIntended                        int64 `json:"as_intended"`
	}
	Cohorts []struct {
		Was, Became, Should, Class      string
		Total, Wrong, Fixed, Kept, Left int64
	}
}

var (
	exportPath = regexp.MustCompile("/[^ `]*postmortem-[0-9a-f]+[.][a-z]+")
	cohortLine = regexp.MustCompile(`(?m)^ *(\S[^\n]*?) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+)$`)
	rightLine  = regexp.MustCompile(`(?m)^ *(\S[^\n]*?) +([\d,]+) as intended$`)
)

// exported asks for the post-mortem in a form, and reads it.
func (s *Stage) exported(t *testing.T, form string) []byte {
	t.Helper()
	maya, says := s.sim.As("maya"), slacksim.Contains
	_, err := maya.Slash(t.Context(), s.room, "/snafu export "+form)
	require.NoError(t, err)
	told, err := maya.Await(t.Context(), s.room, slacksim.OnlyForMe(), says("postmortem-"), says("."+form))
	require.NoError(t, err)
	text, err := os.ReadFile(exportPath.FindString(told.Plain))
	require.NoError(t, err, told.Plain)
	return text
}

// sameFigures holds every number of the post-mortem to the pinned Summary.
func sameFigures(t *testing.T, s *Stage) {
	t.Helper()
	card, err := s.sim.As("paul").Await(t.Context(), s.room, slacksim.IsPinned(), slacksim.Contains("Closed"))
	require.NoError(t, err)
	var report figured
	require.NoError(t, json.Unmarshal(s.exported(t, "json"), &report))

	n, c := view.Number, report.Counts
	sentence := fmt.Sprintf("%s of %s touched leads were wrong: %s fixed, %s kept as people set them, %s left. %s were right all along,",
		n(c.Wrong), n(c.Touched), n(c.Fixed), n(c.Kept), n(c.Left), n(c.AsIntended))
	require.Contains(t, card.Plain, sentence)
	require.Contains(t, string(s.exported(t, "md")), sentence)
	require.Contains(t, string(s.exported(t, "html")), sentence)

	shown := map[string][]int64{}
	for _, row := range append(cohortLine.FindAllStringSubmatch(card.Plain, -1), rightLine.FindAllStringSubmatch(card.Plain, -1)...) {
		for _, cell := range row[2:] {
			number, err := strconv.ParseInt(strings.ReplaceAll(cell, ",", ""), 10, 64)
			require.NoError(t, err)
			shown[row[1]] = append(shown[row[1]], number)
		}
	}
	told := map[string][]int64{"all wrong": {c.Wrong, c.Fixed, c.Kept, c.Left}}
	var touched int64
	for _, one := range report.Cohorts {
		touched += one.Total
		label := one.Was + ">" + one.Became + ">" + one.Should
		if told[label] = []int64{one.Wrong, one.Fixed, one.Kept, one.Left}; one.Class == "as intended" {
			told[label] = []int64{one.Total}
		}
	}
	require.Equal(t, shown, told, card.Plain)
	require.Equal(t, c.Touched, touched)
}
