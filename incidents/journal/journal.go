// Package journal is what happened: append-only entries, chained by hashes, one
// chain for each incident and chain 0 for the house.
//
// The journal is also the outbox. An entry and its delivery are rows of the
// transaction that made the fact true; what is said in a channel is read from
// here. The package knows how entries are stored, chained, delivered and
// verified; it does not know what the facts mean or how they are told.
//
// 2026-10: a chain for each incident over one for all, because with eight
// writers one global chain came to a fifth of the speed. Go writes and checks
// the hashes, because SQL that checks them would trust the server that may lie.
package journal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
)

// Act is something that somebody asked for, and the key under which it takes
// effect once: the receipt for people, a natural key such as
// "escalate:page-7:step-2" for jobs.
type Act struct {
	By  incidents.Actor
	Key string
}

// ErrAlready says that an act of this key has taken effect before. For the person
// who asked, that is success.
var ErrAlready = errors.New("this act has taken effect before")

// House is the chain of what concerns no single incident: start, stop,
// configuration, migrations, backups. It is not told in Slack.
const House incidents.ID = 0

// Deliver asks for the pending deliveries of one incident to be told, oldest
// first.
type Deliver struct {
	Incident incidents.ID `json:"incident"`
}

// Kind is the name of the job.
func (Deliver) Kind() string { return "deliver" }

// Queue keeps telling apart from doing.
func (Deliver) Queue() string { return jobs.Tell }

// Publish asks for an entry to be told outside of Slack, where that is configured.
type Publish struct {
	Incident incidents.ID `json:"incident"`
	Seq      int64        `json:"seq"`
}

// Kind is the name of the job.
func (Publish) Kind() string { return "publish" }

// Queue keeps it away from calls and from Slack: whoever is told may be slow.
func (Publish) Queue() string { return jobs.Slow }

// A second one with the same key waits for the first to commit or roll back.
const takeAct = `
	insert into acts (key, actor)
	values ($1, $2)
	on conflict (key) do nothing`

// Take takes the key of an act, which only one transaction ever commits. For the
// others it is ErrAlready.
func Take(ctx context.Context, tx pgx.Tx, act Act) error {
	if act.Key == "" || act.By == "" {
		return errors.New("take act: an act needs an actor and a key")
	}
	tag, err := tx.Exec(ctx, takeAct, act.Key, act.By)
	if err != nil {
		return fmt.Errorf("take act: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrAlready
	}
	return nil
}

// The head moves by condition, in the statement that adds the link: whoever came
// between has changed it, and then no row is written.
const appendEntry = `
	with head as (
		update journal_heads
		set seq = $2, hash = $12
		where chain = $1 and seq = $2 - 1 and hash = $13
		returning chain
	), entry as (
		insert into journal (chain, seq, at, actor, act_key, kind, format, salt, body, leaf, hash, detail)
		select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $11
		from head
		returning chain, seq
	), delivery as (
		insert into deliveries (incident, seq)
		select chain, seq
		from entry
		where chain > 0
	)
	select count(*) from entry`

// Append adds a fact to the chain of an incident, and asks for it to be told; on
// the house chain it is only kept. It is the last thing a transaction does, under
// the lock of the incident. A writer that came between without that lock makes
// InTx run the transaction again.
func Append(ctx context.Context, tx pgx.Tx, id incidents.ID, act Act, at time.Time, fact incidents.Fact) error {
	seq, err := add(ctx, tx, id, act, at, fact)
	if err != nil {
		return fmt.Errorf("append journal: %w", err)
	}
	if id == House {
		return nil
	}
	if err := mark(ctx, tx, id, at, fact); err != nil {
		return err
	}
	if incidents.Published(fact.Kind()) {
		if err := jobs.Add(ctx, tx, Publish{Incident: id, Seq: seq}); err != nil {
			return err
		}
	}
	return jobs.Add(ctx, tx, Deliver{Incident: id})
}

// add returns the number of the new entry.
func add(ctx context.Context, tx pgx.Tx, id incidents.ID, act Act, at time.Time, fact incidents.Fact) (seq int64, err error) {
	seq, last, err := headOf(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	seq++
	at = at.UTC().Truncate(time.Microsecond)
	body, err := bodyOf(id, seq, at, act, fact)
	if err != nil {
		return 0, err
	}
	detail, err := readable(body)
	if err != nil {
		return 0, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	leaf := leafOf(salt, body)
	hash := hashOf(last, id, seq, leaf)

	var added int
	err = tx.QueryRow(ctx, appendEntry,
		id, seq, at, act.By, act.Key, fact.Kind(), format, salt, body, leaf[:], detail, hash[:], last[:],
	).Scan(&added)
	if err != nil {
		return 0, err
	}
	if added == 0 {
		return 0, pgdb.ErrAgain
	}
	return seq, nil
}

const readHead = `
	select seq, hash
	from journal_heads
	where chain = $1`

// The house chain has no incident to lock, so its writers queue at its head.
const lockHead = `
	select seq, hash
	from journal_heads
	where chain = $1
	for update`

const readInstall = `select install from house`

const startChain = `
	insert into journal_heads (chain, seq, hash)
	values ($1, 0, $2)
	on conflict (chain) do nothing`

func headOf(ctx context.Context, tx pgx.Tx, id incidents.ID) (seq int64, hash Hash, err error) {
	sql := readHead
	if id == House {
		sql = lockHead
	}
	for range 2 {
		var stored []byte
		err = tx.QueryRow(ctx, sql, id).Scan(&seq, &stored)
		if err == nil {
			copy(hash[:], stored)
			return seq, hash, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, Hash{}, fmt.Errorf("read head of %s: %w", nameOf(id), err)
		}
		var install []byte
		if err = tx.QueryRow(ctx, readInstall).Scan(&install); err != nil {
			return 0, Hash{}, fmt.Errorf("read install id: %w", err)
		}
		start := startOf(install, id)
		if _, err = tx.Exec(ctx, startChain, id, start[:]); err != nil {
			return 0, Hash{}, fmt.Errorf("start chain of %s: %w", nameOf(id), err)
		}
	}
	return 0, Hash{}, pgdb.ErrAgain
}

// readable is the copy of a fact that stands beside its bytes for human eyes.
func readable(body []byte) ([]byte, error) {
	rec, err := readBody(body)
	if err != nil {
		return nil, err
	}
	detail, err := json.Marshal(rec.Fact.Plain())
	if err != nil {
		return nil, fmt.Errorf("write reading copy: %w", err)
	}
	return detail, nil
}

func nameOf(id incidents.ID) string {
	if id == House {
		return "the house"
	}
	return id.String()
}
