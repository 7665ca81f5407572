package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func (w *workspace) shortcut(who, callback, in, ts string) slacksim.Act {
	w.t.Helper()
	act, err := w.sim.As(who).Shortcut(w.ctx(), callback, in, ts)
	require.NoError(w.t, err)
	return act
}

func TestASnafuOpenedFromAMessageBeginsWithThatMessage(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	said, err := w.sim.As("ben").Says(w.ctx(), "#general", "@chi 2,900 leads are SQL since this morning\nI did nothing <!channel>")
	require.NoError(t, err)
	w.shortcut("ana", "open.message", "#general", said.TS)
	form := w.form("ana", "open")
	require.Equal(t, "2,900 leads are SQL since this morning", form.Inputs[0].Value, "the first line is suggested as the title")
	w.submit(form, slacksim.Values{"still": "yes"})
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1-2-900-leads")
	require.NoError(t, err)
	w.quiet()
	note := w.sees("ana", ch.Name, slacksim.Contains("Note by @ana"))
	require.Contains(t, note.Plain, "ben wrote: @chi 2,900 leads are SQL since this morning I did nothing <!channel> https://acme.slack.com/archives/")
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1'`))
	w.sees("ana", "@snafu", slacksim.Contains("SNAFU-1 is open, and you lead it")) // I am not in #general
	w.sound()
}

func TestAMessageGoesToTheTimelineOnceAndElsewhereTheRefusalSaysHow(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.fault(slacksim.Fault{Kind: "socket.duplicate", Copies: 3, Always: true})
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	said, err := w.sim.As("ana").Says(w.ctx(), ch, "campaign 7 was copied on Monday")
	require.NoError(t, err)
	w.shortcut("ana", "note.message", ch, said.TS)
	w.quiet()
	w.sees("ana", ch, slacksim.Contains("Note by @ana"), slacksim.Contains("ana wrote: campaign 7 was copied on Monday https://"))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1'`))

	// Slack gives no link: the words are what matters.
	w.fault(slacksim.Fault{Kind: "api.error", Error: "channel_not_found", Match: slacksim.Match{Method: "chat.getPermalink"}, Always: true})
	w.shortcut("ana", "note.message", ch, said.TS)
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'noted/1'`))

	elsewhere, err := w.sim.As("ben").Says(w.ctx(), "#general", "it was me")
	require.NoError(t, err)
	w.shortcut("ana", "note.message", "#general", elsewhere.TS)
	w.quiet()
	w.sees("ana", "#general", slacksim.OnlyForMe(), slacksim.Contains("This channel has no snafu. Which one? Put its key behind the verb: /snafu note SNAFU-42"))
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'noted/1'`))

	w.shortcut("gus", "note.message", "#general", elsewhere.TS)
	w.quiet()
	w.sees("gus", "#general", slacksim.OnlyForMe(), slacksim.Contains("Only full members"))
	w.shortcut("ana", "open", "", "")
	w.form("ana", "open")
	w.sound()
}

// The message is where others read of it first, so below it stands where it goes on.
func TestBelowTheMessageThatASnafuWasOpenedFromStandsWhereItGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t) // an announcement could come before the answer below the message, or behind it
	said, err := w.sim.As("ben").Says(w.ctx(), "#data-incidents", "2,900 leads are SQL since this morning\nI did nothing")
	require.NoError(t, err)
	w.shortcut("ana", "open.message", "#data-incidents", said.TS)
	w.submit(w.form("ana", "open"), slacksim.Values{"severity": "3", "still": "yes"})
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1-2-900-leads")
	require.NoError(t, err)
	w.quiet()
	answer := w.sees("chi", "#data-incidents", slacksim.Contains("@ana opened SNAFU-1 from this message"))
	require.Equal(t, said.TS, answer.ThreadTS)
	require.Contains(t, answer.Plain, "#snafu-1-2-900-leads")

	// From an answer in a thread it comes into that thread.
	below, err := w.sim.As("ben").Replies(w.ctx(), "#data-incidents", said.TS, "And three phones are empty")
	require.NoError(t, err)
	w.shortcut("ana", "open.message", "#data-incidents", below.TS)
	w.submit(w.form("ana", "open"), slacksim.Values{"severity": "3", "how": []string{"drill"}})
	w.quiet()
	answer = w.sees("chi", "#data-incidents", slacksim.Contains("DRILL · @ana opened SNAFU-2 from this message"))
	require.Equal(t, said.TS, answer.ThreadTS)
	w.golden("opened-from-a-message", "#data-incidents", ch.Name)

	// Of a private one nobody reads there.
	w.shortcut("ana", "open.message", "#data-incidents", said.TS)
	w.submit(w.form("ana", "open"), slacksim.Values{"title": "Salaries were shown", "how": []string{"private"}})
	w.quiet()
	seen, err := w.sim.As("chi").Sees("#data-incidents")
	require.NoError(t, err)
	for _, m := range seen {
		require.NotContains(t, m.Plain, "SNAFU-3")
	}
}
