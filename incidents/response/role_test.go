package response_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

func TestARoleHasOneHolderAndIsRememberedWhenTheConfigurationForgetsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	act := h.by(ben)
	require.NoError(t, h.GiveRole(ctx, act, id, "scribe", ben))
	require.ErrorIs(t, h.GiveRole(ctx, act, id, "scribe", ben), journal.ErrAlready)
	require.NoError(t, h.GiveRole(ctx, h.by(ana), id, "scribe", chi))
	require.Equal(t, incidents.RoleChanged{Role: "scribe", Was: ben, Now: chi}, last[incidents.RoleChanged](h, id))

	later, err := response.New(response.Options{DB: h.db, Roles: []incidents.Role{{Name: "writer", Does: "Writes."}}})
	require.NoError(t, err)
	held, err := later.Held(ctx, id)
	require.NoError(t, err)
	require.Equal(t, []incidents.Held{{Role: incidents.Role{Name: "writer", Does: "Writes."}}, {Role: incidents.Role{Name: "scribe"}, Person: chi, At: start}}, held)
	require.NoError(t, h.GiveRole(ctx, h.by(chi), id, "scribe", ""))
	held, err = later.Held(ctx, id)
	require.NoError(t, err)
	require.Len(t, held, 1)
}

func TestARaisedSeverityOffersToCallWhereNobodyIsCalled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	raise := func(id incidents.ID, s incidents.Severity) incidents.SeverityChanged {
		require.NoError(t, h.SetSeverity(ctx, h.by(ana), id, s, "as things are"))
		return last[incidents.SeverityChanged](h, id)
	}
	id := h.open(response.OpenRequest{System: "crm", Severity: incidents.SEV3})
	require.True(t, raise(id, incidents.SEV2).Call)
	require.True(t, raise(id, incidents.SEV1).Call)
	require.False(t, raise(id, incidents.SEV2).Call, "who lowers it calls nobody")
	pages, err := h.Pages(ctx, id)
	require.NoError(t, err)
	require.Empty(t, pages, "nobody was called by it")
	require.NoError(t, h.Call(ctx, h.by(ana), id, response.Target{}, "help"))
	require.False(t, raise(id, incidents.SEV1).Call, "somebody is being called already")
	h.pass(10 * time.Minute)
	require.NoError(t, h.escalate(id))
	step, _ := h.page(id).Step()
	require.Equal(t, 5*time.Minute, step.Due.Sub(step.At), "the next step of a call has the window of the new severity")
	require.Equal(t, ana, h.get(id).Lead)
}

func TestOneArrivesOnceAndKnocksOnceInAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.open(response.OpenRequest{Severity: incidents.SEV3, Private: true})
	for range 2 {
		require.NoError(t, h.Arrived(ctx, id, ana))
		require.NoError(t, h.Arrived(ctx, id, ben))
	}
	require.Equal(t, []string{"arrived/1"}, h.kinds(id)[1:], "not of who opened it, and once")
	require.NoError(t, h.AskToJoin(ctx, h.by(chi), id))
	h.pass(14 * time.Minute)
	require.NoError(t, h.AskToJoin(ctx, h.by(chi), id))
	require.NoError(t, h.AskToJoin(ctx, h.by(dev), id), "another person is another one")
	require.Equal(t, []string{"join-asked/1", "join-asked/1"}, h.kinds(id)[2:])
	h.pass(time.Minute)
	require.NoError(t, h.AskToJoin(ctx, h.by(chi), id))
	require.Len(t, h.kinds(id)[2:], 3)
	refused(t, h.LetIn(ctx, h.by(ben), id, chi), refusal.KindForbidden, "Only the lead can let somebody in. That is <@UANA>.")
	require.NoError(t, h.LetIn(ctx, h.by(ana), id, chi))
	require.NoError(t, h.Brief(ctx, h.by(ana), id, ben, "All is well.\nNearly."))
	require.Equal(t, "All is well.\nNearly.", last[incidents.Briefed](h, id).Text, "the words are kept as they were sent")
}
