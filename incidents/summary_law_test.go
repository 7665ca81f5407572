package incidents_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

var foreign = []string{
	"the weekly stage sync", "<!channel> & *b* `x` |", "\u202Eabc\u200B", "<@UEVIL> did it", strings.Repeat("ä", 2000), "a\nb\tc", "0 new since 0 left",
}

// lived is an incident after a random life: what is refused did not happen.
func lived(t *rapid.T) (incidents.Incident, time.Time) {
	text := rapid.SampledFrom(foreign)
	i, _, err := incidents.Open(7, incidents.Opening{
		Title: text.Draw(t, "title"), Reporter: ana, Drill: rapid.Bool().Draw(t, "drill"),
		System: rapid.SampledFrom([]string{"", "crm"}).Draw(t, "system"),
	}, noon)
	require.NoError(t, err)
	at, touched := noon, int64(100)
	for range rapid.IntRange(0, 14).Draw(t, "acts") {
		at = at.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
		next, fault := i, error(nil)
		switch rapid.IntRange(0, 7).Draw(t, "act") {
		case 0:
			q := rapid.SampledFrom(incidents.Questions).Draw(t, "question")
			a := incidents.Answer{Text: text.Draw(t, "answer")}
			switch {
			case rapid.Bool().Draw(t, "unknown"):
				a = incidents.Answer{Choices: []string{incidents.DontKnow}}
			case q.Form == incidents.FormTime:
				a = incidents.Answer{Time: at.Add(-time.Hour)}
			case len(q.Choices) > 0:
				a.Choices = []string{rapid.SampledFrom(q.Choices).Draw(t, "choice").Code}
			}
			next, _, fault = i.Answer(ben.Actor(), q.N, a, at)
		case 1:
			next, _, fault = i.Contain(ana.Actor(), incidents.Containment{How: rapid.SampledFrom(incidents.Hows).Draw(t, "how"), What: text.Draw(t, "what")}, at)
		case 2, 3, 4:
			touched += rapid.SampledFrom([]int64{0, 0, 0, 426}).Draw(t, "more")
			next, _, fault = i.Recounted(ana.Actor(), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-42", Touched: touched, At: at}, at)
		case 5:
			next, _, fault = i.Restore(at)
		case 6:
			next, _, fault = i.Resolve(ana.Actor(), incidents.Evidence{}, "nothing was to be counted", at)
		case 7:
			if next, _, fault = i.Close(ana.Actor(), incidents.Evidence{}, "nothing is left to be done", at); fault != nil {
				next, _, fault = i.Reopen(ben.Actor(), incidents.AgainOccurs, "it occurs again", at)
			}
		}
		if fault == nil {
			i = next
		}
	}
	return i, at
}

// known is what may be known of it at that moment.
func known(t *rapid.T, at time.Time) incidents.Moment {
	text := rapid.SampledFrom(foreign)
	m := incidents.Moment{At: at, Backup: text.Draw(t, "backup")}
	if rapid.Bool().Draw(t, "promised") {
		m.Promise = at.Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "by")) * time.Minute)
	}
	if rapid.Bool().Draw(t, "watched") {
		m.Watch = &incidents.Watch{Run: "weekly-42", Every: time.Minute, Until: at.Add(time.Hour)}
		if rapid.Bool().Draw(t, "away") {
			m.Watch.Away = at.Add(-time.Minute)
		}
	}
	if rapid.Bool().Draw(t, "called") {
		state := rapid.SampledFrom([]incidents.PageState{incidents.PageCalling, incidents.PageAnswered, incidents.PageUnanswered}).Draw(t, "page")
		m.Pages = append(m.Pages, incidents.Page{State: state, AnsweredBy: ben, Started: at, AnsweredAt: at, Fallback: text.Draw(t, "fallback")})
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "plans") {
		m.Plans = append(m.Plans, incidents.PlanLine{
			Ref: fmt.Sprintf("R%d", n+1), Digest: "3f9a1c07be52d0aa", Writes: 1169, Written: 620, Needs: 2, Requester: ana, Approved: []incidents.Person{chi}, RunBy: chi,
			State:   rapid.SampledFrom([]string{"draft", "frozen", "proposed", "approved", "running", "paused", "done", "withdrawn"}).Draw(t, "state"),
			Missing: []incidents.Person{dev}, CanRun: []incidents.Person{chi, dev}, Canary: rapid.Bool().Draw(t, "canary"),
		})
	}
	if rapid.Bool().Draw(t, "counted") {
		m.Tally = storyTally(rapid.SampledFrom([]int64{0, 1169}).Draw(t, "fixed"))
		m.Tally.At = at
		if off := rapid.SampledFrom([]int64{0, 0, 1, -1}).Draw(t, "off"); off != 0 {
			*rapid.SampledFrom([]*int64{&m.Tally.Touched, &m.Tally.Wrong, &m.Tally.Left, &m.Tally.AsIntended, &m.Tally.Rows[0].Kept}).Draw(t, "number") += off
		}
	}
	return m
}

var (
	digit   = regexp.MustCompile(`[0-9]`)
	instant = regexp.MustCompile(`(\d{4}-\d\d-\d\d )?\d\d:\d\d UTC`)
)

// Whatever happens to an incident, its Summary keeps these laws.
func TestTheLawsOfTheSummary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		i, last := lived(t)
		at := last.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "later")) * time.Minute)
		m := known(t, at)
		s := incidents.Summarize(i, m)
		numbersHold(t, i, m, s)
		wordsHold(t, i, s)

		// What is known to have stopped has evidence, and growth takes it back.
		stopped := strings.Contains(string(s.Cause.String()), ". Stopped ") || strings.HasPrefix(s.Cause.String(), "Stopped ")
		_, acted := i.Acted()
		if stopped {
			require.True(t, acted)
			require.Equal(t, incidents.No, i.Triage.Still())
			require.Regexp(t, instant, s.Cause.String())
		}
		if i.Phase().Live() && i.Recount.Measured() && at.After(i.Recount.At) {
			grown, _, err := i.Recounted(ana.Actor(), incidents.Recount{Run: i.Recount.Run, Touched: i.Recount.Touched + 1, At: at}, at)
			require.NoError(t, err)
			require.Contains(t, incidents.Summarize(grown, m).Cause.String(), "Still growing: +", "without anybody saying so")
		}

		// A promise stands while work goes on, and is overdue by the clock alone.
		live := i.Phase().Live() && !m.Promise.IsZero()
		require.Equal(t, live, len(s.Promise) > 0)
		require.Equal(t, live && at.After(m.Promise), s.Overdue)
		require.Equal(t, s.Overdue, strings.Contains(s.Promise.String(), "overdue"))

		require.Equal(t, s, incidents.Summarize(i, m), "the same rows and instant, the same Summary")
	})
}

// numbersHold: nothing that was not measured is a number, and what does not add
// up is shown with both sides.
func numbersHold(t *rapid.T, i incidents.Incident, m incidents.Moment, s incidents.Summary) {
	said := s.Numbers.String()
	switch {
	case m.Tally == nil && !i.Recount.Measured():
		require.True(t, strings.HasPrefix(said, "Size not known yet"), said)
		require.False(t, digit.MatchString(instant.ReplaceAllString(said, "")), said)
		require.Empty(t, s.Table)
	case m.Tally == nil:
		require.Contains(t, said, incidents.Count(i.Recount.Touched)+" records touched")
		require.Contains(t, said, "not known yet")
	case m.Tally.Holds() != nil:
		require.Equal(t, m.Tally.Holds().Error(), s.Broken.Error())
		require.Equal(t, "The counts do not add up: "+s.Broken.Error()+".", said)
		require.Empty(t, s.Table, "no row stands there that somebody could add up")
	default:
		require.NoError(t, s.Broken)
		require.Contains(t, said, incidents.Count(m.Tally.Wrong)+" of "+incidents.Count(m.Tally.Touched)+" touched leads were wrong")
		require.Equal(t, s.Total.Wrong, s.Total.Fixed+s.Total.Kept+s.Total.Unrestorable+s.Total.Left)
		differ := i.Recount.Measured() && i.Recount.Touched != m.Tally.Touched && !i.Recount.At.Equal(m.Tally.At)
		require.Equal(t, differ, strings.Contains(said, "Two measurements differ"), said)
		if differ {
			require.Contains(t, said, incidents.Count(i.Recount.Touched))
		}
	}
}

// wordsHold: eight blocks, one ask, customers never left out, and no person
// where blame could stand.
func wordsHold(t *rapid.T, i incidents.Incident, s incidents.Summary) {
	require.NotEmpty(t, strings.TrimSpace(s.Title))
	require.NotContains(t, s.Title, "\n")
	for _, w := range []incidents.Words{s.Status, s.Numbers, s.Customers, s.Cause, s.Ask, s.Next, s.Fallback} {
		require.NotEmpty(t, strings.TrimSpace(w.String()))
		require.Less(t, len([]rune(w.String())), 3000)
	}
	require.NotEmpty(t, s.Provenance)
	require.True(t, len(s.Table) > 0 || len(s.NoRow) > 0)
	require.True(t, strings.HasPrefix(s.Customers.String(), "Customers e-mailed: "))
	require.True(t, strings.HasPrefix(s.Fallback.String(), i.Key()+" · "))
	if ask := s.Ask.String(); ask != incidents.NothingNeeded {
		require.NotContains(t, ask, incidents.NothingNeeded)
		require.Regexp(t, ` can\.$|/snafu |Fallback: `, ask, "an ask names who can, or how")
	}
	for _, w := range append(append(incidents.Words{}, s.Cause...), s.Numbers...) {
		require.Empty(t, w.Person, "no person stands in the cause or in the numbers")
	}
	for _, w := range append(append(incidents.Words{}, s.Status...), s.Ask...) {
		require.Contains(t, []incidents.Person{"", ana, ben, chi, dev}, w.Person, "what a stranger typed mentions nobody")
	}
}
