package bot_test

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/bot/view"
)

// spoilt is text that people of bad will, and phones, put into every field.
var spoilt = []string{
	"<!channel> <!here|x> <!subteam^S1> &lt;!everyone&gt; &lt;@%DEV%&gt; <https://evil.example|bank> `tick` ```fence``` *b* _i_ ~s~ & | \u202edevom \u2066x \x1b[31mred",
	strings.Repeat("wide😀 ", 500),
}

// Whatever is typed behind any verb and sent in any form, Slack takes what we make
// of it, and it calls nobody.
func TestHostileTextInEveryVerbAndFormMentionsNobodyAndFitsIntoSlack(t *testing.T) {
	t.Parallel()
	w := workspaceLike(t, slacksim.FrozenClock(time.Now()), slacksim.Workspace{}, withAnnouncements, func(o *bot.Options) {
		o.Log = slog.New(slog.DiscardHandler)
		o.PerPerson = bot.Rate{PerMinute: 60_000, Burst: 10_000}
		o.PerWorkspace = bot.Rate{PerMinute: 60_000, Burst: 10_000}
	})
	w.crm = newCRM(t)
	w.begin()
	w.looks("ana")
	dev := w.id("dev").User()
	ch := w.open("ana", "sev1 "+strings.ReplaceAll(spoilt[0], "%DEV%", dev)[:90]+" --on crm")
	from := len(w.sim.Traffic("api"))
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.quiet()
	stamp := view.Stamp{Incident: 1, Channel: w.channelID(ch), Ref: "R1", Opened: w.now()}.String()
	for _, text := range spoilt {
		text = strings.ReplaceAll(text, "%DEV%", dev)
		w.slash("ana", ch, "/snafu reopen again it is not over")
		w.quiet()
		inTurn := slices.DeleteFunc(bot.VerbNames(), func(verb string) bool { return verb == "open" || verb == "help" || slices.Contains(endsIt, verb) })
		for _, verb := range append(inTurn, endsIt...) {
			for _, line := range append(w.linesOf(verb), verb) {
				w.slash("ana", ch, "/snafu "+strings.ReplaceAll(line, canary, "")+" "+text)
			}
			fields := map[string]string{}
			for _, block := range typedInto {
				fields[block] = text
			}
			w.sends(verb, forgery{by: w.id("ana"), meta: stamp, fields: fields})
			w.quiet()
		}
	}
	for _, call := range w.sim.Traffic("api")[from:] {
		require.NotContains(t, tooMuch, call.Error, "%s: %v", call.Name, call.Request)
		if !speaks.MatchString(call.Name) {
			continue
		}
		said := prefilled.ReplaceAllString(spoken(t, call.Request), "")
		require.True(t, utf8.ValidString(said))
		require.False(t, live.MatchString(said), said)
		require.NotContains(t, said, "<@"+dev+">")
		require.NotRegexp(t, "\x1b|\u202e|\u2066", said)
		args, _ := call.Request.(map[string]any)
		if shown, _ := args["text"].(string); args["channel"] == w.channelID(ch) && call.Name != "chat.postEphemeral" {
			require.LessOrEqual(t, len(utf16.Encode([]rune(shown))), 150, shown)
		}
	}
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
}

var speaks = regexp.MustCompile(`^chat\.|^conversations\.set|^views\.|^bookmarks\.`)

// What stands in a field already is shown as it is.
var prefilled = regexp.MustCompile(`"(initial_value|private_metadata)":"[^"]*"`)

// tooMuch is how Slack refuses what does not fit.
var tooMuch = []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_arguments", "too_long", "no_text"}

// typedInto are the blocks of our forms into which people type.
var typedInto = []string{
	"text", "why", "step", "expected", "observed", "broke", "title", "answer", "ref", "what", "approach", "result", "safeguard", "ticket", "points",
	"evidence", "comment", "proof", "depends", "changed", "next", "need", "other", "draft", "who",
}
