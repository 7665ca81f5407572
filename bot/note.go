package bot

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// note handles "note [kind] TEXT [at TIME]", and the shortcut that makes a note
// of a message.
func (b *Bot) note(ctx context.Context, c command) (reply, error) {
	if c.quote.TS != "" {
		return quiet, b.noteQuote(ctx, c.act(), c.incident, c.quote)
	}
	kind, text, at := c.noted()
	return quiet, b.o.Response.Note(ctx, c.act(), c.incident, kind, text, at)
}

func (c command) noted() (kind, text string, at time.Time) {
	if c.form {
		return c.in.fields.get("kind"), c.in.fields.get("text"), time.Time{}
	}
	text = c.text(0)
	if k, ok := incidents.ParseNoteKind(c.arg(0)); ok {
		kind, text = string(k), c.text(1)
	}
	// "at" is also a word; only a readable time behind the last one is one.
	if i := strings.LastIndex(text, " at "); i >= 0 && c.zone != nil {
		if t, err := when(text[i+len(" at "):], c.zone, c.received); err == nil {
			return kind, text[:i], t
		}
	}
	return kind, text, time.Time{}
}

func (b *Bot) noteForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	return view.NoteModal(c.stamp), nil
}

func checkNote(c command) map[string]string {
	if c.in.fields.get("text") == "" {
		return map[string]string{"text": "A note needs a few words."}
	}
	return nil
}
