package incidents_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func refused(t *testing.T, err error, kind refusal.Kind, say string) {
	t.Helper()
	said, ok := refusal.As(err)
	require.True(t, ok, "not a refusal: %v", err)
	require.Equal(t, kind, said.Kind)
	require.Contains(t, said.Say, say)
	require.True(t, strings.HasSuffix(said.Say, ".") || strings.HasSuffix(said.Say, "?"), "a whole sentence: %q", said.Say)
}

func TestTriageAsksElevenQuestionsInOrder(t *testing.T) {
	require.Len(t, incidents.Questions, 11)
	i, _, err := incidents.Open(1, incidents.Opening{Title: "x", Reporter: ana, System: "crm", Still: incidents.DontKnow}, noon)
	require.NoError(t, err)
	require.Equal(t, "Triage 2 of 11", i.Triage.Progress(), "what was said at open is answered")
	next, open := i.Triage.Next()
	require.True(t, open)
	require.Equal(t, "which run or list did it?", next.Next)

	var all []incidents.Fact
	for _, q := range incidents.Questions {
		a := incidents.Answer{Text: "words"}
		switch q.Form {
		case incidents.FormChoice:
			a.Choices = []string{q.Choices[0].Code}
		case incidents.FormChoices:
			a.Choices = []string{"workflow", "bot", "workflow"}
		case incidents.FormTime:
			a = incidents.Answer{Time: noon.Add(-time.Hour)}
		}
		var facts []incidents.Fact
		i, facts, err = i.Answer(ben.Actor(), q.N, a, noon)
		require.NoError(t, err, q.Ask)
		all = append(all, facts...)
	}
	require.Equal(t, "Triage complete", i.Triage.Progress())
	require.Equal(t, incidents.TriageComplete{}, all[len(all)-1])
	_, open = i.Triage.Next()
	require.False(t, open)
	require.Equal(t, "Bot, Workflow: words", i.Triage.Answer(incidents.QuestionCause).Say(incidents.QuestionCause))
}

func TestDontKnowIsAnAnswerToEachQuestion(t *testing.T) {
	i := in(incidents.PhaseTriage)
	for _, q := range incidents.Questions {
		var err error
		i, _, err = i.Answer(ana.Actor(), q.N, incidents.Answer{Choices: []string{incidents.DontKnow}}, noon)
		require.NoError(t, err, q.Ask)
	}
	require.True(t, i.Triage.Complete())
	require.Equal(t, []string{"what is the error?", "what caused it?"}, i.Triage.MissingForPlan(), "but not enough for a plan")
}

func TestAnAnswerHasToFitItsQuestion(t *testing.T) {
	i := in(incidents.PhaseTriage)
	for _, c := range []struct {
		name string
		q    incidents.Question
		a    incidents.Answer
		say  string
	}{
		{"a choice that is not offered", incidents.QuestionStill, incidents.Answer{Choices: []string{"perhaps"}}, "Choose one of Yes and No"},
		{"two choices of one", incidents.QuestionStill, incidents.Answer{Choices: []string{"yes", "no"}}, "Choose one of"},
		{"no choice", incidents.QuestionCause, incidents.Answer{Text: "the sync"}, "Choose one or several"},
		{"no words", incidents.QuestionError, incidents.Answer{Text: " \x00 "}, "needs a few words"},
		{"no time", incidents.QuestionBegan, incidents.Answer{Text: "this morning"}, "wants a time"},
		{"too many words", incidents.QuestionError, incidents.Answer{Text: strings.Repeat("x", 3001)}, "3000 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := i.Answer(ana.Actor(), c.q, c.a, noon)
			refused(t, err, refusal.KindInvalid, c.say)
		})
	}
}

func TestSeverityIsSuggestedWithItsReason(t *testing.T) {
	of := func(answers map[incidents.Question]string) incidents.Triage {
		all := map[incidents.Question]incidents.Answer{}
		for q, c := range answers {
			all[q] = incidents.Answer{Choices: []string{c}, At: noon}
		}
		return incidents.NewTriage(all)
	}
	quiet := map[incidents.Question]string{
		incidents.QuestionStill: incidents.No, incidents.QuestionCustomers: "none", incidents.QuestionExposed: incidents.No,
	}
	for _, c := range []struct {
		name   string
		triage incidents.Triage
		wrong  int64
		want   incidents.Severity
	}{
		{"nothing is known", incidents.Triage{}, -1, incidents.SEV2},
		{"it reached customers", of(map[incidents.Question]string{incidents.QuestionCustomers: "some"}), -1, incidents.SEV1},
		{"data was exposed", of(map[incidents.Question]string{incidents.QuestionExposed: incidents.Yes}), 3, incidents.SEV1},
		{"many and still occurring", of(map[incidents.Question]string{incidents.QuestionStill: incidents.Yes}), 10_000, incidents.SEV1},
		{"fewer and still occurring", of(map[incidents.Question]string{incidents.QuestionStill: incidents.Yes}), 9_999, incidents.SEV2},
		{"few, stopped, inside", of(quiet), 99, incidents.SEV3},
		{"a hundred, stopped, inside", of(quiet), 100, incidents.SEV2},
		{"stopped, inside, not counted", of(quiet), -1, incidents.SEV2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, why := incidents.Suggest(c.triage, c.wrong)
			require.Equal(t, c.want, got)
			require.NotEmpty(t, why)
		})
	}
	_, err := incidents.ParseSeverity("4")
	refused(t, err, refusal.KindInvalid, "sev1, sev2 or sev3")
}

func TestAnActOnTheCauseIsSaidInOneSentence(t *testing.T) {
	for _, c := range []struct {
		act  incidents.Containment
		want string
	}{
		{incidents.Containment{How: incidents.Stopped, What: "Weekly stage sync", Was: "on", Now: "off"}, "Stopped by <@UANA>: Weekly stage sync (was on, now off)"},
		{incidents.Containment{How: incidents.Slowed, What: "sync", Was: "500 an hour"}, "Slowed down by <@UANA>: sync (was 500 an hour)"},
		{incidents.Containment{How: incidents.Removed, What: "step 4"}, "Step removed by <@UANA>: step 4"},
		{incidents.Containment{How: incidents.Cannot, What: "payments depend on it"}, "Can't be stopped safely, says <@UANA>: payments depend on it"},
		{incidents.Containment{How: incidents.Over}, "Over by itself, says <@UANA>"},
	} {
		i, _, err := in(incidents.PhaseTriage).Contain(ana.Actor(), c.act, noon)
		require.NoError(t, err)
		require.Equal(t, c.want, i.Acts[len(i.Acts)-1].Words().String())
	}
	for _, bad := range []incidents.Containment{
		{How: "exploded", What: "x"},
		{How: incidents.Stopped},
		{How: incidents.Cannot},
		{How: incidents.Over, DoneAt: noon.Add(time.Hour)},
		{How: incidents.Over, What: strings.Repeat("x", 3001)},
	} {
		_, _, err := in(incidents.PhaseTriage).Contain(ana.Actor(), bad, noon)
		said, ok := refusal.As(err)
		require.True(t, ok)
		require.Equal(t, refusal.KindInvalid, said.Kind)
	}
}

func TestWhatCannotBeStoppedIsNoActOnTheCause(t *testing.T) {
	i, _, err := incidents.Open(1, incidents.Opening{Title: "x", Reporter: ana, Still: incidents.No}, noon)
	require.NoError(t, err)
	i, _, err = i.Contain(ana.Actor(), incidents.Containment{How: incidents.Cannot, What: "payments"}, noon)
	require.NoError(t, err)
	require.Equal(t, incidents.PhaseTriage, i.Phase())
	i, facts, err := i.Contain(ana.Actor(), incidents.Containment{How: incidents.Over}, noon)
	require.NoError(t, err)
	require.Equal(t, incidents.PhaseContained, i.Phase(), "somebody has said No before")
	require.Len(t, facts, 2)
}

func TestACountOfAnotherRunStartsAnew(t *testing.T) {
	i := in(incidents.PhaseTriage)
	i, facts, err := i.Recounted(ana.Actor(), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-43", Touched: 9000, At: noon.Add(time.Minute)}, noon.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, "weekly-43", i.Triage.Answer(incidents.QuestionRun).Text)
	require.Equal(t, "crm.lead", i.Triage.Answer(incidents.QuestionWhere).Text)
	require.Equal(t, "crm", i.System)
	worded, _, err := in(incidents.PhaseTriage).Answer(ana.Actor(), incidents.QuestionWhere, incidents.Answer{Text: "the leads of the CRM"}, noon)
	require.NoError(t, err)
	worded, _, err = worded.Recounted(ana.Actor(), incidents.Recount{Source: "crm", Table: "lead", Run: "weekly-43", At: noon}, noon)
	require.NoError(t, err)
	require.Equal(t, "the leads of the CRM", worded.Triage.Answer(incidents.QuestionWhere).Text, "a person's own words stay")
	for _, f := range facts {
		require.NotEqual(t, "grew/1", f.Kind(), "another run is no growth")
	}
	_, facts, err = i.Recounted(ana.Actor(), incidents.Recount{Run: "weekly-43", Touched: 9001, At: noon}, noon)
	require.NoError(t, err)
	require.Empty(t, facts, "a count that is older than the last says nothing")
	_, facts, err = i.Recounted(ana.Actor(), incidents.Recount{Run: "weekly-43", Touched: 8000, At: noon.Add(time.Hour)}, noon.Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, facts)
}

func TestANoteTellsWhatHappened(t *testing.T) {
	i := in(incidents.PhaseClosed)
	n, err := i.Note(incidents.NoteHarm, " the fix made it worse\r\n", noon.Add(-time.Hour), noon)
	require.NoError(t, err)
	require.Equal(t, incidents.Noted{Note: "harm", Text: "the fix made it worse", When: noon.Add(-time.Hour)}, n)
	for _, c := range []struct {
		kind incidents.NoteKind
		text string
		when time.Time
	}{{"rumour", "x", noon}, {"", " ", noon}, {"", "x", noon.Add(time.Second)}, {"", strings.Repeat("x", 3001), noon}} {
		_, err := i.Note(c.kind, c.text, c.when, noon)
		said, ok := refusal.As(err)
		require.True(t, ok)
		require.Equal(t, refusal.KindInvalid, said.Kind)
	}
}

func TestDurationsAndCountsAreSaidAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 20 * time.Second: "20 s", 161 * time.Second: "2 min 41 s", 5 * time.Minute: "5 min",
		time.Hour: "1 h", 65 * time.Minute: "1 h 5 min", 1500 * time.Millisecond: "2 s",
	} {
		require.Equal(t, want, incidents.Took(d))
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1176: "1,176", 1234567: "1,234,567", -1000: "-1,000"} {
		require.Equal(t, want, incidents.Count(n))
	}
}
