package view

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// timelineOf is a page of a timeline in which every word is of that name.
func timelineOf(name string) TimelineCard {
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	note := &incidents.TimelineNote{Entry: 7, By: "T1/U1", Note: incidents.NoteHarm, When: at, Text: name, Before: []incidents.EntryCorrected{
		{Entry: 7, Text: name, When: at, Was: "campaign 7", WasAt: at.Add(-time.Hour)},
	}}
	pin := &incidents.TimelineNote{
		Entry: 8, By: "T1/U1", When: at, Text: name, Author: "T1/U2", Files: []string{name}, Link: "https://acme.slack.com/archives/C1/p1", Channel: "C1", TS: "1.2",
	}
	gone := &incidents.TimelineNote{Entry: 9, By: "T1/U1", When: at, Text: name, Withdrawn: true, GoneBy: "T1/U2", Gone: incidents.EntryWithdrawn{Why: name}}
	c := TimelineCard{Incident: 42, Page: 2, Pages: 3, At: at, Lines: []TimelineLine{
		{When: at.Add(-48 * time.Hour), Words: incidents.Sentence(name)}, {When: at, Note: note}, {When: at, Note: pin}, {When: at, Note: gone},
	}}
	for len(c.Lines) < 12 {
		other := *pin
		other.Entry += int64(len(c.Lines))
		c.Lines = append(c.Lines, TimelineLine{When: at, Note: &other})
	}
	return c
}

func TestWhoKeepsAnEditedTextHasReadIt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("&", 590)
	drawn, err := json.Marshal(EditionOffer(42, incidents.TimelineNote{Entry: 7, Text: long}, long+" at 08:45", "c0ffee").Blocks)
	require.NoError(t, err)
	require.Contains(t, string(drawn), "It says now: ")
	require.Contains(t, string(drawn), " at 08:45")
}
