package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

func (h *house) onCall() []incidents.Person {
	h.t.Helper()
	return h.onCallAt(h.db.Clock())
}

func (h *house) onCallAt(at time.Time) []incidents.Person {
	h.t.Helper()
	all, err := h.OnCall(h.t.Context(), "crm-data", at)
	require.NoError(h.t, err)
	require.Len(h.t, all, 1)
	return all[0].Duty.People
}

func (h *house) cover(by, who incidents.Person, from, to time.Duration) incidents.Cover {
	h.t.Helper()
	c, err := h.Cover(h.t.Context(), h.by(by), response.CoverRequest{Person: who, From: start.Add(from), To: start.Add(to)})
	require.NoError(h.t, err)
	return c
}

func TestACoverPutsSomebodyElseOnCallUntilItsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	require.Equal(t, []incidents.Person{ben}, h.onCall())
	c := h.cover(ben, dev, time.Hour, 3*time.Hour)
	require.Equal(t, "C1", c.ID.String())
	require.Equal(t, []incidents.Person{ben}, h.onCall())
	h.pass(time.Hour)
	require.Equal(t, []incidents.Person{dev}, h.onCall())
	id := h.open(response.OpenRequest{System: "crm"})
	called := last[incidents.Called](h, id)
	require.Equal(t, []incidents.Person{dev}, called.People, "who covers is called")
	require.Equal(t, []incidents.Person{ben}, called.Next, "then whoever comes after the cover")
	require.Equal(t, []incidents.Person{ben}, h.onCallAt(start.Add(3*time.Hour)))

	second := h.cover(chi, chi, 2*time.Hour, 4*time.Hour)
	require.Equal(t, []incidents.Person{chi}, h.onCallAt(start.Add(2*time.Hour)), "of two the later made counts")
	_, err := h.CancelCover(t.Context(), h.by(chi), second.ID)
	require.NoError(t, err)
	require.Equal(t, []incidents.Person{dev}, h.onCallAt(start.Add(2*time.Hour)))
	_, err = h.CancelCover(t.Context(), h.by(chi), second.ID)
	refused(t, err, refusal.KindConflict, "was cancelled")

	house, err := journal.Entries(t.Context(), h.db, journal.House, 0)
	require.NoError(t, err)
	var kinds []string
	for _, e := range house {
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{"cover-made/1", "cover-made/1", "cover-cancelled/1"}, kinds)
}

func TestAnyoneCanBeAskedAndOneTakesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.cover(ben, "", time.Hour, 3*time.Hour)
	require.Equal(t, []incidents.Person{ben}, h.onCallAt(start.Add(2*time.Hour)), "until somebody takes it nothing changes")
	h.cover(ben, chi, time.Hour, 3*time.Hour)
	h.pass(time.Minute)
	done := make(chan error, 4)
	for _, who := range []incidents.Person{ana, dev, ana, dev} {
		go func() {
			_, err := h.TakeCover(context.WithoutCancel(t.Context()), h.by(who), first.ID)
			done <- err
		}()
	}
	var taken int
	for range cap(done) {
		if err := <-done; err == nil {
			taken++
		} else {
			refused(t, err, refusal.KindConflict, "has taken it already")
		}
	}
	require.Equal(t, 1, taken)
	on := h.onCallAt(start.Add(2 * time.Hour))
	require.Subset(t, []incidents.Person{ana, dev}, on, "taken later than the other was made, so it counts")
}

func TestACoverThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ask := func(by incidents.Person, req response.CoverRequest) error {
		_, err := h.Cover(t.Context(), h.by(by), req)
		return err
	}
	at := func(d time.Duration) time.Time { return start.Add(d) }
	refused(t, ask(ana, response.CoverRequest{Person: ana, From: at(0), To: at(time.Hour)}), refusal.KindForbidden, "<@UBEN> and <@UCHI>")
	require.NoError(t, ask(dev, response.CoverRequest{Person: ana, From: at(0), To: at(time.Hour)}), "the admin of its system may")
	refused(t, ask(ben, response.CoverRequest{Rota: "nights", Person: ana, From: at(0), To: at(time.Hour)}), refusal.KindNotFound, "Known: crm-data")
	refused(t, ask(ben, response.CoverRequest{Person: ana, From: at(time.Hour), To: at(time.Hour)}), refusal.KindInvalid, "ends after it begins")
	refused(t, ask(ben, response.CoverRequest{Person: ana, From: at(-3 * time.Hour), To: at(-time.Hour)}), refusal.KindInvalid, "is over")
	refused(t, ask(ben, response.CoverRequest{Person: ana, From: at(0), To: at(100 * 24 * time.Hour)}), refusal.KindInvalid, "two months")
	refused(t, ask(ben, response.CoverRequest{Person: ana, From: at(400 * 24 * time.Hour), To: at(401 * 24 * time.Hour)}), refusal.KindInvalid, "a year ahead")
	_, err := h.TakeCover(t.Context(), h.by(ana), 99)
	refused(t, err, refusal.KindNotFound, "no cover C99")

	act := h.by(ben)
	_, err = h.Cover(t.Context(), act, response.CoverRequest{Person: chi, From: at(0), To: at(time.Hour)})
	require.NoError(t, err)
	_, err = h.Cover(t.Context(), act, response.CoverRequest{Person: chi, From: at(0), To: at(time.Hour)})
	require.ErrorIs(t, err, journal.ErrAlready, "the same act twice is one cover")
	c := h.cover(ben, chi, time.Hour, 2*time.Hour)
	_, err = h.CancelCover(t.Context(), h.by(ana), c.ID)
	refused(t, err, refusal.KindForbidden, "Only members of rota crm-data")
}
