package incidents_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	ana incidents.Person = "T1/UANA"
	ben incidents.Person = "T1/UBEN"
	chi incidents.Person = "T1/UCHI"
	dev incidents.Person = "T1/UDEV"
)

var noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// in returns an incident in a phase with every piece of evidence that later
// phases ask for, so that only the phase decides.
func in(phase incidents.Phase) incidents.Incident {
	said := func(choice, text string) incidents.Answer {
		a := incidents.Answer{Text: text, By: ana.Actor(), At: noon}
		if choice != "" {
			a.Choices = []string{choice}
		}
		return a
	}
	still := incidents.No
	if phase == incidents.PhaseTriage {
		still = incidents.DontKnow
	}
	return incidents.Load(incidents.Saved{Phase: phase, Incident: incidents.Incident{
		ID: 42, Title: "Leads moved to SQL by mistake", Severity: incidents.SEV2, Reporter: ana, Lead: ana, Opened: noon,
		Triage: incidents.NewTriage(map[incidents.Question]incidents.Answer{
			incidents.QuestionStill:     said(still, ""),
			incidents.QuestionError:     said("", "lead_status is SQL"),
			incidents.QuestionCause:     said("workflow", ""),
			incidents.QuestionCustomers: said("none", "mail log"),
		}),
		Acts:    []incidents.Containment{{How: incidents.Stopped, What: "sync", DoneAt: noon, By: ana.Actor(), At: noon}},
		Recount: incidents.Recounts{Run: "weekly-42", Touched: 2926, At: noon, Since: noon, Quiet: 1},
	}})
}

// shown is the evidence of a root cause, and that somebody owes what follows of it.
var shown = incidents.Evidence{
	Exported:  true,
	Walk:      incidents.Walk{{Step: "The sync changes the stage", Went: incidents.WentWrong}},
	FollowUps: incidents.FollowUps{{Number: 1, Text: "x", Owner: ben, Due: noon.Add(24 * time.Hour), Safeguard: "y", State: incidents.FollowOpen}},
}

type decision struct {
	name string
	do   func(incidents.Incident, time.Time) (incidents.Incident, []incidents.Fact, error)
}

func answers(q incidents.Question, choice string) func(incidents.Incident, time.Time) (incidents.Incident, []incidents.Fact, error) {
	return func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return i.Answer(ana.Actor(), q, incidents.Answer{Choices: []string{choice}}, at)
	}
}

func counts(touched int64) func(incidents.Incident, time.Time) (incidents.Incident, []incidents.Fact, error) {
	return func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return i.Recounted(ana.Actor(), incidents.Recount{Source: "crm", Table: "crm.lead", Run: "weekly-42", Touched: touched, At: at}, at)
	}
}

var decisions = []decision{
	{"still: yes", answers(incidents.QuestionStill, incidents.Yes)},
	{"still: no", answers(incidents.QuestionStill, incidents.No)},
	{"count grew", counts(3000)},
	{"count same", counts(2926)},
	{"contain", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return i.Contain(ana.Actor(), incidents.Containment{How: incidents.Over}, at)
	}},
	{"propose", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return i.Restore(at)
	}},
	{"resolve", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		i, f, err := i.Resolve(ana.Actor(), incidents.Evidence{}, "nothing to count in", at)
		return i, []incidents.Fact{f}, err
	}},
	{"close", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		i, f, err := i.Close(ana.Actor(), shown, "", at)
		return i, []incidents.Fact{f}, err
	}},
	{"cancel", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		i, f, err := i.Cancel(ana.Actor(), incidents.Evidence{}, "a false alarm", 0, at)
		return i, []incidents.Fact{f}, err
	}},
	{"reopen", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return i.Reopen(ben.Actor(), incidents.AgainOccurs, "it is on again", at)
	}},
	{"more", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		return i.Reopen(ben.Actor(), incidents.AgainMore, "twelve more were found", at)
	}},
	{"note", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		f, err := i.Note("", "x", at, at)
		return i, []incidents.Fact{f}, err
	}},
}

func TestEachDecisionInEachPhase(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-11s", "")
	for _, p := range incidents.Phases {
		fmt.Fprintf(&b, " %-11s", p)
	}
	b.WriteString("\n")
	for _, d := range decisions {
		fmt.Fprintf(&b, "%-11s", d.name)
		for _, p := range incidents.Phases {
			before := in(p)
			after, facts, err := d.do(before, noon.Add(time.Minute))
			out := after.Phase().String()
			switch {
			case err != nil:
				out = "refused"
				require.Equal(t, p, after.Phase(), "a refusal changes nothing")
			case after.Phase() == p && len(facts) == 0:
				out = "-"
			case after.Phase() == p:
				out = "recorded"
			}
			require.Equal(t, p, before.Phase(), "a decision returns a copy")
			fmt.Fprintf(&b, " %-11s", out)
		}
		b.WriteString("\n")
	}
	var lines []string
	for _, line := range strings.Split(b.String(), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	golden(t, "phases.txt", strings.Join(lines, "\n"))
}

// Whatever people do in whatever order: somebody leads, nothing is contained
// without an act and a No, nothing is closed that was not resolved.
func TestTheLawsOfAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, _, err := incidents.Open(1, incidents.Opening{Title: "x", Reporter: ana}, noon)
		require.NoError(t, err)
		at := noon
		steps := append([]decision{
			{"cause", answers(incidents.QuestionCause, "workflow")},
			{"none", answers(incidents.QuestionCustomers, "none")},
			{"error", func(i incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
				return i.Answer(ana.Actor(), incidents.QuestionError, incidents.Answer{Text: "x"}, at)
			}},
		}, decisions...)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			at = at.Add(time.Minute)
			was := i.Phase()
			next, _, err := rapid.SampledFrom(steps).Draw(t, "step").do(i, at)
			if err != nil {
				require.Equal(t, i, next, "a refusal changes nothing")
				continue
			}
			i = next
			require.NotEmpty(t, i.Lead)
			switch _, acted := i.Acted(); i.Phase() {
			case incidents.PhaseContained:
				require.True(t, acted)
				require.Equal(t, incidents.No, i.Triage.Still())
				require.False(t, i.ContainedAt.IsZero())
			case incidents.PhaseClosed:
				require.Contains(t, []incidents.Phase{incidents.PhaseResolved, incidents.PhaseClosed}, was)
			}
			holds(t, incidents.Summarize(i, incidents.Moment{At: at}))
		}
	})
}
