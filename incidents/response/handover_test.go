package response_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

const handoversAsked = `select args from river.river_job where kind = 'tell-handover' order by id`

// handovers looks once, and returns what was asked to be told so far.
func (h *house) handovers() (told []response.TellHandover) {
	h.t.Helper()
	require.NoError(h.t, h.Handovers(h.t.Context()))
	rows, err := h.db.Pool().Query(h.t.Context(), handoversAsked)
	require.NoError(h.t, err)
	told, err = pgx.CollectRows(rows, pgx.RowTo[response.TellHandover])
	require.NoError(h.t, err)
	return told
}

func TestAHandOverIsToldOnceWhoeverLooksAndHoweverLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	h.open(response.OpenRequest{Title: "Mails went out twice", System: "mail"})
	require.Empty(t, h.handovers(), "nobody knows who was on call before the first look")
	require.Empty(t, h.handovers())

	h.pass(7 * 24 * time.Hour) // the process was away at the hand-over itself
	other, err := response.New(response.Options{DB: h.db, Rotas: h.turns})
	require.NoError(t, err)
	require.NoError(t, other.Handovers(t.Context()))
	told := h.handovers()
	require.Len(t, told, 1)
	said, err := h.Handover(t.Context(), told[0])
	require.NoError(t, err)
	require.Equal(t, []incidents.Person{ben}, said.Ends)
	require.Equal(t, []incidents.Person{chi}, said.Begins)
	require.Len(t, said.Inherited, 1)
	require.Equal(t, id, said.Inherited[0].ID, "the incidents of its systems, and no others")
}

func TestAUserGroupFollowsItsRotasAndStaysWhereSomebodyIsMissing(t *testing.T) {
	t.Parallel()
	mail, err := rota.New(rota.Rule{
		Name: "mail", Zone: "UTC", Anchor: "2026-01-05", Handover: "09:00", Unit: rota.Weekly, Length: 1, Members: []incidents.Person{dev}, From: "09:00", To: "18:00",
	})
	require.NoError(t, err)
	h := newHouse(t, func(o *response.Options) {
		o.Rotas = append(o.Rotas, mail)
		o.Usergroups = map[string]string{"crm-data": "S1", "mail": "S1"}
	})
	duty := func() response.GroupDuty {
		h.t.Helper()
		require.NoError(t, h.Handovers(t.Context()))
		d, err := h.GroupDuty(t.Context(), "S1")
		require.NoError(t, err)
		require.False(t, d.At.IsZero(), "since when that holds")
		d.At = time.Time{}
		return d
	}
	require.Equal(t, response.GroupDuty{Group: "S1", Rotas: []string{"crm-data", "mail"}, People: []incidents.Person{ben, dev}}, duty())
	h.pass(7 * time.Hour) // 19:00: nobody answers for mail
	require.Equal(t, response.GroupDuty{
		Group: "S1", Rotas: []string{"crm-data", "mail"}, People: []incidents.Person{ben, dev}, Gap: "Nobody is on call in mail now.",
	}, duty(), "neither empty nor half of it")
	h.pass(7*24*time.Hour - 9*time.Hour)
	require.Equal(t, []incidents.Person{chi, dev}, duty().People)
	require.Empty(t, duty().Gap)
}

func TestWhoWasOnCallThenIsAnsweredByWhatCountedThen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	require.NoError(t, h.KeepRotas(t.Context()))
	then := h.db.Clock()
	h.pass(time.Hour)
	_, err := h.Cover(t.Context(), h.by(ben), response.CoverRequest{Kind: rota.Add, Person: dev, From: then.Add(2 * time.Hour), To: then.Add(4 * time.Hour)})
	require.NoError(t, err)
	_, err = h.Cover(t.Context(), h.by(ben), response.CoverRequest{Kind: rota.Remove, Person: ben, From: then.Add(3 * time.Hour), To: then.Add(4 * time.Hour)})
	require.NoError(t, err)
	h.pass(24 * time.Hour)

	changed, err := rota.New(rota.Rule{
		Name: "crm-data", Zone: "UTC", Anchor: "2026-01-05", Handover: "09:00", Unit: rota.Weekly, Length: 1, Members: []incidents.Person{ana},
	})
	require.NoError(t, err)
	after, err := response.New(response.Options{DB: h.db, Rotas: []rota.Rota{changed}})
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, after.KeepRotas(t.Context()), "the same definition is kept once")
	}
	h.pass(time.Hour)
	for at, want := range map[time.Duration][]incidents.Person{
		-28 * 24 * time.Hour: {ben}, // before anything was kept
		0:                    {ben},
		2*time.Hour + 1:      {ben, dev},
		3*time.Hour + 1:      {dev},
		24 * time.Hour:       {ben},
		25*time.Hour + 1:     {ana},
		100 * time.Hour:      {ana},
	} {
		on, err := after.OnCall(t.Context(), "crm-data", then.Add(at))
		require.NoError(t, err)
		require.Equal(t, want, on[0].Duty.People, "%s later", at)
	}
	var versions int
	require.NoError(t, h.db.Pool().QueryRow(t.Context(), `select count(*) from rota_versions`).Scan(&versions))
	require.Equal(t, 2, versions)
}

func TestAClockThatIsSetBackALittleHandsNothingBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.open(response.OpenRequest{System: "crm"})
	require.Empty(t, h.handovers())
	h.pass(7 * 24 * time.Hour)
	require.Len(t, h.handovers(), 1)
	at, err := h.db.Now(t.Context(), nil)
	require.NoError(t, err)
	monday := time.Date(at.Year(), at.Month(), at.Day(), 9, 0, 0, 0, time.UTC)
	h.pass(monday.Add(-time.Second).Sub(at))
	require.Len(t, h.handovers(), 1, "who went before is on call by this clock, for a second")
	h.pass(2 * time.Second)
	require.Len(t, h.handovers(), 1)
}
