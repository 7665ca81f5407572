package view

import (
	"fmt"
	"strings"
	"time"

	"snafu/incidents"
)

// MetricsCard are the figures of a while.
type MetricsCard struct {
	Metrics incidents.Metrics
	Window  string // 30d, 90d, 1y
	Since   time.Time
	System  string // "" for all
}

// Metrics shows how long the parts of the work took, and what came of it. Of
// few incidents each is told, because a median of them says nothing.
func Metrics(c MetricsCard) Message {
	m := c.Metrics
	of := ""
	if c.System != "" {
		of = " of " + Escape(c.System)
	}
	head := fmt.Sprintf("%s opened%s since %s", amount(m.Incidents, "snafu"), of, Day(c.Since))
	if m.Incidents == 0 {
		return Message{Text: "No snafu in " + c.Window + ".", Blocks: stack(section("No snafu was opened"+of+" since "+Day(c.Since)+"."), context(metricsNote(m)))}
	}
	var rows []codeRow
	var each []string
	for _, s := range m.Spans {
		switch n := s.N(); {
		case n == 0:
			rows = append(rows, cells(s.Name, "0", "-", "-"))
		case n < incidents.SpanFew:
			rows = append(rows, cells(s.Name, Number(int64(n)), "each", "below"))
			each = append(each, "*"+s.Name+"*: "+joinedTimes(s.Took))
		default:
			rows = append(rows, cells(s.Name, Number(int64(n)), briefly(s.Median()), briefly(s.P90())))
		}
	}
	return Message{
		Text: cutMarkup("Metrics of "+c.Window+": "+amount(m.Incidents, "snafu"), maxFallback),
		Blocks: stack(
			section("*"+head+"*, "+Number(m.Open)+" not closed"),
			section(codeTable(1, []string{"how long", "n", "median", "p90"}, rows)),
			section(strings.Join(each, "\n")),
			section(strings.Join(metricsLines(m), "\n")),
			context(metricsNote(m)),
		),
	}
}

func metricsLines(m incidents.Metrics) []string {
	lines := []string{fmt.Sprintf("*Records*: %s were wrong, %s fixed, %s kept as people set them, %s can't be restored", Number(m.Wrong), Number(m.Fixed), Number(m.Kept), Number(m.Lost))}
	for _, by := range m.Noticed {
		lines = append(lines, fmt.Sprintf("*Noticed by %s*: %s, %s", Escape(strings.ToLower(by.Who)), amount(int64(by.N()), "time"), middle(by.Span)))
	}
	lines = append(lines, fmt.Sprintf("*Calls*: %s of %s answered before the next one was called", Number(m.PagesInTime), Number(m.Pages)))
	if m.Promises > 0 {
		lines = append(lines, fmt.Sprintf("*Promised updates*: %s of %s kept", Number(m.PromisesKept), Number(m.Promises)))
	}
	if m.FollowUps > 0 {
		lines = append(lines, fmt.Sprintf("*Follow-ups*: %s, %s overdue", Number(m.FollowUps), Number(m.FollowUpsLate)))
	}
	return append(lines, fmt.Sprintf("*Approvals that were refused*: %s. *Rework*: %s, %s, %s reopened, %s the same again",
		Number(m.Refused), amount(m.Undone, "undo"), amount(m.Corrections, "correction"), Number(m.Reopened), Number(m.Again)))
}

func middle(s incidents.Span) string {
	if s.N() < incidents.SpanFew {
		return "after " + joinedTimes(s.Took)
	}
	return "after " + briefly(s.Median()) + " in the middle"
}

func metricsNote(m incidents.Metrics) string {
	note := "From the act to the act, as journalled then. Drills and what was cancelled are left out."
	if m.Light > 0 {
		note += " " + amount(m.Light, "light snafu") + " apart."
	}
	parts := make([]string, len(m.Spans))
	for n, s := range m.Spans {
		parts[n] = s.Name + ": " + s.Say
	}
	return note + "\n" + strings.Join(parts, " · ")
}

// amount is a number with what it counts.
func amount(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + one + "s"
}

// briefly is a span in the room that a phone has: its two largest units.
func briefly(d time.Duration) string {
	if d < time.Hour {
		return Duration(d)
	}
	if d >= 48*time.Hour {
		return Duration(d)
	}
	return Duration(d.Truncate(time.Minute))
}

func joinedTimes(took []time.Duration) string {
	parts := make([]string, len(took))
	for n, d := range took {
		parts[n] = briefly(d)
	}
	return strings.Join(parts, ", ")
}
