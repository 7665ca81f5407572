package bot

import (
	"context"
	"strings"
	"time"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// watch handles "watch [NAME [PARAMETER=VALUE]] [every 15m] [for 24h]": the run
// that was picked, or a named count. The Summary shows what is watched; whoever
// asked hears that it goes on.
func (b *Bot) watch(ctx context.Context, c command) (reply, error) {
	s, err := schedule(c.words.args)
	if err != nil {
		return quiet, err
	}
	q, values, named, err := b.watchable(ctx, c, s.Run)
	if err != nil {
		return quiet, err
	}
	if named {
		return b.watchNamed(ctx, c, q, values, s)
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

// watchable finds the named count that is meant, with what stands behind its
// name. The run that was picked comes first, should they have one name.
func (b *Bot) watchable(ctx context.Context, c command, name string) (q rollback.Query, values string, named bool, err error) {
	if name == "" {
		return q, "", false, nil
	}
	m, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil || picked && strings.EqualFold(m.Scope.Run, name) {
		return q, "", false, err
	}
	first, values, _ := strings.Cut(name, " ")
	q, err = b.query(ctx, c, first)
	if no, refused := refusal.As(err); refused && no.Kind == refusal.KindNotFound {
		return q, "", false, nil // then a run is meant, and what is said about it is said of that
	}
	return q, values, err == nil, err
}

func (b *Bot) watchNamed(ctx context.Context, c command, q rollback.Query, values string, s count.Schedule) (reply, error) {
	given, err := pairs(q, values)
	if err != nil {
		return quiet, err
	}
	w, err := b.o.Count.WatchNamed(ctx, c.act(), c.incident, q, given, s)
	if err != nil {
		return quiet, err
	}
	return said("Watched: %s. The channel hears of it when a number changes; `/snafu unwatch %s` ends it.", view.Say(w.Words()), view.EscapeCode(q.Name)), nil
}

// unwatch handles "unwatch [NAME]".
func (b *Bot) unwatch(ctx context.Context, c command) (reply, error) {
	if name := c.text(0); name != "" {
		if named, err := b.o.Count.UnwatchNamed(ctx, c.act(), c.incident, name); named || err != nil {
			return quiet, err
		}
	}
	return quiet, b.o.Count.Unwatch(ctx, c.act(), c.incident, c.text(0))
}

// schedule reads the words behind watch. What is neither "every" nor "for" is
// the name of a run, which may have blanks in it, or of a count with its values.
func schedule(args []string) (count.Schedule, error) {
	var s count.Schedule
	var name []string
	inQuotes := false
	for i := 0; i < len(args); i++ {
		var to *time.Duration
		switch word := strings.ToLower(args[i]); {
		case word == "every" && !inQuotes:
			to = &s.Every
		case word == "for" && !inQuotes:
			to = &s.For
		default:
			name = append(name, args[i])
			inQuotes = inQuotes != (strings.Count(args[i], `"`)%2 == 1)
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
