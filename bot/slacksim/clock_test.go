package slacksim_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestACallOfTheClockMayAdvanceIt(t *testing.T) {
	t.Parallel()
	clock := slacksim.FrozenClock(noon)
	var heard []string
	clock.AfterFunc(time.Second, func() {
		heard = append(heard, "first "+clock.Now().Sub(noon).String())
		clock.AfterFunc(time.Second, func() { heard = append(heard, "made meanwhile "+clock.Now().Sub(noon).String()) })
		require.NoError(t, clock.Advance(time.Minute))
	})
	clock.AfterFunc(time.Second, func() { heard = append(heard, "same instant, later made "+clock.Now().Sub(noon).String()) })
	require.NoError(t, clock.Advance(3*time.Second))
	require.Equal(t, []string{"first 1s", "same instant, later made 1s", "made meanwhile 2s"}, heard)
	require.Equal(t, noon.Add(time.Minute+3*time.Second), clock.Now(), "both advances count, and the clock does not go back")
}

func TestTwoWhoAdvanceTheClockBothDo(t *testing.T) {
	t.Parallel()
	clock := slacksim.FrozenClock(noon)
	var mu sync.Mutex
	last := noon
	for i := range 100 {
		clock.AfterFunc(time.Duration(i)*time.Second, func() {
			mu.Lock()
			defer mu.Unlock()
			now := clock.Now()
			if now.Before(last) {
				t.Errorf("the clock went back from %s to %s", last, now)
			}
			last = now
		})
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { require.NoError(t, clock.Advance(5*time.Second)) })
	}
	wg.Wait()
	require.Equal(t, noon.Add(100*time.Second), clock.Now())
}

func TestAClockDoesNotGoBack(t *testing.T) {
	t.Parallel()
	clock := slacksim.FrozenClock(noon)
	require.ErrorContains(t, clock.Advance(-time.Second), "back")
	require.Equal(t, noon, clock.Now())
}
