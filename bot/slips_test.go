package bot

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
)

// What people type with one thumb, and what comes of it: a verb, its form, the bare
// command, or a sentence with the next step.
func TestWhatSomebodyTypesInAHurryLeadsToTheNextStep(t *testing.T) {
	const panel, form = "the panel", "the form of "
	for typed, want := range map[string]string{
		"Open": form + "open", "open!": form + "open", "open...": form + "open", "snafu open": form + "open", "/snafu opne": "`open`", "OPEN it now": form + "open",
		"open -- Prices are off": "open", "close it": "close", "cancel that": form + "cancel", "undo": form + "undo", "undo that!!": form + "undo", "stop it": form + "contain",
		"lead me": "lead", "call somebody": form + "call", "help me": "help", "help?": "help", "-- help": "help", "status?": "status", "\"status\"": "status",
		"SNAFU-1 status": "status", "snafu-1": "status", "#1": "status", "status SNAFU 1": "status", "cancle": "`cancel`", "aprove R1": "`approve`", "closse": "`close`",
		"what now": panel, "now what?": panel, "where are we": panel, "🔥🔥": panel, ":fire:": panel, "--": panel, "…": panel, "thanks": panel, "hello?": panel,
		"i need help": "`/snafu call`", "I need help!!": "`/snafu call`", "who is oncall": "`/snafu oncall`", "wer hat Dienst": "`/snafu oncall`", "<@U0ANA0001|ana>": "`/snafu call @colleague WHY`",
		"öffnen": "`/snafu open WHAT HAPPENED`", "schließen": "`/snafu close`", "rollback": "`/snafu plan`", "roll back": "`/snafu plan`", "its fixed": "`/snafu resolve`", "mute": "`/snafu nag snooze 1h`",
		"yes": "`/snafu triage 3 no`", "sev1": "`/snafu sev 1 WHY`", "leads are all gone": "`/snafu open leads are all gone`", "everything `is` broken": "`/snafu open everything 'is' broken`",
	} {
		t.Run(typed, func(t *testing.T) {
			c, opens, err := route(incoming{kind: kindCommand, text: typed})
			if err != nil {
				no, refused := refusal.As(err)
				require.True(t, refused)
				require.Regexp(t, "^I don't know .*\\.$", no.Say)
				require.Contains(t, no.Say, want)
				for _, hint := range hinted.FindAllStringSubmatch(no.Say, -1) {
					require.NotNil(t, named(hint[1]), "the answer names a verb that there is not")
				}
				return
			}
			switch {
			case c.words.verb == "":
				require.Equal(t, want, panel)
			case opens:
				require.Equal(t, want, form+c.verb.name)
			default:
				require.Equal(t, want, c.verb.name)
			}
		})
	}
}

var hinted = regexp.MustCompile("`/snafu ([a-z]+)")

func TestAReasonOfOneEmptyWordIsNone(t *testing.T) {
	c, _, err := route(incoming{kind: kindCommand, text: "close it, please"})
	require.NoError(t, err)
	require.Empty(t, c.why())
	c, _, err = route(incoming{kind: kindCommand, text: "cancel that was a test"})
	require.NoError(t, err)
	require.Equal(t, "that was a test", c.why())
	c, _, err = route(incoming{kind: kindCommand, text: "SNAFU-7: cancel it was a test"})
	require.NoError(t, err)
	require.Equal(t, "it was a test", c.why())
	require.EqualValues(t, 7, c.words.key)
}
