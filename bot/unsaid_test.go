package bot_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

// Who says of themselves that they had a part in the cause is told that nobody
// hears of it; a report that listed them would blame them. Nor does one name who
// only asked about a private snafu.
func TestAReportDoesNotSayWhoHadAPartInTheCauseOrAskedInVain(t *testing.T) {
	t.Parallel()
	var kept shelf
	w := newWorkspace(t, func(o *bot.Options) { o.Keep = kept.keep })
	ch := w.open("ana", "sev3 Salaries were shown to everyone --on crm --private")
	_, err := w.sim.As("ana").Invites(w.ctx(), ch, "ben")
	require.NoError(t, err)
	w.slash("ben", ch, "/snafu involved")
	w.slash("dev", "#general", "/snafu status SNAFU-1")
	w.quiet()
	require.Equal(t, 1, w.happened("involved/1"))
	require.Equal(t, 1, w.happened("kept-out/1"))
	w.slash("ana", ch, "/snafu contain over the mail was sent once")
	w.quiet()
	w.slash("ana", ch, "/snafu triage 3 no")
	w.quiet()
	w.slash("ana", ch, "/snafu resolve it was shown to nobody in the end")
	w.quiet()
	w.slash("ana", ch, "/snafu close it was shown to nobody in the end")
	w.quiet()
	w.sees("ana", ch, slacksim.Contains("Thank"), slacksim.Not(slacksim.Contains("@dev")))
	for form, name := range map[string]string{"md": "postmortem.md", "csv": "timeline.csv", "json": "postmortem.json", "html": "postmortem.html"} {
		w.slash("ana", ch, "/snafu export "+form)
		w.quiet()
		text := kept.read("SNAFU-1-" + name)
		require.Contains(t, text, "Salaries", form)
		for _, word := range []string{"involved", "kept out", "kept-out"} {
			require.NotContains(t, strings.ToLower(text), word, form)
		}
		for _, who := range []string{"ben", "dev"} {
			require.NotRegexp(t, `\b`+who+`\b`, text, form)
		}
	}
}
