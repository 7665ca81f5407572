package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

// The kinds of fault, by what does not hold.
const (
	FaultBody      = "body"      // the stored bytes do not give the recorded leaf
	FaultColumn    = "column"    // a column differs from the bytes
	FaultReadable  = "readable"  // the reading copy differs from the bytes
	FaultLink      = "link"      // the previous hash is another one
	FaultGap       = "gap"       // a number is missing
	FaultStart     = "start"     // the first link is foreign
	FaultTail      = "tail"      // the head names another last entry
	FaultTime      = "time"      // an instant or a number runs backwards, or is far off
	FaultRedaction = "redaction" // the bytes are gone, and no entry says so
	FaultFormat    = "format"    // this binary does not know the format
)

// VerifyOptions choose what is verified.
type VerifyOptions struct {
	Incident *incidents.ID // this chain alone
	// Slack is how far the instant of an entry may be from the one at which
	// Postgres recorded it; a minute if zero, for a session dies before it can stall
	// for longer. Negative leaves it unchecked, as where the clock is a test's.
	Slack time.Duration
}

const usualSlack = time.Minute

// Beginner is a pool or a connection, logged in as snafu_verify.
type Beginner interface {
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

// The connection is the caller's: a long chain must not run into its limit, and no
// table of the same name elsewhere may stand in for ours.
const settle = `set local statement_timeout = 0; set local search_path = snafu, pg_temp`

const readHeads = `
	select chain, seq, hash
	from journal_heads
	where $1::bigint is null or chain = $1`

const readLines = `
	select entry_id, recorded_at, chain, seq, at, actor, act_key, kind, format, salt, body, leaf, hash, detail::text
	from journal
	where $1::bigint is null or chain = $1
	order by chain, seq`

// Verify recomputes the chains from the stored bytes, in one snapshot, and names
// the first entry of each that does not hold. It streams: its memory grows with
// the number of chains, not of entries. An error means that it could not look.
func Verify(ctx context.Context, db Beginner, o VerifyOptions) (Report, error) {
	report, err := verify(ctx, db, o)
	if err != nil {
		return Report{}, fmt.Errorf("verify journal: %w", err)
	}
	return report, nil
}

func verify(ctx context.Context, db Beginner, o VerifyOptions) (Report, error) {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return Report{}, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // it only read
	if _, err := tx.Exec(ctx, settle); err != nil {
		return Report{}, err
	}
	var install []byte
	if err := tx.QueryRow(ctx, readInstall).Scan(&install); err != nil {
		return Report{}, fmt.Errorf("read install id: %w", err)
	}
	heads, err := allHeads(ctx, tx, o.Incident)
	if err != nil {
		return Report{}, err
	}
	rows, err := tx.Query(ctx, readLines, o.Incident)
	if err != nil {
		return Report{}, err
	}
	w := walk{install: install, heads: heads, slack: o.Slack}
	if w.slack == 0 {
		w.slack = usualSlack
	}
	var l line
	_, err = pgx.ForEachRow(rows, []any{
		&l.entryID, &l.recordedAt, &l.chain, &l.seq, &l.at, &l.actor, &l.act, &l.kind,
		&l.format, &l.salt, &l.body, &l.leaf, &l.hash, &l.detail,
	}, func() error {
		w.take(&l)
		return nil
	})
	if err != nil {
		return Report{}, fmt.Errorf("read entries: %w", err)
	}
	return w.end(o), nil
}

type head struct {
	seq  int64
	hash []byte
}

func allHeads(ctx context.Context, tx pgx.Tx, only *incidents.ID) (map[incidents.ID]head, error) {
	rows, err := tx.Query(ctx, readHeads, only)
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	heads := map[incidents.ID]head{}
	var id incidents.ID
	var h head
	_, err = pgx.ForEachRow(rows, []any{&id, &h.seq, &h.hash}, func() error {
		heads[id] = head{h.seq, h.hash}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	return heads, nil
}

// line is a row of the journal as it is stored.
type line struct {
	entryID          int64
	recordedAt, at   time.Time
	chain            incidents.ID
	seq              int64
	actor, act, kind string
	format           int16
	salt, body       []byte
	leaf, hash       []byte
	detail           *string
}

// walk goes along the chains, one after the other.
type walk struct {
	install []byte
	heads   map[incidents.ID]head
	slack   time.Duration

	done []Chain
	here Chain
	last line // of this chain; its byte slices are not kept
	link Hash
}

func (w *walk) take(l *line) {
	if len(w.done) == 0 && w.here.Entries == 0 || l.chain != w.here.Incident {
		w.close()
		w.here = Chain{Incident: l.chain, First: l.at.UTC()}
		w.link = startOf(w.install, l.chain)
		w.last = line{chain: l.chain}
	}
	if w.here.Fault == nil {
		w.here.Fault = w.check(l)
	}
	w.here.Entries++
	w.here.Last = l.at.UTC()
	w.last = line{chain: l.chain, seq: l.seq, entryID: l.entryID, at: l.at, recordedAt: l.recordedAt}
	copy(w.link[:], l.hash)
	w.here.Head = w.link
}

func (w *walk) check(l *line) *Fault {
	fault := func(kind, format string, args ...any) *Fault {
		return &Fault{Seq: l.seq, Kind: kind, Say: fmt.Sprintf(format, args...)}
	}
	if want := w.last.seq + 1; l.seq != want {
		return &Fault{Seq: want, Kind: FaultGap, Say: fmt.Sprintf("the next entry is #%d", l.seq)}
	}
	if l.format != format {
		return fault(FaultFormat, "format %d is not known to this binary", l.format)
	}
	if len(l.leaf) != len(Hash{}) {
		return fault(FaultBody, "the recorded leaf is no hash")
	}
	if l.body != nil && l.salt != nil {
		if leaf := leafOf(l.salt, l.body); !bytes.Equal(leaf[:], l.leaf) {
			return fault(FaultBody, "the stored bytes do not give the recorded leaf")
		}
	}
	if hash := hashOf(w.link, l.chain, l.seq, Hash(l.leaf)); !bytes.Equal(hash[:], l.hash) {
		if l.seq == 1 {
			return fault(FaultStart, "the first link belongs to another chain or another install")
		}
		return fault(FaultLink, "the recorded hash does not follow from #%d", w.last.seq)
	}
	if l.body == nil || l.salt == nil {
		return fault(FaultRedaction, "the bytes are gone, and no entry says so")
	}
	if f := contradiction(l); f != nil {
		return f
	}
	return w.checkTime(l)
}

// contradiction compares what can be read without the bytes with the bytes.
func contradiction(l *line) *Fault {
	rec, err := readBody(l.body)
	if err != nil {
		return &Fault{Seq: l.seq, Kind: FaultFormat, Say: "the stored bytes cannot be read"}
	}
	for _, c := range []struct {
		name string
		same bool
	}{
		{"chain", rec.Incident == int64(l.chain)},
		{"seq", rec.Seq == l.seq},
		{"at", rec.At.Equal(l.at)},
		{"actor", rec.Actor == l.actor},
		{"act_key", rec.Act == l.act},
		{"kind", rec.Kind == l.kind},
	} {
		if !c.same {
			return &Fault{Seq: l.seq, Kind: FaultColumn, Say: "column " + c.name + " differs from the bytes"}
		}
	}
	if l.detail == nil || !sameReading(rec, *l.detail) {
		return &Fault{Seq: l.seq, Kind: FaultReadable, Say: "the reading copy differs from the bytes"}
	}
	return nil
}

func sameReading(rec record, detail string) bool {
	want, err := json.Marshal(rec.Fact.Plain())
	if err != nil {
		return false
	}
	var a, b any
	if parse(want, &a) != nil || parse([]byte(detail), &b) != nil {
		return false
	}
	return reflect.DeepEqual(a, b)
}

func parse(text []byte, into *any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a float would lose the last digits of a large number
	return d.Decode(into)
}

func (w *walk) checkTime(l *line) *Fault {
	fault := func(format string, args ...any) *Fault {
		return &Fault{Seq: l.seq, Kind: FaultTime, Say: fmt.Sprintf(format, args...)}
	}
	if w.last.seq > 0 {
		switch {
		case l.entryID <= w.last.entryID:
			return fault("it was stored before #%d", w.last.seq)
		case l.recordedAt.Before(w.last.recordedAt):
			return fault("it was recorded before #%d", w.last.seq)
		// Writers of the house chain read the clock before they queue.
		case l.at.Before(w.last.at) && l.chain != House:
			return fault("it happened before #%d", w.last.seq)
		}
	}
	if off := l.recordedAt.Sub(l.at).Abs(); w.slack > 0 && off > w.slack {
		return fault("it was recorded %s from its own instant", off.Round(time.Second))
	}
	return nil
}

// close ends a chain at its head.
func (w *walk) close() {
	if w.here.Entries == 0 {
		return
	}
	h, ok := w.heads[w.here.Incident]
	delete(w.heads, w.here.Incident)
	if w.here.Fault == nil {
		switch {
		case !ok:
			w.here.Fault = &Fault{Seq: w.last.seq, Kind: FaultTail, Say: "the chain has no head"}
		case h.seq != w.last.seq:
			w.here.Fault = &Fault{Seq: min(h.seq, w.last.seq) + 1, Kind: FaultTail, Say: fmt.Sprintf("the head names #%d, the last entry is #%d", h.seq, w.last.seq)}
		case !bytes.Equal(h.hash, w.here.Head[:]):
			w.here.Fault = &Fault{Seq: h.seq, Kind: FaultTail, Say: "the head names another last entry"}
		}
	}
	w.done = append(w.done, w.here)
	w.here = Chain{}
}

func (w *walk) end(o VerifyOptions) Report {
	w.close()
	for _, id := range slices.Sorted(maps.Keys(w.heads)) {
		h := w.heads[id]
		chain := Chain{Incident: id}
		copy(chain.Head[:], h.hash)
		if start := startOf(w.install, id); h.seq > 0 {
			chain.Fault = &Fault{Seq: 1, Kind: FaultTail, Say: fmt.Sprintf("the head names #%d, and there is no entry", h.seq)}
		} else if start != chain.Head {
			chain.Fault = &Fault{Seq: 0, Kind: FaultStart, Say: "the first link belongs to another chain or another install"}
		}
		w.done = append(w.done, chain)
	}
	slices.SortFunc(w.done, func(a, b Chain) int { return int(a.Incident - b.Incident) })

	r := Report{Chains: w.done, NotChecked: []string{
		"whether a chain was rewritten or removed together with its head (no checkpoint outside of this database)",
		"the ledgers in the sources",
	}}
	if o.Incident != nil {
		r.NotChecked = append(r.NotChecked, "all other chains")
	}
	if w.slack < 0 {
		r.NotChecked = append(r.NotChecked, "how far the instants are from the clock of Postgres")
	}
	return r
}
