package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
)

func (w *workspace) alone(who, in string, what ...slacksim.Matching) slacksim.Message {
	w.t.Helper()
	return w.sees(who, in, append(what, slacksim.OnlyForMe())...)
}

// The bot is not in the channel, so Slack takes an answer there at no other address
// than the one that came with the command or the press.
func TestAFormIsAnsweredWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	for n, ask := range []func(){
		func() { w.slash("ana", "#general", "/snafu"); w.press("ana", "#general", "Open a snafu") },
		func() { w.slash("ana", "#general", "/snafu open") },
	} {
		ask()
		w.submit(w.form("ana", "open"), slacksim.Values{"title": []string{"Leads moved to SQL by mistake", "Phones are empty"}[n], "severity": "3"})
		w.alone("ana", "#general", slacksim.Contains(incidents.ID(n+1).String()+" is open, and you lead it"))
		w.quiet()
	}
	w.sound()
}

func TestWhatComesNextHasAButton(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake")
	next := func(label string) {
		t.Helper()
		w.settledSlash("ana", ch, "/snafu")
		w.alone("ana", ch, slacksim.Contains("your next steps"), slacksim.Shows(label))
		w.press("ana", ch, label)
	}
	w.types("ana", ch, "triage 1 dont-know", "triage 2 dont-know")
	w.press("ana", ch, "Yes")
	w.quiet()
	opener := w.sees("ana", ch, slacksim.Contains("Take a breath"))
	require.Contains(t, opener.Plain, "Next: stop the cause")
	_, err := w.sim.As("ana").Press(w.ctx(), ch, "Stop the cause", slacksim.On(opener.TS))
	require.NoError(t, err)
	w.submit(w.form("ana", "contain"), slacksim.Values{"how": "Stopped", "what": "Weekly stage sync"})
	w.quiet()
	require.NotContains(t, w.sees("ana", ch, slacksim.Contains("Take a breath")).Plain, "stop the cause")

	require.Contains(t, w.sees("ana", ch, slacksim.IsPinned()).Plain, "Next: see whether it still occurs, and answer: /snafu triage 3.", "there is nothing to count")

	w.types("ana", ch, "triage 3 no")
	next("Post update")
	w.submit(w.form("ana", "update"), slacksim.Values{"changed": "The sync is off", "next": "count", "by": "30m"})
	w.quiet()
	next("Resolve")
	form := w.form("ana", "resolve")
	require.Contains(t, form.Plain, "Not yet: nothing was counted")
	w.submit(form, slacksim.Values{"why": "counted by hand"})
	w.sees("ana", ch, slacksim.Contains("Resolved"), slacksim.FromApp())
	w.quiet()
	next("Add a follow-up")
	_, err = w.form("ana", "todo").Close(w.ctx())
	require.NoError(t, err)
	next("Close")
	w.alone("ana", ch, slacksim.Contains("Not yet"))
	w.sound()
}
