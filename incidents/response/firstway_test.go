package response_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

const sendsOf = `
	select j.scheduled_at = s.asked_at + interval '1 minute'
	from page_sends s
	join river.river_job j on j.kind = 'notify' and (j.args->>'send')::bigint = s.id
	where s.way = $1
	order by s.id desc
	limit 1`

func TestWhoWantsToBeCalledByOneWayFirstIsCalledByTheOtherAMinuteLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withWays)
	ctx := t.Context()
	h.pass(20 * 364 * 24 * time.Hour) // jobs are asked for by the clock of the machine, which is behind this one
	called := []incidents.Person{ben, chi}
	for _, who := range called {
		for way, address := range map[string]string{incidents.ByPhone: "+442079460000", incidents.ByEmail: "ben@example.com"} {
			require.NoError(t, h.SetContact(ctx, h.by(who), way, address))
			_, err := h.Verify(ctx, h.by(who), h.code(who, way))
			require.NoError(t, err)
		}
	}
	waits := func(way string) (later bool) {
		require.NoError(t, h.db.Pool().QueryRow(ctx, sendsOf, way).Scan(&later))
		return later
	}
	h.open(response.OpenRequest{Title: "Prices are off", System: "crm"})
	require.False(t, waits(incidents.ByPhone))
	require.False(t, waits(incidents.ByEmail), "who said nothing is called by all at once")

	refused(t, h.SetFirstWay(ctx, h.by(ben), "fax"), refusal.KindInvalid, "by phone or by e-mail first")
	for _, who := range called {
		require.NoError(t, h.SetFirstWay(ctx, h.by(who), incidents.ByEmail))
	}
	h.open(response.OpenRequest{Title: "Stages are odd", System: "crm"})
	require.False(t, waits(incidents.ByEmail))
	require.True(t, waits(incidents.ByPhone))

	// A telephone that is only sent texts is a telephone; one that nobody calls any
	// more is not waited for.
	other := func(ways response.Ways) *response.Response {
		o := response.Options{DB: h.db, Rotas: h.turns, Sources: []response.SourceInfo{{Name: "crm", Rota: "crm-data"}}, Ways: ways}
		r, err := response.New(o)
		require.NoError(t, err)
		return r
	}
	require.Equal(t, []string{incidents.ByPhone, incidents.ByEmail}, other(response.Ways{Mail: true, SMS: true}).CanCallBy())
	for _, who := range called {
		require.NoError(t, h.SetFirstWay(ctx, h.by(who), incidents.ByPhone))
	}
	_, err := other(response.Ways{Mail: true}).Open(ctx, h.by(ana), response.OpenRequest{Title: "Nobody is billed", System: "crm", Reporter: ana, Severity: incidents.SEV2})
	require.NoError(t, err)
	require.False(t, waits(incidents.ByEmail), "nobody calls by telephone here")
	for _, who := range called {
		require.NoError(t, h.SetFirstWay(ctx, h.by(who), incidents.ByEmail))
	}

	for _, who := range called {
		require.NoError(t, h.ForgetContact(ctx, h.by(who), incidents.ByEmail))
	}
	h.open(response.OpenRequest{Title: "Phones are empty", System: "crm"})
	require.False(t, waits(incidents.ByPhone), "there is nothing to wait for")
}

func TestATelephoneThatOnlyGetsTextsIsAWayToCallSomebody(t *testing.T) {
	t.Parallel()
	r, err := response.New(response.Options{Ways: response.Ways{SMS: true}})
	require.NoError(t, err)
	require.Equal(t, []string{incidents.ByPhone}, r.CanCallBy())
}
