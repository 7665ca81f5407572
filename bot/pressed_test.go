package bot_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
)

// pressed is something that people type, and what comes of it.
type pressed struct {
	ana, ben string // who leads, and somebody else; "" does not take part
	kind     string // of the entry that it makes
	one      int    // how many entries if ana types it, each delivery ten times
	both     int    // and how many if both type it at the same instant
}

// verbs are typed in this order into the channel of SNAFU-1. SNAFU-2 is light.
var verbs = []pressed{
	{"note the list was copied", "note the stage was set twice", "noted/1", 1, 2},
	{"cause workflow form", "cause bot", "answered/1", 1, 2},
	{"whys the list was copied", "whys the import has no limit", "why-changed/1", 1, 2},
	{"whys root W1", "whys root W1", "why-changed/1", 1, 2},
	{"walk The list feeds the sync | 500 | 600", "walk The sync sets the stage | MQL | SQL", "walked/1", 1, 2},
	{"try restore the list for 30m", "try ask the vendor for 1h", "try-changed/1", 1, 2},
	{"try O1 works 1,200", "try O1 no", "try-changed/1", 1, 2},
	{"role comms @chi", "role comms @chi", "role-changed/1", 1, 1},
	{"sev 2", "sev 2", "severity-changed/1", 1, 1},
	{"follow", "follow", "followed/1", 1, 2},
	{"unfollow", "unfollow", "unfollowed/1", 1, 2},
	{"promise in 30m", "promise in 40m", "promised/1", 1, 2},
	{"update the sync is off", "update we count", "updated/1", 1, 2},
	{"nag snooze 1h", "nag snooze 2h", "nag-snoozed/1", 1, 2},
	{"nag off all are in one room", "nag off all are in one room", "nag-silenced/1", 1, 2},
	{"nag on", "nag on", "nag-resumed/1", 1, 1},
	{"todo T1 by friday", "todo T1 by monday", "follow-up-changed/1", 1, 2},
	{"todo drop T1 it is there already", "todo drop T1 nobody needs it", "follow-up-dropped/1", 1, 1},
	{"case customer 4711", "case customer 4711", "case-linked/1", 1, 1},
	{"case answered 4711", "case answered 4711", "case-answered/1", 1, 1},
	{"relate SNAFU-2 see", "relate SNAFU-2 see", "related/1", 2, 4},
	{"", "cover @chi tomorrow 18:00 tomorrow 20:00 crm-data", "cover-made/1", 1, 1},
	{"promote SNAFU-2", "promote SNAFU-2", "promoted/1", 1, 1},
	{"cancel SNAFU-2 a false alarm", "cancel SNAFU-2 a false alarm", "cancelled/1", 1, 1},
	{"reopen SNAFU-2 again it is on", "reopen SNAFU-2 again it is on", "reopened/1", 1, 1},
	{"contain stopped the sync", "contain stopped the form", "cause-acted/1", 1, 2},
	{"triage 3 no", "triage 3 no", "answered/1", 1, 2},
	{"resolve all were put back by hand", "resolve all were put back by hand", "resolved/1", 1, 1},
	{"reopen again it is on", "reopen again it is on", "reopened/1", 1, 1},
	{"lead @ben", "", "lead-offered/1", 1, 1},
	{"", "lead", "lead-changed/1", 1, 1},
}

// pressing is a workspace with both snafus.
func pressing(t *testing.T, opts ...func(*bot.Options)) (w *workspace, ch string) {
	t.Helper()
	w = quietWorkspace(t, slacksim.RealClock(), opts...).begin()
	ch = w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.enter(ch, "ben", "chi")
	w.types("ana", "#data-incidents", "open sev3 Three phones are empty --light --new")
	_, err := w.response.AddFollowUp(w.ctx(), journal.Act{By: incidents.System("bot"), Key: "test:todo"}, 1, incidents.FollowUp{Text: "a guard in the import"})
	require.NoError(t, err)
	return w, ch
}

// pressedOnce holds after whatever came: nothing failed, nothing was posted twice,
// and the journal tells what the tables hold.
func (w *workspace) pressedOnce(ch string) {
	w.t.Helper()
	require.Zero(w.t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(w.t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	w.toldOnce(ch, "the list was copied")
	for id := incidents.ID(1); id <= 2; id++ {
		told, held, err := w.response.Replayed(w.ctx(), id)
		require.NoError(w.t, err)
		require.Empty(w.t, told.Differs(held), id)
	}
	w.sound()
}

func TestEachVerbThatComesTenTimesTakesEffectOnce(t *testing.T) {
	t.Parallel()
	w, ch := pressing(t, func(o *bot.Options) {
		o.PerPerson = bot.Rate{PerMinute: 60_000, Burst: 10_000} // each delivery counts
		o.PerWorkspace = o.PerPerson
	})
	w.fault(slacksim.Fault{Kind: "socket.duplicate", Copies: 9, Always: true})
	for _, v := range verbs {
		had := w.happened(v.kind)
		who, line := "ana", v.ana
		if line == "" {
			who, line = "ben", v.ben
		}
		w.types(who, ch, line)
		require.Equal(t, had+v.one, w.happened(v.kind), line)
	}
	w.pressedOnce(ch)
}

func TestTwoWhoTypeAtTheSameInstantAreBothHeardOrOneIsRefused(t *testing.T) {
	t.Parallel()
	w, ch := pressing(t)
	for _, v := range verbs {
		had := w.happened(v.kind)
		var both sync.WaitGroup
		for who, line := range map[string]string{"ana": v.ana, "ben": v.ben} {
			if line != "" {
				both.Go(func() { w.slash(who, ch, "/snafu "+line) })
			}
		}
		both.Wait()
		w.quiet()
		require.Equal(t, had+v.both, w.happened(v.kind), "%s and %s", v.ana, v.ben)
	}
	w.pressedOnce(ch)
}

// Slack takes no message while they type, and the program ends before it does: each
// transaction is committed, and nothing of it is told. The next one tells it once.
func TestWhatWasSavedBeforeTheEndIsToldOnceByTheNextStart(t *testing.T) {
	t.Parallel()
	w, ch := pressing(t)
	for n, v := range verbs {
		if n%8 == 0 {
			for _, method := range []string{"chat.postMessage", "chat.update"} {
				w.fault(slacksim.Fault{Kind: "api.http_error", Status: 503, Match: slacksim.Match{Method: method}, Always: true})
			}
		}
		had := w.happened(v.kind)
		who, line := "ana", v.ana
		if line == "" {
			who, line = "ben", v.ben
		}
		w.slash(who, ch, "/snafu "+line)
		require.Eventually(t, func() bool { return w.happened(v.kind) == had+v.one }, patience, 5*time.Millisecond, line)
		if n%8 == 7 || n == len(verbs)-1 {
			w.kill()
			w.sim.Unfault("")
			w.start(true)
			w.quiet()
		}
	}
	w.pressedOnce(ch)
}
