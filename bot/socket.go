package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// A receiver's own limits. The pool bounds how much may wait for the log
// database at once; a payload that finds no room within its three seconds is
// lost anyway.
const (
	receivers     = 2
	receiverPool  = 16
	receiveWithin = 25 * time.Second
	ackWithin     = 3 * time.Second
	fatalPause    = time.Minute
	longestPause  = 15 * time.Second
	secondAfter   = 10 * time.Second
)

// listen keeps one Socket Mode connection open until ctx ends. Two of them run
// beside each other: a connection that Slack refreshes is closed before the
// next one is dialled.
func (b *Bot) listen(ctx context.Context, n int) {
	if n > 0 && !pause(ctx, b.secondAfter()) {
		return
	}
	for ctx.Err() == nil {
		wait := b.connected(ctx, n)
		b.health.down(n)
		if !pause(ctx, wait) {
			return
		}
	}
}

func (b *Bot) secondAfter() time.Duration {
	switch d := b.o.Slack.SecondAfter; {
	case d < 0:
		return 0
	case d == 0:
		return secondAfter
	default:
		return d
	}
}

// connected runs one client until it gives up and returns how long to wait
// before the next. slack-go ends for good when Slack refuses the token; a
// person may mend that while we run, so we ask again every minute.
func (b *Bot) connected(ctx context.Context, n int) time.Duration {
	ctx, cancel := context.WithCancel(ctx)
	client := socketmode.New(b.slack.write)
	ended := make(chan error, 1)
	var busy sync.WaitGroup
	defer busy.Wait()
	defer cancel() // first: the client that is given up ends by it alone
	busy.Add(1)
	go func() {
		defer busy.Done()
		ended <- client.RunContext(ctx)
	}()
	room := make(chan struct{}, receiverPool)
	for {
		select {
		case <-ctx.Done():
			return 0
		case err := <-ended:
			if ctx.Err() != nil {
				return 0
			}
			b.health.fatal(n, err)
			b.log.ErrorContext(ctx, "Slack ended the connection for good; asking again in a minute", "err", err)
			return fatalPause
		case event := <-client.Events:
			switch event.Type {
			case socketmode.EventTypeHello:
				b.health.up(n)
			case socketmode.EventTypeConnecting:
				b.health.down(n)
			case socketmode.EventTypeConnectionError:
				if tooPatient(event.Data) {
					return longestPause
				}
			}
			envelope, ok := enveloped(event)
			if !ok {
				continue
			}
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return 0
			}
			busy.Add(1)
			go func() {
				defer busy.Done()
				defer func() { <-room }()
				b.serve(context.WithoutCancel(ctx), client, envelope)
			}()
		}
	}
}

// serve answers one envelope on the client that brought it. A panic in it must
// not end the bot.
func (b *Bot) serve(ctx context.Context, client *socketmode.Client, envelope socketmode.Request) {
	ctx, cancel := context.WithTimeout(ctx, receiveWithin)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			b.log.ErrorContext(ctx, "receiver panicked", "err", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
		}
	}()
	answer := b.receive(ctx, envelope.Type, envelope.Payload)
	if !answer.silent {
		b.acknowledge(ctx, client, envelope.EnvelopeID, answer.body)
	}
	if answer.then != nil {
		answer.then(ctx)
	}
}

// acknowledge answers within the time in which Slack still listens: an answer
// may have to wait for a connection that is just being renewed.
func (b *Bot) acknowledge(ctx context.Context, client *socketmode.Client, envelope string, body any) {
	ctx, cancel := context.WithTimeout(ctx, ackWithin)
	defer cancel()
	if err := client.AckCtx(ctx, envelope, body); err != nil {
		b.log.WarnContext(ctx, "acknowledge payload", "err", err)
	}
}

// enveloped returns the envelope of an event that wants an answer. One that
// slack-go could not parse still does: we read payloads ourselves.
func enveloped(event socketmode.Event) (socketmode.Request, bool) {
	switch event.Type {
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		return *event.Request, true
	case socketmode.EventTypeErrorBadMessage:
		bad, ok := event.Data.(*socketmode.ErrorBadMessage)
		if !ok {
			return socketmode.Request{}, false
		}
		var envelope socketmode.Request
		err := json.Unmarshal(bad.Message, &envelope)
		return envelope, err == nil && envelope.EnvelopeID != ""
	}
	return socketmode.Request{}, false
}

// pause waits and says whether the wait ended before ctx did.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// errNoConnection is what health says while Slack cannot reach the bot.
var errNoConnection = errors.New("no connection to Slack")
