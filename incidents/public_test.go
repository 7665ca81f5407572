package incidents_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

var sorry = incidents.PublicText{
	Loss: "We made a mistake and gave 1,176 leads a wrong stage.", Harm: "Some people would have been called who did not ask for it.",
	Apology: "We are sorry for the calls and for the time this took.", Thanks: "Thank you to everyone who told us.",
}

func TestTheTextForEverybodyBeginsWithTheLossAndStaysADraft(t *testing.T) {
	i, m, a := repaired(t, "copied campaign")
	p := incidents.Report(i, m, a)
	text, warnings, err := p.Public(sorry, []string{"ana", "chi"})
	require.NoError(t, err)
	require.Empty(t, warnings)
	golden(t, "public.md", text)
	lines := strings.Split(text, "\n\n")
	require.Contains(t, lines[0], "DRAFT")
	require.Equal(t, "*2026-03-28*", lines[1])
	require.Equal(t, sorry.Loss, lines[2], "the first sentence is the loss")
	require.Contains(t, text, "The copy has no schedule.", "a safeguard stands there by itself")
	for _, never := range []string{"SNAFU-42", "R1", "3f9a", "ana", "#snafu", "4711"} {
		require.NotContains(t, text, never)
	}
	require.Equal(t, "We made a mistake and changed 1,176 leads that we should not have touched.", p.Draft().Loss)
}

func TestWhatMayNotStandInATextForEverybody(t *testing.T) {
	i, m, a := repaired(t, "copied campaign")
	p := incidents.Report(i, m, a)
	for say, c := range map[string]struct {
		slot string
		text incidents.PublicText
	}{
		"The apology is missing":              {"apology", incidents.PublicText{Loss: sorry.Loss, Harm: sorry.Harm}},
		"What it meant for people is missing": {"harm", incidents.PublicText{Loss: sorry.Loss, Apology: sorry.Apology}},
		"The first sentence is missing":       {"loss", incidents.PublicText{Harm: sorry.Harm, Apology: sorry.Apology}},
		"Write it as we":                      {"loss", incidents.PublicText{Loss: "A vendor lost 1,176 leads.", Harm: sorry.Harm, Apology: sorry.Apology}},
		"Name no person: \"Chi\"":             {"harm", incidents.PublicText{Loss: sorry.Loss, Harm: "Then chi looked.", Apology: sorry.Apology}},
		"Name no person: a text":              {"thanks", incidents.PublicText{Loss: sorry.Loss, Harm: sorry.Harm, Apology: sorry.Apology, Thanks: "Thanks to @ben"}},
		"\"SNAFU-42\" means something here":   {"changes", incidents.PublicText{Loss: sorry.Loss, Harm: sorry.Harm, Apology: sorry.Apology, Changes: "See SNAFU-42"}},
		"\"R1\" means something here":         {"changes", incidents.PublicText{Loss: sorry.Loss, Harm: sorry.Harm, Apology: sorry.Apology, Changes: "R1 put it back"}},
		"can be opened from inside alone":     {"thanks", incidents.PublicText{Loss: sorry.Loss, Harm: sorry.Harm, Apology: sorry.Apology, Thanks: "More: https://acme.slack.com/archives/C1"}},
	} {
		wrong := c.text.Check([]string{"Chi"})
		require.Len(t, wrong, 1, say)
		require.Contains(t, wrong[c.slot], say)
		_, _, err := p.Public(c.text, []string{"Chi"})
		refused(t, err, refusal.KindInvalid, wrong[c.slot])
	}
	open := sorry
	open.Thanks, open.Changes = "More: https://status.acme.example/2026-03", "The children's list is a list of machines, not of chia seeds."
	require.Empty(t, open.Check([]string{"Chi"}), "part of a word is nobody, and what everybody can open may stand there")

	open.Changes = "This will never happen again, we guarantee it."
	_, warnings, err := p.Public(open, nil)
	require.NoError(t, err)
	require.Len(t, warnings, 2, "an absolute promise is told, and left to whoever writes: %v", warnings)
}

func TestWhatCameBackIsADatedUpdateOfTheTextForEverybody(t *testing.T) {
	i, m, a := repaired(t, "copied campaign")
	later, _, err := incidents.Open(57, incidents.Opening{Title: "Leads moved again", System: "crm", Reporter: ana}, noon.Add(6*24*time.Hour))
	require.NoError(t, err)
	a.Again = []incidents.PostMortem{
		incidents.Report(i, m, incidents.Aftermath{}),
		incidents.Report(later, incidents.Moment{At: noon.Add(6 * 24 * time.Hour)}, incidents.Aftermath{}),
	}
	text, warnings, err := incidents.Report(i, m, a).Public(sorry, nil)
	require.NoError(t, err)
	golden(t, "public-again.md", text)
	_, updates, found := strings.Cut(text, "## Update of 2026-03-28\n\n")
	require.True(t, found, text)
	require.Contains(t, updates, "1,176 of 2,926 leads that it reached were wrong.")
	_, updates, found = strings.Cut(updates, "## Update of 2026-04-03\n\n")
	require.True(t, found, text)
	require.Equal(t, "It happened again on 2026-04-03.\n", updates, "what was not counted has no number")
	require.NotContains(t, text, "SNAFU-57")
	require.Len(t, warnings, 2)
	require.Contains(t, warnings[1], "SNAFU-57", "whoever writes it knows which one")
}
