package bot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// settledSlash types a command and waits until everything it leads to is told.
func (w *workspace) settledSlash(who, in, line string) {
	w.t.Helper()
	w.slash(who, in, line)
	w.quiet()
}

// settledPress presses a button and waits until everything it leads to is told.
func (w *workspace) settledPress(who, in, label string) {
	w.t.Helper()
	w.press(who, in, label)
	w.quiet()
}

// goldenBut leaves out a line that may come before or after what is posted at
// the same place meanwhile.
func (w *workspace) goldenBut(line, name string, channels ...string) {
	w.t.Helper()
	var kept []string
	for _, l := range strings.SplitAfter(w.sim.Transcript(channels...), "\n") {
		if !strings.HasPrefix(l, line) {
			kept = append(kept, l)
		}
	}
	path, got := filepath.Join("testdata", "transcripts", name+".txt"), strings.Join(kept, "")
	if *update {
		require.NoError(w.t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(w.t, err, "run with -update")
	require.Equal(w.t, string(want), got)
}

func TestWhoOpensWhatIsOpenAlreadyIsAskedAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	require.NoError(t, w.sim.Advance(3*time.Minute))
	w.settledSlash("ben", "#general", "/snafu open sev3 Laeds moved to SQL by mistake")
	asked := w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("Is it SNAFU-1, opened 3 min ago on crm?"))
	require.Contains(t, asked.Plain, "You wrote: Laeds moved to SQL by mistake")
	require.Equal(t, 1, w.count(`select count(*) from incidents`), "nothing is opened before the answer")

	w.settledPress("ben", "#general", "Open a new one")
	w.settledPress("ben", "#general", "Open a new one")
	require.Equal(t, 2, w.count(`select count(*) from incidents`), "pressed twice it is one")
	require.Equal(t, 1, w.count(`select count(*) from incidents where title = 'Laeds moved to SQL by mistake' and severity = 3`))

	w.settledSlash("chi", "#general", "/snafu open sev3 Leads moved to SQL --new")
	require.Equal(t, 3, w.count(`select count(*) from incidents`), "--new asks nothing")
	w.settledSlash("chi", "#snafu-3-leads-moved-to-sql", "/snafu relate SNAFU-1 duplicate")
	w.settledSlash("ana", ch, "/snafu relate SNAFU-3 duplicate")
	w.settledSlash("ana", "#general", "/snafu list")
	w.golden("duplicate-open", ch, "#general", "#snafu-3-leads-moved-to-sql")
}

func TestALightSnafuLivesInAThreadUntilItIsPromoted(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	w.settledSlash("ana", "#data-incidents", "/snafu open sev2 Three phones are empty --on crm --light")
	w.sees("ana", "#data-incidents", slacksim.OnlyForMe(), slacksim.Contains("It is a light one"))
	require.Zero(t, w.count(`select count(*) from pages`), "nobody is called for it")
	require.Zero(t, w.count(`select count(*) from incidents where channel <> ''`))

	w.settledSlash("ben", "#data-incidents", "/snafu note SNAFU-1 Only Berlin is affected")
	w.settledSlash("ben", "#data-incidents", "/snafu triage SNAFU-1 3 no")
	w.settledSlash("ben", "#data-incidents", "/snafu call SNAFU-1 crm-data")
	w.sees("ben", "#data-incidents", slacksim.OnlyForMe(), slacksim.Contains("SNAFU-1 is a light one, without a channel: a call waits until it has one."))
	w.settledSlash("ben", "#data-incidents", "/snafu promote SNAFU-1")
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1")
	require.NoError(t, err)
	w.settledPress("chi", "@snafu", "On it")
	w.settledSlash("ben", "#data-incidents", "/snafu promote SNAFU-1")
	w.settledSlash("ana", ch.Name, "/snafu note The phones came with an import")
	w.goldenBut("  to @ana   SNAFU-1 is open, and you lead it. It is a light one", "light-promoted", "#data-incidents", ch.Name)
}

func TestSnafusAreRelatedAndWhatWasNoneIsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	w.settledPress("chi", "@snafu", "On it")
	w.settledSlash("ben", "#general", "/snafu open sev3 The weekly sync ran twice --new")
	other := "#snafu-2-the-weekly-sync-ran-twice"
	w.settledSlash("ana", ch, "/snafu relate SNAFU-2 cause")
	w.settledSlash("ana", ch, "/snafu relate SNAFU-2 sibling")
	w.settledSlash("ana", ch, "/snafu relate SNAFU-1 see")
	w.settledSlash("ana", ch, "/snafu relate SNAFU-77 see")
	w.settledSlash("chi", ch, "/snafu cancel it was a test")
	w.settledSlash("ana", ch, "/snafu cancel The list was a test, and its leads were made up.")
	w.settledSlash("ana", ch, "/snafu cancel once more")
	w.golden("related", ch, other)
	require.Equal(t, 1, w.happened("cancelled/1"))
	require.Zero(t, w.count(`select count(*) from pages where state in ('calling', 'answered')`), "nobody is called any more")

	w.settledSlash("ben", other, "/snafu reopen SNAFU-1 again the leads were real after all")
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'triage' and id = 1`))
	w.golden("cancelled", ch, "#data-incidents")
}

func TestEveryMessageOfADrillSaysThatItIsOne(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	w.slash("ana", "#general", "/snafu open sev2 Half of the leads are gone --on crm --drill")
	room, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#drill-1")
	require.NoError(t, err)
	w.quiet()
	w.settledPress("chi", "@snafu", "On it")
	w.settledSlash("ana", room.Name, "/snafu note We pretend that the sync is off")
	for _, place := range []struct{ who, in string }{{"ana", room.Name}, {"chi", "@snafu"}, {"ana", "#data-incidents"}} {
		seen, err := w.sim.As(place.who).Sees(place.in)
		require.NoError(t, err)
		told := 0
		for _, m := range seen {
			if m.Bot && m.EphemeralTo == "" && m.Subtype == "" {
				told++
				require.True(t, strings.HasPrefix(m.Text, "DRILL"), "%s: %s", place.in, m.Text)
				require.True(t, strings.HasPrefix(m.Plain, "DRILL"), "%s: %s", place.in, m.Plain)
			}
		}
		require.Positive(t, told, place.in)
	}
	w.settledSlash("ana", room.Name, "/snafu cancel the drill is over")
	w.golden("drill", room.Name, "#data-incidents")
}

func TestWhereSlackMakesNoChannelTheOpenerIsLedToWhereItGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	w.fault(slacksim.Fault{Kind: "api.error", Error: "restricted_action", Match: slacksim.Match{Method: "conversations.create"}, Always: true})
	w.slash("ana", "#general", "/snafu open sev3 Leads moved to SQL by mistake --on crm")
	w.advanceUntilQuiet()
	w.sees("ana", "@snafu", slacksim.Contains("Slack does not let me create channels (restricted_action). SNAFU-1 is open and goes on in #data-incidents."))
	w.settledSlash("ana", "#data-incidents", "/snafu note SNAFU-1 nothing is lost")
	w.sim.Unfault("")
	w.golden("channel-forbidden", "#general", "#data-incidents")
}

func TestAWrongClickIsAnsweredInWordsAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	w.settledPress("chi", "@snafu", "On it")
	w.settledSlash("ben", "#general", "/snafu pass SNAFU-1")
	w.settledSlash("ana", "#general", "/snafu triage 3 no")
	w.settledSlash("ana", "#general", "/snafu status SNAFU-O1")
	w.settledSlash("ana", "#general", "/snafu status SNAFU-41")
	w.settledSlash("ana", ch, "/snafu close")
	w.settledSlash("ana", ch, "/snafu promote")
	w.settledSlash("ana", ch, "/snafu relate")
	w.settledSlash("ana", ch, "/snafu relate SNAFU-1 duplicate")
	w.settledSlash("gus", "#general", "/snafu open I am a guest")
	w.settledSlash("ana", "#general", "/snafu list everything")
	w.settledSlash("ana", "#general", "/snafu list open 7")
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'triage' and not exists (select from relations)`))
	w.golden("wrong-clicks", ch, "#general")
}

func TestABareCommandShowsWhatThisPersonCanDoNow(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.settledSlash("ana", "#general", "/snafu")
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	w.settledSlash("ana", "#general", "/snafu")
	w.settledSlash("chi", "#general", "/snafu")
	w.settledSlash("ana", ch, "/snafu")
	w.settledPress("chi", "#general", "On it")
	w.settledSlash("chi", ch, "/snafu")
	w.settledSlash("ana", ch, "/snafu help cancel")
	w.golden("bare-command", "#general", ch)
}

// What whoever opens a snafu waits for is the channel: the calls of Slack before
// it is ready are who asks, the channel itself and nothing else.
func TestTheChannelIsReadyAfterThreeCallsOfSlack(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	w.settledSlash("ben", "#general", "/snafu list") // who we are is known
	before := len(w.sim.Traffic("api"))
	w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	var calls []string
	for _, call := range w.sim.Traffic("api")[before:] {
		calls = append(calls, call.Name)
		if call.Name == "conversations.create" {
			break
		}
	}
	require.Equal(t, "conversations.create", calls[len(calls)-1])
	require.LessOrEqual(t, len(calls), 3, calls)
}
