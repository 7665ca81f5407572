package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback/count"
)

// lookForFile is how far back a file is looked for in the incident's channel.
const lookForFile = 24 * time.Hour

// Ends of the names of files that can be read as lines of key and value.
var sheetNames = []string{".csv", ".tsv", ".txt"}

// desired handles "desired" and the shortcut on a message with a file: what
// records should be comes from a CSV file. Nothing is applied unless all of it
// can be.
func (b *Bot) desired(ctx context.Context, c command) (reply, error) {
	id := c.quote.File
	if id == "" && c.quote.TS != "" {
		return quiet, refusal.Invalid("This message has no file. Share a CSV file with a line for each record, its key and what it should be, and choose this on that message.")
	}
	if id == "" {
		inc, err := b.o.Response.Get(ctx, c.incident)
		if err != nil {
			return quiet, err
		}
		if id, err = b.newestSheet(ctx, inc.Channel, c.received); err != nil {
			return quiet, err
		}
	}
	file, err := b.download(ctx, id)
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Count.Import(ctx, c.act(), c.incident, file)
}

// newestSheet is the file that was last shared in a channel.
func (b *Bot) newestSheet(ctx context.Context, channel string, now time.Time) (string, error) {
	messages, err := b.recent(ctx, channel, "", now.Add(-lookForFile))
	if err != nil {
		b.log.WarnContext(ctx, "look for a file", "err", err)
		return "", refusal.Unavailable("Slack does not show me the messages of this channel now. Try again in a minute, or choose \"Use as desired values\" on the message with the file.")
	}
	for _, m := range messages {
		for _, f := range m.Files {
			if slices.Contains(sheetNames, strings.ToLower(path.Ext(f.Name))) {
				return f.ID, nil
			}
		}
	}
	return "", refusal.NotFound("No CSV file was shared in this channel in the last 24 hours. Share one with a line for each record, its key and what it should be, and write `/snafu desired` again. In a thread, choose \"Use as desired values\" on the message.")
}

// download reads a file that people shared, as Slack knows it now.
func (b *Bot) download(ctx context.Context, id string) ([]byte, error) {
	info, _, _, err := b.slack.read.GetFileInfoContext(ctx, id, 0, 0)
	if err != nil {
		return nil, b.unread(ctx, err)
	}
	if info.Size > count.MaxFile {
		return nil, tooLarge()
	}
	from := first(info.URLPrivateDownload, info.URLPrivate)
	if !b.fileHost(from) {
		return nil, refusal.Invalid("That file does not lie in Slack. Upload it here, so that I read what everybody else can.")
	}
	var to limited
	if err := b.slack.read.GetFileContext(ctx, from, &to); err != nil {
		if errors.Is(err, errTooLarge) {
			return nil, tooLarge()
		}
		return nil, b.unread(ctx, err)
	}
	return to.Bytes(), nil
}

// unread is said when Slack does not hand a file out. Its name stays out of the
// log: it may name a customer.
func (b *Bot) unread(ctx context.Context, err error) error {
	why := slackWord(err)
	b.log.WarnContext(ctx, "read a file", "why", first(why, "no answer"))
	if why != "" {
		return refusal.NotFound("Slack does not let me read that file (%s). Share it in this channel, where I can see it, and try again.", why)
	}
	return refusal.Unavailable("Slack did not hand the file out. Try again in a minute.")
}

// fileHost says that an address is one of Slack's own: our token travels there.
func (b *Bot) fileHost(raw string) bool {
	if b.o.Slack.APIURL != "" && b.ourHost(raw) {
		return true
	}
	u, err := url.Parse(raw)
	return err == nil && u.Scheme == "https" && (strings.HasSuffix(u.Hostname(), ".slack.com") || strings.HasSuffix(u.Hostname(), ".slack-gov.com"))
}

var errTooLarge = errors.New("the file is too large")

func tooLarge() error {
	return refusal.Invalid("The file is larger than %d MB. Split it.", count.MaxFile>>20)
}

// limited keeps what is written to it, up to the largest file that is read.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > count.MaxFile {
		return 0, fmt.Errorf("%w: over %d bytes", errTooLarge, count.MaxFile)
	}
	return l.Buffer.Write(p)
}

func desiredImported(e journal.Entry) (incidents.Words, error) {
	var f count.DesiredImported
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	return f.Words(e.Actor), nil
}
