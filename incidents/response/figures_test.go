package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback/approval"
)

// until moves the clock to so many minutes after the start.
func (h *house) until(minutes int) {
	h.now.Store(start.Add(time.Duration(minutes) * time.Minute).UnixMicro())
}

// says puts facts of another room into the journal of an incident.
func (h *house) says(id incidents.ID, facts ...incidents.Fact) {
	h.t.Helper()
	for _, f := range facts {
		require.NoError(h.t, h.in(h.by(chi), id, func(ctx context.Context, tx pgx.Tx, act journal.Act, _ incidents.Incident, at time.Time) error {
			return journal.Append(ctx, tx, id, act, at, f)
		}))
	}
}

func (h *house) figures() incidents.Metrics {
	h.t.Helper()
	lives, err := h.Lives(h.t.Context(), start.Add(-time.Hour), "", "", nil)
	require.NoError(h.t, err)
	return incidents.Measure(lives)
}

func (h *house) owes(id incidents.ID, due time.Time) int64 {
	h.t.Helper()
	f, err := h.AddFollowUp(h.t.Context(), h.by(ana), id, incidents.FollowUp{Text: "x", Safeguard: "a check", Owner: ben, Due: due})
	require.NoError(h.t, err)
	return f.Number
}

// troubled opens an incident in which everything is late that can be.
func (h *house) troubled(req response.OpenRequest) incidents.ID {
	h.t.Helper()
	id := h.open(req)
	h.answer(id, incidents.QuestionError, incidents.Answer{Text: "the stage"})
	h.answer(id, incidents.QuestionError, incidents.Answer{Text: "the stage of leads"})
	h.owes(id, start.Add(time.Hour))
	h.says(id, approval.Refused{}, approval.UndoDrafted{})
	return id
}

// One story, the figures of which were worked out by hand.
func TestTheFiguresOfAHistoryThatWasWorkedOutByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()

	// 12:00: the first one promises an update by 13:00, and calls ben.
	one := h.open(response.OpenRequest{Title: "Leads moved", System: "crm", Severity: incidents.SEV2})
	h.until(5)
	require.NoError(t, h.Ack(ctx, h.by(ben), one, 0)) // call 1: in its window
	h.until(30)
	h.tell(one, "we count", time.Time{}) // the promise of 13:00 stands
	h.until(50)
	h.tell(one, "2,926 were touched", start.Add(90*time.Minute)) // promise 1, 13:00: kept
	h.until(100)
	h.tell(one, "the sync is off", time.Time{}) // promise 2, 13:30: not kept; the next one is due 14:40
	h.until(110)
	require.NoError(t, h.Promise(ctx, h.by(ana), one, start.Add(140*time.Minute))) // moved ahead of time: none
	h.until(150)
	require.NoError(t, h.Promise(ctx, h.by(ana), one, start.Add(4*time.Hour))) // promise 3, 14:20: had passed

	// Its triage and its notes are corrected once each, and it was opened twice.
	h.answer(one, incidents.QuestionError, incidents.Answer{Text: "the stage"})
	h.answer(one, incidents.QuestionError, incidents.Answer{Text: "the stage of leads"}) // correction 1
	require.NoError(t, h.Note(ctx, h.by(ana), one, "", "campaign 7 was copied", time.Time{}))
	require.NoError(t, h.Correct(ctx, h.by(ana), one, int64(len(h.entries(one))), "campaign 8 was copied", time.Time{})) // correction 2
	h.says(one, approval.Refused{}, approval.Refused{}, approval.UndoDrafted{})
	h.count(one, 2926)
	h.stop(one)
	h.answer(one, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	require.NoError(t, h.Resolve(ctx, h.by(ana), one, "no source to count in")) // nobody waits for the update of 16:00
	h.until(160)
	require.NoError(t, h.Reopen(ctx, h.by(ana), one, incidents.AgainMore, "a second list was found"))
	require.NoError(t, h.Resolve(ctx, h.by(ana), one, "no source to count in"))

	late := h.owes(one, start.Add(24*time.Hour))
	require.NoError(t, h.DoneFollowUp(ctx, h.by(ben), one, h.owes(one, start.Add(24*time.Hour))))
	require.NoError(t, h.DropFollowUp(ctx, h.by(ana), one, h.owes(one, start.Add(24*time.Hour)), "the tool is gone"))
	h.owes(one, start.Add(14*24*time.Hour))

	// 16:00: the second one is the same again. ben is silent, chi comes.
	h.until(240)
	two := h.open(response.OpenRequest{Title: "Leads moved again", System: "crm", Severity: incidents.SEV2}) // promises 17:00
	require.NoError(t, h.Relate(ctx, h.by(ana), two, one, incidents.RelAgain))
	h.until(250)
	require.NoError(t, h.escalate(two))
	h.until(251)
	require.NoError(t, h.Ack(ctx, h.by(chi), two, 0)) // call 2: after its window

	// 17:00: the third one is answered at once, and then nothing is heard of ben:
	// the call goes on, and was in time nevertheless.
	h.until(300)
	three, answered := h.answered(incidents.SEV1) // call 3: in its window; promises 17:30
	h.pass(30 * time.Minute)
	require.True(t, h.lookAfter(three, answered))
	h.pass(5 * time.Minute)
	require.False(t, h.lookAfter(three, answered))
	require.Equal(t, incidents.PageCalling, h.page(three).State)

	// 18:00: a fourth one is resolved while it calls: the call was not needed.
	h.until(360)
	require.Equal(t, incidents.PhaseResolved, h.get(h.resolved(response.OpenRequest{Title: "It was nothing", System: "crm", Severity: incidents.SEV2})).Phase())
	// Practice, a false alarm and a light one are troubled, and count for nothing.
	h.troubled(response.OpenRequest{Title: "We practise", System: "crm", Severity: incidents.SEV2, Drill: true})
	h.troubled(response.OpenRequest{Title: "A small one", System: "crm", Severity: incidents.SEV2, Light: true})
	require.NoError(t, h.Cancel(ctx, h.by(ana), h.troubled(response.OpenRequest{Title: "A false alarm", System: "crm", Severity: incidents.SEV2}), "the list was right"))

	// Two days later.
	h.pass(48 * time.Hour)
	m := h.figures()
	require.Equal(t, []int64{4, 1, 4}, []int64{m.Incidents, m.Light, m.Open}, "incidents, light ones, not closed")
	require.Equal(t, []int64{5, 1}, []int64{m.Promises, m.PromisesKept}, "13:00 kept; 13:30, 14:20, 17:00 and 17:30 not")
	require.Equal(t, []int64{3, 2}, []int64{m.Pages, m.PagesInTime})
	require.Equal(t, []int64{3, 1}, []int64{m.FollowUps, m.FollowUpsLate}, "of four one was dropped, one was due")
	require.Equal(t, []int64{2, 1, 2, 1, 1}, []int64{m.Refused, m.Undone, m.Corrections, m.Reopened, m.Again})

	// What is done late is late no more; a promise that was not kept stays so.
	require.NoError(t, h.DoneFollowUp(ctx, h.by(ben), one, late))
	h.tell(two, "it is over", time.Time{})
	m = h.figures()
	require.Equal(t, []int64{3, 0}, []int64{m.FollowUps, m.FollowUpsLate})
	require.Equal(t, []int64{5, 1}, []int64{m.Promises, m.PromisesKept})

	// Those of one system, and of a while.
	lives, err := h.Lives(ctx, start.Add(-time.Hour), "mail", "", nil)
	require.NoError(t, err)
	require.Empty(t, lives)
	lives, err = h.Lives(ctx, start.Add(4*time.Hour), "crm", "", nil)
	require.NoError(t, err)
	require.Len(t, lives, 6, "the first one was opened before that")
}
