package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// aboutDiscussed is what a form carries that says with whom a plan was
// discussed.
const aboutDiscussed = "discuss"

// saidOf is what a form says about who was asked about its plan.
func (c command) saidOf() rollback.Said {
	f := c.in.fields
	return rollback.Said{Asked: f.get("asked"), Discussed: f.get("discussed"), Undiscussed: f.get("undiscussed")}
}

// discuss handles "plan asked R1 …", "plan discussed R1 …" and "plan undiscussed
// R1 WHY", and the form that asks for all three.
func (b *Bot) discuss(ctx context.Context, c command, plan rollback.ID, word string) (reply, error) {
	say := c.saidOf()
	if !c.form {
		skip := 2
		if _, ref := c.planWords(); ref == "" {
			skip = 1
		}
		switch text := c.text(skip); word {
		case "asked":
			say.Asked = text
		case "discussed":
			say.Discussed = text
		case "undiscussed":
			say.Undiscussed = text
		}
	}
	return quiet, b.o.Approval.Discuss(ctx, c.act(), plan, say)
}

func (b *Bot) discussForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.stamp.Ref)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if v.State != rollback.NameDraft && v.State != rollback.NameFrozen {
		return slack.ModalViewRequest{}, rollback.RefuseState(v.Spec.Ref, v.State, "discussed first", "What was said of it stands on its review.")
	}
	s := c.about(v, on)
	s.Choice = aboutDiscussed
	return view.DiscussModal(s, v.Said), nil
}

func checkDiscussed(c command) map[string]string {
	if c.saidOf() == (rollback.Said{}) {
		return map[string]string{"discussed": "Say it in a few words, here or in one of the others."}
	}
	return nil
}

// beforeFreeze records what the form of a new plan says of it.
func (b *Bot) beforeFreeze(ctx context.Context, c command, plan rollback.ID) error {
	say := c.saidOf()
	if !c.form || say == (rollback.Said{}) {
		return nil
	}
	act := c.act()
	act.Key += ":said"
	err := b.o.Approval.Discuss(ctx, act, plan, say)
	if no, refused := refusal.As(err); errors.Is(err, journal.ErrAlready) || refused && no.Code == "state" {
		return nil // a second try, perhaps of one that others have gone on with
	}
	return err
}
