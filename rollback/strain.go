package rollback

// Strain is why a source should be left alone for now. The zero value is no
// reason.
type Strain struct {
	Code string // lag, active, query, slow: stable, for the journal
	Why  string // the end of a sentence: "the replica is 12 s behind"
}

// IsZero says that there is no reason.
func (s Strain) IsZero() bool { return s.Code == "" }
