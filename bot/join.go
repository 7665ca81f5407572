package bot

import (
	"context"
	"errors"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// join handles "join": whoever types it is brought into the channel. Of a
// private incident its lead is asked, and whoever is not in it reads the same as
// of one that there is not. "join @user" brings somebody in.
func (b *Bot) join(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if inc.Private && !(inc.Channel != "" && b.isIn(ctx, c.in.user, inc.Channel)) {
		if c.in.action != "join.let" || inc.Lead != c.by {
			if err := b.o.Response.AskToJoin(ctx, c.act(), c.incident); err != nil && !errors.Is(err, journal.ErrAlready) {
				return quiet, err
			}
			return quiet, response.RefuseUnknown(c.incident)
		}
	}
	who := c.by
	if c.in.action == "join.let" {
		who, err = b.member(ctx, c.stamp.Author, "come in")
	} else if id, ok := user(c.arg(0)); ok && id != c.in.user {
		who, err = b.member(ctx, id, "come in")
	} else if c.arg(0) != "" && !ok {
		return quiet, refusal.Invalid("%q is nobody that I know. Write /snafu join to come in, or /snafu join @colleague.", short(c.arg(0))).Coded("person")
	}
	switch {
	case err != nil:
		return quiet, err
	case inc.Private && who != c.by:
		return said("%s is let in.", who.Mention()), b.o.Response.LetIn(ctx, c.act(), c.incident, who)
	case inc.Channel == "":
		elsewhere, err := b.refuge(ctx, inc.ID)
		if err != nil || elsewhere == "" {
			return quiet, errors.Join(err, refusal.Conflict("%s has no channel of its own. /snafu status %s shows where it stands.", inc.ID, inc.ID))
		}
		return said("%s has no channel of its own. It goes on in <#%s>.", inc.ID, elsewhere), nil
	}
	return b.bring(ctx, c, inc, who)
}

func (b *Bot) bring(ctx context.Context, c command, inc incidents.Incident, who incidents.Person) (reply, error) {
	_, err := b.slack.write.InviteUsersToConversationContext(ctx, inc.Channel, who.User())
	switch word := slackWord(err); {
	case word == "already_in_channel" && who == c.by:
		return said("You are in %s already: <#%s>", inc.ID, inc.Channel), nil
	case word == "already_in_channel":
		return said("%s is in %s already: <#%s>", who.Mention(), inc.ID, inc.Channel), nil
	case word == "is_archived":
		return quiet, refusal.Conflict("The channel of %s is archived. /snafu status %s shows how it ended.", inc.ID, inc.ID)
	case err != nil:
		b.log.WarnContext(ctx, "invite somebody", "incident", inc.ID, "err", err)
		return quiet, refusal.Unavailable("Slack does not let me bring anybody in (%s). The channel is <#%s>.", first(word, "no answer"), inc.Channel)
	case who == c.by:
		return said("You are in %s now: <#%s>", inc.ID, inc.Channel), nil
	}
	return said("%s is in %s now: <#%s>", who.Mention(), inc.ID, inc.Channel), nil
}

// prepareKnock asks the lead of a private incident whether somebody may come in.
func (b *Bot) prepareKnock(t task) (send, error, error) {
	var f incidents.JoinAsked
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	return b.directing(t.inc.Lead, badged(t.inc, view.Knock(t.inc, f.Who))), nil, nil
}
