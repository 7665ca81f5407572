package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

func (h *house) answer(id incidents.ID, q incidents.Question, a incidents.Answer) {
	h.t.Helper()
	require.NoError(h.t, h.Answer(h.t.Context(), h.by(ana), id, int(q), a))
}

func (h *house) stop(id incidents.ID) {
	h.t.Helper()
	require.NoError(h.t, h.Contain(h.t.Context(), h.by(ana), id, incidents.Containment{
		How: incidents.Stopped, What: "Weekly stage sync", Was: "on", Now: "off",
	}))
}

// count does what a count does inside its own transaction.
func (h *house) count(id incidents.ID, touched int64) {
	h.t.Helper()
	h.pass(time.Minute)
	require.NoError(h.t, h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
		return response.Counted(ctx, tx, act, inc, at, incidents.Recount{
			Source: "crm", Table: "crm.lead", Run: "weekly-42", Touched: touched, At: at,
		})
	}))
}

func (h *house) in(act journal.Act, id incidents.ID, do func(context.Context, pgx.Tx, journal.Act, incidents.Incident, time.Time) error) error {
	ctx := h.t.Context()
	return h.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, h.db, act, id)
		if err != nil {
			return err
		}
		return do(ctx, tx, act, inc, at)
	})
}

func TestCountsShowGrowthAndThenThatItStopped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm", Still: incidents.DontKnow, Severity: incidents.SEV3})
	h.count(id, 2500)
	require.Equal(t, "weekly-42", h.get(id).Triage.Answer(incidents.QuestionRun).Text, "picking a run answers which run did it")
	h.count(id, 2926)
	require.Equal(t, "Still happening: 2,500 -> 2,926 (+426) since 12:01 UTC", last[incidents.Grew](h, id).Words().String())
	still := h.get(id).Triage.Answer(incidents.QuestionStill)
	require.Equal(t, []string{incidents.Yes}, still.Choices)
	require.True(t, still.Measured)

	h.stop(id)
	require.Equal(t, incidents.PhaseTriage, h.get(id).Phase(), "an act is not yet evidence")
	h.count(id, 2926)
	require.Equal(t, incidents.PhaseTriage, h.get(id).Phase(), "one quiet count is not enough")
	h.count(id, 2926)
	require.Equal(t, incidents.PhaseContained, h.get(id).Phase())
	require.Equal(t, "No new ones since 12:02 UTC: 2,926", last[incidents.Quiet](h, id).Words().String())
	require.True(t, last[incidents.Contained](h, id).Measured)

	h.count(id, 2927)
	require.Equal(t, incidents.PhaseTriage, h.get(id).Phase(), "growth takes it back without a person")
	require.True(t, last[incidents.Uncontained](h, id).Measured)
}

func TestAPersonsNoIsEvidenceWhereNothingIsMeasured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	require.Equal(t, incidents.PhaseContained, h.get(id).Phase())
	require.False(t, last[incidents.Contained](h, id).Measured)
	h.pass(time.Minute)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.Yes}})
	require.Equal(t, incidents.PhaseTriage, h.get(id).Phase())
}

func TestRestoringWaitsForTheCauseAndForTriage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm", Severity: incidents.SEV3})
	restore := func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
		return response.Restoring(ctx, tx, act, inc.ID, at)
	}
	refused(t, h.in(h.by(ana), id, restore), refusal.KindConflict, "Nobody has stopped the cause")
	h.stop(id)
	refused(t, h.in(h.by(ana), id, restore), refusal.KindConflict, "nothing shows yet")
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	refused(t, h.in(h.by(ana), id, restore), refusal.KindConflict, "what is the error? what caused it?")
	h.answer(id, incidents.QuestionError, incidents.Answer{Text: "lead_status is SQL"})
	h.answer(id, incidents.QuestionCause, incidents.Answer{Choices: []string{"workflow"}})
	require.NoError(t, h.in(h.by(ana), id, restore))
	require.NoError(t, h.in(h.by(ana), id, restore), "a second plan changes nothing")
	require.Equal(t, incidents.PhaseRestoring, h.get(id).Phase())
	require.Equal(t, 1, number(h.kinds(id), "restoring-began/1"))
}

func number(list []string, of string) int {
	n := 0
	for _, s := range list {
		if s == of {
			n++
		}
	}
	return n
}

func TestResolveNamesTheFirstThingThatIsMissing(t *testing.T) {
	t.Parallel()
	var known incidents.Evidence
	h := newHouse(t, func(o *response.Options) {
		o.Evidence = func(context.Context, incidents.ID) (incidents.Evidence, error) { return known, nil }
	})
	id := h.open(response.OpenRequest{System: "crm"})
	resolve := func(why string) error { return h.Resolve(t.Context(), h.by(ana), id, why) }

	refused(t, h.Resolve(t.Context(), h.by(ben), id, ""), refusal.KindForbidden, "That is <@UANA>")
	refused(t, resolve(""), refusal.KindConflict, "Not yet: the cause is not contained")
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	refused(t, resolve(""), refusal.KindConflict, "Not yet: nothing was counted")

	tally := incidents.Tally{Unit: "leads", At: start, Touched: 2926, Wrong: 1176, Left: 1169, Kept: 7, AsIntended: 1750}
	known = incidents.Evidence{Tally: &tally, Plans: []incidents.PlanLine{{Ref: "R1", State: "proposed"}}}
	refused(t, resolve("because I say so"), refusal.KindConflict, "Not yet: R1 is proposed")
	known.Plans = nil
	require.NoError(t, h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, _ journal.Act, inc incidents.Incident, _ time.Time) error {
		return response.Hold(ctx, tx, inc.ID, "R1")
	}))
	refused(t, resolve("because I say so"), refusal.KindConflict, "Not yet: R1 is not finished")
	for range 2 {
		require.NoError(t, h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, _ journal.Act, inc incidents.Incident, _ time.Time) error {
			return response.Release(ctx, tx, inc.ID, "R1")
		}))
	}
	refused(t, resolve("because I say so"), refusal.KindConflict, "Not yet: 1,169 leads are still wrong")
	tally.Left, tally.Fixed = 0, 1169
	known.LastWrite = start.Add(time.Minute)
	refused(t, resolve(""), refusal.KindConflict, "older than the last write")
	tally.At = start.Add(2 * time.Minute)
	refused(t, resolve(""), refusal.KindConflict, "Not yet: nobody has said what keeps it from happening again")
	todo := func(f incidents.FollowUp) {
		_, err := h.AddFollowUp(t.Context(), h.by(ana), id, f)
		require.NoError(t, err)
	}
	todo(incidents.FollowUp{Text: "The clone asks for its choices"})
	todo(incidents.FollowUp{Text: "A trial on ten leads comes first", Due: start.Add(24 * time.Hour)})
	refused(t, resolve(""), refusal.KindConflict, "Not yet: 2 follow-ups have no owner. Next: /snafu todo T1 @user.")
	own := func(n int64) {
		_, err := h.ChangeFollowUp(t.Context(), h.by(ana), id, n, func(f incidents.FollowUp) (incidents.FollowUp, error) {
			f.Owner = ben
			return f, nil
		})
		require.NoError(t, err)
	}
	own(1)
	own(2)
	refused(t, resolve(""), refusal.KindConflict, "Not yet: 1 follow-up has no due date. Next: /snafu todo T1 by friday.")
	require.NoError(t, h.DropFollowUp(t.Context(), h.by(ana), id, 1, "the clone is gone"))
	require.NoError(t, resolve(""))

	require.Equal(t, incidents.PhaseResolved, h.get(id).Phase())
	require.Equal(t, incidents.Resolved{Wrong: 1176, Fixed: 1169, Kept: 7}, last[incidents.Resolved](h, id))
	require.Equal(t, incidents.PageEnded, h.page(id).State, "nobody is called any more")
	refused(t, resolve(""), refusal.KindConflict, "is Resolved already")
}

func TestCloseComesAfterResolveAndKeepsWhatWasWaived(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	closing := func(why string) error { return h.Close(t.Context(), h.by(ana), id, why) }
	refused(t, closing(""), refusal.KindConflict, "Resolve it first")
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	require.NoError(t, h.Resolve(t.Context(), h.by(ana), id, "no source to count in"))
	require.Equal(t, []string{"counted", "the process is mended, or somebody owes it by a day"}, last[incidents.Resolved](h, id).Waived)

	refused(t, h.Close(t.Context(), h.by(ben), id, ""), refusal.KindForbidden, "Only the lead can close")
	refused(t, closing(""), refusal.KindConflict, "no customer was affected")
	h.answer(id, incidents.QuestionCustomers, incidents.Answer{Choices: []string{"none"}, Text: "mail log"})
	refused(t, closing("too short"), refusal.KindConflict, "no root cause is shown yet")
	require.NoError(t, closing("the script is gone"))
	require.Equal(t, []string{"root cause known"}, last[incidents.Closed](h, id).Waived)

	refused(t, closing(""), refusal.KindConflict, "is Closed already")
	refused(t, h.Answer(t.Context(), h.by(ana), id, 4, incidents.Answer{Text: "late"}), refusal.KindConflict, "is Closed")
	refused(t, h.Call(t.Context(), h.by(ana), id, response.Target{Person: ben}, ""), refusal.KindConflict, "nobody is called")
	require.NoError(t, h.Note(t.Context(), h.by(ana), id, "", "learned later", time.Time{}), "what is learned later belongs to it")
}

func TestNoStoredIncidentIsEverWithoutALead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{})
	err := h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, _ journal.Act, inc incidents.Incident, _ time.Time) error {
		inc.Lead = ""
		return response.Save(ctx, tx, inc)
	})
	require.ErrorContains(t, err, "incidents_lead_check")
	require.Equal(t, ana, h.get(id).Lead)
}
