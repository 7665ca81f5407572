package bot

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/refusal"
)

// answer is what goes back to Slack within its three seconds.
type answer struct {
	silent bool                      // no acknowledgement: Slack shows its own warning
	body   any                       // what the acknowledgement carries
	then   func(ctx context.Context) // what is done after it
}

// receive makes one payload durable and says how to acknowledge it. Nothing in
// it depends on how the payload came. Before the acknowledgement there is no
// call of Slack, no question to a source and no lock; without the log database
// the person hears so within a second and a half.
func (b *Bot) receive(ctx context.Context, envelope string, raw json.RawMessage) answer {
	in, err := decode(envelope, raw)
	if err != nil {
		b.log.ErrorContext(ctx, "unreadable payload", "err", err)
		return answer{}
	}
	switch in.kind {
	case kindClosed:
		return answer{}
	case kindEvent:
		return b.heard(ctx, in)
	}
	c, form, err := route(in)
	if err != nil {
		return b.refuse(ctx, in, err)
	}
	if form || in.kind == kindCommand && c.verb.wants != nil && c.verb.wants(b, c) {
		return answer{then: func(ctx context.Context) { b.open(ctx, c) }}
	}
	if c.turn {
		return answer{then: func(ctx context.Context) { b.turn(ctx, c) }}
	}
	if in.kind == kindSubmission && c.verb.check != nil {
		if wrong := c.verb.check(c); len(wrong) > 0 {
			return answer{body: slack.NewErrorsViewSubmissionResponse(wrong)}
		}
	}
	if !c.verb.calm && !b.throttle.take(in.team+"/"+in.user) {
		return b.refuse(ctx, in, errTooFast)
	}
	switch what, err := b.inbox.record(ctx, in); what {
	case recordedNo:
		b.log.ErrorContext(ctx, "record payload", "err", err)
		return b.refuse(ctx, in, errAway)
	case recordedUnsure:
		b.log.ErrorContext(ctx, "record payload", "err", err)
		return b.refuse(ctx, in, errUnsure)
	}
	if in.kind == kindSubmission && c.verb.ends != "" {
		recording := view.Recording(c.verb.ends)
		return answer{body: slack.NewUpdateViewSubmissionResponse(&recording)}
	}
	return answer{}
}

var (
	errTooFast = refusal.Unavailable("That was a lot in one minute. Nothing was recorded; go on in a moment.").Coded("throttled")
	errAway    = refusal.Unavailable("Not recorded: my database is away. Nothing was started; try again in a minute.").Coded("away")
	errUnsure  = refusal.Unavailable("I cannot tell yet whether that was recorded. Look here in a minute; if nothing has happened, do it again.").Coded("unsure")
)

// refuse acknowledges a payload that was not recorded. A typed command carries
// the words back in its acknowledgement; a form keeps what was typed in it; a
// press that is lost gets no acknowledgement, so that Slack marks the button.
func (b *Bot) refuse(ctx context.Context, in incoming, err error) answer {
	said := b.explain(ctx, "receive payload", err)
	switch in.kind {
	case kindCommand:
		return answer{body: map[string]any{"response_type": "ephemeral", "text": said}}
	case kindSubmission:
		return answer{body: slack.NewErrorsViewSubmissionResponse(map[string]string{firstBlock(in): said})}
	}
	lost := errors.Is(err, errAway) || errors.Is(err, errUnsure)
	return answer{silent: lost && in.kind == kindPress, then: func(ctx context.Context) { b.whisper(ctx, in, view.Said(said)) }}
}

// firstBlock is an input of the form: an error under any other block is shown
// to nobody.
func firstBlock(in incoming) string {
	if v := named(in.callback); v != nil {
		for _, block := range firstInputs[in.callback] {
			if _, there := in.fields[block]; there {
				return block
			}
		}
	}
	least := ""
	for block := range in.fields {
		if least == "" || block < least {
			least = block
		}
	}
	return least
}

// firstInputs is the topmost input of each form.
var firstInputs = map[string][]string{
	"export": {"loss"},
	"lead":   {"to", "why"}, "role": {"role"}, "sev": {"severity"}, "brief": {"to", "text"},
	"open": {"title"}, "triage": {"choice", "answer"}, "contain": {"how"}, "call": {"who"}, "cover": {"rota"}, "case": {"whom"}, "oncall": {"phone"}, "note": {"text"},
	"todo": {"text"}, "close": {"why"}, "plan": {"effects", "why"}, "approve": {"rows"}, "run": {"ref"}, "reject": {"why"}, "abort": {"why"},
	"keep": {"why"}, "undo": {"why"}, "table": {"cohort-1"}, "pick": {"other"}, "walk": {"step"}, "whys": {"text"}, "cause": {"choice", "answer"}, "timeline": {"text"}, "try": {"approach", "result"}, "count": {"query"}, "reopen": {"which"}, "park": {"who"}, "waive": {"why"}, "remove": {"cohort"}, "release": {"why"}, "spotcheck": {"found"}, "trust": {"take"},
	"cancel": {"why"}, "resolve": {"why"},
	"ack": {"every"}, "update": {"changed"}, "nag": {"why"}, "settings": {"from"},
}
