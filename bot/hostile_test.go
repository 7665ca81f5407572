package bot_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// hostile is what people, phones and people of bad will type behind /snafu, as
// Slack hands it on. says is what the answer to the person holds, "" if they
// hear nothing or an incident is opened; opens is the name of its channel.
var hostile = []struct{ name, text, says, opens string }{
	{"nothing", "", "your next steps", ""},
	{"blanks", "   ", "your next steps", ""},
	{"an unknown verb", "aprove R1", "Did you mean `approve`", ""},
	{"four thousand characters", "open sev3 " + strings.Repeat("wide ", 800), "", "wide-wide"},
	{"forty thousand characters", "open sev3 " + strings.Repeat("broad ", 8000), "", "broad-broad"},
	{"a newline", "open sev3 Leads\nmoved", "", "leads-moved"},
	{"a tab", "open sev3 Leads\tmoved again", "", "leads-moved-again"},
	{"a NUL", "open sev3 Leads\x00 nul", "", "leads-nul"},
	{"invalid UTF-8", "open sev3 Leads \xff\xfe utf", "", "leads-utf"},
	{"smart quotes", "open sev3 “Leads quoted”", "", "leads-quoted"},
	{"an unbalanced quote", `open sev3 "Leads half`, "", "leads-half"},
	{"an en dash for a flag", "open sev3 Leads dashed –on crm", "", "leads-dashed"},
	{"a no-break space", "open\u00a0sev3\u00a0Leads unbroken", "", "leads-unbroken"},
	{"emoji alone", ":fire:", "your next steps", ""},
	{"right-to-left text", "open sev3 שלום עולם", "", ""},
	{"a text that turns round", "open sev3 Leads \u202edevom", "", "leads"},
	{"a joiner in a key", "status SNAFU-\u200d1", "is not the key of a snafu", ""},
	{"a Cyrillic a", "аpprove R1", "Did you mean `approve`", ""},
	{"a dotless i", "lıst", "Did you mean `list`", ""},
	{"five hundred marks", "open sev3 Leads" + strings.Repeat("\u0301", 500), "", "leads"},
	{"a title of no letters", "open sev3 !!! ???", "", ""},
	{"a title over eighty", "open sev3 " + strings.Repeat("x", 120), "", strings.Repeat("x", 40)},
	{"everybody", "open sev3 Leads <!channel> all", "", "leads-channel-all"},
	{"everybody here", "open sev3 Leads <!here|x> here", "", "leads-here-x-here"},
	{"a person in brackets", "open sev3 Leads &lt;@%DEV%&gt; dev", "", ""},
	{"a group", "open sev3 Leads <!subteam^S1> group", "", "leads-subteam-s1-group"},
	{"a link with another name", "open sev3 Leads <https://evil.example|bank> link", "", "leads-bank"},
	{"an escaped mention", "open sev3 Leads &lt;!channel&gt; escaped", "", "leads-channel-escaped"},
	{"an escaped escape", "open sev3 Leads &amp;lt;!channel&amp;gt; twice", "", ""},
	{"a fence", "open sev3 Leads ```fence```", "", "leads-fence"},
	{"dots and slashes as a key", "status ../../x", "is not the key of a snafu", ""},
	{"a flag as a key", "status -rf", "is not the key of a snafu", ""},
	{"percent nought nought", "status %00", "is not the key of a snafu", ""},
	{"an ANSI escape", "open sev3 Leads \x1b[31mred", "", "leads"},
	{"a forged line of the log", "open sev3 Leads\r\nlevel=ERROR msg=forged", "", "leads-level"},
	{"an unknown verb that is everybody", "<!channel>", "/snafu", ""},
	{"an unknown verb that is a person", "&lt;@%DEV%&gt;", "/snafu", ""},
	{"a number that is a person", "triage &lt;@%DEV%&gt; yes", "is not the number of a question", ""},
	{"a huge key", "status SNAFU-99999999999999999999", "is not the key of a snafu", ""},
	{"a negative key", "status SNAFU--1", "is not the key of a snafu", ""},
	{"closing what has no key", "close SNAFU-4x it is over", "is not the key of a snafu", ""},
	{"a question there is not", "triage 99999999999 yes", "is not the number of a question", ""},
	{"a call for everybody", "call <!channel> help", "Calling", ""},
}

// live is what Slack would turn into a mention, a link of another name or a
// group; dates are ours.
var live = regexp.MustCompile(`<!(channel|here|everyone|subteam)|<https?://evil`)

func TestWhateverIsTypedGetsAnAnswerOrAnIncidentAndMentionsNobody(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	dev := w.id("dev").User()
	room := w.open("ana", "sev3 The room of this test")
	at := w.channelID(room)
	for i, c := range hostile {
		// What was opened before is long over, so that nobody asks whether this is it.
		_, err := w.admin().Exec(w.ctx(), `update snafu.incidents set phase = 'closed', closed_at = opened_at, opened_at = opened_at - interval '3 days' where id > 1 and phase <> 'closed'`)
		require.NoError(t, err)
		text := strings.ReplaceAll(c.text, "%DEV%", dev)
		before, asked := w.count(`select count(*) from incidents`), len(w.sim.Traffic("api"))
		key := fmt.Sprintf("hostile-%d", i)
		ack, err := w.bot.Hear(w.ctx(), "slash_commands", map[string]any{
			"command": "/snafu", "text": text, "team_id": w.id("ana").Team(), "user_id": w.id("ana").User(),
			"channel_id": at, "trigger_id": key,
		})
		require.NoError(t, err, c.name)
		w.quiet()
		heard := spoken(t, ack)
		for _, call := range w.sim.Traffic("api")[asked:] {
			switch call.Name {
			case "chat.postEphemeral", "chat.postMessage", "chat.update", "conversations.setTopic":
				said := spoken(t, call.Request)
				heard += said
				require.True(t, utf8.ValidString(said), c.name)
				require.False(t, live.MatchString(said), "%s: %s", c.name, said)
				require.NotContains(t, said, "<@"+dev+">", c.name)
				require.NotContains(t, said, "\x1b", c.name)
				require.NotContains(t, said, "\u202e", c.name)
			}
		}
		opened := w.count(`select count(*) from incidents`) > before
		require.True(t, opened || heard != "", "%s: neither an answer nor an incident", c.name)
		require.NotContains(t, heard, "broke on my side", c.name)
		if c.says != "" {
			require.False(t, opened, c.name)
			require.Contains(t, heard, c.says, c.name)
		}
		if c.opens != "" {
			require.True(t, opened, "%s: %s", c.name, heard)
			require.Equal(t, 1, w.count(`select count(*) from incidents where id = (select max(id) from incidents) and channel_name like '%' || $1 || '%'`, c.opens), c.name)
		}
	}
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	require.Zero(t, w.count(`select count(*) from incidents where channel is null or channel = ''`))
}

// spoken is all text of an answer or a call, as Slack gets it.
func spoken(t *testing.T, v any) string {
	t.Helper()
	if v == nil {
		return ""
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return plain.ReplaceAllString(unescaped.Replace(b.String()), "")
}

// What stands in plain text is shown as it is.
var plain = regexp.MustCompile(`"plain_text","text":"[^"]*"`)

// The blocks of a call are JSON in JSON.
var unescaped = strings.NewReplacer(`\\u003c`, "<", `\\u003e`, ">", `\\u0026`, "&", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\"`, `"`, `\\`, `\`)
