package incidents

// KeptOut says that somebody asked about a private incident without being in
// its channel. They heard that there is no such incident.
type KeptOut struct {
	Verb string // what they asked for
}

// Kind names the fact.
func (KeptOut) Kind() string { return "kept-out/1" }
