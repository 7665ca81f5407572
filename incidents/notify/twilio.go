package notify

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// TwilioURL is where Twilio takes calls and texts.
const TwilioURL = "https://api.twilio.com"

// TwilioOptions say which account calls, and from which number.
type TwilioOptions struct {
	URL, Account, Token, From string
}

var (
	phoneRule   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	accountRule = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
)

// CheckPhone says what is wrong with a telephone number.
func CheckPhone(number string) error {
	if !phoneRule.MatchString(number) {
		return fmt.Errorf("%q is no telephone number. Write it with its country, without blanks: +442079460000", number)
	}
	return nil
}

// CheckAccount says what is wrong with the name of an account.
func CheckAccount(account string) error {
	if !accountRule.MatchString(account) {
		return fmt.Errorf("%q is no account of Twilio. It begins with AC and has 34 characters", account)
	}
	return nil
}

// Call lets Twilio call a number and read a sentence twice. It returns Twilio's
// word for what it does, such as queued. Twilio knows no key that makes a call
// happen once: after a lost answer a telephone may ring twice.
func (r *Reach) Call(ctx context.Context, o TwilioOptions, to, text string) (string, error) {
	var say strings.Builder
	if err := xml.EscapeText(&say, []byte(text)); err != nil {
		return "", fmt.Errorf("write what is said: %w", err)
	}
	twiml := "<Response><Say>" + say.String() + `</Say><Pause length="1"/><Say>` + say.String() + "</Say></Response>"
	return r.twilio(ctx, o, "Calls.json", url.Values{"To": {to}, "From": {o.From}, "Twiml": {twiml}})
}

// SMS lets Twilio send a text to a number. It returns Twilio's word for what it
// does, such as queued, which is not that anybody has it. Twilio knows no key here
// either: after a lost answer the same text may come twice.
func (r *Reach) SMS(ctx context.Context, o TwilioOptions, to, text string) (string, error) {
	return r.twilio(ctx, o, "Messages.json", url.Values{"To": {to}, "From": {o.From}, "Body": {text}})
}

// twilio creates one call or message, and returns what Twilio calls its state.
func (r *Reach) twilio(ctx context.Context, o TwilioOptions, what string, form url.Values) (string, error) {
	base := o.URL
	if base == "" {
		base = TwilioURL
	}
	address := base + "/2010-04-01/Accounts/" + url.PathEscape(o.Account) + "/" + what
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", &Failure{Said: "the address of Twilio is not possible"}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(o.Account, o.Token)
	got, err := r.ask(ctx, req, maxAnswer)
	if err != nil {
		return "", err
	}
	var said struct {
		Status json.RawMessage `json:"status"`
		Code   int             `json:"code"`
	}
	_ = json.Unmarshal(got.body, &said) // what is no JSON says nothing
	if got.status != http.StatusCreated {
		words := fmt.Sprintf("Twilio answered %d", got.status)
		if said.Code != 0 {
			words += fmt.Sprintf(" (error %d)", said.Code)
		}
		return "", judged(got, words)
	}
	var status string
	if json.Unmarshal(said.Status, &status) != nil || status == "" {
		status = "accepted"
	}
	return status, nil
}
