package bot_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

// What stands in a record is shown as it stands there, and does nothing.
func TestAdversarial80ALabelMentionsNobodyAndFormatsNothing(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	dev := w.id("dev").User()
	w.crm.asks = []rollback.Query{{
		Source: "crm", Name: "by_label", Unit: "<!here> leads",
		Text: `select * from (values ('<!channel> *bold*', 7), ('<@` + dev + `>', 8), ('<https://evil.example|bank>', 9), ('` + "\u202e" + `gnp.exe', 10), ('` + "```" + `fence', 11), ('&lt;!channel&gt;', 12)) as v (l, n)`,
	}, {
		Source: "crm", Name: "by_text", Unit: "leads", Text: `select count(*) from crm.lead where lead_status = :v`, Params: []rollback.Param{{Name: "v", Type: rollback.ParamText}},
	}}
	w.begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	asked := len(w.sim.Traffic(""))
	w.slash("ana", ch, "/snafu count by_label")
	shown := w.sees("ben", ch, slacksim.Contains("6 groups of"))
	for _, as := range []string{"<!channel> *bold*", "<@" + dev + ">", "<https://evil.example|ban…", "[U+202E]gnp.exe", "'''fence", "&lt;!channel&gt;"} {
		require.Contains(t, shown.Plain, as, "shown as it stands")
	}
	w.slash("ana", ch, `/snafu count by_text v="&lt;!channel&gt; *bold* `+"`x`"+`"`)
	w.sees("ben", ch, slacksim.Contains("0 leads · by_text v=&lt;!channel&gt; *bold* 'x'"))
	w.quiet()
	for _, x := range w.sim.Traffic("")[asked:] {
		if x.Dir != "from_app" {
			continue
		}
		said := spoken(t, x.Request)
		require.True(t, utf8.ValidString(said))
		require.False(t, live.MatchString(said), "%s: %s", x.Name, said)
		require.NotContains(t, said, "<@"+dev+">")
		require.NotContains(t, said, "\u202e")
	}
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
}
