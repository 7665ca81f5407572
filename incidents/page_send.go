package incidents

import "time"

// The ways in which people are called outside of Slack.
const (
	ByEmail     = "email"
	ByPhone     = "phone"
	BySMS       = "sms" // to the number of ByPhone
	ByPagerDuty = "pagerduty"
	ByWebhook   = "webhook"
)

// What is told outside of Slack.
const (
	SendCalled     = "called"
	SendAnswered   = "answered"
	SendUnanswered = "unanswered"
	SendEnded      = "ended"
	SendHeard      = "heard" // what somebody did there, told to us
)

// What became of it.
const (
	SendWaiting  = "waiting"
	SendAccepted = "accepted"
	SendRefused  = "refused"
)

// PageSend is one thing that is sent outside of Slack for a call. Accepted is
// what the provider says, and not that anybody has read it.
type PageSend struct {
	ID     int64
	Step   int64
	Way    string
	Event  string
	Person Person // "" where a whole step is told
	State  string
	Said   string // the provider's word
	Tries  int64
	Asked  time.Time
	Done   time.Time
}

// CallSent says what became of something that was sent outside of Slack.
type CallSent struct {
	Page     int64
	Way      string
	Event    string
	Person   Person
	Accepted bool
	Said     string
}

// Kind names the fact.
func (CallSent) Kind() string { return "call-sent/1" }

// Words returns "E-mail to @ben: accepted".
func (c CallSent) Words() Words {
	return PageSend{Way: c.Way, Person: c.Person, Said: c.Said}.Words()
}

// Words returns "E-mail to @ben: accepted".
func (s PageSend) Words() Words {
	way := map[string]string{ByEmail: "E-mail", ByPhone: "Telephone", BySMS: "SMS", ByPagerDuty: "PagerDuty", ByWebhook: "Webhook"}[s.Way]
	w := Sentence(way)
	if s.Person != "" {
		w = Sentence(way+" to ", s.Person)
	}
	said := s.Said
	if said == "" {
		said = "on its way"
	}
	w = Sentence(w, ": "+said)
	if !s.Done.IsZero() {
		w = Sentence(w, " ", s.Done)
	}
	return w
}
