package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents/refusal"
)

// SlackOptions say which workspace the bot works in.
type SlackOptions struct {
	BotToken string // xoxb-…
	AppToken string // xapp-…, for Socket Mode
	// Listen is the address on which Slack's signed requests are taken, behind
	// something that speaks TLS; "" for Socket Mode. SigningSecret signs them.
	Listen, SigningSecret string
	// APIURL is "" for Slack itself, or the address of a Slack-like API that
	// ends in /api/. Only Slack's own hosts and loopback are taken.
	APIURL string
	// SecondAfter is how long after the first connection the second is opened,
	// so that a refresh by Slack does not hit both. Negative is at once; 0 is 10 s.
	SecondAfter time.Duration
}

// Slack's own time-outs: a trigger lives three seconds.
const (
	slackTimeout   = 10 * time.Second
	triggerTimeout = 2 * time.Second
	readRetries    = 3
)

// clients are two ways to the same workspace. write never retries by itself:
// a chat.postMessage whose answer was lost would be posted twice. read may.
type clients struct {
	write, read *slack.Client
}

func newClients(o SlackOptions) clients {
	common := []slack.Option{
		slack.OptionHTTPClient(&http.Client{Timeout: slackTimeout}),
		slack.OptionAppLevelToken(o.AppToken),
	}
	if o.APIURL != "" {
		common = append(common, slack.OptionAPIURL(o.APIURL))
	}
	return clients{
		write: slack.New(o.BotToken, common...),
		read:  slack.New(o.BotToken, append(slices.Clone(common), slack.OptionRetry(readRetries))...),
	}
}

// CheckAPIURL refuses an address that is neither Slack nor this machine: the
// bot's tokens travel to it.
func CheckAPIURL(raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil {
		return refusal.Invalid("%q is not an address. Leave slack.api_url out to use Slack itself.", raw)
	}
	if ours := u.Hostname() == "slack.com" || u.Hostname() == "slack-gov.com"; onThisMachine(raw) || (u.Scheme == "https" && ours) {
		return nil
	}
	return refusal.Invalid("slack.api_url %q is neither Slack (https://slack.com/api/) nor this machine. Tokens go nowhere else.", raw)
}

func onThisMachine(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

// fate is what an answer of Slack means for the call that got it.
type fate int

const (
	fateDone    fate = iota // it is so, now or already
	fateWait                // not done; try again after the time Slack names
	fateUnknown             // perhaps done: the answer was lost
	fateMend                // our token or scopes; a person of the workspace must mend it
	fateGone                // the channel or message is not there for us
	fateRefused             // Slack will not do it, however often it is asked
)

// already are the errors that mean the wished state is there.
var already = []string{
	"already_pinned", "already_reacted", "already_in_channel", "already_archived", "not_pinned", "no_reaction", "cant_invite_self",
}

var mend = []string{
	"invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed", "missing_scope", "team_access_not_granted",
	"org_login_required", "ekm_access_denied", "access_denied", "accesslimited", "no_permission",
}

var gone = []string{
	"channel_not_found", "is_archived", "not_in_channel", "message_not_found", "restricted_action", "cant_update_message",
	"edit_window_closed", "user_not_in_channel", "is_inactive",
}

// A Slack that is not well answers with these, or with no JSON at all.
var unwell = []string{"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}

// fateOf reads an error of slack-go. wait is the pause Slack asks for.
func fateOf(err error) (f fate, wait time.Duration) {
	if err == nil {
		return fateDone, 0
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return fateWait, max(limited.RetryAfter, time.Second)
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		if status.Code == http.StatusTooManyRequests {
			return fateWait, time.Second
		}
		return fateUnknown, 0
	}
	word := slackWord(err)
	switch {
	case word == "ratelimited":
		return fateWait, time.Second
	case slices.Contains(already, word):
		return fateDone, 0
	case slices.Contains(mend, word):
		return fateMend, 0
	case slices.Contains(gone, word):
		return fateGone, 0
	case word == "", slices.Contains(unwell, word):
		return fateUnknown, 0
	}
	return fateRefused, 0
}

// slackWord is the name of an error that Slack itself gave, or "".
func slackWord(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	// slack-go answers some methods with a bare errors.New of Slack's word.
	if err == nil || transport(err) {
		return ""
	}
	for _, c := range err.Error() {
		if (c < 'a' || c > 'z') && c != '_' && (c < '0' || c > '9') {
			return ""
		}
	}
	return err.Error()
}

// transport is true for an error of the way there or back, after which nobody
// knows whether the call took effect.
func transport(err error) bool {
	var network net.Error
	var syntax *json.SyntaxError
	return errors.As(err, &network) || errors.As(err, &syntax) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
