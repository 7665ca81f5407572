package incidents

// Arrived says that somebody has come into the channel, who did not open it.
type Arrived struct{ Who Person }

// Kind names the fact.
func (Arrived) Kind() string { return "arrived/1" }

// Arrive says whether it is news that somebody has come into the channel: of
// everybody but who opened it, while it is not over.
func (i Incident) Arrive(who Person) (Arrived, bool) {
	return Arrived{Who: who}, who != i.Reporter && !i.phase.Ended()
}

// JoinAsked says that somebody wants to be let into a private incident.
type JoinAsked struct{ Who Person }

// Kind names the fact.
func (JoinAsked) Kind() string { return "join-asked/1" }

// LetIn says that somebody was let into the channel of an incident by one who
// is in it.
type LetIn struct{ Who Person }

// Kind names the fact.
func (LetIn) Kind() string { return "let-in/1" }
