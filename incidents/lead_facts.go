package incidents

import "time"

// LeadOffered says that the lead was offered to somebody, who has it only by
// accepting.
type LeadOffered struct {
	Offer    int64
	From, To Person
	Points   string
	Due      time.Time
}

// Kind names the fact.
func (LeadOffered) Kind() string { return "lead-offered/1" }

// LeadAsked says that somebody asked for the lead.
type LeadAsked struct {
	Offer    int64
	From, To Person
	Why      string
	Gone     string // why From cannot answer, "" if they can
	Free     time.Time
	Due      time.Time
}

// Kind names the fact.
func (LeadAsked) Kind() string { return "lead-asked/1" }

// LeadUnanswered says that nobody answered who asked for the lead: they may take
// it by a second word.
type LeadUnanswered struct {
	Offer    int64
	From, To Person
	Due      time.Time
}

// Kind names the fact.
func (LeadUnanswered) Kind() string { return "lead-unanswered/1" }

// LeadDeclined says that the answer was no, or that an offer was taken back.
type LeadDeclined struct {
	Offer        int64
	By, From, To Person
	Withdrawn    bool
}

// Kind names the fact.
func (LeadDeclined) Kind() string { return "lead-declined/1" }

// LeadOfferEnded says that an offer ran out, or that another one took its place.
type LeadOfferEnded struct {
	Offer    int64
	From, To Person
	Expired  bool
}

// Kind names the fact.
func (LeadOfferEnded) Kind() string { return "lead-offer-ended/1" }

// LeadChanged says who leads from now on.
type LeadChanged struct {
	Offer    int64
	Was, Now Person
	Taken    bool // by a second word, because nobody answered
	Why      string
	Points   string
}

// Kind names the fact.
func (LeadChanged) Kind() string { return "lead-changed/1" }

// Words returns "Lead: @elif (was @noor)".
func (f LeadChanged) Words() Words {
	w := Sentence("Lead: ", f.Now, " (was ", f.Was, ")")
	if f.Taken {
		w = Sentence(w, ", taken without an answer: "+f.Why)
	}
	return w
}

// LeadLeft says that whoever leads has left the channel. They still lead.
type LeadLeft struct{ Lead Person }

// Kind names the fact.
func (LeadLeft) Kind() string { return "lead-left/1" }

// Left says that somebody has left the channel, which is news of the lead alone.
func (i Incident) Left(who Person) (LeadLeft, bool) {
	return LeadLeft{Lead: who}, who == i.Lead && !i.phase.Ended()
}
