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
	i.slack.press("ana", i.room, "Review and approve")
	i.slack.told("ana", "You asked for R1, so your approval can't count.")
	i.approves("chi")
	i.approves("dev")
	i.starts()
	i.ends()
	i.holds()

	began := time.Now()
	bot.terminate()
	require.Equal(t, exitHolds, bot.ends())
	require.Less(t, time.Since(began), time.Minute)
	i.reported()
	if testing.Verbose() {
		t.Log(s.slack.transcript(i.room))
	}
}

// midRun waits until a run has written some batches and has more to write.
func (i *incident) midRun() {
	i.t.Helper()
	const batches = `select count(*) from snafu.batches`
	eventually(i.t, "batches are written", func() bool { return number(i.t, i.db.crmAdmin, batches) >= 3 })
	require.Less(i.t, number(i.t, i.db.crmAdmin, batches), int64(13), "the run must not be over yet")
}

func TestServeKilledMidIncidentLosesNothing(t *testing.T) {
	t.Parallel()
	s := newStand(t, ours(t), 300*time.Millisecond)
	bot := s.serve()
	i := s.open()
	i.counts()
	i.corrects()
	i.plans()
	i.slack.slash("ana", i.room, "note the sync was copied at nine")
	bot.kill() // between the acknowledgement and its effect, or close to it

	bot = s.serve()
	i.approves("chi")
	i.approves("dev")
	i.starts()
	i.midRun()
	i.slack.slash("ben", i.room, "note sales knows")
	bot.kill()

	s.serve()
	i.ends()
	i.slack.reads("ana", i.room, "Note by @ana: the sync was copied at nine", "Note by @ben: sales knows")
	i.holds()
}

func TestSlackKilledMidIncidentLosesNothing(t *testing.T) {
	t.Parallel()
	s := newStand(t, ours(t), 300*time.Millisecond)
	s.serve()
	i := s.open()
	i.counts()
	i.corrects()
	i.plans()
	i.slack.slash("ana", i.room, "triage 8 a copied campaign")
	s.slackRestarts()
	i.slack.reads("ana", i.room, "8. Changed before: a copied campaign")
	i.approves("chi")
	s.slackRestarts()
	i.approves("dev")
	i.starts()
	i.midRun()

	// The run goes on without Slack, and is told when Slack is back.
	s.sim.kill()
	const over = `select count(*) from snafu.executions where ended_at is not null`
	eventually(t, "the run is over", func() bool { return number(t, s.db.logAdmin, over) == 1 })
	s.startSlack(s.slack.host())
	s.connected()
	i.ends()
	i.holds()
}

// slackRestarts is Slack going away without a word, and coming back where it was.
func (s *stand) slackRestarts() {
	s.t.Helper()
	s.sim.kill()
	s.startSlack(s.slack.host())
	s.connected()
}
