package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// upload shares an export in the channel of its incident, as one message, if
// whoever runs this wants that. It returns a sentence where nothing was shared, or
// where nobody knows: the export was written all the same.
func (b *Bot) upload(ctx context.Context, inc incidents.Incident, form string, done Written) string {
	if !b.o.Upload {
		return ""
	}
	if done.again {
		return "I was interrupted when I had written the export. If it does not stand in the channel, type /snafu export " + form + " once more."
	}
	outside, err := b.shared(ctx, inc.ID)
	if err == nil && outside {
		return "The channel is shared with another company, so the export is not uploaded."
	}
	if err == nil {
		err = b.share(ctx, inc, form, done.texts)
	}
	if err == nil {
		return ""
	}
	b.log.WarnContext(ctx, "upload an export", "incident", inc.ID, "err", err)
	if why := slackWord(err); why != "" {
		return "Slack did not take the export (" + why + "). It is written all the same."
	}
	return "Slack did not take the export. It is written all the same."
}

func (b *Bot) share(ctx context.Context, inc incidents.Incident, form string, texts map[string][]byte) error {
	where, err := b.whereabouts(ctx, inc)
	if err != nil {
		return err
	}
	var files []slack.FileSummary
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		file, err := b.uploadText(ctx, inc.Key()+"-"+name, texts[name])
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	_, err = b.slack.write.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
		Files: files, Channel: where.channel, ThreadTimestamp: where.thread, InitialComment: view.ExportComment(inc, form),
	})
	b.shutOn("files.completeUploadExternal", err)
	return err
}

// whereabouts is where an incident goes on: its channel, a thread if it is a light
// one, or where it was opened if Slack allows it no channel.
func (b *Bot) whereabouts(ctx context.Context, inc incidents.Incident) (place, error) {
	if inc.Channel != "" {
		return place{channel: inc.Channel}, nil
	}
	home, there, err := findPosted(ctx, b.o.DB, inc.ID, "refuge")
	if err != nil || !there {
		return place{}, errors.Join(err, fmt.Errorf("%s has no channel", inc.ID))
	}
	where := place{channel: home.Channel}
	if home.TS == inThreadMark {
		head, _, err := findPosted(ctx, b.o.DB, inc.ID, "summary")
		if err != nil {
			return place{}, err
		}
		where.thread = head.TS
	}
	return where, nil
}

func (b *Bot) uploadText(ctx context.Context, name string, text []byte) (slack.FileSummary, error) {
	if wait := b.limit.take("files.getUploadURLExternal", ""); wait > 0 {
		return slack.FileSummary{}, limitedError{wait}
	}
	to, err := b.slack.write.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: name, FileSize: len(text)})
	if err != nil {
		b.shutOn("files.getUploadURLExternal", err)
		return slack.FileSummary{}, fmt.Errorf("ask for the upload of an export: %w", err)
	}
	err = b.slack.write.UploadToURL(ctx, slack.UploadToURLParameters{UploadURL: to.UploadURL, Reader: bytes.NewReader(text), Filename: name})
	if err != nil {
		return slack.FileSummary{}, fmt.Errorf("upload an export: %w", err)
	}
	return slack.FileSummary{ID: to.FileID, Title: name}, nil
}
