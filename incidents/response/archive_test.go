package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
)

// keep lets the duty of the channels come round, and returns what it told.
func (h *house) keep(id incidents.ID) []string {
	h.t.Helper()
	had := len(h.kinds(id))
	_, err := h.Housekeep(h.t.Context())
	require.NoError(h.t, err)
	again, err := h.Housekeep(h.t.Context())
	require.NoError(h.t, err)
	require.Zero(h.t, again, "it is told once")
	return h.kinds(id)[had:]
}

// over is a closed incident with a channel.
func (h *house) over(severity incidents.Severity) incidents.ID {
	h.t.Helper()
	id := h.open(response.OpenRequest{Severity: severity})
	require.NoError(h.t, h.ChannelReady(h.t.Context(), h.by(ana), id, "C1", "snafu-1"))
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	require.NoError(h.t, h.Resolve(h.t.Context(), h.by(ana), id, "no source to count in"))
	require.NoError(h.t, h.Close(h.t.Context(), h.by(ana), id, "it was decided in the round of Monday"))
	return id
}

func TestTheChannelOfWhatWasClosedGoesAtTheTimeThatTheHouseSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says  time.Duration
		after time.Duration // told a day before; 0 is never
	}{
		"nobody says":       {0, 14 * 24 * time.Hour},
		"thirty days":       {30 * 24 * time.Hour, 30 * 24 * time.Hour},
		"the channels stay": {response.ArchiveNever, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(o *response.Options) { o.ArchiveAfter = c.says })
			id := h.over(incidents.SEV2)
			if c.after == 0 {
				for range 4 {
					h.pass(100 * 24 * time.Hour)
					require.Empty(t, h.keep(id))
				}
				return
			}
			h.pass(c.after - 24*time.Hour - time.Second)
			require.Empty(t, h.keep(id))
			h.pass(time.Second)
			require.Equal(t, []string{"archive-announced/1"}, h.keep(id))
			h.pass(24*time.Hour - time.Second)
			require.Empty(t, h.keep(id))
			h.pass(time.Second)
			require.Equal(t, []string{"archiving/1"}, h.keep(id))
		})
	}
}

func TestTheChannelOfASEV1StaysWhileSomethingIsOwedAfterIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.over(incidents.SEV1)
	owed := func() int64 {
		f, err := h.AddFollowUp(t.Context(), h.by(ana), id, incidents.FollowUp{Text: "a guard", Owner: ben, Safeguard: "the import asks for the stage"})
		require.NoError(t, err)
		return f.Number
	}
	first := owed()
	h.pass(60 * 24 * time.Hour)
	require.Empty(t, h.keep(id))
	require.NoError(t, h.DoneFollowUp(t.Context(), h.by(ben), id, first))
	require.Equal(t, []string{"archive-announced/1"}, h.keep(id))

	late := owed() // the day before it goes
	h.pass(10 * 24 * time.Hour)
	require.Empty(t, h.keep(id), "it was announced, and still it waits")
	require.NoError(t, h.DropFollowUp(t.Context(), h.by(ana), id, late, "the guard is there already"))
	require.Equal(t, []string{"archiving/1"}, h.keep(id))

	other := newHouse(t)
	id = other.over(incidents.SEV2)
	_, err := other.AddFollowUp(t.Context(), other.by(ana), id, incidents.FollowUp{Text: "a guard"})
	require.NoError(t, err)
	other.pass(60 * 24 * time.Hour)
	require.Equal(t, []string{"archive-announced/1"}, other.keep(id), "only the worst kind waits")
}

func TestThatNothingCameBackSinceTheLastWriteIsToldOnceItsTimeIsOver(t *testing.T) {
	t.Parallel()
	for severity, quiet := range map[incidents.Severity]time.Duration{
		incidents.SEV1: 24 * time.Hour, incidents.SEV2: 24 * time.Hour, incidents.SEV3: 4 * time.Hour,
	} {
		t.Run(severity.String(), func(t *testing.T) {
			t.Parallel()
			wrote := start.Add(-time.Hour)
			h := newHouse(t, func(o *response.Options) {
				o.Evidence = func(context.Context, incidents.ID) (incidents.Evidence, error) {
					return incidents.Evidence{LastWrite: wrote}, nil
				}
			})
			id := h.open(response.OpenRequest{Severity: severity})
			h.stop(id)
			h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
			h.pass(quiet)
			require.Empty(t, h.keep(id), "it is not resolved yet")
			h.now.Store(start.UnixMicro())
			require.NoError(t, h.Resolve(t.Context(), h.by(ana), id, "no source to count in"))
			h.pass(quiet - time.Hour - time.Second)
			require.Empty(t, h.keep(id))
			h.pass(time.Second)
			require.Equal(t, []string{"close-due/1"}, h.keep(id))
			require.Equal(t, incidents.CloseDue{LastWrite: wrote, Hours: int64(quiet / time.Hour)}, last[incidents.CloseDue](h, id))

			wrote = wrote.Add(2 * quiet) // of a second plan
			h.pass(3 * quiet)
			require.Equal(t, []string{"close-due/1"}, h.keep(id), "a later write begins it anew")
		})
	}
}
