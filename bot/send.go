package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// send is a call that is ready to be made.
type send func(context.Context) (sent, error)

// prepare draws what a step wants to say, and finds where. why is set if it
// cannot be said yet, or need not be.
func (b *Bot) prepare(ctx context.Context, t task, at time.Time) (do send, why, err error) {
	doing, what := t.parts()
	if doing == "create" {
		return b.createChannel(t), nil, nil
	}
	switch doing {
	case "nag":
		return b.prepareNag(ctx, t, what)
	case "unnag":
		return b.prepareUnnag(ctx, t, what)
	case "role", "knock", "brief", "offered", "untold", "leading", "away":
		return b.prepareForPeople(ctx, t, doing, what)
	case "remind":
		return b.prepareRemind(ctx, t, what)
	case "unremind":
		return b.prepareUnremind(ctx, t)
	case "update", "news":
		return b.prepareUpdate(ctx, t, doing)
	case "follower":
		return b.prepareFollower(ctx, t, what)
	case "dm", "dms", "lead", "still":
		return b.prepareDirect(ctx, t, doing, what)
	}
	if t.muted && muted(doing) {
		return nil, errUnchanged, nil
	}
	if what == "announce" {
		return b.prepareCard(ctx, t, what, at)
	}
	if t.inc.Channel == "" {
		return nil, errNotReady, nil
	}
	if t.homeless && slices.Contains([]string{"invite", "owners", "topic", "pin"}, doing) {
		return nil, errUnchanged, nil
	}
	switch doing {
	case "card":
		return b.prepareCard(ctx, t, what, at)
	case "say":
		return b.prepareSaid(ctx, t, "")
	case "thread":
		return b.prepareSaid(ctx, t, what)
	case "alarm":
		return b.prepareAlarm(t)
	case "closing":
		return b.prepareClosing(ctx, t)
	case "archive":
		return b.archiving(t), nil, nil
	case "rehouse":
		return b.rehousing(ctx, t)
	case "moved":
		return b.prepareMoved(t)
	case "severity", "briefed", "newcomer":
		return b.prepareForPeople(ctx, t, doing, what)
	case "result":
		return b.prepareResult(ctx, t, what)
	case pictureStep:
		return b.preparePicture(ctx, t, at)
	case "counted":
		return b.prepareCounted(ctx, t)
	case "shared":
		return b.prepareShared(ctx, t)
	case "eyes", "uneyes":
		return b.prepareEyes(t, doing)
	case "owners":
		return b.prepareOwners(ctx, t, what)
	case "invite", "topic", "pin":
		return b.prepareRoom(ctx, t, doing, what)
	}
	return nil, nil, fmt.Errorf("no step is called %q", t.Name)
}

// prepareSaid posts the entry's sentence: in the channel, or in a plan's thread.
func (b *Bot) prepareSaid(ctx context.Context, t task, plan string) (send, error, error) {
	row, _ := tellingOf(t.entry.Kind)
	words, err := row.say(t.entry)
	if err != nil {
		return nil, nil, err
	}
	if len(words) == 0 {
		return nil, errUnchanged, nil
	}
	if plan == "" {
		if why, err := b.tooEarly(ctx, t); why != nil || err != nil {
			return nil, why, err
		}
	}
	m := view.Keyed(t.inc, view.Said(view.Say(words)))
	if row.offers != nil {
		m.Blocks = append(m.Blocks, row.offers(t.inc, t.entry)...)
	}
	m = badged(t.inc, m)
	place := place{channel: t.inc.Channel}
	if plan != "" {
		head, found, err := findPosted(ctx, b.o.DB, t.Incident, "plan:"+plan)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			return nil, errNotReady, nil
		}
		place.channel, place.thread = head.Channel, head.TS
	}
	return b.posting(t, place, m), nil, nil
}

// tooEarly keeps what happened at open behind the Summary, and leaves it to the
// new card of a stopped cause to tell the first act on it.
func (b *Bot) tooEarly(ctx context.Context, t task) (why, err error) {
	if waits, err := b.behindSummary(ctx, t.inc); err != nil || waits {
		return errNotReady, err
	}
	if t.entry.Kind != (incidents.CauseActed{}).Kind() {
		return nil, nil
	}
	_, there, err := findPosted(ctx, b.o.DB, t.Incident, "stop")
	if err != nil || there {
		return nil, err
	}
	return errUnchanged, nil
}

// place is where something is posted.
type place struct{ channel, thread string }

// posting posts a message. It is posted with a mark, by which it is found again
// when the answer to the call is lost.
func (b *Bot) posting(t task, p place, m view.Message) send {
	return func(ctx context.Context) (sent, error) {
		if wait := b.limit.take("chat.postMessage", p.channel); wait > 0 {
			return sent{}, limitedError{wait}
		}
		p, err := b.threaded(ctx, t, p)
		if err != nil {
			return sent{}, err
		}
		channel, ts, err := b.post(ctx, t, p, m)
		if f, _ := fateOf(err); f == fateGone && (b.o.Announce != "" || t.inc.Private) && p.channel == t.inc.Channel {
			return b.postHome(ctx, t, m, err)
		}
		return sent{channel, ts}, err
	}
}

func (b *Bot) post(ctx context.Context, t task, p place, m view.Message) (string, string, error) {
	options := content(m)
	if p.thread != "" {
		options = append(options, slack.MsgOptionTS(p.thread))
	}
	channel, ts, err := b.slack.write.PostMessageContext(ctx, p.channel, append(slices.Clone(options), metadata(t))...)
	if strings.Contains(slackWord(err), "metadata") {
		b.log.ErrorContext(ctx, "Slack refused the mark; posted without it", "incident", t.Incident, "job", t.Name)
		channel, ts, err = b.slack.write.PostMessageContext(ctx, p.channel, options...)
	}
	if slackWord(err) == "invalid_blocks" || slackWord(err) == "msg_blocks_too_long" {
		b.log.ErrorContext(ctx, "Slack refused the blocks; posted as plain text", "incident", t.Incident, "job", t.Name)
		options = append(options, slack.MsgOptionBlocks(), metadata(t))
		channel, ts, err = b.slack.write.PostMessageContext(ctx, p.channel, options...)
	}
	b.shutOn("chat.postMessage", err)
	return channel, ts, err
}

func (b *Bot) shutOn(method string, err error) {
	if f, wait := fateOf(err); f == fateWait {
		b.limit.shut(method, wait)
	}
}

const markType = "snafu_delivery"

// metadata marks what is posted for a step.
func metadata(t task) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: markType, EventPayload: map[string]any{"delivery": t.tag()}})
}

// prepareCard draws a card anew and edits its message, or posts it if there is
// none. The newest drawing wins, and an unchanged one sends nothing.
func (b *Bot) prepareCard(ctx context.Context, t task, kind string, at time.Time) (send, error, error) {
	if kind == "announce" && (b.o.Announce == "" || t.inc.Private || t.inc.Light) {
		return nil, errUnchanged, nil
	}
	moved := t.entry.Kind == incidents.ChannelMoved{}.Kind()
	if moved {
		// Only what stood in the old channel is posted in the new one.
		if _, there, err := findPosted(ctx, b.o.DB, t.Incident, kind); err != nil || !there {
			return nil, errUnchanged, err
		}
	}
	m, p, err := b.card(ctx, t.inc, kind)
	if err != nil {
		if errors.Is(err, errNotReady) || errors.Is(err, errUnchanged) {
			return nil, err, nil
		}
		return nil, nil, err
	}
	drawn, err := drawing(m)
	if err != nil {
		return nil, nil, err
	}
	old, there, err := findPosted(ctx, b.o.DB, t.Incident, kind)
	// A card that belongs into a new channel is posted there, whatever the old one shows.
	anew := moved && p.channel == t.inc.Channel && old.Channel != p.channel
	switch {
	case err != nil:
		return nil, nil, err
	case !there || anew:
		post := b.posting(t, p, m)
		return func(ctx context.Context) (sent, error) {
			where, err := post(ctx)
			if err == nil {
				err = savePosted(ctx, b.o.DB, t.Incident, kind, posted{Channel: where.channel, TS: where.ts, Drawn: drawn, DrawnAt: at})
			}
			return where, err
		}, nil, nil
	case string(old.Drawn) == string(drawn):
		return nil, errUnchanged, nil
	}
	if free := old.DrawnAt.Add(b.editEvery(kind)); at.Before(free) {
		return nil, laterError{free}, nil
	}
	return b.editing(t, kind, old, p, m, drawn, at), nil, nil
}

func (b *Bot) editEvery(kind string) time.Duration {
	if strings.HasPrefix(kind, "progress:") {
		return b.o.ProgressEvery
	}
	return b.o.EditEvery
}

// editing edits a message in place. One that is gone, or whose channel is, is
// posted again.
func (b *Bot) editing(t task, kind string, old posted, p place, m view.Message, drawn []byte, at time.Time) send {
	return func(ctx context.Context) (sent, error) {
		if wait := b.limit.take("chat.update", ""); wait > 0 {
			return sent{}, limitedError{wait}
		}
		where := sent{old.Channel, old.TS}
		_, _, _, err := b.slack.write.UpdateMessageContext(ctx, old.Channel, old.TS, append(content(m), metadata(t))...)
		b.shutOn("chat.update", err)
		if f, _ := fateOf(err); f == fateGone {
			where, err = b.posting(t, p, m)(ctx)
		}
		if err != nil {
			return where, err
		}
		return where, savePosted(ctx, b.o.DB, t.Incident, kind, posted{Channel: where.channel, TS: where.ts, Drawn: drawn, DrawnAt: at})
	}
}

// lane says behind which other steps a step waits: what is posted at one place
// keeps its order, edits and the setting up of a channel wait for nobody.
func (b *Bot) lane(ctx context.Context, t task) (string, error) {
	doing, what := t.parts()
	switch doing {
	case "card":
		if _, there, err := findPosted(ctx, b.o.DB, t.Incident, what); err != nil || there || what == "announce" {
			return "card " + what, err
		}
		if plan, ok := strings.CutPrefix(what, "review:"); ok {
			return "thread " + plan, nil
		}
		if plan, ok := strings.CutPrefix(what, "progress:"); ok {
			return "thread " + plan, nil
		}
		return "channel", nil
	case "say", "severity", "briefed", "closing", "moved", "result", "counted", "shared", "update":
		return "channel", nil
	case "thread":
		return "thread " + what, nil
	}
	return t.Name, nil
}

// keep remembers a card that was found again; what it shows is not known, so
// the next drawing edits it.
func (b *Bot) keep(ctx context.Context, t task, where sent, at time.Time) error {
	doing, kind := t.parts()
	if doing != "card" {
		return nil
	}
	return savePosted(ctx, b.o.DB, t.Incident, kind, posted{Channel: where.channel, TS: where.ts, Drawn: []byte{}, DrawnAt: at})
}

// prepareDirect tells people alone: those who are called, or the lead.
func (b *Bot) prepareDirect(ctx context.Context, t task, doing, what string) (send, error, error) {
	if doing == "lead" {
		row, _ := tellingOf(t.entry.Kind)
		words, err := row.say(t.entry)
		if err != nil {
			return nil, nil, err
		}
		if t.inc.Private && !t.homeless {
			return b.directing(t.inc.Lead, view.Needs(t.inc)), nil, nil
		}
		return b.directing(t.inc.Lead, badged(t.inc, view.Keyed(t.inc, view.Said(view.Say(words))))), nil, nil
	}
	if doing == "still" {
		return b.prepareStill(ctx, t, what)
	}
	return b.preparePage(ctx, t, doing, what)
}
