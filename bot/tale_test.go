package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

// faulty is a workspace in which one short incident after the other is played,
// each under another fault. Nobody reads its log: it is full of what goes wrong.
func faulty(t *testing.T, opts ...func(*bot.Options)) *workspace {
	t.Helper()
	w := newWorkspace(t, append([]func(*bot.Options){withAnnouncements, func(o *bot.Options) {
		o.Aside = 6
		o.ChannelWithin = 500 * time.Millisecond
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}}, opts...)...)
	w.looks("ana")
	return w
}

// tale is a short incident: it is opened, a question is answered and a line is
// noted, by somebody who does again what Slack says has failed.
type tale struct {
	w     *workspace
	title string
	id    incidents.ID
	ch    string
	notes map[string]bool // by their words; true for the one that was acknowledged

	began     time.Time
	noChannel bool   // none could be made
	gone      bool   // it is gone, with all that stood in it
	renamed   string // its name by now
}

// each plays a tale under a fault and holds it to what must be true after every
// one, as a test of its own.
func (w *workspace) each(name string, play func(*tale)) {
	outer := w.t
	outer.Run(name, func(t *testing.T) {
		w.t = t
		defer func() { w.t = outer }()
		ta := &tale{w: w, title: name, notes: map[string]bool{}, began: time.Now()}
		play(ta)
		w.sim.Unfault("")
		w.settles()
		ta.holds()
	})
}

// open, answer and note are the acts of a tale.
func (ta *tale) open() {
	ta.w.t.Helper()
	ta.w.insist(func(ctx context.Context, _ int) (slacksim.Act, error) {
		return ta.w.sim.As("ana").Slash(ctx, "#general", "/snafu open sev3 "+ta.title)
	})
}

func (ta *tale) answer() {
	ta.w.t.Helper()
	ta.find()
	ta.w.insist(func(ctx context.Context, _ int) (slacksim.Act, error) {
		return ta.w.sim.As("ana").Slash(ctx, "#general", fmt.Sprintf("/snafu triage %s 3 no", ta.id))
	})
}

func (ta *tale) note() {
	ta.w.t.Helper()
	ta.find()
	ta.w.insist(func(ctx context.Context, n int) (slacksim.Act, error) {
		words := fmt.Sprintf("campaign %d-%d was copied", ta.id, n)
		act, err := ta.w.sim.As("ana").Slash(ctx, "#general", fmt.Sprintf("/snafu note %s %s", ta.id, words))
		ta.notes[words] = err == nil && act.Deliveries[0].State == "acked"
		return act, err
	})
}

func (ta *tale) all() {
	ta.w.t.Helper()
	ta.open()
	ta.answer()
	ta.note()
}

// find waits until the incident exists: it was acknowledged.
func (ta *tale) find() {
	ta.w.t.Helper()
	if ta.id != 0 {
		return
	}
	require.Eventually(ta.w.t, func() bool {
		return ta.w.db.Pool().QueryRow(ta.w.ctx(), `select id from incidents where title = $1`, ta.title).Scan(&ta.id) == nil
	}, patience, 5*time.Millisecond)
}

// channel is the name of the incident's channel.
func (ta *tale) channel() string {
	ta.w.t.Helper()
	ta.find()
	require.NoError(ta.w.t, ta.w.db.Pool().QueryRow(ta.w.ctx(), `select channel_name from incidents where id = $1`, ta.id).Scan(&ta.ch))
	return "#" + ta.ch
}

// holds is what must be true of every incident, whatever went wrong.
func (ta *tale) holds() {
	ta.w.t.Helper()
	w := ta.w
	ta.find()
	require.Equal(w.t, 1, w.count(`select count(*) from incidents where title = $1`, ta.title), "one incident")
	ta.channel()
	if ta.renamed != "" {
		ta.ch = ta.renamed
	}
	if !ta.noChannel && !ta.gone {
		require.Equal(w.t, 1, w.channelsOf(ta.id), "one channel")
	}
	require.Zero(w.t, w.count(`select count(*) from receipts where outcome = 'failed' and received_at > $1`, ta.began), "broken acts")
	require.Zero(w.t, w.count(`select count(*) from receipts where outcome is null`))

	seen := ta.seen()
	if !ta.gone {
		ta.once(seen, "Take a breath")
	}
	once := 0
	for words, acked := range ta.notes {
		switch noted := w.count(`select count(*) from journal where kind = 'noted/1' and chain = $1 and detail->>'text' = $2`, int64(ta.id), words); {
		case acked:
			require.Equal(w.t, 1, noted, "acknowledged: %s", words)
			once++
			ta.once(seen, words)
		case noted == 0:
			require.NotContains(w.t, strings.Join(seen, "\n"), words)
		default:
			require.Equal(w.t, 1, noted, words)
			ta.once(seen, words)
		}
	}
	require.Equal(w.t, min(1, len(ta.notes)), once, "somebody who tries again succeeds")
	if len(ta.notes) > 0 {
		ta.once(seen, "Not occurring any more, as said at 12")
	}
	w.home("ana", slacksim.Contains(ta.title))
	w.sound()
}

// seen is what everybody reads of the incident, a post an entry, wherever it
// went on.
func (ta *tale) seen() []string {
	ta.w.t.Helper()
	var all []string
	for _, place := range []string{"#" + ta.ch, "#data-incidents"} {
		if place == "#" {
			continue
		}
		messages, err := ta.w.sim.As("ben").Sees(place)
		if err != nil {
			messages, err = ta.w.sim.As("ana").Sees(place)
		}
		if err != nil {
			continue // it is gone
		}
		tags := map[string]bool{}
		for _, m := range messages {
			if m.Deleted || !m.Bot || !strings.HasPrefix(m.Text, ta.id.String()+":") && !strings.HasPrefix(m.Text, ta.id.String()+" ") && place == "#data-incidents" {
				continue
			}
			if payload, ok := m.Metadata["event_payload"].(map[string]any); ok {
				tag, _ := payload["delivery"].(string)
				require.False(ta.w.t, tags[tag], "posted twice: %s", m.Plain)
				tags[tag] = true
			}
			all = append(all, m.Plain)
		}
	}
	return all
}

func (ta *tale) once(seen []string, words string) {
	ta.w.t.Helper()
	n := 0
	for _, text := range seen {
		n += min(1, strings.Count(text, words))
	}
	require.Equal(ta.w.t, 1, n, "%q in\n%s", words, strings.Join(seen, "\n"))
}

// channelsOf counts the channels that were made for an incident and that are
// still there.
func (w *workspace) channelsOf(id incidents.ID) (n int) {
	w.t.Helper()
	res, err := http.Get(strings.TrimSuffix(w.sim.APIURL(), "api/") + "sim/channels")
	require.NoError(w.t, err)
	defer res.Body.Close()
	var all struct{ Channels []struct{ Name string } }
	require.NoError(w.t, json.NewDecoder(res.Body).Decode(&all))
	for _, ch := range all.Channels {
		if strings.HasPrefix(ch.Name, incidents.ChannelName(id, "", false)+"-") {
			n++
		}
	}
	return n
}

// insist does something again until Slack acknowledges it, as people do. The
// clock goes on while Slack waits for an answer that does not come.
func (w *workspace) insist(act func(ctx context.Context, n int) (slacksim.Act, error)) {
	w.t.Helper()
	const looksAt = 20 // an act before the clock is moved on; more each time, on a busy machine
	type outcome struct {
		act slacksim.Act
		err error
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for n := 1; ctx.Err() == nil; n++ {
		done := make(chan outcome, 1)
		go func() {
			a, err := act(ctx, n)
			done <- outcome{a, err}
		}()
		var got outcome
		for looks := 0; got.act.ID == "" && got.err == nil; looks++ {
			select {
			case got = <-done:
			case <-time.After(10 * time.Millisecond):
				if looks > looksAt*n {
					_ = w.sim.Advance(time.Second)
				}
			}
		}
		require.NoError(w.t, got.err)
		if got.act.Deliveries[0].State == "acked" {
			return
		}
		require.NotEmpty(w.t, got.act.Shown, "who is not heard reads so")
		select { // a person does not press a hundred times a second
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	w.t.Fatal("Slack acknowledged nothing")
}

const atWork = `
	select count(*) from river.river_job
	 where kind in ('deliver', 'homes', 'act')
	   and (state = 'running' and kind <> 'act' or state in ('available', 'retryable', 'scheduled') and scheduled_at <= clock_timestamp())`

const untold = `
	select incident from deliveries where expanded_at is null
	union select incident from delivery_steps where state in ('waiting', 'sending', 'unknown')`

// settles moves the clock on until everything is done and told. What waits for
// a later instant is woken when the clock has moved there.
func (w *workspace) settles() {
	w.t.Helper()
	w.nothingUnderWay()
	ctx := w.ctx()
	admin := w.admin()
	require.Eventually(w.t, func() bool {
		var busy int
		require.NoError(w.t, admin.QueryRow(ctx, atWork).Scan(&busy))
		if busy > 0 {
			return false
		}
		waiting := w.untold()
		homes := w.count(`select count(*) from homes where shown < wanted`)
		open := w.count(`select count(*) from receipts where outcome is null`)
		if len(waiting)+homes+open == 0 {
			return true
		}
		if len(waiting)+homes > 0 {
			_ = w.sim.Advance(w.untilNext())
		}
		w.wakeAll(waiting)
		return false
	}, patience, 5*time.Millisecond, "something is still to be told")
	require.NoError(w.t, jobs.Idle(ctx, w.db.Pool()))
	w.nothingUnderWay()
}

// untold are the incidents of which something is still to be told.
func (w *workspace) untold() []incidents.ID {
	w.t.Helper()
	rows, err := w.db.Pool().Query(w.ctx(), untold)
	require.NoError(w.t, err)
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	require.NoError(w.t, err)
	return waiting
}

// untilNext is how far the clock is from the next instant for which something
// waits, at least a second.
func (w *workspace) untilNext() time.Duration {
	w.t.Helper()
	now, err := w.db.Now(w.ctx(), nil)
	require.NoError(w.t, err)
	var next *time.Time
	require.NoError(w.t, w.db.Pool().QueryRow(w.ctx(),
		`select min(next_at) from delivery_steps where state in ('waiting', 'sending', 'unknown') and next_at > $1`, now).Scan(&next))
	if next == nil {
		return time.Second
	}
	return max(next.Sub(now), time.Second)
}

// wakeAll has what waits looked at now, and the Home tabs if one is old.
func (w *workspace) wakeAll(waiting []incidents.ID) {
	w.t.Helper()
	for _, id := range waiting {
		w.wake(journal.Deliver{Incident: id})
	}
	if w.count(`select count(*) from homes where shown < wanted`) > 0 {
		w.wake(bot.Homes{})
	}
}

// nothingUnderWay waits until no payload waits for its acknowledgement. One that
// went to a lost connection, or is held back, waits for the clock.
func (w *workspace) nothingUnderWay() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		if w.sim.Idle(ctx) == nil {
			return true
		}
		_ = w.sim.Advance(time.Second)
		return false
	}, patience, time.Millisecond, "a payload is under way")
}

// waits lets everything be tried that can be tried now, and a little later.
func (w *workspace) waits() {
	w.t.Helper()
	for range 2 {
		require.Eventually(w.t, func() bool { return w.count(`select count(*) from receipts where outcome is null`) == 0 }, patience, 5*time.Millisecond)
		require.NoError(w.t, jobs.Idle(w.ctx(), w.db.Pool()))
		require.NoError(w.t, w.sim.Advance(w.untilNext()))
		w.wakeAll(w.untold())
	}
}

func (w *workspace) wake(args jobs.Args) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.ctx(), func(tx pgx.Tx) error { return jobs.Add(w.ctx(), tx, args) }))
}

// forget makes the bot ask Slack again who somebody is.
func (w *workspace) forget() { w.bot.Forget() }

// looksAway opens the Home tab while events may be lost.
func (w *workspace) looksAway(who string) {
	w.t.Helper()
	w.insistOnEvents(func(ctx context.Context) error {
		_, err := w.sim.As(who).OpensHome(ctx)
		return err
	})
}

// insistOnEvents does what raises events, and moves the clock on for those that
// are held back.
func (w *workspace) insistOnEvents(do func(context.Context) error) {
	w.t.Helper()
	done := make(chan error, 1)
	ctx := w.ctx()
	go func() { done <- do(ctx) }()
	for looks := 0; ; looks++ {
		select {
		case err := <-done:
			require.NoError(w.t, err)
			return
		case <-time.After(10 * time.Millisecond):
			if looks > 40 {
				_ = w.sim.Advance(time.Second)
			}
		}
	}
}

// struck counts the calls that a kind of fault has hit.
func (w *workspace) struck(kind string) (n int) {
	for _, t := range w.sim.Traffic("api") {
		if t.Fault == kind {
			n++
		}
	}
	return n
}
