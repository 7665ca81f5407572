package incidents

import (
	"slices"
	"time"
)

// What people work out together, what they promise and whom they call, entry by
// entry.

// usual is the promise that the program makes for them; the zero time is none.
func (s *State) usual(e Event, due time.Time) {
	if !due.IsZero() {
		s.Promise = Promise{Due: due, Made: e.At, By: System("response")}
	}
}

func (s *State) promised(e Event, f Promised) {
	s.Promise = Promise{Due: f.Due, Made: e.At, By: e.By}
}

func (s *State) updated(e Event, f Updated) {
	s.Said = append(s.Said, Update{Changed: f.Changed, Next: f.Next, Need: f.Need, Audience: Audience(f.Audience)})
	if !f.Promise.IsZero() {
		s.Promise = Promise{Due: f.Promise, Made: e.At, By: e.By}
	}
}

func (s *State) updateMissed(Event, UpdateMissed) { s.Promise.Missed = true }

func (s *State) updateOverdue(_ Event, f UpdateOverdue) {
	s.Promise.Told = s.Incident.Severity.Overdue(time.Duration(f.Late) * time.Second)
}

func (s *State) followed(_ Event, f Followed) { s.Followers = append(s.Followers, f.People...) }

func (s *State) unfollowed(_ Event, f Unfollowed) {
	s.Followers = slices.DeleteFunc(s.Followers, func(p Person) bool { return slices.Contains(f.People, p) })
}

func (s *State) nagSnoozed(e Event, f NagSnoozed) {
	s.hush(Hush{Kind: f.Nag, Subject: f.Subject, Until: f.Until, By: e.By})
}

func (s *State) nagSilenced(e Event, f NagSilenced) {
	s.hush(Hush{Kind: f.Nag, Subject: f.Subject, Off: true, Why: f.Why, By: e.By})
}

func (s *State) hush(h Hush) {
	s.Hushes = slices.DeleteFunc(s.Hushes, func(old Hush) bool { return old.Kind == h.Kind && old.Subject == h.Subject })
	s.Hushes = append(s.Hushes, h)
}

func (s *State) nagResumed(e Event, _ NagResumed) {
	s.Hushes = slices.DeleteFunc(s.Hushes, func(h Hush) bool { return h.Off || h.Until.After(e.At) })
}

func (s *State) walked(e Event, f Walked) {
	step, at := WalkStep{Step: f.Step, Expected: f.Expected, Observed: f.Observed, Went: f.Went, When: f.When, How: f.How, By: e.By, At: e.At}, int(f.Number-1)
	switch {
	case f.Change == "added" && at >= 0 && at <= len(s.Walk):
		s.Walk = slices.Insert(s.Walk, at, step)
	case at < 0 || at >= len(s.Walk):
	case f.Change == "changed":
		s.Walk[at] = step
	case f.Change == "removed":
		s.Walk = slices.Delete(s.Walk, at, at+1)
	}
}

func (s *State) whyChanged(e Event, f WhyChanged) {
	now := Why{Ref: WhyRef(f.Ref), Text: f.Text, Evidence: f.Evidence, Mark: f.Mark, By: e.By, At: e.At}
	now.Asked = f.Root && now.Ref.Depth() < whyFifth
	at := s.Whys.index(now.Ref)
	switch {
	case f.Change == "added":
		if up := s.Whys.index(WhyRef(f.Unmarked)); f.Unmarked != "" && up >= 0 {
			s.Whys.Nodes[up].Mark = WhyPlain
		}
		s.Whys.Nodes = append(s.Whys.Nodes, now)
		slices.SortFunc(s.Whys.Nodes, func(a, b Why) int { return a.Ref.compare(b.Ref) })
		s.Whys.Skipped, s.Whys.SkippedBy, s.Whys.SkippedAt = "", "", time.Time{}
	case at < 0:
	case f.Change == "changed":
		now.Asked = now.Asked || s.Whys.Nodes[at].Asked
		s.Whys.Nodes[at] = now
	case f.Change == "removed":
		s.Whys.Nodes[at].Gone = true
	}
}

func (s *State) whysSkipped(e Event, f WhysSkipped) {
	s.Whys.Skipped, s.Whys.SkippedBy, s.Whys.SkippedAt = f.Why, e.By, e.At
}

func (s *State) tryChanged(e Event, f TryChanged) {
	t := Try{
		Number: f.Number, Approach: f.Approach, Owner: f.Owner, Until: f.Until, Result: f.Result, Counted: f.Counted, Count: f.Count, Said: f.Said,
		Added: e.At, By: e.By, At: e.At,
	}
	if at := int(f.Number - 1); at >= 0 && at < len(s.Board) {
		t.Added = s.Board[at].Added
		s.Board[at] = t
		return
	}
	s.Board = append(s.Board, t)
}

func (s *State) followUpAdded(e Event, f FollowUpAdded) {
	s.FollowUps = append(s.FollowUps, f.owed(FollowUp{Incident: s.Incident.ID, Number: f.Number, State: FollowOpen, By: e.By, Made: e.At}))
}

func (s *State) followUpChanged(_ Event, f FollowUpChanged) {
	s.followUp(f.Number, func(old *FollowUp) { *old = FollowUpAdded(f).owed(*old) })
}

func (s *State) followUpDone(e Event, f FollowUpDone) {
	s.followUp(f.Number, func(old *FollowUp) { old.State, old.Ended, old.EndedBy = FollowDone, e.At, e.By })
}

func (s *State) followUpDropped(e Event, f FollowUpDropped) {
	s.followUp(f.Number, func(old *FollowUp) { old.State, old.Why, old.Ended, old.EndedBy = FollowDropped, f.Why, e.At, e.By })
}

func (s *State) followUp(n int64, do func(*FollowUp)) {
	for at := range s.FollowUps {
		if s.FollowUps[at].Number == n {
			do(&s.FollowUps[at])
		}
	}
}

// owed returns a follow-up with the words of the fact.
func (f FollowUpAdded) owed(of FollowUp) FollowUp {
	of.Text, of.Owner, of.Due, of.For, of.Safeguard, of.Ticket, of.Checklist, of.Root = f.Text, f.Owner, f.Due, f.For, f.Safeguard, f.Ticket, f.Checklist, f.Root
	return of
}

func (s *State) checklistTicked(e Event, f ChecklistTicked) {
	s.Ticks = append(s.Ticks, Tick{Item: f.Item, By: e.By, At: e.At})
}

func (s *State) checklistUnticked(_ Event, f ChecklistUnticked) {
	s.Ticks = slices.DeleteFunc(s.Ticks, func(t Tick) bool { return t.Item == f.Item })
}

func (s *State) caseLinked(e Event, f CaseLinked) {
	s.Cases = append(s.Cases, Case{ID: f.Case, Whom: f.Whom, Vendor: f.Vendor, Ref: f.Ref, Text: f.Text, By: f.By, At: e.At})
}

func (s *State) caseAnswered(e Event, f CaseAnswered) {
	for n := range s.Cases {
		if s.Cases[n].ID == f.Case {
			s.Cases[n].Answered = e.At
		}
	}
}

func (s *State) called(_ Event, f Called)           { s.call(f.Page).State = PageCalling }
func (s *State) calledNext(_ Event, f CalledNext)   { s.call(f.Page).State = PageCalling }
func (s *State) callSkipped(_ Event, f CallSkipped) { s.call(f.Page).State = PageCalling }

func (s *State) callAnswered(_ Event, f CallAnswered) {
	c := s.call(f.Page)
	c.State, c.By = PageAnswered, f.By
}

func (s *State) callJoined(_ Event, f CallJoined) {
	c := s.call(f.Page)
	c.Joined = append(c.Joined, f.By)
}

func (s *State) callLapsed(_ Event, f CallLapsed) {
	c := s.call(f.Page)
	c.State, c.By = PageCalling, ""
}

func (s *State) callUnanswered(_ Event, f CallUnanswered) { s.call(f.Page).State = PageUnanswered }
func (s *State) callEnded(_ Event, f CallEnded)           { s.call(f.Page).State = PageEnded }

func (s *State) call(page int64) *CallState {
	for n := range s.Calls {
		if s.Calls[n].Page == page {
			return &s.Calls[n]
		}
	}
	s.Calls = append(s.Calls, CallState{Page: page})
	return &s.Calls[len(s.Calls)-1]
}
