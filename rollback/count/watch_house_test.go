package count_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/count"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// watched is the house with a watch on its run, and one clock for the log and
// the source, which stands until it is moved.
type watched struct {
	*house
	people *response.Response
	eye    *eye
	grown  []int64 // how many more, each time open plans were told
}

// eye is the sample source seen at the instant of the test's clock.
type eye struct {
	source.Reader
	mu    sync.Mutex
	now   time.Time
	plain int // looks at the members alone
	exact int // whole measurements
	away  source.Reader
	block chan struct{} // a count waits for it to be closed, or for the end of its context
	began chan struct{} // is told when it waits
}

func (e *eye) clock() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

func (e *eye) pass(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = e.now.Add(d)
}

func (e *eye) wait(ctx context.Context) error {
	e.mu.Lock()
	block, began := e.block, e.began
	e.mu.Unlock()
	if block == nil {
		return nil
	}
	began <- struct{}{}
	select {
	case <-block:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *eye) from() source.Reader {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away != nil {
		return e.away
	}
	return e.Reader
}

func (e *eye) Members(ctx context.Context, s rollback.Scope) (int64, time.Time, error) {
	at := e.clock() // of the snapshot, however long its count takes
	n, _, err := e.from().Members(ctx, s)
	if err := e.wait(ctx); err != nil {
		return 0, time.Time{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.plain++
	return n, at, err
}

func (e *eye) StateTable(ctx context.Context, s rollback.Scope) (rollback.StateTable, error) {
	at := e.clock()
	t, err := e.from().StateTable(ctx, s)
	if err := e.wait(ctx); err != nil {
		return rollback.StateTable{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.exact++
	t.At = at
	return t, err
}

// newWatched has picked weekly-42, so its watch goes on.
func newWatched(t *testing.T) *watched {
	t.Helper()
	w := &watched{house: newHouse(t)}
	// Later than what the log database has written by its own clock until here.
	w.eye = &eye{Reader: w.read, now: time.Now().UTC().Truncate(time.Second).Add(time.Hour)}
	w.db.Clock = w.eye.clock
	w.count = w.another()
	var err error
	w.people, err = response.New(response.Options{DB: w.db, Follow: w.count.Follow})
	require.NoError(t, err)
	w.pick("weekly-42")
	return w
}

// another is the counting room of a second process.
func (w *watched) another() *count.Count {
	return count.New(count.Options{
		DB: w.db, Reader: func(string) (source.Reader, error) { return w.eye, nil },
		Grown: func(_ context.Context, _ pgx.Tx, _ journal.Act, _ incidents.Incident, more int64, _ time.Time) error {
			w.grown = append(w.grown, more)
			return nil
		},
	})
}

func (w *watched) pick(run string) {
	w.t.Helper()
	require.NoError(w.t, w.count.Pick(w.t.Context(), w.act(), w.id, count.ScopeOf("crm", "lead", []string{"lead_status"}, seenRun(run))))
}

func seenRun(run string) rollback.RunSeen {
	return rollback.RunSeen{Run: run, From: began.AddDate(0, 0, -30)}
}

// row is the newest watch of the incident.
type row struct {
	ID     int64
	Next   time.Time
	Until  time.Time
	Every  time.Duration
	Ended  string
	Ticks  int
	IsSlow bool
}

func (w *watched) row() (r row) {
	w.t.Helper()
	var ms int64
	require.NoError(w.t, w.db.Pool().QueryRow(w.t.Context(), `
		select id, next_at, until, every_ms, ended_why, ticks, slow from watches where incident = $1 order by id desc limit 1`, w.id).
		Scan(&r.ID, &r.Next, &r.Until, &ms, &r.Ended, &r.Ticks, &r.IsSlow))
	r.Next, r.Until, r.Every = r.Next.UTC(), r.Until.UTC(), time.Duration(ms)*time.Millisecond
	return r
}

// tick moves the clock to the next count, and counts.
func (w *watched) tick() {
	w.t.Helper()
	r := w.row()
	w.eye.pass(r.Next.Sub(w.eye.clock()))
	require.NoError(w.t, w.count.Tick(w.t.Context(), job(r)))
}

func job(r row) jobs.Job[count.Recount] {
	return jobs.Job[count.Recount]{Args: count.Recount{Watch: r.ID, Due: r.Next}}
}

func (w *watched) incident() incidents.Incident {
	w.t.Helper()
	inc, err := w.people.Get(w.t.Context(), w.id)
	require.NoError(w.t, err)
	return inc
}

// last is the newest fact of a kind.
func last[F incidents.Fact](w *watched) (f F) {
	w.t.Helper()
	entries, err := journal.Entries(w.t.Context(), w.db, w.id, 0)
	require.NoError(w.t, err)
	for _, e := range entries {
		if e.Kind == f.Kind() {
			require.NoError(w.t, e.Into(&f))
		}
	}
	return f
}

// goes lets weekly-42 take members on: 2,500 become 2,926.
func (w *watched) goes() { w.exec(`select world.weekly_42(2, $1)`, began) }

func withCancel(t *testing.T) (context.Context, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}

// stop lets counts begin and not end, until start or the close of block.
func (e *eye) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.block, e.began = make(chan struct{}), make(chan struct{}, 4)
}

func (e *eye) start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.block, e.began = nil, nil
}

// leave lets the source be a server that is not there.
func (e *eye) leave(t *testing.T, opt postgres.Options) {
	t.Helper()
	opt.CountURL = "postgres://snafu_count@127.0.0.1:1/crm"
	nobody, err := postgres.OpenReader(context.WithoutCancel(t.Context()), opt)
	require.NoError(t, err)
	t.Cleanup(nobody.Close)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = nobody
}

func (e *eye) back() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = nil
}
