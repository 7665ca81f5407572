package rollback_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestTheTimeLeftFollowsThePaceOfTheSitting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pace rollback.Pace
		rest int64
		left time.Duration
		each int64
	}{
		"half is done":             {rollback.Pace{Records: 1000, Took: 10 * time.Second}, 1000, 10 * time.Second, 100},
		"a little is left":         {rollback.Pace{Records: 1000, Took: 10 * time.Second}, 50, 500 * time.Millisecond, 100},
		"nothing is left":          {rollback.Pace{Records: 1000, Took: 10 * time.Second}, 0, 0, 100},
		"it has only begun":        {rollback.Pace{Records: 1000, Took: 900 * time.Millisecond}, 1000, 0, 0},
		"nothing has been settled": {rollback.Pace{Took: time.Hour}, 1000, 0, 0},
		"it hardly moves":          {rollback.Pace{Records: 1, Took: 12 * time.Hour}, 10_000_000, 1000 * time.Hour, 0},
		"nobody knows":             {rollback.Pace{}, 1000, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.left, c.pace.Left(c.rest))
			require.Equal(t, c.each, c.pace.PerSecond())
		})
	}
}
