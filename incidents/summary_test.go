package incidents_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

// storyTally is what weekly-42 did, some steps into its repair.
func storyTally(fixed int64) *incidents.Tally {
	t := incidents.Tally{
		Source: "crm", Table: "lead", Unit: "leads", Run: "weekly-42", At: noon.Add(2 * time.Hour),
		Touched: 2926, Wrong: 1176, Fixed: fixed, Kept: 7, Left: 1169 - fixed, AsIntended: 1750,
		Untouched: 74, UntouchedWhat: "customers",
		Rows: []incidents.TallyRow{
			{Was: "Prospect", Now: "SQL", Should: "MQL", Total: 500, Wrong: 500, Kept: 3, Left: 497},
			{Was: "Nurturing", Now: "SQL", Should: "MQL", Total: 676, Wrong: 676, Kept: 4, Left: 672},
			{Was: "MQL", Now: "SQL", Should: "SQL", Total: 1000, AsIntended: true},
			{Was: "SQL", Now: "SQL", Should: "no change", Total: 750, AsIntended: true},
		},
	}
	if fixed > 0 {
		t.Rows[0].Fixed, t.Rows[0].Left = 497, 0
		t.Rows[1].Fixed, t.Rows[1].Left = 672, 0
	}
	return &t
}

// print writes a Summary as plain text, block by block.
func print(s incidents.Summary) string {
	var b strings.Builder
	line := func(name string, w incidents.Words) { fmt.Fprintf(&b, "%-9s %s\n", name, w) }
	line("fallback", s.Fallback)
	line("1 header", incidents.Sentence(strings.Join(append(slices.Clone(s.Badges), s.Title), " ")))
	line("2", s.Status)
	line("3", s.Numbers)
	line("", s.Customers)
	line("", s.Cause)
	for _, w := range s.Report {
		line("", w)
	}
	for _, r := range s.Table {
		line("4", incidents.Sentence(r.Was+">"+r.Now+">"+r.Should+" ", r.Wrong, " ", r.Fixed, " ", r.Kept, " ", r.Left))
	}
	if len(s.Table) == 0 {
		line("4", s.NoRow)
	} else {
		line("", incidents.Sentence("all wrong ", s.Total.Wrong, " ", s.Total.Fixed, " ", s.Total.Kept, " ", s.Total.Left))
	}
	line("5", s.Ask)
	line("6", s.Next)
	if s.Promise != nil {
		line("", s.Promise)
	}
	for _, w := range s.Provenance {
		line("7", w)
	}
	return b.String()
}

func TestTheSummaryAtEachMomentOfTheStory(t *testing.T) {
	opened, _, err := incidents.Open(1, incidents.Opening{
		Title: "Leads moved to SQL by mistake", System: "crm", Still: incidents.DontKnow, Reporter: ana,
	}, noon)
	require.NoError(t, err)
	picked, _, err := opened.Recounted(ana.Actor(), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-42", Touched: 2500, At: noon.Add(time.Minute)}, noon.Add(time.Minute))
	require.NoError(t, err)
	growing, _, err := picked.Recounted(ana.Actor(), incidents.Recount{Run: "weekly-42", Touched: 2926, At: noon.Add(10 * time.Minute)}, noon.Add(10*time.Minute))
	require.NoError(t, err)
	acted, _, err := growing.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: "Weekly stage sync", Was: "on", Now: "off"}, noon.Add(20*time.Minute))
	require.NoError(t, err)
	stopped := acted
	for n := range 2 {
		at := noon.Add(time.Duration(21+n) * time.Minute)
		stopped, _, err = stopped.Recounted(ana.Actor(), incidents.Recount{Run: "weekly-42", Touched: 2926, At: at}, at)
		require.NoError(t, err)
	}
	for q, a := range map[incidents.Question]incidents.Answer{
		incidents.QuestionCause:     {Choices: []string{"workflow"}, Text: "copied campaign"},
		incidents.QuestionCustomers: {Choices: []string{"none"}, Text: "mail log"},
		incidents.QuestionError:     {Text: "lead_status is SQL"},
		incidents.QuestionBegan:     {Time: noon.Add(-47 * time.Minute)},
		incidents.QuestionNoticed:   {Choices: []string{"colleague"}},
	} {
		stopped, _, err = stopped.Answer(ben.Actor(), q, a, noon.Add(30*time.Minute))
		require.NoError(t, err)
	}
	restoring, _, err := stopped.Restore(noon.Add(time.Hour))
	require.NoError(t, err)
	page := incidents.Page{State: incidents.PageAnswered, AnsweredBy: ben, Started: noon, AnsweredAt: noon.Add(161 * time.Second)}
	r1 := incidents.PlanLine{
		Ref: "R1", State: "proposed", Digest: "3f9a1c07be52aaaaaaaa", Writes: 1169, Conflicts: 7, Needs: 2,
		Requester: ana, Missing: []incidents.Person{chi, dev}, ExportN: 2926,
	}
	half := r1
	half.Approved, half.Missing = []incidents.Person{chi}, []incidents.Person{dev}
	paused := half
	paused.State, paused.Written, paused.CanRun = "paused", 620, []incidents.Person{chi, dev}
	done := half
	done.State, done.Approved, done.RunBy = "done", []incidents.Person{chi, dev}, chi
	resolved, _, err := restoring.Resolve(ana.Actor(), incidents.Evidence{Tally: storyTally(1169), FixNoted: true}, "", noon.Add(3*time.Hour))
	require.NoError(t, err)
	closed, _, err := resolved.Close(ana.Actor(), shown, "", noon.Add(4*time.Hour))
	require.NoError(t, err)
	broken := storyTally(0)
	broken.AsIntended = 1700

	var b strings.Builder
	for _, c := range []struct {
		name string
		inc  incidents.Incident
		m    incidents.Moment
	}{
		{"opened", opened, incidents.Moment{}},
		{"run picked", picked, incidents.Moment{}},
		{"growing", growing, incidents.Moment{Promise: noon.Add(-time.Minute)}},
		{"acted on", acted, incidents.Moment{Promise: noon.Add(24 * time.Hour)}},
		{"stopped", stopped, incidents.Moment{Pages: []incidents.Page{page}}},
		{"counted", stopped, incidents.Moment{Tally: storyTally(0)}},
		{"awaiting approval", restoring, incidents.Moment{Tally: storyTally(0), Plans: []incidents.PlanLine{r1}}},
		{"one approval more", restoring, incidents.Moment{Tally: storyTally(0), Plans: []incidents.PlanLine{half}, Changed: noon.Add(time.Hour)}},
		{"paused", restoring, incidents.Moment{Tally: storyTally(0), Plans: []incidents.PlanLine{paused}}},
		{"counts do not add up", restoring, incidents.Moment{Tally: broken}},
		{"repaired", restoring, incidents.Moment{Tally: storyTally(1169), Plans: []incidents.PlanLine{done}}},
		{"resolved", resolved, incidents.Moment{Tally: storyTally(1169), Plans: []incidents.PlanLine{done}}},
		{"closed", closed, incidents.Moment{Tally: storyTally(1169), Plans: []incidents.PlanLine{done}, Followed: []string{"2 safeguards, owners and dates set"}}},
	} {
		c.m.At = noon.Add(5 * time.Hour)
		s := incidents.Summarize(c.inc, c.m)
		require.Equal(t, s, incidents.Summarize(c.inc, c.m), "the same moment gives the same Summary")
		if c.name != "counts do not add up" {
			holds(t, s)
		}
		fmt.Fprintf(&b, "== %s\n%s\n", c.name, print(s))
	}
	golden(t, "summary.txt", b.String())
}

type failer interface {
	Errorf(format string, args ...any)
	FailNow()
}

// holds checks what is true of every Summary: eight blocks, none empty, no
// number invented.
func holds(t failer, s incidents.Summary) {
	require.NoError(t, s.Broken)
	require.NotEmpty(t, s.Title)
	for _, w := range []incidents.Words{s.Status, s.Numbers, s.Customers, s.Cause, s.Ask, s.Next, s.Fallback} {
		require.NotEmpty(t, w.String())
		require.Less(t, utf8.RuneCountInString(w.String()), 3000)
	}
	require.True(t, len(s.Table) > 0 || len(s.NoRow) > 0)
	require.NotEmpty(t, s.Provenance)
	require.Contains(t, s.Status.String(), s.Lead.Mention())
	require.Contains(t, s.Customers.String(), "Customers e-mailed: ")
}

// Tallies that add up are accepted; one number off and both sides are said.
func TestTheCountsAddUpOrItIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1_000_000)
		tally := incidents.Tally{Unit: "leads", Run: "r", At: noon}
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			var r incidents.TallyRow
			switch rapid.IntRange(0, 2).Draw(t, "class") {
			case 0:
				r.Fixed, r.Kept, r.Unrestorable, r.Left = n.Draw(t, "fixed"), n.Draw(t, "kept"), n.Draw(t, "lost"), n.Draw(t, "left")
				r.Wrong = r.Fixed + r.Kept + r.Unrestorable + r.Left
				r.Total = r.Wrong
			case 1:
				r.AsIntended, r.Total = true, n.Draw(t, "right")
				tally.AsIntended += r.Total
			case 2:
				r.Undecided, r.Total = true, n.Draw(t, "undecided")
				tally.Undecided += r.Total
			}
			tally.Rows = append(tally.Rows, r)
			tally.Touched += r.Total
			tally.Wrong += r.Wrong
			tally.Fixed += r.Fixed
			tally.Kept += r.Kept
			tally.Unrestorable += r.Unrestorable
			tally.Left += r.Left
		}
		require.NoError(t, tally.Holds())
		i := in(incidents.PhaseContained)
		s := incidents.Summarize(i, incidents.Moment{At: noon, Tally: &tally})
		holds(t, s)

		off := rapid.SampledFrom([]int64{-1, 1, 1000}).Draw(t, "off")
		numbers := []*int64{&tally.Touched, &tally.Wrong, &tally.Fixed, &tally.Kept, &tally.Unrestorable, &tally.Left, &tally.AsIntended, &tally.Undecided}
		*rapid.SampledFrom(numbers).Draw(t, "number") += off
		require.Error(t, tally.Holds())
		s = incidents.Summarize(i, incidents.Moment{At: noon, Tally: &tally})
		require.Error(t, s.Broken)
		require.Contains(t, s.Numbers.String(), "The counts do not add up")
		require.Empty(t, s.Table)
	})
}

func TestForeignTextStaysText(t *testing.T) {
	i, _, err := incidents.Open(1, incidents.Opening{Title: "<!channel> & `x` \u202e|\n<@UEVIL>", Reporter: ana}, noon)
	require.NoError(t, err)
	s := incidents.Summarize(i, incidents.Moment{At: noon})
	for _, w := range append(s.Fallback, s.Status...) {
		require.Contains(t, []incidents.Person{"", ana}, w.Person, "only who acts becomes a mention")
	}
	require.NotContains(t, s.Title, "\n")
}
