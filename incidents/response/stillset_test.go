package response_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

const newestStill = `
	select args
	from river.river_job
	where kind = 'still-on-it'
	order by id desc
	limit 1`

// lookAgain does the newest job that looks after an answer, and says whether it
// wants to come again.
func (h *house) lookAgain() (again bool) {
	h.t.Helper()
	var raw []byte
	require.NoError(h.t, h.db.Pool().QueryRow(h.t.Context(), newestStill).Scan(&raw))
	var job jobs.Job[response.StillOnIt]
	require.NoError(h.t, json.Unmarshal(raw, &job.Args))
	return h.StillOnIt(h.t.Context(), job) != nil
}

func TestHowOftenSomebodyIsAskedIsSetForOneIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, answered := h.answered(incidents.SEV1)
	h.pass(30 * time.Minute)
	require.True(t, h.lookAgain())
	require.NotZero(t, h.page(id).Asked)
	require.NoError(t, h.SetStill(t.Context(), h.by(ben), id, 2*time.Hour, ""))
	require.Zero(t, h.page(id).Asked, "whoever sets it has answered")
	require.False(t, h.lookAfter(id, answered), "the job of before has nothing to do any more")
	h.pass(119 * time.Minute)
	require.True(t, h.lookAgain())
	require.Zero(t, h.page(id).Asked)
	h.pass(time.Minute)
	require.True(t, h.lookAgain())
	require.NotZero(t, h.page(id).Asked)

	require.NoError(t, h.SetStill(t.Context(), h.by(ana), id, 30*time.Minute, ""))
	require.NotZero(t, h.page(id).Asked, "only who is asked can say that they still are on it")
	h.pass(5 * time.Minute)
	require.False(t, h.lookAgain())
	require.Equal(t, incidents.PageCalling, h.page(id).State)

	require.NoError(t, h.Ack(t.Context(), h.by(chi), id, 0))
	h.pass(30 * time.Minute)
	require.True(t, h.lookAgain(), "whoever answers next is asked after half an hour too")
	require.NotZero(t, h.page(id).Asked)
	refused(t, h.SetStill(t.Context(), h.by(ana), id, 0, " "), refusal.KindInvalid, "Write it behind: /snafu ack every off WHY")
	refused(t, h.SetStill(t.Context(), h.by(ana), id, time.Minute, ""), refusal.KindInvalid, "10 minutes to 24 hours")
	require.NoError(t, h.SetStill(t.Context(), h.by(ana), id, 0, "we sit in one room"))
	require.Zero(t, h.page(id).Asked)
	require.False(t, h.lookAgain())
	require.Equal(t, "<@UANA>: whoever is on it is not asked any more whether they still are: we sit in one room", last[incidents.StillSet](h, id).Words(ana.Actor()).String())
	require.Equal(t, incidents.PageAnswered, h.page(id).State)
	require.NoError(t, h.SetStill(t.Context(), h.by(ana), id, time.Hour, ""))
	h.pass(time.Hour)
	require.True(t, h.lookAgain(), "it can be switched on again")
	require.NotZero(t, h.page(id).Asked)
}

func TestOfASEV3WhoIsOnItIsAskedWhereSomebodyWantsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm", Severity: incidents.SEV3})
	require.NoError(t, h.SetStill(t.Context(), h.by(ana), id, time.Hour, ""), "before anybody is called")
	require.Zero(t, last[incidents.StillSet](h, id).Page)
	require.NoError(t, h.Call(t.Context(), h.by(ana), id, response.Target{Person: ben}, ""))
	require.NoError(t, h.Ack(t.Context(), h.by(ben), id, 0))
	h.pass(time.Hour)
	require.True(t, h.lookAgain())
	require.NotZero(t, h.page(id).Asked)
}
