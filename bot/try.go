package bot

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// try handles "try WHAT [for 30m]", "try @user WHAT", "try O1 works|part|no
// [NUMBER] [WORDS]", "try O1 for 30m", and the forms that ask the same.
func (b *Bot) try(ctx context.Context, c command) (reply, error) {
	if c.form {
		return quiet, b.tryForm(ctx, c)
	}
	if n, ok := incidents.ParseTryRef(c.arg(0)); ok && len(c.words.args) > 1 {
		return quiet, b.tryLine(ctx, c, n)
	}
	owner, words := c.by, c.words.args
	if id, ok := user(c.arg(0)); ok {
		whom, err := b.personOf(ctx, id)
		if err != nil {
			return quiet, err
		}
		owner, words = whom, words[1:]
	}
	approach, box := timeBox(words)
	return quiet, b.o.Response.Try(ctx, c.act(), c.incident, approach, owner, box)
}

// tryLine handles what is typed about a line of the board.
func (b *Bot) tryLine(ctx context.Context, c command, n int64) error {
	result, ok := incidents.ParseTryResult(c.arg(1))
	if !ok {
		if rest, box := timeBox(c.words.args[1:]); rest == "" && box != 0 {
			return b.o.Response.TryLonger(ctx, c.act(), c.incident, n, box)
		}
		return refusal.Invalid("What came of O%d? It works, works in part, or does not: `/snafu try O%d works|part|no`. `/snafu try O%d for 30m` gives it more time.", n, n, n)
	}
	o := incidents.TryOutcome{Result: result, Said: c.text(2)}
	if count, err := number(c.arg(2)); err == nil {
		o.Counted, o.Count, o.Said = true, count, c.text(3)
	}
	return b.o.Response.Tried(ctx, c.act(), c.incident, n, o)
}

// timeBox takes "for 30m" from the end of what was typed. "for" is also a word;
// only a length of time behind the last one makes it one.
func timeBox(words []string) (rest string, box time.Duration) {
	for i := len(words) - 1; i >= 0; i-- {
		if !strings.EqualFold(words[i], "for") {
			continue
		}
		if d, took := span(strings.Join(words[i+1:], " ")); took > 0 && i+1+took == len(words) {
			return strings.Join(words[:i], " "), d
		}
		break
	}
	return strings.Join(words, " "), 0
}

// tryForm records what a form says: a new line, or what came of one.
func (b *Bot) tryForm(ctx context.Context, c command) error {
	f := c.in.fields
	box, err := boxOf(f.get("box"))
	if err != nil {
		return err
	}
	if n := c.stamp.Sheet; n > 0 {
		result, ok := incidents.ParseTryResult(f.get("result"))
		if !ok {
			return b.o.Response.TryLonger(ctx, c.act(), c.incident, n, box)
		}
		o := incidents.TryOutcome{Result: result, Said: f.get("said")}
		if text := f.get("count"); text != "" {
			if o.Count, err = number(text); err != nil {
				return err
			}
			o.Counted = true
		}
		return b.o.Response.Tried(ctx, c.act(), c.incident, n, o)
	}
	owner := c.by
	if id := f.get("who"); id != "" {
		if owner, err = b.personOf(ctx, id); err != nil {
			return err
		}
	}
	return b.o.Response.Try(ctx, c.act(), c.incident, f.get("approach"), owner, box)
}

func boxOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, took := span(text)
	if took == 0 || took != len(strings.Fields(text)) {
		return 0, refusal.Invalid("%q is not a length of time. Write 30m or 2 hours.", short(text))
	}
	return d, nil
}

// tryOpens is true for "try" and "try O1": a line without its words.
func tryOpens(c command) bool {
	_, ok := incidents.ParseTryRef(c.arg(0))
	return len(c.words.args) == 0 || ok && len(c.words.args) == 1
}

func (b *Bot) drawTry(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	if c.in.kind == kindCommand {
		c.stamp.Sheet, _ = incidents.ParseTryRef(c.arg(0))
	}
	if c.stamp.Sheet == 0 { // a reminder names the line
		ref, _, _ := strings.Cut(c.stamp.Choice, ":")
		c.stamp.Sheet, _ = incidents.ParseTryRef(ref)
	}
	if c.stamp.Sheet == 0 {
		return view.TryModal(c.stamp, c.in.user), nil
	}
	board, err := b.o.Response.Board(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	line, err := board.Find(c.stamp.Sheet)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.TriedModal(c.stamp, line), nil
}

// checkTry reads the form alone.
func checkTry(c command) map[string]string {
	f := c.in.fields
	if _, err := boxOf(f.get("box")); err != nil {
		return map[string]string{"box": err.Error()}
	}
	if c.stamp.Sheet == 0 && f.get("approach") == "" {
		return map[string]string{"approach": "What is tried?"}
	}
	if c.stamp.Sheet > 0 && f.get("result") == "" && f.get("box") == "" {
		return map[string]string{"result": "What came of it? Or give it more time below."}
	}
	if text := f.get("count"); text != "" {
		if _, err := number(text); err != nil {
			return map[string]string{"count": err.Error()}
		}
	}
	return nil
}
