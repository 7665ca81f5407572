package bot

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
)

// reply is what the person who asked hears. What changes an incident is told in
// its channel from the journal, so most verbs answer with quiet.
type reply struct {
	message view.Message
}

var quiet = reply{}

func say(m view.Message) reply { return reply{message: m} }

func said(format string, args ...any) reply { return say(view.Said(fmt.Sprintf(format, args...))) }

func (r reply) silent() bool { return r.message.Text == "" && len(r.message.Blocks) == 0 }

// explain is the only place where an error becomes something a person reads,
// as mrkdwn. What is no refusal is logged here, once, under a name that the
// person can tell whoever runs snafu.
func (b *Bot) explain(ctx context.Context, doing string, err error) string {
	if no, ok := refusal.As(err); ok {
		return spoken(no.Say)
	}
	name := ref()
	b.log.ErrorContext(ctx, doing, "ref", name, "err", err)
	return brokeWords(name, errors.Is(err, pgdb.ErrOutcomeUnknown))
}

// newest leads from the refusal of an old button to the card of its plan, which
// shows the newest revision. It is "" for other refusals, and where Slack does not
// give the way.
func (b *Bot) newest(ctx context.Context, c command, err error) string {
	no, refused := refusal.As(err)
	if !refused || no.Code != "stale" || c.stamp.Ref == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	id := c.incident
	if id == 0 {
		id = c.stamp.Incident
	}
	for _, kind := range []string{"review:", "plan:"} {
		card, there, err := findPosted(ctx, b.o.DB, id, kind+string(c.stamp.Ref))
		if err != nil || !there {
			continue
		}
		if link := b.permalink(ctx, view.Quote{Channel: card.Channel, TS: card.TS}); link != "" {
			return " <" + link + "|It stands here.>"
		}
	}
	return ""
}

// Refusals name people and channels; everything else in them may be what
// somebody typed.
var namedEntity = regexp.MustCompile(`&lt;([@#][UWCG][A-Z0-9]+)&gt;`)

// spoken makes a refusal safe to show, with its people still mentioned.
func spoken(s string) string {
	return namedEntity.ReplaceAllString(view.Escape(s), "<$1>")
}

// brokeWords tell that something broke, under a name by which the log is found.
func brokeWords(ref string, unknown bool) string {
	if unknown {
		return fmt.Sprintf("I cannot tell yet whether that was saved (ref %s). I will check and say so here.", ref)
	}
	return fmt.Sprintf("That broke on my side and nothing was changed (ref %s). Do it again; if it breaks again, tell whoever runs snafu.", ref)
}

// ref is a name for one line of the log, short enough to be read out.
func ref() string {
	var b [3]byte
	_, _ = rand.Read(b[:]) // never fails
	return base32.StdEncoding.EncodeToString(b[:])[:4]
}

// whisper says something to one person alone, where they asked. It is never
// repeated: nobody can tell whether it was shown, and nothing that matters is
// only said this way.
func (b *Bot) whisper(ctx context.Context, in incoming, m view.Message) {
	if m.Text == "" && len(m.Blocks) == 0 || in.kind == kindEvent {
		return // nobody asked for an answer
	}
	var err error
	switch {
	case in.responseURL != "":
		err = b.respond(ctx, in, m)
		switch spent := errors.Is(err, errAddressSpent); {
		case spent && in.channel != "":
			err = b.ephemeral(ctx, in.channel, in.thread, in.user, m)
		case spent:
			err = b.direct(ctx, in.user, m)
		}
	case in.channel != "":
		err = b.ephemeral(ctx, in.channel, in.thread, in.user, m)
	default:
		err = b.direct(ctx, in.user, m)
	}
	if err != nil {
		b.log.WarnContext(ctx, "answer a person", "err", err)
	}
}

// ephemeral is whisper by the Web API; a person to whom Slack surely did not show
// it, who is not in the channel for one, gets a direct message.
func (b *Bot) ephemeral(ctx context.Context, channel, thread, user string, m view.Message) error {
	options := content(m)
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
	}
	_, err := b.slack.write.PostEphemeralContext(ctx, channel, user, options...)
	switch f, _ := fateOf(err); f {
	case fateGone, fateWait, fateRefused:
		if b.hides(ctx, channel, user) {
			return err
		}
		return b.direct(ctx, user, m)
	}
	return err
}

// direct posts into the direct message with one person.
func (b *Bot) direct(ctx context.Context, user string, m view.Message) error {
	dm, err := b.dm(ctx, user)
	if err != nil {
		return err
	}
	_, _, err = b.slack.write.PostMessageContext(ctx, dm, content(m)...)
	return err
}

// dm returns the channel of the direct message with one person.
func (b *Bot) dm(ctx context.Context, user string) (string, error) {
	if id, ok := b.dms.Load(user); ok {
		return id.(string), nil
	}
	ch, _, _, err := b.slack.write.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
	if err != nil {
		return "", err
	}
	b.dms.Store(user, ch.ID)
	return ch.ID, nil
}

func content(m view.Message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// errAddressSpent says that Slack did not take an answer by response_url, which
// works for half an hour and five times.
var errAddressSpent = errors.New("response_url does not work any more")

const respondWithin = 5 * time.Second

// respond answers through the payload's own address, which works in channels
// that the bot is not in. It goes to Slack's hosts only, and nowhere else by
// a redirect.
func (b *Bot) respond(ctx context.Context, in incoming, m view.Message) error {
	if !b.ourHost(in.responseURL) {
		return fmt.Errorf("response_url is not an address of Slack")
	}
	body := map[string]any{"response_type": "ephemeral", "replace_original": false, "text": m.Text, "blocks": m.Blocks}
	if in.thread != "" {
		body["thread_ts"] = in.thread
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, respondWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, in.responseURL, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("answer by response_url: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := b.http.Do(req)
	if err != nil {
		// The address is a secret: whoever has it can speak in our name.
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return fmt.Errorf("answer by response_url: %w", err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing is read from it
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%w (status %d)", errAddressSpent, res.StatusCode)
	}
	return nil
}

func (b *Bot) ourHost(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	if b.o.Slack.APIURL != "" {
		api, err := url.Parse(b.o.Slack.APIURL)
		return err == nil && u.Host == api.Host
	}
	return u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "hooks.slack-gov.com")
}
