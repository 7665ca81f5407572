package view

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func TestAReminderSaysTheFactAndCarriesWhatItIsAbout(t *testing.T) {
	i := incident(t, hostile)
	card := ReminderCard{
		Incident: i,
		Nag: incidents.Nag{
			Kind: "containment-on", Subject: "R1", To: []incidents.Person{ana}, From: noon,
			Say: incidents.Sentence("weekly-sync is still switched off since ", noon, "."),
			Do:  []incidents.NagAct{{Action: "release.open", Label: "Release"}},
		},
	}
	m := Reminder(card)
	golden(t, "reminder/containment-on", m)
	require.LessOrEqual(t, len(m.Text), maxFallback)
	s := Stamp{Incident: 42, Nag: "containment-on", Subject: "R1", Choice: "R1", Ref: "R1"}
	require.Equal(t, s, ParseStamp(s.String()))
	card.Incident.Private = true
	private := Reminder(card)
	require.NotContains(t, private.Text, "weekly-sync", "a phone shows nothing of a private one")
	golden(t, "reminder/private", private)
	golden(t, "reminder/over", ReminderOver(i))
}
