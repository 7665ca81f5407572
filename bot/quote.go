package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
)

// quoteOf is the message that a shortcut was chosen on, with the names of its
// files in it.
func quoteOf(channel string, m wireMessage) view.Quote {
	text, file := m.Text, ""
	for _, f := range m.Files {
		text, file = text+" [file: "+f.Name+"]", first(file, f.ID)
	}
	thread := m.ThreadTS
	if thread == m.TS {
		thread = ""
	}
	return view.Quote{Channel: channel, TS: m.TS, Thread: thread, Author: m.User, Text: strings.TrimSpace(text), File: file}
}

// quoted reads the message back from the form that was opened from it.
func quoted(meta string) view.Quote {
	head, text, _ := strings.Cut(meta, "\n")
	s := view.ParseStamp(head)
	if s.Message == "" {
		return view.Quote{}
	}
	return view.Quote{Channel: s.Channel, TS: s.Message, Thread: s.Thread, Author: s.Author, Text: text}
}

// suggestedTitle is the first line of a message, in words alone.
func suggestedTitle(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return incidents.Line(clean(mention.ReplaceAllString(line, "")), incidents.TitleMax)
}

// quoteMax is how much of a message becomes a note: room is left for its author
// and its link.
const quoteMax = 2500

// noteQuote makes a note of a message: what it says, who wrote it, when, and
// where it stands. People in it are named, not called.
func (b *Bot) noteQuote(ctx context.Context, act journal.Act, id incidents.ID, q view.Quote) error {
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return err
	}
	author := "An app"
	if q.Author != "" {
		author = b.name(ctx, q.Author)
	}
	text := incidents.Line(b.spelled(ctx, q.Text), quoteMax)
	if text == "" {
		text = "a message without text"
	}
	note := fmt.Sprintf("%s wrote: %s", author, text)
	if link := b.permalink(ctx, q); link != "" {
		note += " " + link
	}
	return b.o.Response.Note(ctx, act, id, "", note, earlier(written(q.TS), now))
}

// name is what a person is called, for a text that must call nobody.
func (b *Bot) name(ctx context.Context, user string) string {
	u, err := b.who(ctx, user)
	if err != nil {
		return user
	}
	return first(u.Profile.DisplayName, u.RealName, u.Name, user)
}

// permalink leads to a message, or is "" where Slack does not give the way.
func (b *Bot) permalink(ctx context.Context, q view.Quote) string {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	link, err := b.slack.read.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: q.Channel, Ts: q.TS})
	if err != nil {
		b.log.WarnContext(ctx, "ask Slack for the link of a message", "err", err)
		return ""
	}
	return link
}

// written is when a message was posted: its ts are seconds.
func written(ts string) time.Time {
	whole, micros, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}
	}
	n, _ := strconv.ParseInt(micros, 10, 64)
	return time.Unix(s, n*1000).UTC()
}

// earlier keeps a clock of Slack's that is ahead of ours from making a note of
// what has not happened.
func earlier(at, now time.Time) time.Time {
	if at.After(now) {
		return now
	}
	return at
}
