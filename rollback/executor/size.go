package executor

import (
	"time"

	"snafu/rollback"
)

// sizer chooses how many records a batch holds. The dial is time and not
// records: whoever else writes to the table waits at most one batch.
type sizer struct {
	b       rollback.Batching
	size    int64
	average time.Duration // moving average of the time from fence to commit
}

func newSizer(b rollback.Batching) sizer {
	return sizer{b: b, size: min(max(b.Start, b.Min, 1), max(b.Max, 1))}
}

// took learns from a batch of n records. A short last batch says nothing.
func (s *sizer) took(n int64, d time.Duration) {
	if n < s.size {
		return
	}
	if s.average == 0 {
		s.average = d
	} else {
		s.average += (d - s.average) * 3 / 10
	}
	if s.average >= s.b.TargetMin && s.average <= s.b.TargetMax {
		return
	}
	aim := float64(s.b.TargetMin+s.b.TargetMax) / 2
	factor := min(max(aim/float64(max(s.average, time.Microsecond)), 0.5), 2)
	s.set(int64(float64(s.size) * factor))
}

// halve makes the next batch smaller, after the source was too busy for this one.
func (s *sizer) halve() { s.set(s.size / 2) }

func (s *sizer) set(n int64) { s.size = max(min(n, s.b.Max), s.b.Min, 1) }
