package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// How long the lead stands on offer, and how long whoever leads has to answer
// somebody who asks for it.
const (
	LeadOfferFor = 15 * time.Minute
	LeadAskFor   = 10 * time.Minute
)

// OfferState says what became of an offer.
type OfferState string

// An offer is open until one of the others ends it.
const (
	OfferOpen      OfferState = "open"
	OfferAccepted  OfferState = "accepted"
	OfferTaken     OfferState = "taken" // confirmed a second time, because nobody answered
	OfferDeclined  OfferState = "declined"
	OfferWithdrawn OfferState = "withdrawn"
	OfferReplaced  OfferState = "replaced"
	OfferExpired   OfferState = "expired"
)

// LeadOffer is the lead on its way from one person to another. Until it ends
// with a yes, From leads.
type LeadOffer struct {
	ID       int64
	Incident ID
	Asked    bool   // To asked for it; else From offered it
	From, To Person // who led when it was made, who would lead
	Points   string // what is open, as it was handed over
	Why      string // why To asks
	Gone     string // why From cannot answer, "" if they can
	State    OfferState
	At       time.Time
	Free     time.Time // from then on To, who asked, may confirm; zero for an offer
	Due      time.Time // it ends by itself then
	Told     time.Time // To was told that nobody answered
	EndedAt  time.Time
	EndedBy  Person
	EndedWhy string
}

// Answers is who says yes or no to it.
func (o LeadOffer) Answers() Person {
	if o.Asked {
		return o.From
	}
	return o.To
}

// Open says whether it can be answered at an instant.
func (o LeadOffer) Open(at time.Time) bool { return o.State == OfferOpen && at.Before(o.Due) }

func (o LeadOffer) end(s OfferState, by Person, why string, at time.Time) LeadOffer {
	o.State, o.EndedBy, o.EndedWhy, o.EndedAt = s, by, why, at
	return o
}

// over refuses an offer that was answered or ran out.
func (o LeadOffer) over(i Incident, at time.Time) error {
	switch {
	case o.State == OfferAccepted || o.State == OfferTaken:
		return refusal.Conflict("%s was given the lead of %s already. %s leads now.", o.To.Mention(), i.ID, i.Lead.Mention())
	case o.State == OfferDeclined || o.State == OfferWithdrawn:
		return refusal.Conflict("%s said no to that already. %s leads %s.", o.EndedBy.Mention(), i.Lead.Mention(), i.ID)
	case o.State == OfferReplaced:
		return refusal.Conflict("The lead was offered to somebody else since. /snafu status shows where %s stands.", i.ID)
	case !o.Open(at):
		return refusal.Conflict("That offer ran out after %s. %s leads %s; /snafu lead asks again.", Took(o.Due.Sub(o.At)), i.Lead.Mention(), i.ID)
	case o.From != i.Lead:
		return refusal.Conflict("%s does not lead %s any more, %s does.", o.From.Mention(), i.ID, i.Lead.Mention())
	}
	return i.open()
}

// OfferLead offers the lead to somebody; until they accept, nothing changes. It
// refuses with Forbidden whoever does not lead, and with Conflict an offer to
// the lead, or when the incident is over.
func (i Incident) OfferLead(by Actor, to Person, points string, at time.Time) (LeadOffer, error) {
	if err := i.open(); err != nil {
		return LeadOffer{}, err
	}
	if to == "" {
		return LeadOffer{}, refusal.Invalid("Whom shall I offer the lead to? Write /snafu lead @colleague.")
	}
	if to == i.Lead {
		return LeadOffer{}, refusal.Conflict("%s leads %s already.", to.Mention(), i.ID)
	}
	if p, ok := by.Person(); !ok || p != i.Lead {
		return LeadOffer{}, refusal.Forbidden("Only the lead can offer it to somebody else. That is %s. To ask for it yourself: /snafu lead.", i.Lead.Mention())
	}
	return LeadOffer{
		Incident: i.ID, From: i.Lead, To: to, Points: shorten(clean(points), textMax), State: OfferOpen, At: at, Due: at.Add(LeadOfferFor),
	}, nil
}

// AskLead asks whoever leads for the lead; gone says why they cannot answer,
// which makes the wait needless. It refuses with Conflict the lead itself, or
// when the incident is over.
func (i Incident) AskLead(by Person, gone, why string, at time.Time) (LeadOffer, error) {
	if err := i.open(); err != nil {
		return LeadOffer{}, err
	}
	if by == i.Lead {
		return LeadOffer{}, refusal.Conflict("You lead %s already. To hand it over: /snafu lead @colleague.", i.ID)
	}
	free := at.Add(LeadAskFor)
	if gone != "" {
		free = at
	}
	return LeadOffer{
		Incident: i.ID, Asked: true, From: i.Lead, To: by, Why: Line(why, 300), Gone: gone, State: OfferOpen, At: at, Free: free, Due: free.Add(LeadOfferFor),
	}, nil
}

// AcceptLead is the yes to an offer: who was offered the lead has it, or who
// leads gives it to who asked. It refuses with Forbidden everybody else, and
// with Conflict an offer that is over.
func (i Incident) AcceptLead(by Person, o LeadOffer, at time.Time) (Incident, LeadOffer, LeadChanged, error) {
	if err := o.over(i, at); err != nil {
		return i, o, LeadChanged{}, err
	}
	if by != o.Answers() {
		return i, o, LeadChanged{}, refusal.Forbidden("Only %s can say yes to that. Until then %s leads %s.", o.Answers().Mention(), i.Lead.Mention(), i.ID)
	}
	return i.pass(o.end(OfferAccepted, by, "", at))
}

// TakeLead is the second word of somebody who asked for the lead and had no
// answer in time. gone says why whoever leads cannot answer at all, and makes
// the wait needless. It refuses with Forbidden everybody else, with Conflict an
// offer that is over or can still be answered, and with Invalid a missing
// reason.
func (i Incident) TakeLead(by Person, o LeadOffer, gone, why string, at time.Time) (Incident, LeadOffer, LeadChanged, error) {
	if err := o.over(i, at); err != nil {
		return i, o, LeadChanged{}, err
	}
	why, gone = Line(why, 300), strings.TrimSpace(gone)
	switch {
	case !o.Asked || by != o.To:
		return i, o, LeadChanged{}, refusal.Forbidden("Only who asked for the lead can take it. To ask for it: /snafu lead.")
	case gone == "" && at.Before(o.Free):
		return i, o, LeadChanged{}, refusal.Conflict("%s has %s more to answer. If no word comes, you can take it then.", o.From.Mention(), Took(o.Free.Sub(at)))
	case why == "":
		return i, o, LeadChanged{}, refusal.Invalid("Say why you take the lead without an answer: /snafu lead WHY.")
	}
	if gone != "" {
		why = strings.TrimSuffix(why, ".") + " (" + gone + ")"
	}
	return i.pass(o.end(OfferTaken, by, why, at))
}

// pass gives the lead on. Nothing else ever changes it.
func (i Incident) pass(o LeadOffer) (Incident, LeadOffer, LeadChanged, error) {
	fact := LeadChanged{Offer: o.ID, Was: i.Lead, Now: o.To, Taken: o.State == OfferTaken, Why: o.EndedWhy, Points: o.Points}
	i.Lead = o.To
	return i, o, fact, nil
}

// DeclineLead is the no to an offer, or takes it back if it is the own one. It
// refuses with Forbidden everybody else, and with Conflict an offer that is
// over.
func (i Incident) DeclineLead(by Person, o LeadOffer, at time.Time) (LeadOffer, LeadDeclined, error) {
	if err := o.over(i, at); err != nil {
		return o, LeadDeclined{}, err
	}
	if by != o.From && by != o.To {
		return o, LeadDeclined{}, refusal.Forbidden("Only %s can say no to that.", o.Answers().Mention())
	}
	state := OfferDeclined
	if by != o.Answers() {
		state = OfferWithdrawn
	}
	return o.end(state, by, "", at), LeadDeclined{Offer: o.ID, By: by, From: o.From, To: o.To, Withdrawn: state == OfferWithdrawn}, nil
}

// ReplaceLead ends an offer because another one is made.
func (o LeadOffer) ReplaceLead(at time.Time) (LeadOffer, LeadOfferEnded) {
	return o.end(OfferReplaced, "", "", at), LeadOfferEnded{Offer: o.ID, From: o.From, To: o.To}
}

// Lapse ends an open offer of an incident that is over, without a word to whom
// it was made; again is zero.
func (o LeadOffer) Lapse(at time.Time) (_ LeadOffer, fact Fact, again time.Time) {
	return o.end(OfferExpired, "", "", at), LeadOfferEnded{Offer: o.ID, From: o.From, To: o.To, Expired: true}, time.Time{}
}

// Wake does what time does to an open offer: who asked is told once that nobody
// answered, and at last it runs out. fact is nil if there is nothing to do yet;
// again is when to look next, zero for never.
func (o LeadOffer) Wake(at time.Time) (_ LeadOffer, fact Fact, again time.Time) {
	switch {
	case o.State != OfferOpen:
		return o, nil, time.Time{}
	case !at.Before(o.Due):
		return o.end(OfferExpired, "", "", at), LeadOfferEnded{Offer: o.ID, From: o.From, To: o.To, Expired: true}, time.Time{}
	case !o.Asked || o.Gone != "" || !o.Told.IsZero():
		return o, nil, o.Due
	case at.Before(o.Free):
		return o, nil, o.Free
	}
	o.Told = at
	return o, LeadUnanswered{Offer: o.ID, From: o.From, To: o.To, Due: o.Due}, o.Due
}
