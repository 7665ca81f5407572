package response_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	ana incidents.Person = "T1/UANA"
	ben incidents.Person = "T1/UBEN"
	chi incidents.Person = "T1/UCHI"
	dev incidents.Person = "T1/UDEV"
)

// start is a Monday noon, in the middle of ben's turn.
var start = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// house is a database, a clock that stands still until it is moved, and the
// use cases on both.
type house struct {
	*response.Response
	t     *testing.T
	db    *pgdb.DB
	turns []rota.Rota
	now   atomic.Int64 // microseconds
	key   atomic.Int64
}

func newHouse(t *testing.T, change ...func(*response.Options)) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	h.now.Store(start.UnixMicro())
	h.db.Clock = func() time.Time { return time.UnixMicro(h.now.Load()).UTC() }
	turns, err := rota.New(rota.Rule{
		Name: "crm-data", Zone: "UTC", Anchor: "2026-01-05", Handover: "09:00",
		Unit: rota.Weekly, Length: 1, Members: []incidents.Person{ben, chi},
	})
	require.NoError(t, err)
	o := response.Options{
		DB: h.db, Rotas: []rota.Rota{turns},
		Ladder: response.Ladder{Fallback: "Data hotline, +44 20 7946 0000"},
		Sources: []response.SourceInfo{
			{Name: "crm", Title: "The CRM", Rota: "crm-data", Admins: []incidents.Person{dev}, Tables: []string{"crm.lead"}},
			{Name: "mail"},
		},
	}
	for _, c := range change {
		c(&o)
	}
	h.turns = o.Rotas
	h.Response, err = response.New(o)
	require.NoError(t, err)
	return h
}

func (h *house) pass(d time.Duration) { h.now.Add(d.Microseconds()) }

// by returns a new act of a person.
func (h *house) by(p incidents.Person) journal.Act {
	return journal.Act{By: p.Actor(), Key: "test:" + strconv.FormatInt(h.key.Add(1), 10)}
}

func (h *house) open(req response.OpenRequest) incidents.ID {
	h.t.Helper()
	if req.Title == "" {
		req.Title = "Leads moved to SQL by mistake"
	}
	if req.Reporter == "" {
		req.Reporter = ana
	}
	id, err := h.Open(h.t.Context(), h.by(req.Reporter), req)
	require.NoError(h.t, err)
	return id
}

func (h *house) get(id incidents.ID) incidents.Incident {
	h.t.Helper()
	inc, err := h.Get(h.t.Context(), id)
	require.NoError(h.t, err)
	return inc
}

// kinds returns the kinds of all entries of an incident, in order.
func (h *house) kinds(id incidents.ID) []string {
	h.t.Helper()
	var kinds []string
	for _, e := range h.entries(id) {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (h *house) entries(id incidents.ID) []journal.Entry {
	h.t.Helper()
	list, err := journal.Entries(h.t.Context(), h.db, id, 0)
	require.NoError(h.t, err)
	return list
}

// last reads the newest entry of a fact's kind.
func last[F incidents.Fact](h *house, id incidents.ID) F {
	h.t.Helper()
	var fact F
	list := h.entries(id)
	for n := len(list) - 1; n >= 0; n-- {
		if list[n].Kind == fact.Kind() {
			require.NoError(h.t, list[n].Into(&fact))
			return fact
		}
	}
	h.t.Fatalf("no entry %s", fact.Kind())
	return fact
}

func (h *house) page(id incidents.ID) incidents.Page {
	h.t.Helper()
	pages, err := h.Pages(h.t.Context(), id)
	require.NoError(h.t, err)
	require.Len(h.t, pages, 1)
	return pages[0]
}

// escalate does the job that is due next, by hand.
func (h *house) escalate(id incidents.ID) error {
	p := h.page(id)
	return h.Escalate(h.t.Context(), jobs.Job[response.Escalate]{Args: response.Escalate{
		Incident: id, Page: p.ID, Step: int64(len(p.Steps)) + 1,
	}})
}

func refused(t *testing.T, err error, kind refusal.Kind, say string) {
	t.Helper()
	said, ok := refusal.As(err)
	require.True(t, ok, "not a refusal: %v", err)
	require.Equal(t, kind, said.Kind)
	require.Contains(t, said.Say, say)
}

func TestOpeningNeedsOnlyATitle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{})
	inc := h.get(id)
	require.Equal(t, incidents.PhaseTriage, inc.Phase())
	require.Equal(t, incidents.SEV2, inc.Severity)
	require.False(t, inc.SeverityChosen)
	require.Equal(t, ana, inc.Lead, "the reporter leads from the first second")
	require.Equal(t, start, inc.Opened)
	require.Equal(t, []string{"opened/1", "nobody-called/1"}, h.kinds(id))
	require.Contains(t, last[incidents.NobodyCalled](h, id).Why, "system is not known yet")

	_, err := h.Open(t.Context(), h.by(ana), response.OpenRequest{Title: "  ", Reporter: ana})
	refused(t, err, refusal.KindInvalid, "needs a title")
	_, err = h.Open(t.Context(), h.by(ana), response.OpenRequest{Title: "x", System: "crmx", Reporter: ana})
	refused(t, err, refusal.KindInvalid, "Known: crm, mail")
}

func TestARepeatedActOpensOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	act := h.by(ana)
	first, err := h.Open(t.Context(), act, response.OpenRequest{Title: "Leads moved", Reporter: ana})
	require.NoError(t, err)
	again, err := h.Open(t.Context(), act, response.OpenRequest{Title: "Leads moved", Reporter: ana})
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Len(t, h.entries(first), 2)
}

func TestTheSameTitleByTheSamePersonWithinAMinuteIsTheSameIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.open(response.OpenRequest{Title: "Leads moved"})
	h.pass(59 * time.Second)
	require.Equal(t, first, h.open(response.OpenRequest{Title: " Leads  moved "}))
	require.NotEqual(t, first, h.open(response.OpenRequest{Title: "Leads moved", Reporter: ben}), "another person saw it too")
	h.pass(2 * time.Second)
	require.NotEqual(t, first, h.open(response.OpenRequest{Title: "Leads moved"}))
}

func TestManyPressesAtOnceOpenOneIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := make(chan incidents.ID, 8)
	for range cap(got) {
		go func() {
			id, err := h.Open(context.WithoutCancel(t.Context()), h.by(ana), response.OpenRequest{Title: "Leads moved", Reporter: ana})
			if err != nil {
				t.Error(err)
			}
			got <- id
		}()
	}
	first := <-got
	for range cap(got) - 1 {
		require.Equal(t, first, <-got)
	}
}

func TestALongTitleIsCutAtAWordAndKeptAsANote(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	long := "The weekly stage sync has moved every lead of the campaign to SQL although most of them are MQL"
	id := h.open(response.OpenRequest{Title: long})
	require.Equal(t, "The weekly stage sync has moved every lead of the campaign to SQL although most…", h.get(id).Title)
	require.Equal(t, long, last[incidents.Noted](h, id).Text)
}

func TestAnswersAreCorrectedAndTheOldOneStaysInTheJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{})
	require.NoError(t, h.Answer(t.Context(), h.by(ana), id, 1, incidents.Answer{Text: "crm.lead, I think"}))
	require.Equal(t, "crm", h.get(id).System, "naming the table names the system")
	require.NoError(t, h.Answer(t.Context(), h.by(ben), id, 7, incidents.Answer{Choices: []string{"workflow", "human"}, Text: "copied campaign"}))
	h.pass(time.Minute)
	require.NoError(t, h.Answer(t.Context(), h.by(chi), id, 7, incidents.Answer{Choices: []string{"workflow"}}))
	a := h.get(id).Triage.Answer(incidents.QuestionCause)
	require.Equal(t, []string{"workflow"}, a.Choices)
	require.Equal(t, chi.Actor(), a.By)
	require.True(t, last[incidents.Answered](h, id).Corrects)

	refused(t, h.Answer(t.Context(), h.by(ana), id, 12, incidents.Answer{Text: "x"}), refusal.KindNotFound, "1 to 11")
	refused(t, h.Answer(t.Context(), h.by(ana), id, 6, incidents.Answer{Time: start.Add(time.Hour)}), refusal.KindInvalid, "future")
	refused(t, h.Answer(t.Context(), h.by(ana), 99, 1, incidents.Answer{Text: "x"}), refusal.KindNotFound, "There is no SNAFU-99")
}

func TestAChannelBelongsToOneIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, other := h.open(response.OpenRequest{}), h.open(response.OpenRequest{Title: "Another"})
	_, err := h.ByChannel(t.Context(), "C1")
	refused(t, err, refusal.KindNotFound, "This channel has no snafu")
	_, err = h.ByChannel(t.Context(), "")
	refused(t, err, refusal.KindNotFound, "This channel has no snafu")
	require.NoError(t, h.ChannelReady(t.Context(), h.by(ana), id, "C1", "snafu-1"))
	found, err := h.ByChannel(t.Context(), "C1")
	require.NoError(t, err)
	require.Equal(t, id, found)
	refused(t, h.ChannelReady(t.Context(), h.by(ana), other, "C1", "x"), refusal.KindConflict, "another snafu")
	refused(t, h.ChannelReady(t.Context(), h.by(ana), id, "C2", "x"), refusal.KindConflict, "has its channel")
}

func TestAListIsWorstFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	small := h.open(response.OpenRequest{Title: "small", Severity: incidents.SEV3})
	bad := h.open(response.OpenRequest{Title: "bad", Severity: incidents.SEV1, Reporter: ben})
	middle := h.open(response.OpenRequest{Title: "middle"})
	list, err := h.List(t.Context(), response.Filter{})
	require.NoError(t, err)
	require.Equal(t, []incidents.ID{bad, middle, small}, ids(list))
	list, err = h.List(t.Context(), response.Filter{Which: response.ListMine, Of: ben})
	require.NoError(t, err)
	require.Equal(t, []incidents.ID{bad}, ids(list))
	list, err = h.List(t.Context(), response.Filter{Which: response.ListClosed})
	require.NoError(t, err)
	require.Empty(t, list)
	list, err = h.List(t.Context(), response.Filter{Which: response.ListAll, Limit: 1, Offset: 1})
	require.NoError(t, err)
	require.Equal(t, []incidents.ID{middle}, ids(list))
}

func ids(list []incidents.Incident) []incidents.ID {
	var out []incidents.ID
	for _, i := range list {
		out = append(out, i.ID)
	}
	return out
}

func TestASystemMayNotNameAnUnknownRota(t *testing.T) {
	_, err := response.New(response.Options{Sources: []response.SourceInfo{{Name: "crm", Rota: "nights"}}})
	refused(t, err, refusal.KindInvalid, "There are no rotas in the configuration")
}
