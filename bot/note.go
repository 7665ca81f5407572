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
	if c.form {
		kind, text = c.in.fields.get("kind"), c.in.fields.get("text")
		if said := c.in.fields.get("when"); said != "" {
			var err error
			if at, err = when(said, c.zone, c.received); err != nil {
				return quiet, err
			}
		}
	}
	return quiet, b.o.Response.Note(ctx, c.act(), c.incident, kind, text, at)
}

func (c command) noted() (kind, text string, at time.Time) {
	text = c.text(0)
	if k, ok := incidents.ParseNoteKind(c.arg(0)); ok {
		kind, text = string(k), c.text(1)
	}
	text, at = c.timed(text)
	return kind, text, at
}

// timed takes "at TIME" from the end of a text. "at" is also a word; only a
// readable time behind the last one makes it one.
func (c command) timed(text string) (string, time.Time) {
	i := strings.LastIndex(" "+text, " at ")
	if i < 0 || c.zone == nil {
		return text, time.Time{}
	}
	t, err := when((" " + text)[i+len(" at "):], c.zone, c.received)
	if err != nil {
		return text, time.Time{}
	}
	return strings.TrimSpace((" " + text)[:i]), t
}

func (b *Bot) noteForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	return view.NoteModal(c.stamp), nil
}

func checkNote(c command) map[string]string {
	if c.in.fields.get("text") == "" {
		return map[string]string{"text": "A note needs a few words."}
	}
	return checkWhen(c)
}

// checkWhen reads the time in a form.
func checkWhen(c command) map[string]string {
	if text := c.in.fields.get("when"); text != "" {
		if _, err := when(text, time.UTC, farAhead); err != nil {
			return map[string]string{"when": err.Error()}
		}
	}
	return nil
}
