package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/view"
	"snafu/incidents"
)

func (w *workspace) chooses(who, in, menu, what string) {
	w.t.Helper()
	_, err := w.sim.As(who).Press(w.ctx(), in, menu, slacksim.Choosing(what))
	require.NoError(w.t, err)
}

func TestTriageIsAnsweredByButtonsAloneInAnyOrderAndPutRight(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	shows := func(words string) slacksim.Message {
		t.Helper()
		return w.sees("ana", ch, slacksim.Contains(words), slacksim.FromApp())
	}
	begun := shows("Triage 0 of 11")
	require.Contains(t, begun.Plain, "Next: 1. Which system and table?")
	require.NotContains(t, begun.Plain, "What is the error?", "one question at a time")

	presses := func(label, then string) {
		t.Helper()
		w.press("ana", ch, label)
		shows(then)
		w.quiet()
	}
	asks := func(menu, question string, given slacksim.Values, then string) {
		t.Helper()
		require.NoError(t, w.sim.Advance(time.Minute))
		w.chooses("ana", ch, menu, question)
		w.submit(w.form("ana", "triage"), given)
		shows(then)
		w.quiet()
	}
	presses("Don't know", "Next: 2. Which run")
	asks("Another question", "3. Is the error still occurring?", slacksim.Values{"choice": "Yes"}, "3. Still occurring: Yes")
	asks("Another question", "3. Still occurring: Yes", slacksim.Values{"choice": "No", "sure": "A guess"}, "3. Still occurring: No (a guess)")

	w.press("ana", ch, "Answer")
	w.submit(w.form("ana", "triage"), slacksim.Values{"answer": "weekly-42"})
	shows("Next: 4. What is the error?")
	w.quiet()
	for _, next := range []string{"5. What is the current", "6. When did it begin?", "7. What caused it?", "8. What changed", "9. Did it reach customers?"} {
		presses("Don't know", "Next: "+next)
	}
	w.press("ana", ch, "Say how you know")
	form := w.form("ana", "triage")
	require.Contains(t, form.Plain, "How do you know?")
	alone := w.submit(form, slacksim.Values{"answer": "by the mail log"})
	require.Equal(t, map[string]string{"choice": "Choose an answer, or say that you don't know."}, alone.Errors, "the form keeps the words")
	w.submit(form, slacksim.Values{"choice": "None", "answer": "by the mail log"})
	shows("Next: 10. Was data shown")
	w.quiet()
	presses("No", "Next: 11. How was it noticed?")
	w.chooses("ana", ch, "Choose", "A colleague")
	whole := shows("11. Noticed by: A colleague")
	require.Contains(t, whole.Plain, "Triage complete")
	require.NotContains(t, whole.Plain, "Next:")
	w.quiet()
	asks("Correct an answer", "2. Run: weekly-42", slacksim.Values{"answer": "weekly-43"}, "2. Run: weekly-43")
	require.Equal(t, begun.TS, shows("2. Run: weekly-43").TS, "one card, edited")
	require.Zero(t, w.count(`select count(*) from receipts where outcome in ('failed', 'refused')`))
	require.Equal(t, 13, w.count(`select count(*) from journal where kind = 'answered/1'`), "what was put right stays in the journal")
	w.sound()
	w.golden("triage-by-buttons", ch)
}

func TestAButtonOfAnOldTriageCardAnswersItsOwnQuestionOrSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	presses := func(q incidents.Question, choice string) string {
		t.Helper()
		return w.ended(w.presses("triage.answer.1", forgery{
			by: w.id("ana"), channel: w.channelID(ch), meta: view.Stamp{Incident: 1, Question: q, Choice: choice}.String(),
		}))
	}
	answer := func(q incidents.Question) incidents.Answer {
		t.Helper()
		inc, err := w.response.Get(w.ctx(), 1)
		require.NoError(t, err)
		return inc.Triage.Answer(q)
	}
	require.Equal(t, "effect", presses(incidents.QuestionStill, incidents.No), "the card asks another question by now")
	require.True(t, answer(incidents.QuestionRun).At.IsZero())
	require.Equal(t, []string{incidents.No}, answer(incidents.QuestionStill).Choices)
	require.Contains(t, presses(incidents.QuestionStill, "perhaps"), "refused")
	require.Contains(t, presses(incidents.QuestionStill, incidents.DontKnow), "refused", "nobody takes an answer back without reading it")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("Question 3 was answered already, by @ana: No. To put it right: /snafu triage 3."))
	require.Equal(t, []string{incidents.No}, answer(incidents.QuestionStill).Choices)
	require.Contains(t, presses(12, incidents.No), "refused")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("There are 11 questions. /snafu triage shows them."))
	w.slash("ana", ch, "/snafu cancel it was a rehearsal")
	w.quiet()
	require.Contains(t, presses(incidents.QuestionStill, incidents.Yes), "refused")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("reopen WHY"))
	require.Equal(t, []string{incidents.No}, answer(incidents.QuestionStill).Choices)
	w.sound()
}
