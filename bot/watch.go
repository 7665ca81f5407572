package bot

import (
	"context"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback/count"
)

// watch handles "watch [NAME] [every 15m] [for 24h]". The Summary shows the
// watch; whoever asked hears that it goes on.
func (b *Bot) watch(ctx context.Context, c command) (reply, error) {
	s, err := schedule(c.words.args)
	if err != nil {
		return quiet, err
	}
	if err := b.o.Count.Watch(ctx, c.act(), c.incident, s); err != nil {
		return quiet, err
	}
	w, goes, err := b.o.Count.Watching(ctx, c.incident)
	if err != nil || !goes {
		return quiet, err
	}
	return said("%s is %s. The channel hears of it when something changes; `/snafu unwatch` ends it.", view.Escape(w.Run), view.Say(w.Words())), nil
}

// unwatch handles "unwatch [NAME]".
func (b *Bot) unwatch(ctx context.Context, c command) (reply, error) {
	return quiet, b.o.Count.Unwatch(ctx, c.act(), c.incident, c.text(0))
}

// schedule reads the words behind watch. What is neither "every" nor "for" is
// the name of a run, which may have blanks in it.
func schedule(args []string) (count.Schedule, error) {
	var s count.Schedule
	var name []string
	for i := 0; i < len(args); i++ {
		var to *time.Duration
		switch strings.ToLower(args[i]) {
		case "every":
			to = &s.Every
		case "for":
			to = &s.For
		default:
			name = append(name, args[i])
			continue
		}
		said := strings.Join(args[i+1:min(i+3, len(args))], " ")
		d, words := span(said)
		if words == 0 {
			return s, refusal.Invalid("%q is not a length of time. For example: /snafu watch every 15m for 24h.", short(said))
		}
		*to, i = d, i+words
	}
	s.Run = strings.Join(name, " ")
	return s, nil
}

var spans = map[string]time.Duration{
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour, "d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
}

// span reads a length of time as people write it: 15m, 1h30m, 90 min, 2 days,
// hour. words is how many words of the text it took, 0 if it is none.
func span(text string) (d time.Duration, words int) {
	first, second, _ := strings.Cut(strings.ToLower(text), " ")
	if d, err := time.ParseDuration(first); err == nil && d > 0 {
		return d, 1
	}
	digits := strings.TrimRight(first, "abcdefghijklmnopqrstuvwxyz")
	unit, words := first[len(digits):], 1
	if unit == "" {
		unit, words = second, 2
	}
	each, known := spans[unit]
	if !known {
		return 0, 0
	}
	if digits == "" {
		return each, words
	}
	n, err := number(digits)
	if err != nil || n <= 0 || n > 100_000 {
		return 0, 0
	}
	return time.Duration(n) * each, words
}

// watching is how an incident is watched, for its Summary; nil while it is not.
func (b *Bot) watching(ctx context.Context, id incidents.ID) (*incidents.Watch, error) {
	w, goes, err := b.o.Count.Watching(ctx, id)
	if err != nil || !goes {
		return nil, err
	}
	return &w, nil
}

// prepareAlarm posts that the damage grows: to the lead, with what to do about it.
func (b *Bot) prepareAlarm(t task) (send, error, error) {
	var g incidents.Grew
	if err := t.entry.Into(&g); err != nil {
		return nil, nil, err
	}
	return b.posting(t, place{channel: t.inc.Channel}, view.Growth(view.GrowthCard{Incident: t.inc, Grew: g})), nil, nil
}
