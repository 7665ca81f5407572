package rollback

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"snafu/incidents/refusal"
)

// Digest is a SHA-256: of a whole plan, or of the frozen records.
type Digest [sha256.Size]byte

// String is all 64 hex digits, the form that is carried and compared.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Short is the first 12 hex digits, the form that people see.
func (d Digest) Short() string { return d.String()[:12] }

// IsZero says that there is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// Bytes gives the digest as stored.
func (d Digest) Bytes() []byte { return d[:] }

// DigestOf reads a stored digest; anything but 32 bytes is an error.
func DigestOf(b []byte) (Digest, error) {
	var d Digest
	if len(b) != len(d) {
		return d, fmt.Errorf("digest of %d bytes", len(b))
	}
	copy(d[:], b)
	return d, nil
}

// ParseDigest reads 64 hex digits.
func ParseDigest(s string) (Digest, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return Digest{}, fmt.Errorf("parse digest: %w", err)
	}
	return DigestOf(b)
}

// MarshalText writes 64 hex digits, and nothing for no digest.
func (d Digest) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Digest) UnmarshalText(b []byte) error {
	*d = Digest{}
	if len(b) == 0 {
		return nil
	}
	parsed, err := ParseDigest(string(b))
	*d = parsed
	return err
}

// Stamp is what a button carries: the plan, the revision and the digest that
// were on the screen, so that an old button cannot decide about a newer plan.
type Stamp struct {
	Plan     ID
	Revision int64
	Digest   Digest // zero for a draft
}

// String is the stamp as a button's value.
func (s Stamp) String() string {
	text, _ := s.Digest.MarshalText() // writing to memory
	return fmt.Sprintf("%d.%d.%s", s.Plan, s.Revision, text)
}

// ParseStamp reads a button's value. It refuses with Invalid what String did
// not write.
func ParseStamp(v string) (Stamp, error) {
	unreadable := refusal.Invalid("This button can't be read any more. Use the newest message of the plan.").Coded("stale")
	parts := strings.Split(v, ".")
	if len(parts) != 3 {
		return Stamp{}, unreadable
	}
	plan, err1 := strconv.ParseInt(parts[0], 10, 64)
	revision, err2 := strconv.ParseInt(parts[1], 10, 64)
	s := Stamp{Plan: ID(plan), Revision: revision}
	err3 := s.Digest.UnmarshalText([]byte(parts[2]))
	if err1 != nil || err2 != nil || err3 != nil || plan < 1 || revision < 1 {
		return Stamp{}, unreadable
	}
	return s, nil
}
