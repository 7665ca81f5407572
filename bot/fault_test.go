package bot_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents/pgdb"
)

func (w *workspace) fault(f slacksim.Fault) {
	w.t.Helper()
	_, err := w.sim.Fault(f)
	require.NoError(w.t, err)
}

func TestAPayloadThatComesTenTimesHasOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.fault(slacksim.Fault{Kind: "socket.duplicate", Copies: 9, Always: true})
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.press("ana", ch, "Don't know")
	w.slash("ana", ch, "/snafu note campaign 7 was copied")
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from incidents`))
	require.Equal(t, 3, w.count(`select count(*) from receipts`))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1'`))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'answered/1'`))
	require.Equal(t, 1, strings.Count(w.sim.Transcript(ch), "snafu     Note by"))
	w.sound()
}

func TestAnAcknowledgedActIsDoneOnceByTheNextBot(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.kill()
	w.start(false)
	act := w.slash("ana", "#general", "/snafu open sev3 Leads moved to SQL by mistake")
	require.Equal(t, "acked", act.Deliveries[0].State)
	require.Zero(t, w.count(`select count(*) from incidents`), "nobody works yet")
	w.kill()
	w.start(true)
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from incidents`))
	require.Equal(t, 1, w.count(`select count(*) from receipts where outcome = 'effect' and payload is null`))
	require.Equal(t, 1, strings.Count(w.sim.Transcript("#snafu-1-leads-moved-to-sql-by-mistake"), "Take a breath"))
	w.sound()
}

func TestABotThatDiesBetweenEffectAndAnswerDoesNotActTwice(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu note campaign 7 was copied")
	w.quiet()
	// As if the process had died after the use case and before the receipt was
	// settled: the receipt is open again, and its job is asked for once more.
	admin := w.admin()
	_, err := admin.Exec(w.ctx(), `update snafu.receipts set outcome = null, settled_at = null, claimed_until = null,
		payload = convert_to('{"command":"/snafu","text":"note campaign 7 was copied","team_id":"T","user_id":"`+w.id("ana").User()+`","channel_id":"`+w.channelID(ch)+`"}', 'UTF8'),
		received_at = clock_timestamp() - interval '1 minute'
		where key = (select substr(act_key, length('receipt:') + 1) from snafu.journal where kind = 'noted/1')`)
	require.NoError(t, err)
	n, err := w.bot.Sweep(w.ctx())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1'`))
	require.Equal(t, 1, w.count(`select count(*) from receipts where outcome = 'already'`))
}

func TestAPostWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.fault(slacksim.Fault{Kind: "api.lost_reply", Match: slacksim.Match{Method: "chat.postMessage"}})
	w.slash("ana", ch, "/snafu note campaign 7 was copied")
	w.advanceUntilQuiet()
	require.Equal(t, 1, strings.Count(w.sim.Transcript(ch), "snafu     Note by @ana: campaign 7 was copied"))
}

func TestAnAlarmWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	w, ch := countingWorkspace(t)
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, slacksim.Contains("2,926 to decide"))
	w.quiet()
	w.crm.exec(`insert into crm.campaign_member (run, lead_id, joined_at) values ('weekly-42', 2927, now())`)
	w.fault(slacksim.Fault{Kind: "api.lost_reply", Match: slacksim.Match{Method: "chat.postMessage"}})
	w.slash("ana", ch, "/snafu count")
	w.advanceUntilQuiet()
	require.Equal(t, 1, strings.Count(w.sim.Transcript(ch), "Still happening: 2,926 -> 2,927 (+1)"))
}

func TestAPostThatNeverArrivedIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.fault(slacksim.Fault{Kind: "api.lost_request", Match: slacksim.Match{Method: "chat.postMessage"}})
	w.fault(slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 1, Match: slacksim.Match{Method: "chat.postMessage"}})
	w.slash("ana", ch, "/snafu note campaign 7 was copied")
	w.advanceUntilQuiet()
	require.Equal(t, 1, strings.Count(w.sim.Transcript(ch), "snafu     Note by @ana: campaign 7 was copied"))
}

func TestWhileSlackIsAwayEverythingWaitsAndIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	// Slack still brings what people do, and answers no call.
	id, err := w.sim.Fault(slacksim.Fault{Kind: "api.http_error", Status: 503, HTML: true, Always: true})
	require.NoError(t, err)
	w.slash("ana", ch, "/snafu note campaign 7 was copied")
	w.slash("ana", ch, "/snafu triage 3 no")
	require.Eventually(t, func() bool {
		return w.count(`select count(*) from receipts where outcome is not null`) == 3 &&
			w.count(`select count(*) from delivery_steps where state = 'unknown'`) > 0
	}, patience, 20*time.Millisecond)
	w.sim.Unfault(id)
	w.advanceUntilQuiet()
	require.Equal(t, 1, strings.Count(w.sim.Transcript(ch), "snafu     Note by @ana: campaign 7 was copied"))
	card := w.sees("ana", ch, slacksim.IsPinned())
	require.Contains(t, card.Plain, "Not occurring any more")
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`), "nothing dies because Slack is away")
	w.sound()
}

func TestAnIncidentWhoseChannelIsArchivedGoesOnInTheCentralOne(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	yes := true
	require.NoError(t, w.sim.Admin().Channel(ch, slacksim.ChannelChange{Archived: &yes}))
	w.slash("ana", "#general", "/snafu note SNAFU-1 campaign 7 was copied")
	w.slash("ana", "#general", "/snafu triage SNAFU-1 3 no")
	w.advanceUntilQuiet()
	w.sees("ben", "#data-incidents", slacksim.Contains("Note by @ana: campaign 7 was copied"))
	w.sees("ben", "#data-incidents", slacksim.Contains("Not occurring any more"))
	w.sees("ana", "@snafu", slacksim.Contains("I go on in #data-incidents"))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
}

func TestADeletedCardIsPostedAgain(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	card, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.IsPinned())
	require.NoError(t, err)
	require.NoError(t, w.sim.Admin().DeleteMessage(ch, card.TS))
	w.slash("ana", ch, "/snafu triage 3 no")
	w.quiet()
	again, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.FromApp(), slacksim.Contains("Not occurring any more"))
	require.NoError(t, err)
	require.NotEqual(t, card.TS, again.TS)
}

func TestWithoutTheLogDatabaseTheRefusalIsHonestAndTheBotRecovers(t *testing.T) {
	t.Parallel()
	var link *link
	w := newWorkspace(t, func(o *bot.Options) {
		if link == nil {
			link = newLink(t, o.DB)
		}
		o.Inbox = link.db
	})
	link.cut()
	act, err := w.sim.As("ana").Slash(w.ctx(), "#general", "/snafu open sev3 Leads moved to SQL by mistake")
	require.NoError(t, err)
	require.Contains(t, act.Shown, "Not recorded: my database is away. Nothing was started")
	require.Zero(t, w.count(`select count(*) from receipts`))
	link.heal()
	require.Eventually(t, func() bool {
		return w.slash("ana", "#general", "/snafu open sev3 Leads moved to SQL by mistake").Shown == ""
	}, patience, 50*time.Millisecond)
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from incidents`))
}

func TestAConnectionThatSlackCutsIsOpenedAgain(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.fault(slacksim.Fault{Kind: "socket.cut"})
	acked := 0
	w.insist(func(ctx context.Context, n int) (slacksim.Act, error) {
		act, err := w.sim.As("ana").Slash(ctx, "#general", fmt.Sprintf("/snafu open sev3 Leads moved to SQL, said %d times --new", n))
		acked = n
		return act, err
	})
	require.NoError(t, w.sim.AwaitConnections(w.ctx(), 2))
	w.settles()
	require.Equal(t, 1, w.count(`select count(*) from incidents where title = $1`, fmt.Sprintf("Leads moved to SQL, said %d times", acked)))
	require.Equal(t, w.count(`select count(*) from incidents`), w.count(`select count(*) from receipts where outcome = 'effect'`))
	w.sound()
}

// link is a way to the log database that can be cut.
type link struct {
	t    *testing.T
	db   *pgdb.DB
	mu   sync.Mutex
	down bool
	open []net.Conn
}

func newLink(t *testing.T, behind *pgdb.DB) *link {
	t.Helper()
	cfg := behind.Pool().Config().ConnConfig
	l := &link{t: t}
	network, addr := "tcp", net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	if strings.HasPrefix(cfg.Host, "/") {
		network, addr = "unix", cfg.Host+"/.s.PGSQL."+strconv.Itoa(int(cfg.Port))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			l.join(in, network, addr)
		}
	}()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	l.db, err = pgdb.Open(t.Context(), pgdb.Options{
		URL:      "postgres://" + cfg.User + ":" + cfg.Password + "@" + host + ":" + port + "/" + cfg.Database + "?sslmode=disable",
		MaxConns: 4,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut()
		l.db.Close()
	})
	return l
}

func (l *link) join(in net.Conn, network, addr string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out, err := net.Dial(network, addr)
	if l.down || err != nil {
		_ = in.Close()
		return
	}
	l.open = append(l.open, in, out)
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_, _ = way[0].Close(), way[1].Close()
		}()
	}
}

func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for _, c := range l.open {
		_ = c.Close()
	}
	l.open = nil
}

func (l *link) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
