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

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
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
		return ta.w.sim.As("ana").Slash(ctx, "#general", "/snafu open sev3 "+ta.title+" --new")
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
