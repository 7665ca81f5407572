package incidents_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

func owed(t *testing.T, f incidents.FollowUp) incidents.FollowUp {
	t.Helper()
	if f.Text == "" {
		f.Text = "The clone asks for its choices."
	}
	made, _, err := incidents.FollowUps{}.Add(f, ana.Actor(), noon)
	require.NoError(t, err)
	return made
}

func TestAFollowUpNeedsOnlyItsTextAndSaysWhatIsMissing(t *testing.T) {
	f := owed(t, incidents.FollowUp{})
	require.Equal(t, "T1", f.Ref())
	require.Equal(t, "The clone asks for its choices", f.Text)
	require.Equal(t, []string{"owner", "due date", "safeguard"}, f.Missing())
	f, fact, err := f.Change(incidents.FollowUp{Text: f.Text, Owner: ben, Due: noon.Add(21 * time.Hour), Safeguard: "The clone asks"}, noon)
	require.NoError(t, err)
	require.Empty(t, f.Missing())
	require.Equal(t, ben, fact.Owner)
	require.True(t, f.Late(noon.Add(60*time.Hour)))
	require.False(t, f.Late(noon.Add(30*time.Hour)), "its day is not over")
	later, _, err := f.Change(incidents.FollowUp{Text: "It asks twice", Owner: ben, Due: f.Due, Safeguard: "x"}, noon.Add(90*time.Hour))
	require.NoError(t, err, "other words may change once it is late")
	require.Equal(t, f.Due, later.Due)
}

func TestWhatAsksAPersonToRememberIsNoSafeguard(t *testing.T) {
	for _, text := range []string{
		"Talk to sales", "tell Rosa not to clone", "Please remind the team", "Be more careful", "pay attention to the list", "speak with ops", "Ask <@U1> first", "ask @ken before",
	} {
		require.NotEmpty(t, incidents.NoSafeguard(text), text)
		_, _, err := incidents.FollowUps{}.Add(incidents.FollowUp{Text: "x", Safeguard: text}, ana.Actor(), noon)
		said, ok := refusal.As(err)
		require.True(t, ok, text)
		require.Equal(t, "safeguard", said.Code)
	}
	for _, text := range []string{"", "The form asks for the number of rows", "Telling apart test and live lists by colour", "A talk to new admins is a step of the setup checklist", "mail ops@example.com when it grows"} {
		require.Empty(t, incidents.NoSafeguard(text), text)
	}
}

func TestAFollowUpIsRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		f   incidents.FollowUp
		say string
	}{
		"without words":            {incidents.FollowUp{Text: " "}, "Say what is to be done"},
		"on a day that is over":    {incidents.FollowUp{Text: "x", Due: noon.Add(-24 * time.Hour)}, "That day is over"},
		"in two years":             {incidents.FollowUp{Text: "x", Due: noon.Add(2 * 366 * 24 * time.Hour)}, "more than a year ahead"},
		"of an unknown kind":       {incidents.FollowUp{Text: "x", For: "hope"}, "detect, prevent or correct"},
		"a checklist without item": {incidents.FollowUp{Text: "x", Checklist: true}, "A checklist needs its item"},
		"too long":                 {incidents.FollowUp{Text: strings.Repeat("x", 301)}, "at most 300 characters"},
	} {
		_, _, err := incidents.FollowUps{}.Add(c.f, ana.Actor(), noon)
		t.Run(name, func(t *testing.T) { refused(t, err, refusal.KindInvalid, c.say) })
	}
	_, _, err := make(incidents.FollowUps, 50).Add(incidents.FollowUp{Text: "x"}, ana.Actor(), noon)
	refused(t, err, refusal.KindConflict, "at most 50")
}

func TestAFollowUpEndsOnceAndWithItsReason(t *testing.T) {
	bare := owed(t, incidents.FollowUp{})
	_, _, err := bare.Done(ben.Actor(), noon)
	refused(t, err, refusal.KindConflict, "T1 names no safeguard")
	_, _, err = bare.Drop(ben.Actor(), " . ", noon)
	refused(t, err, refusal.KindInvalid, "Say why")
	dropped, gone, err := bare.Drop(ben.Actor(), "The clone is gone.", noon)
	require.NoError(t, err)
	require.Equal(t, "T1 is dropped by <@UBEN>: The clone is gone.", gone.Words(ben.Actor()).String())
	_, _, err = dropped.Done(ben.Actor(), noon)
	refused(t, err, refusal.KindConflict, "T1 is dropped already")

	whole := owed(t, incidents.FollowUp{Safeguard: "The clone asks", Due: noon})
	done, fact, err := whole.Done(ben.Actor(), noon.Add(48*time.Hour))
	require.NoError(t, err)
	require.True(t, fact.Late)
	require.Equal(t, "T1 is done, says <@UBEN>: The clone asks for its choices. Safeguard: The clone asks.", fact.Words(ben.Actor()).String())
	_, _, err = done.Change(whole, noon)
	refused(t, err, refusal.KindConflict, "T1 is done already")
}

func TestTheNameOfAFollowUpIsRead(t *testing.T) {
	for word, want := range map[string]int64{"T3": 3, "t12,": 12, "T0": 0, "T": 0, "3": 0, "Tea": 0, "T99999": 0} {
		n, ok := incidents.ParseFollowRef(word)
		require.Equal(t, want, n, word)
		require.Equal(t, want > 0, ok, word)
	}
}
