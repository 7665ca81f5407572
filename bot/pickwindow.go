package bot

import (
	"context"
	"time"

	"snafu/rollback"
)

// window is the one that the form of what to count is drawn with: that of the
// run which is counted now, as text. Left as it was drawn it stands for the very
// instants, of which the text is a second's part short, and for nothing once
// another run is chosen: that one has a window of its own.
type window struct {
	of       rollback.Scope
	from, to string
}

func (b *Bot) drawnWindow(ctx context.Context, c command) (window, error) {
	known, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil || !picked {
		return window{}, err
	}
	return window{of: known.Scope, from: clockText(known.Scope.From, c.zone), to: clockText(known.Scope.To, c.zone)}, nil
}

func (w window) about(s rollback.Scope) bool {
	return w.of.Source == s.Source && w.of.Table == s.Table && w.of.Run == s.Run
}

// instant is what a text of the form says: none leaves what is there, the one
// that was drawn is the instant it was drawn from.
func (w window) instant(c command, text, drawn string, none, exact time.Time) (time.Time, error) {
	switch text {
	case "":
		return none, nil
	case drawn:
		return exact, nil
	}
	at, err := when(text, c.zone, c.received)
	return at.Truncate(time.Microsecond), err
}

// unless is the text, or "" where it is that one.
func unless(text, that string) string {
	if text == that {
		return ""
	}
	return text
}
