package slacksim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The kinds of faults.
const (
	faultError          = "api.error"
	faultRateLimited    = "api.rate_limited"
	faultLostReply      = "api.lost_reply"
	faultLostRequest    = "api.lost_request"
	faultHTTPError      = "api.http_error"
	faultSlow           = "api.slow"
	faultDropAck        = "socket.drop_ack"
	faultSocketDelay    = "socket.delay"
	faultDuplicate      = "socket.duplicate"
	faultSocketReorder  = "socket.reorder"
	faultRefuse         = "socket.refuse"
	faultCut            = "socket.cut"
	faultHalfClose      = "socket.half_close"
	faultWarning        = "socket.warning"
	faultRefresh        = "socket.refresh"
	faultTooMany        = "socket.too_many"
	faultLinkDisabled   = "socket.link_disabled"
	faultNoPing         = "socket.no_ping"
	faultBadSignature   = "http.bad_signature"
	faultOldTimestamp   = "http.old_timestamp"
	faultReplay         = "http.replay"
	faultSlowBody       = "http.slow_body"
	faultEventDrop      = "event.drop"
	faultEventDuplicate = "event.duplicate"
	faultEventReorder   = "event.reorder"
	faultEphemeralLost  = "ephemeral.lost"
	faultResponseError  = "response.http_error"
)

// faultKind says which fields a kind of fault has beside match, skip and times,
// and whether it strikes at once.
type faultKind struct {
	fields []string
	atOnce bool
}

var faultKinds = map[string]faultKind{
	faultError:          {fields: []string{"error"}},
	faultRateLimited:    {fields: []string{"retry_after"}},
	faultLostReply:      {},
	faultLostRequest:    {},
	faultHTTPError:      {fields: []string{"status", "html"}},
	faultSlow:           {fields: []string{"delay"}},
	faultDropAck:        {},
	faultSocketDelay:    {fields: []string{"delay"}},
	faultDuplicate:      {fields: []string{"copies"}},
	faultSocketReorder:  {fields: []string{"window"}},
	faultRefuse:         {},
	faultCut:            {atOnce: true},
	faultHalfClose:      {atOnce: true},
	faultWarning:        {atOnce: true},
	faultRefresh:        {atOnce: true},
	faultTooMany:        {atOnce: true},
	faultLinkDisabled:   {atOnce: true},
	faultNoPing:         {atOnce: true},
	faultBadSignature:   {},
	faultOldTimestamp:   {fields: []string{"skew"}},
	faultReplay:         {fields: []string{"copies"}},
	faultSlowBody:       {fields: []string{"delay"}},
	faultEventDrop:      {},
	faultEventDuplicate: {fields: []string{"copies"}},
	faultEventReorder:   {fields: []string{"window"}},
	faultEphemeralLost:  {},
	faultResponseError:  {fields: []string{"status"}},
}

// fields are the own fields of a fault that are set.
func (f Fault) fields() object {
	out := object{
		"error": f.Error, "retry_after": f.RetryAfter, "status": f.Status, "html": f.HTML, "delay": f.Delay,
		"copies": f.Copies, "window": f.Window, "skew": f.Skew,
	}
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == "" || v == 0 || v == false })
	return out
}

// check refuses a fault that is not in the table, or that has what its kind does
// not have.
func (f Fault) check() error {
	kind, known := faultKinds[f.Kind]
	if !known {
		return fmt.Errorf("there is no fault %q", f.Kind)
	}
	given := f.fields()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(kind.fields, name) {
			return fmt.Errorf("the fault %s has no %s", f.Kind, name)
		}
	}
	if min(f.Skip, f.Times, f.RetryAfter, f.Copies, f.Window) < 0 {
		return fmt.Errorf("the numbers of a fault are not negative")
	}
	if f.Status != 0 && (f.Status < 500 || f.Status > 599) {
		return fmt.Errorf("the status %d is no 5xx", f.Status)
	}
	for name, value := range map[string]string{"delay": f.Delay, "skew": f.Skew} {
		if _, err := time.ParseDuration(value); value != "" && err != nil {
			return fmt.Errorf("the %s %q is no duration like 30s", name, value)
		}
	}
	if slices.Contains(kind.fields, "delay") && f.delay() <= 0 {
		return fmt.Errorf("the fault %s needs a delay like 30s", f.Kind)
	}
	if f.Kind == faultError && !documents(f.Match.Method, f.Error) {
		return fmt.Errorf("slack does not document the error %q for %q", f.Error, f.Match.Method)
	}
	return f.checkMatch()
}

// checkMatch refuses a match that no hit could ever have.
func (f Fault) checkMatch() error {
	family, _, _ := strings.Cut(f.Kind, ".")
	var never string
	switch {
	case f.Match.Method != "" && family != "api":
		never = "method"
	case f.Match.Command != "" && (family == "api" || family == "event" || family == "ephemeral" || family == "response"):
		never = "command"
	case f.Match.Event != "" && (family == "api" || family == "ephemeral" || family == "response"):
		never = "event"
	case f.Match.Connection != 0 && family != "socket":
		never = "connection"
	}
	if never != "" {
		return fmt.Errorf("the fault %s cannot be matched by %s", f.Kind, never)
	}
	if m := f.Match.Method; m != "" {
		if _, known := methods()[m]; !known {
			return fmt.Errorf("there is no method %q", m)
		}
	}
	return nil
}

func (f Fault) delay() time.Duration {
	d, _ := time.ParseDuration(f.Delay)
	return d
}

func (f Fault) skew() time.Duration {
	d, err := time.ParseDuration(f.Skew)
	if err != nil {
		return 10 * time.Minute
	}
	return d
}
