package rollback

import (
	"crypto/sha256"
	"fmt"
	"hash"

	"snafu/incidents"
)

// RowsDigest computes the digest of frozen records one by one, so that neither
// the source nor we ever hold them all: SHA-256 over the SHA-256 of each row in
// ord order. A source computes the same in SQL.
type RowsDigest struct {
	sum hash.Hash
	ord int64
}

// NewRowsDigest begins before ord 1.
func NewRowsDigest() *RowsDigest { return &RowsDigest{sum: sha256.New()} }

// Add takes the next record. Ords are dense from 1; a gap is an error.
func (d *RowsDigest) Add(r FrozenRow) error {
	if r.Ord != d.ord+1 {
		return fmt.Errorf("rows digest: ord %d after %d", r.Ord, d.ord)
	}
	b, err := r.Bytes()
	if err != nil {
		return fmt.Errorf("rows digest: ord %d: %w", r.Ord, err)
	}
	d.ord = r.Ord
	row := sha256.Sum256(b)
	d.sum.Write(row[:])
	return nil
}

// Rows is the number of records taken.
func (d *RowsDigest) Rows() int64 { return d.ord }

// Sum is the digest of all records taken so far.
func (d *RowsDigest) Sum() Digest {
	var out Digest
	copy(out[:], d.sum.Sum(nil))
	return out
}

// Bytes is the record as it enters the digest: a list of nine values in the
// encoding of the journal. Strings are taken as they are, never normalised. A
// record without history has null in place of its values.
func (r FrozenRow) Bytes() ([]byte, error) {
	return incidents.Encode([]any{
		r.Ord, r.Cohort, int64(r.Class), []string(r.Key), listed(r.Initial), listed(r.Error), listed(r.Desired),
		r.Mark.pointer(), r.Version.pointer(),
	})
}

// listed gives a list of strings and nulls, or null where there is no list: an
// encoder writes a nil slice as an empty list.
func listed(vs Values) any {
	if vs == nil {
		return nil
	}
	return vs.Pointers()
}
