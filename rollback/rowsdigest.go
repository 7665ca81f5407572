package rollback

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
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
	d.ord = r.Ord
	row := sha256.Sum256(r.Bytes())
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

// Tags of the value encoding that the journal uses too. A row is built from
// them directly because a list of mixed values has no Go type.
const (
	tagNull   = 0x00
	tagInt    = 0x02
	tagString = 0x04
	tagList   = 0x06
)

// Bytes is the record as it enters the digest: a list of nine values. Strings
// are taken as they are, never normalised.
func (r FrozenRow) Bytes() []byte {
	b := appendList(make([]byte, 0, 128), 9)
	b = appendInt(b, r.Ord)
	b = appendInt(b, r.Cohort)
	b = appendInt(b, int64(r.Class))
	b = appendList(b, len(r.Key))
	for _, k := range r.Key {
		b = appendValue(b, Text(k))
	}
	b = appendValues(b, r.Initial)
	b = appendValues(b, r.Error)
	b = appendValues(b, r.Desired)
	b = appendValue(b, r.Mark)
	return appendValue(b, r.Version)
}

func appendList(b []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(b, tagList), uint32(n)) //nolint:gosec // a record has few columns
}

func appendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, tagInt), uint64(n)) //nolint:gosec // two's complement, as in the database
}

func appendValue(b []byte, v Value) []byte {
	if v.Null {
		return append(b, tagNull)
	}
	b = binary.BigEndian.AppendUint32(append(b, tagString), uint32(len(v.Text))) //nolint:gosec // a field is far below 4 GB
	return append(b, v.Text...)
}

// appendValues writes a list, or null where the record has no such values: a
// member without history has no initial value.
func appendValues(b []byte, vs Values) []byte {
	if vs == nil {
		return append(b, tagNull)
	}
	b = appendList(b, len(vs))
	for _, v := range vs {
		b = appendValue(b, v)
	}
	return b
}
