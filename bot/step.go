package bot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// A mention of a time in a note is worth words only if it lies apart.
const timelineSlack = time.Minute

// What a step came to, seen from its lane.
type progress int

const (
	moved   progress = iota // it is settled, or has a new state
	blocked                 // it waits, and so does what stands behind it
	later                   // it waits, and lets what stands behind it pass
)

// DeliveryDead says that something of an entry could not be told in Slack.
type DeliveryDead struct {
	Incident incidents.ID
	Entry    int64
	Step     string
	Reason   string
}

// Kind names the fact.
func (DeliveryDead) Kind() string { return "delivery-dead/1" }

// errNotReady is the answer of a step that waits for another one.
var errNotReady = errors.New("not ready")

// laterError postpones a step that is only an edit.
type laterError struct{ until time.Time }

func (laterError) Error() string { return "edited a moment ago" }

// errUnchanged is the answer of a card that shows already what it should.
var errUnchanged = errors.New("unchanged")

// limitedError postpones a call that would come too soon after others.
type limitedError struct{ wait time.Duration }

func (limitedError) Error() string { return "too soon after other calls" }

// sent is what a call left in Slack.
type sent struct{ channel, ts string }

// A step of an entry, with all that its call needs.
type task struct {
	journal.Step
	entry    journal.Entry
	inc      incidents.Incident
	homeless bool // it has no channel of its own
	muted    bool // its channel is archived for good
	inThread bool // it is a light one: all but its Summary goes into the thread below that
}

// tag marks what is posted for a step, so that it can be found again when the
// answer to the call was lost.
func (t task) tag() string { return fmt.Sprintf("%d.%d.%s", t.Incident, t.Seq, t.Name) }

// verb and rest of a step's name: "card" and "plan:R1".
func (t task) parts() (doing, what string) {
	doing, what, _ = strings.Cut(t.Name, ":")
	return doing, what
}

// run brings one step as far as it can go now.
func (b *Bot) run(ctx context.Context, t task, at time.Time) (progress, error) {
	if t.NextAt.After(at) {
		return b.standing(t), nil
	}
	switch t.State {
	case journal.StepSending:
		// Nobody else works on this incident: whoever sent it died before the answer.
		_, err := journal.Unknown(ctx, b.o.DB, t.Step, at, at)
		return moved, err
	case journal.StepUnknown:
		return b.settleUnknown(ctx, t, at)
	}
	send, why, err := b.prepare(ctx, t, at)
	if err != nil || why != nil {
		return b.postpone(ctx, t, at, why, err)
	}
	step, err := journal.Sending(ctx, b.o.DB, t.Step, at)
	if err != nil {
		return blocked, err
	}
	t.Step = step
	where, err := send(ctx)
	if limited := (limitedError{}); errors.As(err, &limited) {
		_, err = journal.Limited(ctx, b.o.DB, t.Step, at, at.Add(limited.wait))
		return blocked, err
	}
	if err == nil {
		_, err = journal.Sent(ctx, b.o.DB, t.Step, at, where.channel, where.ts)
		return moved, err
	}
	return b.failed(ctx, t, at, err)
}

// postpone keeps a step waiting that cannot be called yet.
func (b *Bot) postpone(ctx context.Context, t task, at time.Time, why, err error) (progress, error) {
	if err != nil {
		return blocked, err
	}
	var l laterError
	if errors.As(why, &l) {
		_, err := journal.Retry(ctx, b.o.DB, t.Step, at, l.until)
		return later, err
	}
	if errors.Is(why, errUnchanged) {
		_, err := journal.Sent(ctx, b.o.DB, t.Step, at, "", "")
		return moved, err
	}
	return later, nil
}

// standing says whether a step that is not due lets others pass.
func (b *Bot) standing(t task) progress {
	if doing, _ := t.parts(); doing == "card" && t.State == journal.StepWaiting && t.Attempt == 0 {
		return later
	}
	return blocked
}

// settleUnknown finds out what became of a call whose answer was lost.
func (b *Bot) settleUnknown(ctx context.Context, t task, at time.Time) (progress, error) {
	where, found, err := b.find(ctx, t, at)
	switch {
	case err != nil:
		b.log.WarnContext(ctx, "look for a message of unknown outcome", "incident", t.Incident, "err", err)
		_, err = journal.Unknown(ctx, b.o.DB, t.Step, at, at.Add(backOff(t.Checks)))
		return blocked, err
	case found:
		if err := b.keep(ctx, t, where, at); err != nil {
			return blocked, err
		}
		_, err = journal.Sent(ctx, b.o.DB, t.Step, at, where.channel, where.ts)
		return moved, err
	}
	_, err = journal.Retry(ctx, b.o.DB, t.Step, at, at)
	return moved, err
}

// failed decides what the answer to a call means for its step.
func (b *Bot) failed(ctx context.Context, t task, at time.Time, err error) (progress, error) {
	if at, err2 := b.o.DB.Now(ctx, nil); err2 == nil {
		return b.failedAt(ctx, t, at, err)
	}
	return b.failedAt(ctx, t, at, err)
}

func (b *Bot) failedAt(ctx context.Context, t task, at time.Time, err error) (progress, error) {
	f, wait := fateOf(err)
	switch {
	case notSent(err):
		b.log.WarnContext(ctx, "Slack can't be reached", "incident", t.Incident, "err", err)
		_, err = journal.Retry(ctx, b.o.DB, t.Step, at, at.Add(backOff(t.Attempt-1)))
		return blocked, err
	case f == fateWait:
		_, err = journal.Limited(ctx, b.o.DB, t.Step, at, at.Add(wait))
		return blocked, err
	case f == fateUnknown:
		b.log.WarnContext(ctx, "the answer of Slack was lost", "incident", t.Incident, "err", err)
		_, err = journal.Unknown(ctx, b.o.DB, t.Step, at, at.Add(unknownPause))
		return blocked, err
	case f == fateMend:
		b.health.mend(err)
		b.log.ErrorContext(ctx, "Slack refuses our token or a scope; deliveries wait", "incident", t.Incident, "err", err)
		_, err = journal.Retry(ctx, b.o.DB, t.Step, at, at.Add(mendPause))
		return blocked, err
	}
	b.log.ErrorContext(ctx, "Slack refused", "incident", t.Incident, "job", t.Name, "err", err)
	if t.Attempt < refusedTries {
		_, err = journal.Retry(ctx, b.o.DB, t.Step, at, at.Add(backOff(t.Attempt-1)))
		return blocked, err
	}
	return b.giveUp(ctx, t, at, slackReason(err))
}

const (
	unknownPause = 2 * time.Second
	mendPause    = 15 * time.Second
	refusedTries = 3
)

func backOff(n int) time.Duration {
	return min(time.Minute, time.Second<<min(max(n, 0), 6))
}

func slackReason(err error) string {
	if word := slackWord(err); word != "" {
		return word
	}
	return "internal error"
}

// notSent is true for a call that surely never reached Slack.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// giveUp buries a step: what stands behind it goes on, and the lead hears of
// it, unless it was only decoration.
func (b *Bot) giveUp(ctx context.Context, t task, at time.Time, reason string) (progress, error) {
	doing, _ := t.parts()
	if doing == "create" {
		if err := b.withoutChannel(ctx, t, reason); err != nil {
			return blocked, err
		}
	}
	if doing == "dm" {
		if err := b.unreached(ctx, t, reason); err != nil {
			return blocked, err
		}
	}
	if _, err := journal.Dead(ctx, b.o.DB, t.Step, at, reason); err != nil {
		return blocked, err
	}
	if doing == "create" {
		return moved, nil
	}
	if slices.Contains([]string{"topic", "pin", "invite", "archive", "owners", "offered", "untold", "leading", "away", "dm", "dms", "lead", "still", "nag", "unnag", "eyes", "uneyes", pictureStep}, doing) || slices.Contains(asides, doing) {
		return moved, nil
	}
	return moved, b.bury(ctx, t, reason)
}
