package pgdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotHolder says that the lease belongs to nobody or to somebody else.
var ErrNotHolder = errors.New("this process does not hold the lease")

const (
	leaseTerm  = 10 * time.Second
	leaseTrust = 8 * time.Second // the rest is for a clock that runs differently
	leaseWait  = 1500 * time.Millisecond
)

// Lease is a row that one process holds at a time. Each change of holder gets a
// higher epoch. Whoever renews it calls TryRenew every three seconds; who asks
// whether we lead is answered from memory.
//
// An advisory lock is no substitute: a leader behind a dead link kept it for more
// than 20 s, and one that was cut off went on writing on another connection.
type Lease struct {
	db     *DB
	name   string
	holder string
	term   time.Duration
	trust  time.Duration

	mu           sync.Mutex
	epoch        int64
	trustedUntil time.Time // on the monotonic clock
}

// NewLease describes a lease and takes nothing yet. The holder's name is unique to
// the process.
func NewLease(db *DB, name, holder string) *Lease {
	return &Lease{db: db, name: name, holder: holder, term: leaseTerm, trust: leaseTrust}
}

const renewLease = `
	update leases
	set expires_at = clock_timestamp() + $4
	where name = $1 and holder = $2 and epoch = $3
	returning epoch`

const takeLease = `
	insert into leases (name, holder, epoch, expires_at)
	values ($1, $2, 1, clock_timestamp() + $3)
	on conflict (name) do update
	set holder = excluded.holder, epoch = leases.epoch + 1, expires_at = excluded.expires_at
	where leases.expires_at < clock_timestamp()
	returning epoch`

// TryRenew renews the lease if we hold it, or takes it if nobody does. It returns
// nil if we hold it now and ErrNotHolder if another does. With any error trust
// ends at once: an answer that came too late is worth no more than none.
func (l *Lease) TryRenew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseWait)
	defer cancel()
	asked := time.Now() // before sending: the term cannot have begun earlier
	epoch, err := l.renew(ctx)
	if err == nil && time.Since(asked) > leaseWait {
		err = fmt.Errorf("renew lease %s: the answer took longer than %s", l.name, leaseWait)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.trustedUntil = time.Time{}
		if errors.Is(err, ErrNotHolder) {
			l.epoch = 0
		}
		return err
	}
	l.epoch, l.trustedUntil = epoch, asked.Add(l.trust)
	return nil
}

func (l *Lease) renew(ctx context.Context) (int64, error) {
	var epoch int64
	if held := l.Epoch(); held > 0 {
		err := l.db.pool.QueryRow(ctx, renewLease, l.name, l.holder, held, l.term).Scan(&epoch)
		if err == nil {
			return epoch, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("renew lease %s: %w", l.name, err)
		}
	}
	err := l.db.pool.QueryRow(ctx, takeLease, l.name, l.holder, l.term).Scan(&epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrNotHolder
	}
	if err != nil {
		return 0, fmt.Errorf("take lease %s: %w", l.name, err)
	}
	return epoch, nil
}

// Trusted reports, from memory, whether we may act as the holder.
func (l *Lease) Trusted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.trustedUntil)
}

// IsLeader is Trusted as a scheduler asks it: nil or ErrNotHolder.
func (l *Lease) IsLeader(context.Context) error {
	if !l.Trusted() {
		return ErrNotHolder
	}
	return nil
}

// Epoch is the number of our hold of the lease, or 0 if we never had it.
func (l *Lease) Epoch() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch
}

const fenceLease = `
	select true
	from leases
	where name = $1 and holder = $2 and epoch = $3
	for share`

// Fence keeps the lease ours until the transaction ends, whatever the clocks say.
// It returns ErrNotHolder if it is not ours.
func (l *Lease) Fence(ctx context.Context, tx pgx.Tx) error {
	var ours bool
	err := tx.QueryRow(ctx, fenceLease, l.name, l.holder, l.Epoch()).Scan(&ours)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotHolder
	}
	if err != nil {
		return fmt.Errorf("read lease %s: %w", l.name, err)
	}
	return nil
}

const releaseLease = `
	update leases
	set expires_at = clock_timestamp()
	where name = $1 and holder = $2 and epoch = $3`

// Release gives the lease up, so that the next process need not wait out the term.
func (l *Lease) Release(ctx context.Context) error {
	l.mu.Lock()
	epoch := l.epoch
	l.epoch, l.trustedUntil = 0, time.Time{}
	l.mu.Unlock()
	if epoch == 0 {
		return nil
	}
	if _, err := l.db.pool.Exec(ctx, releaseLease, l.name, l.holder, epoch); err != nil {
		return fmt.Errorf("release lease %s: %w", l.name, err)
	}
	return nil
}
