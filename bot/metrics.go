package bot

import (
	"context"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// windows are how far back the metrics look, in the order in which they are
// offered; the second is meant where none is named.
var windows = []struct {
	name string
	days int
}{{"30d", 30}, {"90d", 90}, {"1y", 365}}

// metrics handles "metrics": how long what took in the incidents of a while that
// whoever asked may know of.
func (b *Bot) metrics(ctx context.Context, c command) (reply, error) {
	window, system := windows[1], ""
	for _, word := range c.words.args {
		found := false
		for _, w := range windows {
			if strings.EqualFold(w.name, word) {
				window, found = w, true
			}
		}
		if found {
			continue
		}
		s, known := b.o.Response.Source(word)
		if !known || system != "" {
			return quiet, refusal.Invalid("%q is neither 30d, 90d or 1y nor a system that I know. For example: `/snafu metrics 90d`.", short(word))
		}
		system = s.Name
	}
	at, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return quiet, err
	}
	since := at.Add(-time.Duration(window.days) * 24 * time.Hour)
	sees, err := b.sees(ctx, c.in.user)
	if err != nil {
		return quiet, err
	}
	lives, err := b.o.Response.Lives(ctx, since, system, c.by, sees)
	if err != nil {
		return quiet, err
	}
	return say(view.Metrics(view.MetricsCard{Metrics: incidents.Measure(lives), Window: window.name, Since: since, System: system})), nil
}
