package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// settings handles the form of that name: what one person wants of the bot.
func (b *Bot) settings(ctx context.Context, c command) (reply, error) {
	from, _ := minuteOf(c.in.fields.get("from"))
	to, _ := minuteOf(c.in.fields.get("to"))
	tell := c.in.fields["tell"]
	s := incidents.Settings{
		Rest:    incidents.Rest{From: from, To: to, Weekends: slices.Contains(c.in.fields["weekends"], view.RestWeekends)},
		Updates: slices.Contains(tell, view.TellUpdates), Phases: slices.Contains(tell, view.TellPhases),
	}
	if err := b.o.Response.Set(ctx, c.act(), s); err != nil {
		return quiet, err
	}
	return say(view.SettingsKept(s)), nil
}

func (b *Bot) settingsForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	s, err := b.o.Response.Settings(ctx, c.by)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.SettingsModal(c.stamp, s, fmt.Sprint(c.zone)), nil
}

// minuteOf reads a time of day.
func minuteOf(text string) (int64, bool) {
	at, ok := clockOf(text)
	if !ok {
		return 0, false
	}
	return int64(at.Sub(at.Truncate(24*time.Hour)) / time.Minute), true
}

func checkSettings(c command) map[string]string {
	faults := map[string]string{}
	for _, block := range []string{"from", "to"} {
		if _, ok := minuteOf(c.in.fields.get(block)); !ok {
			faults[block] = "Write a time of day: 20:00 or 8:00."
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}
