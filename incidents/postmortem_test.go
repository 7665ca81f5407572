package incidents_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// called is what people are called in these tests.
func called(p incidents.Person) string { return strings.ToLower(strings.TrimPrefix(p.User(), "U")) }

// repaired is the incident of the story at its end, with what was learned.
func repaired(t *testing.T, say string) (incidents.Incident, incidents.Moment, incidents.Aftermath) {
	t.Helper()
	i, _, err := incidents.Open(42, incidents.Opening{Title: "Leads moved to SQL by mistake", System: "crm", Reporter: ana}, noon)
	require.NoError(t, err)
	for q, a := range map[incidents.Question]incidents.Answer{
		incidents.QuestionCause:     {Choices: []string{"workflow"}},
		incidents.QuestionCustomers: {Choices: []string{"none"}, Text: "mail log"},
		incidents.QuestionError:     {Text: "lead_status is SQL"},
		incidents.QuestionBegan:     {Time: noon.Add(-47 * time.Minute)},
		incidents.QuestionStill:     {Choices: []string{incidents.No}},
	} {
		i, _, err = i.Answer(ben.Actor(), q, a, noon.Add(30*time.Minute))
		require.NoError(t, err)
	}
	// A cause that names a person is refused now; an older log may hold one.
	answers := map[incidents.Question]incidents.Answer{}
	for _, q := range incidents.Questions {
		if a := i.Triage.Answer(q.N); a.Given() {
			answers[q.N] = a
		}
	}
	cause := answers[incidents.QuestionCause]
	cause.Text = strings.TrimSpace(say)
	answers[incidents.QuestionCause] = cause
	i.Triage = incidents.NewTriage(answers)
	i, _, err = i.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: "Weekly stage sync"}, noon.Add(31*time.Minute))
	require.NoError(t, err)
	i, _, err = i.Resolve(ana.Actor(), incidents.Evidence{Tally: storyTally(1169), FixNoted: true}, "", noon.Add(3*time.Hour))
	require.NoError(t, err)
	i, _, err = i.Close(ana.Actor(), shown, "", noon.Add(4*time.Hour))
	require.NoError(t, err)
	m := incidents.Moment{
		At: noon.Add(5 * time.Hour), Tally: storyTally(1169), Backup: "02:10, restored to scratch 3 days ago",
		Plans: []incidents.PlanLine{{
			Ref: "R1", State: "done", Digest: "3f9a1c07be52d0aa71e0", Writes: 1169, Written: 1169, Conflicts: 7, Needs: 2, ExportN: 2926,
			Requester: ana, Approved: []incidents.Person{chi, dev}, RunBy: chi,
		}},
	}
	at := func(n int) incidents.Reached { return reached(n) }
	a := incidents.Aftermath{
		Entries: 118, Head: strings.Repeat("3f9a", 16),
		Timeline: []incidents.TimelineLine{
			{Ref: "SNAFU-42 #1", At: noon, By: ana.Actor(), Kind: "opened/1", Say: incidents.Sentence("Opened: Leads moved to SQL by mistake, SEV2")},
			{Ref: "SNAFU-42 #9", At: noon.Add(time.Hour), When: noon.Add(-time.Hour), By: ben.Actor(), Kind: "noted/1", Say: incidents.Sentence("Note (change) by ", ben, ": campaign 7 was copied")},
			{Ref: "SNAFU-42 #10", At: noon.Add(62 * time.Minute), By: ben.Actor(), Kind: "corrected/1", Say: incidents.Sentence("Corrected by ", ben, ": campaign 8 was copied")},
		},
		Reached: map[incidents.Milestone]incidents.Reached{
			incidents.MilestoneOpened: at(0), incidents.MilestoneCalled: at(0), incidents.MilestoneAnswered: at(3), incidents.MilestoneContained: at(31), incidents.MilestoneResolved: at(180),
		},
		Whys: incidents.Whys{Nodes: []incidents.Why{
			{Ref: "W1", Text: "Leads moved to SQL"},
			{Ref: "W1.1", Text: say, Evidence: "the copy of campaign 7"},
			{Ref: "W1.1.1", Text: "a copied campaign keeps no filter", Mark: incidents.WhyRoot},
			{Ref: "W1.2", Text: "taken out", Gone: true},
		}},
		Walk:   incidents.Walk{{Step: "The list feeds the sync", Expected: "500 leads", Observed: "2,926 leads", Went: incidents.WentWrong}, {Step: "Sales are told"}},
		Board:  incidents.Board{{Number: 1, Approach: "put back from the history", Owner: chi, Result: incidents.TryWorks, Counted: true, Count: 1169}},
		Cases:  []incidents.Case{{Whom: incidents.CaseVendor, Title: "Acme", Ref: "4711", URL: "https://support.example/4711"}},
		Follow: []incidents.FollowUp{{Number: 1, Text: "A copied campaign starts switched off", Owner: dev, Due: noon.Add(7 * 24 * time.Hour), For: incidents.FollowPrevent, Safeguard: "The copy has no schedule", State: incidents.FollowOpen}},
	}
	return i, m, a
}

func TestThePostMortemReadsAsReviewed(t *testing.T) {
	i, m, a := repaired(t, "copied campaign")
	p := incidents.Report(i, m, a)
	golden(t, "postmortem.md", p.Markdown(called))
	golden(t, "postmortem.html", p.HTML(called))
	raw, err := p.JSON(called)
	require.NoError(t, err)
	golden(t, "postmortem.json", string(raw))
	files, err := p.CSV(called)
	require.NoError(t, err)
	var b strings.Builder
	for _, name := range []string{"timeline", "cohorts", "plans", "follow_ups", "told"} {
		fmt.Fprintf(&b, "== %s.csv\n%s", name, files[name])
	}
	golden(t, "postmortem.csv.txt", b.String())
	require.Len(t, files, 5)
}

func TestThePostMortemHasTheNumbersOfTheSummaryAndNoOther(t *testing.T) {
	i, m, a := repaired(t, "copied campaign")
	p, s := incidents.Report(i, m, a), incidents.Summarize(i, m)
	raw, err := p.JSON(called)
	require.NoError(t, err)
	var got struct {
		Schema int
		Counts map[string]any
		Plans  []struct{ Written int64 }
	}
	require.NoError(t, json.Unmarshal(raw, &got))
	require.Equal(t, 1, got.Schema)
	for field, n := range map[string]int64{
		"touched": s.Total.Total, "wrong": s.Total.Wrong, "fixed": s.Total.Fixed, "kept": s.Total.Kept, "not_restorable": s.Total.Unrestorable, "left": s.Total.Left,
	} {
		require.InDelta(t, n, got.Counts[field], 0, field)
	}
	require.Equal(t, s.Total.Fixed, got.Plans[0].Written, "what plans wrote is what was fixed")
	for form, text := range map[string]string{"md": p.Markdown(called), "html": p.HTML(called)} {
		plain := strings.NewReplacer(`\`, "", "&#39;", "'", "&gt;", ">").Replace(text)
		require.Contains(t, plain, s.Numbers.Text(called), form)
		require.Contains(t, plain, s.Customers.Text(called), form)
	}

	broken := storyTally(0)
	broken.AsIntended = 1700
	m.Tally = broken
	p = incidents.Report(i, m, a)
	require.Contains(t, p.Markdown(called), "The counts do not add up: touched 2,926")
	raw, err = p.JSON(called)
	require.NoError(t, err)
	require.Contains(t, string(raw), `"counts": null`, "no corrected number leaves the house")
	require.Contains(t, string(raw), `"cohorts": []`)
}

func TestNobodyIsBlamedInACause(t *testing.T) {
	i, m, a := repaired(t, "the workflow of <@UBEN> and @chi, asked by mail to ops@acme.example")
	p := incidents.Report(i, m, a)
	for _, s := range p.Sections() {
		if !slices.Contains([]string{"Cause", "Walk-through"}, s.Title) {
			continue
		}
		for _, w := range append(slices.Clone(s.Say), s.List...) {
			require.NotContains(t, w.Text(called), "UBEN")
			require.NotContains(t, w.Text(called), "@chi")
			for _, word := range w {
				require.Empty(t, word.Person, s.Title)
			}
		}
	}
	text := p.Markdown(called)
	require.Contains(t, text, `\[somebody\] and \[somebody\]`)
	require.Contains(t, text, "ops@acme.example", "an address is no mention")
	require.Contains(t, text, "chi and dev", "who approved is named")
}

var loads = regexp.MustCompile(`(?i)<(script|img|link|iframe|a|object|svg)\b`)

func TestForeignTextStaysTextInEveryForm(t *testing.T) {
	for _, say := range []string{
		`<script>alert(1)</script><img src=x onerror=alert(2)>`, "=HYPERLINK(\"https://evil\")", " +1+1", "@SUM(A1)", "\u200b=1+1", "＝1+1", "-2+3|cmd", "| a | b |\n# head\n![x](https://evil)", "\u202Egnp.exe",
	} {
		i, m, a := repaired(t, say+" x")
		a.Follow[0].Text, a.Board[0].Approach, a.Cases[0].Title = say, say, say
		m.Tally.Rows[0].Was = say
		p := incidents.Report(i, m, a)
		html := p.HTML(called)
		_, body, _ := strings.Cut(html, "</style>")
		require.NotRegexp(t, loads, body)
		require.NotContains(t, html, "\u202E")
		md := p.Markdown(called)
		require.NotRegexp(t, `[^\\]\]\(https://evil`, md, "no link, and no picture that is fetched")
		require.NotContains(t, md, "<script")
		require.NotContains(t, md, "\n# head")
		files, err := p.CSV(called)
		require.NoError(t, err)
		for name, raw := range files {
			rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
			require.NoError(t, err, name)
			for _, row := range rows {
				require.Len(t, row, len(rows[0]), name)
				for _, cell := range row {
					require.NotRegexp(t, "^[\\s\u200b]*[=+@|%＝＋－＠-]", cell, "a spreadsheet would compute it")
				}
			}
		}
	}
}

func TestAnIncidentOfWhichNothingIsKnownHasAPostMortemThatSaysSo(t *testing.T) {
	i, _, err := incidents.Open(7, incidents.Opening{Title: "x", Reporter: ana}, noon)
	require.NoError(t, err)
	p := incidents.Report(i, incidents.Moment{At: noon}, incidents.Aftermath{})
	require.Len(t, p.Sections(), 14)
	for _, s := range p.Sections() {
		require.True(t, !s.Empty() || s.None != "", s.Title)
		for _, row := range s.Rows {
			require.Len(t, row, len(s.Head), s.Title)
		}
	}
	raw, err := p.JSON(called)
	require.NoError(t, err)
	require.NotRegexp(t, `"(timeline|cohorts|plans|follow_ups|told)": null`, string(raw), "a list is a list")
}
