package incidents

import (
	"strings"

	"snafu/incidents/refusal"
)

// Relation says what one incident is to another.
type Relation string

// The relations, as seen from the incident that names the other.
const (
	RelDuplicate Relation = "duplicate" // it is the same one, opened twice
	RelCause     Relation = "cause"     // the other one caused it
	RelAgain     Relation = "again"     // the other one has come back
	RelSee       Relation = "see"       // worth a look
)

// ParseRelation reads a relation as people type it.
func ParseRelation(word string) (Relation, error) {
	switch r := Relation(strings.ToLower(strings.TrimSpace(word))); r {
	case RelDuplicate, RelCause, RelAgain, RelSee:
		return r, nil
	}
	return "", refusal.Invalid("Say what it is to the other one: /snafu relate SNAFU-41 duplicate, cause, again or see. duplicate: it is the same; cause: SNAFU-41 caused it; again: SNAFU-41 has come back; see: worth a look.")
}

// Related says what an incident is to another one. It stands in the journal of
// both.
type Related struct {
	Other ID
	How   Relation
	Named bool // it is the one that names the other
}

// Kind names the fact.
func (Related) Kind() string { return "related/1" }

// Say returns the relation as seen from one of the two: "duplicate of SNAFU-41",
// "SNAFU-42 is a duplicate of it".
func (r Related) Say() string {
	other := r.Other.String()
	words := map[Relation][2]string{
		RelDuplicate: {"duplicate of " + other, other + " is a duplicate of it"},
		RelCause:     {"caused by " + other, "cause of " + other},
		RelAgain:     {other + " again", "came back as " + other},
	}[r.How]
	switch {
	case words[0] == "":
		return "see " + other
	case r.Named:
		return words[0]
	}
	return words[1]
}

// RelatedApart says that an incident was related to a private one, whose key is
// for those alone who are members of both.
type RelatedApart struct {
	How   Relation
	Named bool // it is the one that names the other
}

// Kind names the fact.
func (RelatedApart) Kind() string { return "related-apart/1" }

// Words tell it.
func (r RelatedApart) Words(by Actor) Words {
	return Sentence(by, " related it to a private snafu. Who is a member of both reads which: /snafu status.")
}

// Words returns "@ana related it: duplicate of SNAFU-41".
func (r Related) Words(by Actor) Words { return Sentence(by, " related it: "+r.Say()+".") }

// Relate refuses what cannot be related.
func (i Incident) Relate(other Incident, how Relation) error {
	switch {
	case i.ID == other.ID:
		return refusal.Invalid("%s can't be related to itself. Name another one: /snafu relate SNAFU-41 see.", i.ID)
	case how == RelDuplicate && other.phase == PhaseCancelled:
		return refusal.Conflict("%s is cancelled, so %s can't be its duplicate. Cancel this one as well: /snafu cancel WHY.", other.ID, i.ID)
	}
	return nil
}
