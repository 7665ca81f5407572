package bot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// Whether the files were shared before a process ended is known to nobody; to share
// them twice would be noise, and to say nothing a file that is missed.
func TestAnExportThatWasInterruptedSaysHowItIsShared(t *testing.T) {
	t.Parallel()
	interrupted := Written{again: true}
	b := &Bot{o: Options{Upload: true}}
	require.Equal(t, "I was interrupted when I had written the export. If it does not stand in the channel, type /snafu export html once more.",
		b.upload(t.Context(), incidents.Incident{}, incidents.ExportHTML, interrupted))
	require.Empty(t, (&Bot{}).upload(t.Context(), incidents.Incident{}, incidents.ExportHTML, interrupted), "where nothing is shared nothing is missed")
}
