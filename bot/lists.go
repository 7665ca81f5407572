package bot

import (
	"context"
	"errors"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// lists handles "fixed": where the list of exactly who was fixed lies, or that
// of who was left alone, or of who is still to be written. Slack gets no record,
// only the file's place, its lines and its checksum; that it was made, and who
// was told, is journalled before they are.
func (b *Bot) lists(ctx context.Context, c command) (reply, error) {
	v, _, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	of, err := c.listOf()
	if err != nil {
		return quiet, err
	}
	if v.Spec.Instead != nil {
		of.Name = rollback.ListListed
	}
	if b.o.List == nil {
		return quiet, refusal.Unavailable("The lists of %s are not kept here. Ask whoever runs snafu for the export folder.", v.Spec.Ref)
	}
	list, err := b.o.List(ctx, v.Spec.Plan, of)
	if err != nil {
		return quiet, err
	}
	err = b.o.Approval.Handed(ctx, c.act(), v.Spec.Plan, of, list.Rows, list.SHA256)
	if err != nil && !errors.Is(err, journal.ErrAlready) { // a crash may have come between the log and the answer
		return quiet, err
	}
	return said("%s "+listSays[of.Name]+" The list lies at `%s` (SHA-256 `%.6x`).", v.Spec.Ref, view.Number(list.Rows), view.Escape(first(v.Spec.Unit, "records")),
		view.EscapeCode(list.Path), list.SHA256), nil
}

// listSays is what a list says about its plan, with a number and what it counts.
var listSays = map[rollback.ListName]string{
	rollback.ListFixed:     "fixed %s %s.",
	rollback.ListConflicts: "left %s %s as people set them.",
	rollback.ListPending:   "did not write %s %s that it was to write.",
	rollback.ListListed:    "contains %s %s and wrote none of them.",
	rollback.ListLeft:      "did not write %s %s that it was to write, with those that were right already or that people changed meanwhile.",
}

// listOf reads which list is meant: from the button, or from the words behind
// the plan's name.
func (c command) listOf() (rollback.ListOf, error) {
	if c.in.kind == kindPress {
		_, word, _ := strings.Cut(c.in.action, "fixed.")
		return rollback.ParseListOf(strings.Fields(word))
	}
	words := c.words.args
	if _, err := rollback.ParseRef(strings.ToUpper(c.arg(0))); err == nil {
		words = words[1:]
	}
	return rollback.ParseListOf(words)
}
