package rollback

import (
	"crypto/sha256"
	"encoding/hex"

	"snafu/incidents/refusal"
)

// Require is a reviewed predicate over the key of a table. Where it does not
// hold when a record is to be written, the record is left alone.
type Require struct {
	SQL   string              // an expression of SQL over the columns of the key: key.id
	Says  string              // why a record is left alone, as people read it: "unsubscribed"
	Reads map[string][]string // what it reads: the columns of each schema.table
}

// Required is what a plan says of the predicate that it was made under.
type Required struct {
	SHA256 string `json:"sha256"` // of the expression, in hex
	Says   string `json:"says"`
}

// Required is what a plan about the table says of it; nil where nothing is
// declared.
func (r Require) Required() *Required {
	if r.SQL == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(r.SQL))
	return &Required{SHA256: hex.EncodeToString(sum[:]), Says: r.Says}
}

// parks says that a plan takes records out of use and puts nothing back. Nothing
// is required of those: whoever must not be written to may always be parked.
func parks(of []string, undoes *Undone) bool {
	return len(of) > 0 && (undoes == nil || undoes.Inserted)
}

// Requiring is the draft under the predicate that its table declares now.
func (d Draft) Requiring(r Require) Draft {
	if d.spec.Require = r.Required(); parks(d.spec.Of, d.spec.Undoes) {
		d.spec.Require = nil
	}
	return d
}

// Asks says that the plan was made under the predicate that its table declares
// now.
func (s Spec) Asks(r Require) bool { return asks(s.Require, r, parks(s.Of, s.Undoes)) }

// Asks says that the run was approved under the predicate that its table
// declares now.
func (r Run) Asks(now Require) bool { return asks(r.Require, now, parks(r.Of, r.Undoes)) }

func asks(was *Required, now Require, parks bool) bool {
	is := now.Required()
	if parks {
		is = nil
	}
	if was == nil || is == nil {
		return was == is
	}
	return *was == *is
}

// RefuseRequire means that the predicate of a table changed since a plan about it
// was drafted.
func RefuseRequire(ref Ref, table string) error {
	return refusal.Conflict("What %s requires of a record changed since %s was drafted. Freeze it again: `/snafu plan freeze %s`.", table, ref, ref).Coded("require")
}

// RefuseRequireUnfit means that a source can't answer the predicate of a table.
func RefuseRequireUnfit(table, because string) error {
	return refusal.Invalid("What %s requires of a record can't be asked: %s. Whoever keeps its file corrects that, then freeze again.", table, because).Coded("require")
}
