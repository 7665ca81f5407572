package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// walking handles the form of a step, "walk STEP | EXPECTED | OBSERVED", "walk 3
// STEP | EXPECTED | OBSERVED" and "walk drop 3".
func (b *Bot) walking(ctx context.Context, c command) (reply, error) {
	if c.form {
		return quiet, b.walkForm(ctx, c)
	}
	n, words := c.stepTyped()
	if strings.EqualFold(c.arg(0), "drop") {
		return quiet, b.o.Response.RemoveStep(ctx, c.act(), c.incident, numbered(n))
	}
	s, err := stepOf(words)
	if err != nil {
		return quiet, err
	}
	if n > 0 {
		return quiet, b.o.Response.ChangeStep(ctx, c.act(), c.incident, numbered(n), s)
	}
	return quiet, b.o.Response.AddStep(ctx, c.act(), c.incident, 0, s)
}

// stepTyped is the number of a step and the words behind it. A number is one
// only in front of parts, or alone: "walk 2 lists feed it" is a new step.
func (c command) stepTyped() (n int64, words string) {
	args := c.words.args
	if strings.EqualFold(c.arg(0), "drop") {
		args = args[1:]
	}
	words = strings.Join(args, " ")
	if len(args) == 0 || len(args) > 1 && !strings.Contains(words, "|") {
		return 0, words
	}
	n, err := strconv.ParseInt(strings.Trim(args[0], ".#"), 10, 32)
	if err != nil || n < 1 {
		return 0, words
	}
	return n, strings.Join(args[1:], " ")
}

func stepOf(words string) (incidents.WalkStep, error) {
	parts := append(strings.Split(words, "|"), "", "")
	if len(parts) > 5 {
		return incidents.WalkStep{}, refusal.Invalid("A step has three parts: `/snafu walk STEP | EXPECTED | OBSERVED`. `/snafu walk` asks for them.")
	}
	return incidents.WalkStep{Step: parts[0], Expected: parts[1], Observed: parts[2]}, nil
}

func numbered(n int64) func(incidents.Walk) (int64, error) {
	return func(incidents.Walk) (int64, error) { return n, nil }
}

// walkOpens is true for "walk" and "walk 3": a step without its words.
func walkOpens(c command) bool {
	if len(c.words.args) == 0 {
		return true
	}
	n, words := c.stepTyped()
	return n > 0 && words == "" && !strings.EqualFold(c.arg(0), "drop")
}

// walkForm records what a form says of a step. One that was changed is known by
// its words: its number is another one once somebody has put a step before it.
func (b *Bot) walkForm(ctx context.Context, c command) error {
	f := c.in.fields
	s := incidents.WalkStep{Step: f.get("step"), Expected: f.get("expected"), Observed: f.get("observed"), How: f.get("how")}
	if went := f.get("went"); went != "unseen" {
		s.Went = incidents.Went(went)
	}
	if text := f.get("when"); text != "" {
		var err error
		if s.When, err = when(text, c.zone, c.received); err != nil {
			return err
		}
	}
	if c.stamp.Choice == "" {
		before, _ := strconv.ParseInt(f.get("place"), 10, 32)
		return b.o.Response.AddStep(ctx, c.act(), c.incident, before, s)
	}
	same := func(w incidents.Walk) (int64, error) {
		at := slices.IndexFunc(w, func(s incidents.WalkStep) bool { return stepMark(s) == c.stamp.Choice })
		if at < 0 {
			return 0, refusal.Conflict("Somebody changed that step since you opened it. `/snafu walk %d` shows it as it is.", c.stamp.Sheet).Coded("stale")
		}
		return int64(at + 1), nil
	}
	if slices.Contains(f["drop"], "drop") {
		return b.o.Response.RemoveStep(ctx, c.act(), c.incident, same)
	}
	return b.o.Response.ChangeStep(ctx, c.act(), c.incident, same, s)
}

// stepMark tells a step's words from any others.
func stepMark(s incidents.WalkStep) string { return markOf(s) }

// markOf tells what a form was drawn from from anything else.
func markOf(shown any) string {
	raw, err := json.Marshal(shown)
	if err != nil {
		return "none"
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (b *Bot) drawWalk(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	w, err := b.o.Response.Walk(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	n := c.stamp.Sheet
	if c.in.kind == kindCommand {
		n, _ = c.stepTyped()
	}
	f := view.WalkForm{Walk: w}
	if n > 0 {
		if n > int64(len(w)) {
			_, _, err := w.Remove(n)
			return slack.ModalViewRequest{}, err
		}
		f.Number, f.When = n, clockText(w[n-1].When, c.zone)
		c.stamp.Choice = stepMark(w[n-1])
	}
	c.stamp.Sheet = n
	f.Stamp = c.stamp
	return view.WalkModal(f), nil
}

// checkWalk reads the form alone.
func checkWalk(c command) map[string]string {
	f := c.in.fields
	if f.get("step") == "" && !slices.Contains(f["drop"], "drop") {
		return map[string]string{"step": "Say which step of the flow it is."}
	}
	if wrong := checkWhen(c); wrong != nil {
		return wrong
	}
	for _, block := range []string{"step", "expected", "observed", "how"} {
		if incidents.NamesPerson(f.get(block)) {
			return map[string]string{block: incidents.ErrNamesPerson.Error()}
		}
	}
	return nil
}
