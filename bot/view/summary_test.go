package view

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// goldenMoments are the Summaries that a manager may meet, in the order of one
// long story; each is made from the values that the domain decides with.
var goldenMoments = []string{
	"opened", "counting", "growing", "stopped", "counted", "corrected", "awaiting-approval", "running", "paused",
	"partly-unrestorable", "overdue", "source-silent", "measurements-differ", "counts-broken", "resolved", "reopened", "closed", "cancelled", "drill", "private", "sixty-cohorts",
}

const weekly = "weekly-42"

// must gives back what a decision decided; a story does not refuse.
func must[T any](i incidents.Incident, _ T, err error) incidents.Incident {
	if err != nil {
		panic(err)
	}
	return i
}

// repairTally is what weekly-42 did to the leads, some records into the repair.
func repairTally(name string, fixed, lost int64) *incidents.Tally {
	return &incidents.Tally{
		Source: "crm", Table: "lead", Unit: "leads", Run: weekly, At: noon.Add(2 * time.Hour),
		Touched: 2926, Wrong: 1176, Fixed: fixed, Kept: 7, Unrestorable: lost, Left: 1169 - fixed - lost, AsIntended: 1750, Untouched: 74, UntouchedWhat: "customers",
		Rows: []incidents.TallyRow{
			{Was: name, Now: "SQL", Should: "MQL", Total: 500, Wrong: 500, Fixed: min(fixed, 497), Kept: 3, Left: 497 - min(fixed, 497)},
			{Was: "Nurturing", Now: "SQL", Should: "MQL", Total: 676, Wrong: 676, Fixed: max(fixed-497, 0), Kept: 4, Unrestorable: lost, Left: 672 - max(fixed-497, 0) - lost},
			{Was: "MQL", Now: "SQL", Should: "SQL", Total: 1000, AsIntended: true},
			{Was: "SQL", Now: "SQL", Should: "no change", Total: 750, AsIntended: true},
		},
	}
}

// many is a table of sixty cohorts, with names of the caller's.
func many(name string) *incidents.Tally {
	t := &incidents.Tally{Source: "crm", Table: "lead", Unit: "leads", Run: "import-7", At: noon.Add(2 * time.Hour)}
	for n := int64(1); n <= 60; n++ {
		r := incidents.TallyRow{Was: fmt.Sprintf("%s %d", name, n), Now: hostile, Should: name, Total: n * 1000, Wrong: n * 1000, Fixed: n * 400, Kept: n * 100, Unrestorable: n * 50, Left: n * 450}
		t.Rows = append(t.Rows, r)
		t.Touched, t.Wrong, t.Fixed = t.Touched+r.Total, t.Wrong+r.Wrong, t.Fixed+r.Fixed
		t.Kept, t.Unrestorable, t.Left = t.Kept+r.Kept, t.Unrestorable+r.Unrestorable, t.Left+r.Left
	}
	return t
}

// tale tells one incident from its first second to its end, and stops on the
// way to be looked at.
type tale struct {
	name                                                    string
	opened, counting, growing, stopped, restoring, resolved incidents.Incident
	reopened, closed, drilled, secret                       incidents.Incident
	proposed, running, paused, done                         incidents.PlanLine
	page                                                    incidents.Page
}

func tell(name string) tale {
	s := tale{name: name}
	open := func(drill, private bool) incidents.Incident {
		i, _, err := incidents.Open(42, incidents.Opening{Title: name, System: "crm", Reporter: ana, Drill: drill, Private: private}, noon)
		if err != nil {
			panic(err)
		}
		return i
	}
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	count := func(i incidents.Incident, touched int64, minutes int) incidents.Incident {
		return must(i.Recounted(ana.Actor(), incidents.Recount{Source: "crm", Table: "lead", Run: weekly, Touched: touched, At: at(minutes)}, at(minutes)))
	}
	answer := func(i incidents.Incident, q incidents.Question, a incidents.Answer, minutes int) incidents.Incident {
		return must(i.Answer(ben.Actor(), q, a, at(minutes)))
	}
	s.opened, s.drilled, s.secret = open(false, false), open(true, false), open(false, true)
	s.counting = answer(s.opened, incidents.QuestionRun, incidents.Answer{Text: name}, 2)
	s.growing = count(count(s.opened, 2500, 3), 2926, 10)
	s.stopped = must(s.growing.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: name, Was: "on", Now: "off"}, at(20)))
	s.stopped = count(count(s.stopped, 2926, 21), 2926, 22)
	for n, a := range map[incidents.Question]incidents.Answer{
		incidents.QuestionCause:     {Choices: []string{"workflow"}, Text: name},
		incidents.QuestionCustomers: {Choices: []string{"none"}, Text: "mail log"},
		incidents.QuestionError:     {Text: name},
		incidents.QuestionBegan:     {Time: at(-47)},
		incidents.QuestionNoticed:   {Choices: []string{"colleague"}},
	} {
		s.stopped = answer(s.stopped, n, a, 30)
	}
	s.restoring = must(s.stopped.Restore(at(60)))
	s.proposed = incidents.PlanLine{
		Ref: "R1", Revision: 1, State: "proposed", Digest: "3f9a1c07be52d0aa71e0", Writes: 1169, Conflicts: 7, Needs: 2,
		Requester: ana, Approved: []incidents.Person{ben}, Missing: []incidents.Person{chi}, ExportN: 2926,
	}
	s.running = s.proposed
	s.running.State, s.running.Approved, s.running.Missing, s.running.RunBy, s.running.Written = "running", []incidents.Person{ben, chi}, nil, ben, 520
	s.paused = s.running
	s.paused.State, s.paused.Written, s.paused.CanRun = "paused", 620, []incidents.Person{ben, chi}
	s.done = s.running
	s.done.State, s.done.Written = "done", 1169
	s.page = incidents.Page{State: incidents.PageAnswered, AnsweredBy: ben, Started: noon, AnsweredAt: noon.Add(161 * time.Second)}
	s.resolved = must(s.restoring.Resolve(ana.Actor(), incidents.Evidence{Tally: repairTally(name, 1169, 0), FixNoted: true}, "", at(180)))
	s.closed = must(s.resolved.Close(ana.Actor(), incidents.Evidence{}, "the cause is plain to see", at(240)))
	s.reopened = must(s.closed.Reopen(ben.Actor(), incidents.AgainMore, "a second list was found", at(300)))
	return s
}

// summaries are the golden moments, drawn with a name of the caller's.
func summaries(name string) map[string]any {
	s := tell(name)
	promised := noon.Add(130 * time.Minute)
	live := incidents.Moment{
		At: noon.Add(121 * time.Minute), Changed: noon.Add(2 * time.Hour), Promise: promised, Backup: "02:10, restored to scratch 3 days ago",
		Watch: &incidents.Watch{Run: weekly, Every: 15 * time.Minute, Until: noon.Add(24 * time.Hour)},
	}
	with := func(m incidents.Moment, t *incidents.Tally, plans ...incidents.PlanLine) incidents.Moment {
		m.Tally, m.Plans = t, plans
		return m
	}
	first := incidents.Moment{At: noon.Add(time.Minute), Promise: noon.Add(time.Hour)}
	growing := incidents.Moment{At: noon.Add(11 * time.Minute), Promise: noon.Add(time.Hour), Watch: live.Watch}
	stopped := growing
	stopped.At, stopped.Pages = noon.Add(31*time.Minute), []incidents.Page{s.page}
	corrected := repairTally(name, 0, 0)
	corrected.Kept, corrected.Left = 27, 1149
	corrected.Rows[1].Kept, corrected.Rows[1].Left = 24, 652
	differs := repairTally(name, 0, 0)
	differs.Touched, differs.AsIntended, differs.Rows[3].Total = 2920, 1744, 744
	overdue, silent, over := live, live, live
	overdue.At = promised.Add(time.Minute)
	silent.Watch = &incidents.Watch{Run: weekly, Every: 15 * time.Minute, Until: noon.Add(24 * time.Hour), Away: noon.Add(125 * time.Minute)}
	silent.At = noon.Add(128 * time.Minute)
	broken := repairTally(name, 0, 0)
	broken.AsIntended = 1700
	over.Promise, over.Watch, over.At = time.Time{}, nil, noon.Add(4*time.Hour)
	closed := with(over, repairTally(name, 1169, 0), s.done)
	closed.Followed = []string{"Root: the copied campaign kept its filter", "2 safeguards, owners and dates set"}
	cancelled := incidents.Load(incidents.Saved{Phase: incidents.PhaseCancelled, Incident: s.counting})
	card := func(i incidents.Incident, m incidents.Moment) Message { return Summary(incidents.Summarize(i, m)) }
	return map[string]any{
		"opened":              card(s.opened, first),
		"counting":            card(s.counting, first),
		"growing":             card(s.growing, growing),
		"stopped":             card(s.stopped, stopped),
		"counted":             card(s.stopped, with(live, repairTally(name, 0, 0))),
		"corrected":           card(s.stopped, with(live, corrected)),
		"measurements-differ": card(s.stopped, with(live, differs)),
		"awaiting-approval":   card(s.restoring, with(live, repairTally(name, 0, 0), s.proposed)),
		"running":             card(s.restoring, with(live, repairTally(name, 0, 0), s.running)),
		"paused":              card(s.restoring, with(live, repairTally(name, 620, 0), s.paused)),
		"partly-unrestorable": card(s.restoring, with(live, repairTally(name, 1160, 9), s.done)),
		"overdue":             card(s.restoring, with(overdue, repairTally(name, 0, 0), s.proposed)),
		"source-silent":       card(s.restoring, with(silent, repairTally(name, 0, 0), s.proposed)),
		"counts-broken":       card(s.restoring, with(live, broken, s.proposed)),
		"resolved":            card(s.resolved, with(over, repairTally(name, 1169, 0), s.done)),
		"reopened":            card(s.reopened, with(live, repairTally(name, 1169, 0), s.done)),
		"closed":              card(s.closed, closed),
		"cancelled":           card(cancelled, over),
		"drill":               card(s.drilled, first),
		"private":             card(s.secret, first),
		"sixty-cohorts":       card(s.stopped, with(live, many(name))),
	}
}

// The moments are kept as Slack gets them, and once as people read them.
func TestTheSummaryReadsAsReviewedAtEachMoment(t *testing.T) {
	drawn := summaries("Leads moved to SQL by mistake")
	require.ElementsMatch(t, goldenMoments, keysOf(drawn))
	var b strings.Builder
	for _, name := range goldenMoments {
		golden(t, "summary/"+name, drawn[name])
		fmt.Fprintf(&b, "== %s\n%s\n", name, asRead(drawn[name].(Message)))
	}
	path := filepath.Join("testdata", "summary", "moments.txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func TestTheSummaryHasEightBlocksAtEachMomentWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"Leads moved", hostile, strings.Repeat("ä", 80), strings.Repeat("<!channel>", 8), "\u202Eabc", strings.Repeat("&", 80)} {
		for name, v := range summaries(title) {
			within(t, v)
			m := v.(Message)
			kinds := make([]string, len(m.Blocks))
			for n, b := range m.Blocks {
				kinds[n] = string(b.BlockType())
			}
			require.Equal(t, []string{"header", "section", "section", "section", "section", "section", "context", "actions"}, kinds, name)
			require.LessOrEqual(t, units(m.Text), maxFallback, name)
			require.True(t, strings.HasPrefix(m.Text, "SNAFU-42 · "), m.Text)
			for _, block := range strings.Split(asRead(m), "\n| ") {
				require.NotEmpty(t, strings.TrimSpace(block), name)
				if !strings.HasPrefix(strings.TrimSpace(block), "was>now>should") {
					continue
				}
				lines := strings.Split(strings.TrimSpace(block), "\n")
				require.LessOrEqual(t, len(lines), 1+maxCodeRows+2, "a head, 12 rows, what more there is, and the totals")
				for _, line := range lines {
					require.LessOrEqual(t, len([]rune(strings.TrimPrefix(line, "  "))), codeWidth, line)
				}
			}
		}
	}
}

func TestSixtyCohortsShowTwelveAndCountAll(t *testing.T) {
	t.Parallel()
	text := asRead(summaries("Leads moved")["sixty-cohorts"].(Message))
	require.Contains(t, text, "and 48 more")
	require.Regexp(t, `(?m)^  all +1,830,000`, text, "totals run over all rows, shown or not")
	require.Regexp(t, `(?m) else +left$`, text, "kept and lost share a column")
}

func keysOf(m map[string]any) (names []string) {
	for name := range maps.Keys(m) {
		names = append(names, name)
	}
	return names
}

var (
	shownDate = regexp.MustCompile(`<!date\^\d+\^[^|]*\|([^>]*)>`)
	shownUser = regexp.MustCompile(`<@U0(\w+?)0+1>`)
)

// asRead is a message as a person in London reads it, a block a line.
func asRead(m Message) string {
	lines := []string{m.Text}
	for _, b := range m.Blocks {
		switch b := b.(type) {
		case *slack.HeaderBlock:
			lines = append(lines, "| # "+b.Text.Text)
		case *slack.SectionBlock:
			lines = append(lines, "| "+strings.ReplaceAll(strings.Trim(strings.ReplaceAll(b.Text.Text, "```", ""), "\n"), "\n", "\n  "))
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				lines = append(lines, "| "+e.(*slack.TextBlockObject).Text)
			}
		case *slack.ActionBlock:
			var labels []string
			for _, e := range b.Elements.ElementSet {
				labels = append(labels, "["+e.(*slack.ButtonBlockElement).Text.Text+"]")
			}
			lines = append(lines, "| "+strings.Join(labels, " "))
		}
	}
	text := shownDate.ReplaceAllString(strings.Join(lines, "\n"), "$1")
	text = shownUser.ReplaceAllStringFunc(text, func(s string) string {
		return "@" + strings.ToLower(shownUser.FindStringSubmatch(s)[1])
	})
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text) + "\n"
}
