package incidents

import (
	"slices"
	"time"
)

// What becomes of the incident itself, entry by entry. Each turn repeats what the
// decision of the same name did, from its fact alone.

func (s *State) opened(e Event, f Opened) {
	i := Incident{
		ID: f.ID, Title: f.Title, Severity: f.Severity, SeverityChosen: f.SeverityChosen, SeverityWhy: f.SeverityWhy, System: f.System,
		Reporter: f.Reporter, Lead: f.Lead, Drill: f.Drill, Private: f.Private, Light: f.Light, OpenedIn: f.In, Opened: e.At, phase: PhaseTriage,
	}
	if f.System != "" {
		i.Triage = i.Triage.with(QuestionWhere, Answer{Text: f.System, By: f.Reporter.Actor(), At: e.At})
	}
	if f.Still != "" {
		i.Triage = i.Triage.with(QuestionStill, Answer{Choices: []string{f.Still}, By: f.Reporter.Actor(), At: e.At})
	}
	s.Incident = i
	s.usual(e, f.Promise)
}

func (s *State) promoted(Event, Promoted) { s.Incident.Light = false }

func (s *State) channelReady(_ Event, f ChannelReady) {
	s.Incident.Channel, s.Incident.ChannelName = f.Channel, f.Name
}

func (s *State) channelMoved(_ Event, f ChannelMoved) {
	s.Incident.Channel, s.Incident.ChannelName = f.Channel, f.Name
}

func (s *State) answered(e Event, f Answered) {
	s.Incident.Triage = s.Incident.Triage.with(f.Question, Answer{
		Choices: f.Choices, Text: f.Text, Time: f.Time, Guess: f.Guess, Measured: f.Measured, By: e.By, At: e.At,
	})
}

func (s *State) systemNamed(_ Event, f SystemNamed) { s.Incident.System = f.Now }

func (s *State) triageWaived(_ Event, f TriageWaived) { s.Incident.TriageWaived = f.Why }

func (s *State) causeActed(e Event, f CauseActed) {
	s.Incident = s.Incident.withAct(Containment{
		How: f.How, What: f.What, Was: f.Was, Now: f.Now, Proof: f.Proof, DoneAt: f.DoneAt, By: e.By, At: e.At,
	})
}

// counted answers whether the error still occurs as a count does: a person's word
// that says the same becomes measured without an entry of its own.
func (s *State) counted(e Event, code string) {
	old := s.Incident.Triage.Answer(QuestionStill)
	if old.is(code) && old.Measured {
		return
	}
	s.Incident.Triage = s.Incident.Triage.with(QuestionStill, Answer{Choices: []string{code}, Measured: true, By: e.By, At: e.At})
}

func (s *State) grew(e Event, _ Grew)     { s.counted(e, Yes) }
func (s *State) grewOn(e Event, _ GrewOn) { s.counted(e, Yes) }
func (s *State) quiet(e Event, _ Quiet)   { s.counted(e, No) }

func (s *State) contained(e Event, _ Contained) {
	s.Incident.phase, s.Incident.ContainedAt = PhaseContained, e.At
}

func (s *State) uncontained(Event, Uncontained) {
	s.Incident.phase, s.Incident.ContainedAt = PhaseTriage, time.Time{}
}

func (s *State) restoringBegan(e Event, _ RestoringBegan) {
	s.Incident.phase, s.Incident.RestoringAt = PhaseRestoring, e.At
}

func (s *State) resolved(e Event, f Resolved) {
	s.Incident.phase, s.Incident.ResolvedAt, s.Incident.ResolvedWhy = PhaseResolved, e.At, f.Why
	s.Promise = Promise{}
}

func (s *State) closed(e Event, f Closed) {
	s.Incident.phase, s.Incident.ClosedAt, s.Incident.ClosedWhy = PhaseClosed, e.At, f.Why
}

func (s *State) cancelled(e Event, f Cancelled) {
	s.Incident.phase, s.Incident.ClosedAt, s.Incident.ClosedWhy = PhaseCancelled, e.At, f.Why
	s.Promise = Promise{}
}

func (s *State) reopened(e Event, f Reopened) {
	i := &s.Incident
	i.ResolvedAt, i.ResolvedWhy, i.ClosedAt, i.ClosedWhy = time.Time{}, "", time.Time{}, ""
	if f.Which == AgainMore {
		i.phase, i.RestoringAt = PhaseRestoring, e.At
	} else {
		i.phase, i.ContainedAt = PhaseTriage, time.Time{}
	}
	s.Waivers = nil
	s.usual(e, f.Promise)
}

func (s *State) severityChanged(e Event, f SeverityChanged) {
	s.Incident.Severity, s.Incident.SeverityChosen, s.Incident.SeverityWhy = f.Now, true, f.Why
	if f.Why == "" {
		s.Incident.SeverityWhy = chosenAt(e.At)
	}
	s.usual(e, f.Promise)
}

func (s *State) leadOffered(e Event, f LeadOffered) {
	s.Offer = LeadOffer{ID: f.Offer, Incident: s.Incident.ID, From: f.From, To: f.To, Points: f.Points, State: OfferOpen, At: e.At, Due: f.Due}
}

func (s *State) leadAsked(e Event, f LeadAsked) {
	s.Offer = LeadOffer{
		ID: f.Offer, Incident: s.Incident.ID, Asked: true, From: f.From, To: f.To, Why: f.Why, Gone: f.Gone, State: OfferOpen, At: e.At, Free: f.Free, Due: f.Due,
	}
}

func (s *State) leadUnanswered(e Event, _ LeadUnanswered) { s.Offer.Told = e.At }

func (s *State) leadDeclined(_ Event, f LeadDeclined) { s.offerOver(f.Offer) }

func (s *State) leadOfferEnded(_ Event, f LeadOfferEnded) { s.offerOver(f.Offer) }

func (s *State) leadChanged(_ Event, f LeadChanged) {
	s.Incident.Lead = f.Now
	s.offerOver(f.Offer)
}

func (s *State) offerOver(offer int64) {
	if s.Offer.ID == offer {
		s.Offer = LeadOffer{}
	}
}

func (s *State) roleChanged(e Event, f RoleChanged) {
	s.Roles = slices.DeleteFunc(s.Roles, func(h Held) bool { return h.Role.Name == f.Role })
	if f.Now != "" {
		s.Roles = append(s.Roles, Held{Role: Role{Name: f.Role}, Person: f.Now, At: e.At})
	}
}

func (s *State) gateWaived(e Event, f GateWaived) {
	s.Waivers = append(s.Waivers, Waiver{Item: f.Item, Why: f.Why, By: e.By, At: e.At})
}

func (s *State) related(_ Event, f Related) {
	s.Relations = slices.DeleteFunc(s.Relations, func(r Related) bool { return r.Other == f.Other && r.Named == f.Named })
	s.Relations = append(s.Relations, f)
}
