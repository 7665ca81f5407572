package bot_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// secret is what a private snafu is about, in any of the words in which somebody
// wrote of it.
var secret = regexp.MustCompile(`(?i)salar|wage|sheet|everyone|crm|sev2|triage|ben writes`)

func TestOutsideOfAPrivateSnafuItsRemindersSayThatItNeedsSomebodyAndNoMore(t *testing.T) {
	t.Parallel()
	w := workday(t)
	w.slash("ana", "#general", "/snafu open sev2 Salaries were shown to everyone --on crm --private")
	room, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1")
	require.NoError(t, err)
	w.quiet()
	ch := room.Name
	_, err = w.sim.As("ana").Invites(w.ctx(), ch, "ben")
	require.NoError(t, err)
	w.quiet()
	w.bot.Forget()
	w.types("ben", ch, "follow")
	from := len(w.sim.Traffic("api"))

	w.types("ana", ch, "promise in 30m")
	w.later(25 * time.Minute) // called to mind before it is due
	w.later(10 * time.Minute) // missed, which its own channel is told
	w.sees("ana", ch, slacksim.Contains("Update overdue by"))
	w.types("ana", ch, "update The wages of 300 people were in the sheet")
	w.later(2 * time.Hour)
	w.press("ana", "@snafu", "Off")
	w.submit(w.form("ana", "nag"), slacksim.Values{"why": "ben writes about the wages himself"})
	w.quiet()
	w.types("ana", ch, "nag off the sheet is gone", "nag on", "contain over the sheet was deleted")
	require.NoError(t, w.sim.Advance(20*time.Hour))
	w.morning()

	outside, id := map[string]int{}, w.channelID(ch)
	for _, call := range w.sim.Traffic("api")[from:] {
		args, _ := call.Request.(map[string]any)
		if !speaks.MatchString(call.Name) || args["channel"] == id {
			continue
		}
		require.NotRegexp(t, secret, spoken(t, call.Request), call.Name)
		text, _ := args["text"].(string)
		outside[text]++
	}
	require.Positive(t, outside["SNAFU-1 needs you"], "the lead is called to mind")
	require.Positive(t, outside["SNAFU-1 has news"], "who follows is told")
	for text := range outside {
		require.Regexp(t, `^$|^SNAFU-1 (needs you|has news)$|^SNAFU-1: this is done|^I (remind|keep)`, text)
	}
	require.NotContains(t, w.sim.Transcript("#data-incidents"), "SNAFU-1", "no digest counts it")
	w.sound()
}
