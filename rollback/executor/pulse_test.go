package executor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASourceIsSlowAfterFiveBatchesOfThreeTimesTheirTime(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		took []time.Duration
		slow bool
	}{
		"always as slow":                        {[]time.Duration{90 * ms, 90 * ms, 90 * ms, 90 * ms, 90 * ms, 90 * ms, 90 * ms}, false},
		"five in a row":                         {[]time.Duration{30 * ms, 91 * ms, 91 * ms, 91 * ms, 91 * ms, 91 * ms}, true},
		"four in a row":                         {[]time.Duration{30 * ms, 91 * ms, 91 * ms, 91 * ms, 91 * ms}, false},
		"one quick one among them":              {[]time.Duration{30 * ms, 91 * ms, 91 * ms, 91 * ms, 40 * ms, 120 * ms, 120 * ms}, false},
		"ten times as slow and still unnoticed": {[]time.Duration{2 * ms, 40 * ms, 40 * ms, 40 * ms, 40 * ms, 40 * ms, 40 * ms}, false},
		"ever slower, little by little":         {[]time.Duration{30 * ms, 45 * ms, 60 * ms, 75 * ms, 90 * ms, 105 * ms, 120 * ms}, false},
		"slow ones do not become what is usual": {[]time.Duration{30 * ms, 300 * ms, 300 * ms, 300 * ms, 300 * ms, 300 * ms, 300 * ms, 300 * ms, 300 * ms}, true},
		"quick again":                           {[]time.Duration{30 * ms, 91 * ms, 91 * ms, 91 * ms, 91 * ms, 91 * ms, 30 * ms}, false},
		"none yet":                              {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pulse{most: 50 * ms}
			for _, d := range c.took {
				p.took(d)
			}
			require.Equal(t, c.slow, p.slow())
		})
	}
}
