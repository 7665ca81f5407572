package executor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
)

// loaded is a source that says how it feels, look by look; the last word holds.
type loaded struct {
	source.Writer
	looks *int
	feels []rollback.Strain
	spans *int
	then  func(look int)
}

func (w *loaded) Strain(context.Context) rollback.Strain {
	n := min(*w.looks, len(w.feels)-1)
	*w.looks++
	if w.then != nil {
		w.then(*w.looks)
	}
	return w.feels[n]
}

func (w *loaded) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	*w.spans++
	return w.Writer.Apply(ctx, f, s)
}

var (
	calm   = rollback.Strain{}
	behind = rollback.Strain{Code: "lag", Why: "replica eu-2 is 12 s behind, at most 5 s may be"}
	crowd  = rollback.Strain{Code: "active", Why: "90 sessions of crm are at work, at most 80 may be"}
)

func TestARunLeavesAStrainedSourceAloneAndSaysWhy(t *testing.T) {
	t.Parallel()
	s := newShop(t, 40, batches(10))
	job := s.claimed()
	looks, spans, clock := 0, 0, &steps{tick: time.Second}
	var waited []string
	e := s.with(func(w source.Writer) source.Writer {
		return &loaded{
			Writer: w, looks: &looks, spans: &spans, feels: []rollback.Strain{behind, behind, crowd, crowd, calm, behind, calm},
			then: func(look int) {
				v := s.get(job.Plan)
				waited = append(waited, v.Waits)
				if look <= 5 {
					require.Zero(t, spans, "nothing is written meanwhile")
				}
			},
		}
	}, func(o *executor.Options) { o.Clock = clock.clock() })
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	require.Equal(t, []string{"", behind.Why, behind.Why, crowd.Why, crowd.Why, "", behind.Why}, waited[:7])
	require.Equal(t, []string{"lag", "active", "lag"}, s.throttled())
	s.holds(v)
}

// throttled are the reasons that the journal has, in order.
func (s *shop) throttled() (codes []string) {
	s.t.Helper()
	entries, err := journal.Entries(s.t.Context(), s.db, s.id, 0)
	require.NoError(s.t, err)
	for _, e := range entries {
		if e.Kind == "run-throttled/1" {
			var f approval.Throttled
			require.NoError(s.t, e.Into(&f))
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func TestASourceThatStaysStrainedPausesTheRunAndNobodyOverrulesIt(t *testing.T) {
	t.Parallel()
	s := newShop(t, 40, batches(10))
	job := s.claimed()
	feels := []rollback.Strain{behind}
	for _, patience := range []time.Duration{time.Minute, 0} { // as configured, and the usual one
		looks, spans, clock := 0, 0, &steps{}
		e := s.with(func(w source.Writer) source.Writer {
			return &loaded{Writer: w, looks: &looks, spans: &spans, feels: feels}
		}, func(o *executor.Options) {
			o.Clock = clock.clock()
			o.Throttles = map[string]executor.Throttle{"crm": {GiveUp: patience}}
			if patience == 0 {
				o.Pace.Look = 30 * time.Second // it need not look 1,800 times
			}
		})
		require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
		v := s.get(job.Plan)
		require.Equal(t, rollback.NamePaused, v.State)
		words := "1 min"
		if patience == 0 {
			words = "30 min"
		}
		require.Equal(t, behind.Why+"; that has lasted "+words+", resume when it has passed", v.Waits)
		require.Len(t, clock.waits, 60)
		require.Zero(t, spans)
		job = s.order(job, rollback.OrderResume) // changes nothing as long as it lasts
	}
	require.Equal(t, rollback.NameDone, s.run(job).State)
}

func TestAThrottledRunObeysAtItsNextLook(t *testing.T) {
	t.Parallel()
	for word, ends := range map[rollback.OrderWord]rollback.StateName{rollback.OrderPause: rollback.NamePaused, rollback.OrderAbort: rollback.NameAborted} {
		t.Run(string(word), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 20, batches(10))
			job := s.claimed()
			looks, spans := 0, 0
			clock := &steps{at: func(wait int) {
				if wait == 3 {
					s.order(job, word)
				}
			}}
			e := s.with(func(w source.Writer) source.Writer {
				return &loaded{Writer: w, looks: &looks, spans: &spans, feels: []rollback.Strain{behind}}
			}, func(o *executor.Options) { o.Clock = clock.clock() })
			require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
			require.Equal(t, ends, s.get(job.Plan).State)
			require.Equal(t, 3, looks)
			require.Zero(t, spans)
		})
	}
}

// The query of the throttle is asked on the counting login, and a number above 0
// or no number at all holds the run up.
func TestTheQueryOfTheThrottleHoldsARunUpWhileItIsAboveZero(t *testing.T) {
	t.Parallel()
	s := newShop(t, 20, batches(10))
	job := s.claimed()
	s.exec(`insert into shop.item (id, status) values (901, 'busy'), (902, 'busy')`)
	query := rollback.Query{Source: "crm", Name: "throttle", Text: "select count(*) from shop.item where status = 'busy'", Unit: "records"}
	var waits []string
	clock := &steps{at: func(wait int) {
		waits = append(waits, s.get(job.Plan).Waits)
		if wait == 3 {
			s.exec(`update shop.item set status = 'idle' where status = 'busy'`)
		}
	}}
	throttled := func(o *executor.Options) {
		o.Clock = clock.clock()
		o.Throttles = map[string]executor.Throttle{"crm": {Query: query, GiveUp: time.Minute}}
	}
	require.NoError(t, s.with(nil, throttled).Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	says := "the query of the throttle gives 2"
	require.Equal(t, []string{says, says, says}, waits)
	require.Empty(t, v.Waits)
}

func TestAQueryOfTheThrottleWithoutAnAnswerHoldsARunUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, 20, batches(10))
	job := s.claimed()
	clock := &steps{}
	e := s.with(nil, func(o *executor.Options) {
		o.Clock = clock.clock()
		o.Throttles = map[string]executor.Throttle{"crm": {
			Query: rollback.Query{Source: "crm", Name: "throttle", Text: "select count(*) from shop.nowhere", Unit: "records"}, GiveUp: 3 * time.Second,
		}}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Contains(t, v.Waits, "the query of the throttle gives no answer; that has lasted 3 s")
	require.Zero(t, s.number(`select count(*) from snafu.batches`))
}

// Five batches in a row take three times what they took, so something else needs
// the source: one batch a second then, until one is quick again.
func TestARunGoesOneBatchASecondWhileBatchesAreSlow(t *testing.T) {
	t.Parallel()
	s := newShop(t, 140, batches(10))
	job := s.claimed()
	clock := &steps{}
	gaps, last := map[int64]int{}, 0
	e := s.with(func(w source.Writer) source.Writer {
		return &hooked{Writer: w, before: func(number int64) {
			took := 30 * time.Millisecond
			if number >= 4 && number <= 10 {
				took = 91 * time.Millisecond
			}
			clock.pass(took)
			gaps[number], last = len(clock.waits)-last, len(clock.waits)
		}}
	}, func(o *executor.Options) { o.Clock = clock.clock() })
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	for number, waits := range gaps { // 4 to 8 were slow
		want := 0
		if number >= 9 && number <= 11 {
			want = 1
		}
		require.Equal(t, want, waits, "before batch %d", number)
	}
	require.Equal(t, []string{"slow"}, s.throttled())
}
