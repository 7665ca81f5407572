package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// TellHandover does the job of that name: the channel of a rota reads who ends, who
// begins, and what they inherit. A rota without a channel is told nowhere.
func (b *Bot) TellHandover(ctx context.Context, job jobs.Job[response.TellHandover]) error {
	h, err := b.o.Response.Handover(ctx, job.Args)
	if err != nil {
		return err
	}
	if len(h.Begins)+len(h.Ends) == 0 {
		return nil
	}
	if err := b.homesStale(ctx, job.Args.At); err != nil {
		return err
	}
	card := view.HandoverCard{Rota: h.Rota, Ends: h.Ends, Begins: h.Begins, Until: h.Until, Inherited: h.Inherited}
	return b.tellRota(ctx, h.Rota, "hand-over", job.Args.At, view.Handover(card))
}

// SetGroup does the job of that name: a user group of Slack holds who is on call.
// Where somebody is missing it stays as it is, and the channels of its rotas are
// told why.
func (b *Bot) SetGroup(ctx context.Context, job jobs.Job[response.SetGroup]) error {
	d, err := b.o.Response.GroupDuty(ctx, job.Args.Group)
	if err != nil {
		return err
	}
	why := d.Gap
	if why == "" {
		if why, err = b.setGroup(ctx, d); err != nil {
			return err
		}
	}
	if why == "" {
		return nil
	}
	for _, name := range d.Rotas {
		err = errors.Join(err, b.tellRota(ctx, name, "group", d.At, view.GroupStays(name, why)))
	}
	return err
}

// setGroup returns why a group could not be set for good, "" if it was set.
func (b *Bot) setGroup(ctx context.Context, d response.GroupDuty) (string, error) {
	if len(d.People) == 0 {
		return "", nil
	}
	_, err := b.slack.write.UpdateUserGroupMembersContext(ctx, d.Group, strings.Join(users(d.People), ","))
	switch f, wait := fateOf(err); {
	case err == nil:
		return "", nil
	case f == fateWait || f == fateUnknown:
		return "", jobs.Snooze(max(wait, unknownPause)) // to set it twice does no harm
	}
	b.log.WarnContext(ctx, "Slack does not take the members of a user group", "err", err)
	word := slackReason(err)
	if word == "missing_scope" {
		return "Slack refuses: the app lacks the right usergroups:write. Paste the output of `snafu manifest --usergroups` into the app and install it again.", nil
	}
	return "Slack refuses: " + word + ".", nil
}

const rotaMark = "snafu_rota"

// postOnce posts under a key. Where that may have been done before, it is looked for
// first, among what was posted since an instant.
func (b *Bot) postOnce(ctx context.Context, channel, key string, since time.Time, m view.Message) error {
	before, err := b.o.Response.RotaTried(ctx, key)
	if err != nil {
		return err
	}
	if before {
		messages, err := b.recent(ctx, channel, "", since.Add(-time.Minute))
		if err != nil {
			return err
		}
		for _, there := range messages {
			if there.Metadata.EventType == rotaMark && there.Metadata.EventPayload["key"] == key {
				return nil
			}
		}
	}
	mark := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: rotaMark, EventPayload: map[string]any{"key": key}})
	_, _, err = b.slack.write.PostMessageContext(ctx, channel, append(content(m), mark)...)
	return err
}

func users(people []incidents.Person) []string {
	all := make([]string, len(people))
	for n, p := range people {
		all[n] = p.User()
	}
	return all
}

// tellRota posts in the channel of a rota, if it has one, what happened to the rota
// at an instant: each thing once, also when a process ends between the post and its
// job. What Slack refuses for good is logged and let be: who is on call stands in
// /snafu oncall all the same.
func (b *Bot) tellRota(ctx context.Context, name, what string, at time.Time, m view.Message) error {
	channel, err := b.rotaRoom(ctx, name)
	if err == nil && channel != "" {
		err = b.postOnce(ctx, channel, name+" "+what+" "+at.UTC().Format(time.RFC3339Nano), at, m)
	}
	switch f, wait := fateOf(err); {
	case err == nil:
		return nil
	case f == fateWait || f == fateUnknown || f == fateMend:
		return jobs.Snooze(max(wait, unknownPause))
	}
	b.log.WarnContext(ctx, "Slack does not take the news of a rota", "err", err)
	return nil
}
