package executor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestTheSizeOfABatchFollowsItsTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		took []time.Duration // of full batches, one after the other
		want int64
	}{
		"inside the aim it stays":                         {[]time.Duration{20 * time.Millisecond, 50 * time.Millisecond, 35 * time.Millisecond}, 1000},
		"a little too slow, a little smaller":             {[]time.Duration{70 * time.Millisecond}, 500},
		"too quick, larger by what is missing":            {[]time.Duration{19 * time.Millisecond}, 1842},
		"never more than twice as large at once":          {[]time.Duration{time.Millisecond}, 2000},
		"never less than half at once":                    {[]time.Duration{3 * time.Second}, 500},
		"one slow batch of many weighs three tenths":      {[]time.Duration{30 * time.Millisecond, 90 * time.Millisecond}, 1000},
		"no batch is smaller than the floor":              {fiveTimes(time.Second), 200},
		"no batch is larger than the cap":                 {fiveTimes(time.Microsecond), 20_000},
		"a batch that took no time at all breaks nothing": {[]time.Duration{0}, 2000},
		"an endless batch breaks nothing":                 {[]time.Duration{24 * time.Hour}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSizer(rollback.DefaultBatching())
			require.EqualValues(t, 1000, s.size)
			for _, d := range c.took {
				s.took(s.size, d)
			}
			require.Equal(t, c.want, s.size)
		})
	}
}

func fiveTimes(d time.Duration) (all []time.Duration) {
	for range 5 {
		all = append(all, d)
	}
	return all
}

func TestAShortBatchSaysNothingAboutTheSize(t *testing.T) {
	t.Parallel()
	s := newSizer(rollback.DefaultBatching())
	s.took(20, time.Minute)
	require.EqualValues(t, 1000, s.size)
	s.halve()
	require.EqualValues(t, 500, s.size)
}

func TestASizeThatIsFixedNeverMoves(t *testing.T) {
	t.Parallel()
	b := rollback.DefaultBatching()
	b.Min, b.Max = 300, 300
	s := newSizer(b)
	require.EqualValues(t, 300, s.size)
	s.took(300, time.Minute)
	s.took(300, time.Microsecond)
	s.halve()
	require.EqualValues(t, 300, s.size)
}

func TestAPlanWithoutBatchesOfItsOwnStillMoves(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 1, newSizer(rollback.Batching{}).size)
}

func TestWaitsGrowToTheirLongestAndAreNeverTheSameForTwo(t *testing.T) {
	t.Parallel()
	first := 100 * time.Millisecond
	seen := map[time.Duration]bool{}
	for try := 1; try <= 80; try++ {
		whole := min(first<<min(try-1, 16), longestWait)
		d := backOff(first, try)
		require.LessOrEqual(t, d, whole)
		require.GreaterOrEqual(t, d, whole/2)
		seen[d] = true
	}
	require.Greater(t, len(seen), 10, "chance is in it")
	require.Equal(t, time.Duration(0), backOff(0, 3))
}
