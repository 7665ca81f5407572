package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"snafu/incidents"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String is its first 12 hex digits, enough to compare by eye.
func (h Hash) String() string { return fmt.Sprintf("%x", h[:6]) }

const (
	format   = 1
	saltSize = 16
)

// record is what the bytes of an entry say, after the byte of their format.
type record struct {
	Incident int64
	Seq      int64
	At       time.Time
	Actor    string
	Act      string
	Kind     string
	Fact     incidents.Value
}

// The same with a fact that is not yet bytes.
type writtenRecord struct {
	Incident int64
	Seq      int64
	At       time.Time
	Actor    string
	Act      string
	Kind     string
	Fact     any
}

func bodyOf(id incidents.ID, seq int64, at time.Time, act Act, fact incidents.Fact) ([]byte, error) {
	if act.By == "" || act.Key == "" {
		return nil, errors.New("an entry needs an actor and a key")
	}
	value, err := incidents.Encode(writtenRecord{
		Incident: int64(id), Seq: seq, At: at, Actor: string(act.By), Act: act.Key, Kind: fact.Kind(), Fact: fact,
	})
	if err != nil {
		return nil, err
	}
	return append([]byte{format}, value...), nil
}

func readBody(body []byte) (record, error) {
	if len(body) == 0 || body[0] != format {
		return record{}, errors.New("the bytes have a format that this binary does not know")
	}
	value, err := incidents.Decode(body[1:])
	if err != nil {
		return record{}, err
	}
	var rec record
	if err := value.Into(&rec); err != nil {
		return record{}, err
	}
	return rec, nil
}

// startOf is the link before the first of a chain. It names the install, so that
// a chain copied from another one is foreign.
func startOf(install []byte, id incidents.ID) Hash {
	return sha256.Sum256(binary.BigEndian.AppendUint64(
		append([]byte("snafu-start-v1"), install...), uint64(id)))
}

// leafOf stands for one entry. Salted: of an entry whose bytes were blanked, a
// short text cannot be guessed from it.
func leafOf(salt, body []byte) Hash {
	return sha256.Sum256(append(append([]byte("snafu-entry-v1"), salt...), body...))
}

// hashOf is the link: this leaf, at this place, after that link.
func hashOf(last Hash, id incidents.ID, seq int64, leaf Hash) Hash {
	b := append([]byte("snafu-chain-v1"), last[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(id))
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	return sha256.Sum256(append(b, leaf[:]...))
}
