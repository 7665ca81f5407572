package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServeAgainstSlacksim(t *testing.T) {
	t.Parallel()
	s := newStand(t, ours(t), 10*time.Millisecond)
	bot := s.serve()
	i := s.open()
	i.counts()
	i.corrects()
	i.plans()
	i.approves("chi")
	i.approves("dev")
	i.starts()
	i.ends()
	i.holds()

	began := time.Now()
	bot.terminate()
	require.Equal(t, exitHolds, bot.ends())
	require.Less(t, time.Since(began), 10*time.Second)
	if testing.Verbose() {
		t.Log(s.slack.transcript(i.room))
	}
}
