package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// workspace is a simulated Slack as an outside program sees it: an address, and
// JSON over it.
type workspace struct {
	t  *testing.T
	at string // http://127.0.0.1:PORT
}

type object = map[string]any

// host is the address to listen on, to be found again there.
func (w workspace) host() string { return strings.TrimPrefix(w.at, "http://") }

// message and form are the parts of an answer that these tests read.
type message struct {
	TS          string
	Subtype     string
	Plain       string
	Bot, Pinned bool
	ReplyCount  int    `json:"reply_count"`
	ThreadTS    string `json:"thread_ts"`
	EphemeralTo string `json:"ephemeral_to"`
}

type form struct{ ID, Plain string }

type reply struct {
	OK         bool
	Error      string
	Detail     string
	Shown      string
	Result     string
	Errors     map[string]string
	Deliveries []struct{ State string }
	Message    message
	Messages   []message
	View       *form
	Channel    struct {
		ID, Name, Topic string
		Member          bool // of whom is asked about
	}
	People   []struct{ ID, Name string }
	Conns    int    `json:"connections"`
	BotToken string `json:"bot_token"`
	AppToken string `json:"app_token"`
	Items    []struct {
		Kind, Name string
		OK         bool
		Error      string
	}
}

func (w workspace) ask(method, path string, in any) reply {
	w.t.Helper()
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		require.NoError(w.t, err)
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.at+"/sim/"+path, body)
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	var out reply
	require.NoError(w.t, json.NewDecoder(res.Body).Decode(&out), path)
	return out
}

func (w workspace) get(path string) reply {
	w.t.Helper()
	out := w.ask(http.MethodGet, path, nil)
	require.True(w.t, out.OK, "%s: %s", path, out.Detail)
	return out
}

func (w workspace) post(path string, in object) reply {
	w.t.Helper()
	out := w.ask(http.MethodPost, path, in)
	require.True(w.t, out.OK, "%s %v: %s", path, in, out.Detail)
	return out
}

// await waits inside the simulator, woken by what changes there.
func (w workspace) await(as, what string, which any) reply {
	w.t.Helper()
	return w.post("await", object{"as": as, "timeout": patience.String(), what: which})
}

// acted is an act that the bot has acknowledged.
func (w workspace) acted(path string, in object) reply {
	w.t.Helper()
	out := w.post(path, in)
	for _, d := range out.Deliveries {
		require.Equal(w.t, "acked", d.State, "%s %v: %s", path, in, out.Shown)
	}
	return out
}

func (w workspace) slash(who, channel, text string) reply {
	w.t.Helper()
	return w.acted("as/"+who+"/slash", object{"channel": channel, "command": "/snafu", "text": text})
}

// press waits for a button and presses its newest one.
func (w workspace) press(who, channel, label string) reply {
	w.t.Helper()
	w.sees(who, channel, object{"label": label})
	return w.acted("as/"+who+"/press", object{"channel": channel, "label": label})
}

// form waits for a form to open.
func (w workspace) form(who, name string) form {
	w.t.Helper()
	return *w.await(who, "view", object{"callback_id": name}).View
}

// fills waits for a form, fills it in and sends it.
func (w workspace) fills(who, name string, values object) reply {
	w.t.Helper()
	out := w.acted("as/"+who+"/submit", object{"view": w.form(who, name).ID, "values": values})
	require.Contains(w.t, []string{"closed", "updated"}, out.Result, "%v", out.Errors)
	return out
}

// sees waits for a message. which may name contains, label, after, thread_ts.
func (w workspace) sees(who, channel string, which object) message {
	w.t.Helper()
	in := object{"channel": channel}
	for k, v := range which {
		in[k] = v
	}
	return w.await(who, "message", in).Message
}

func (w workspace) reads(who, channel string, words ...string) {
	w.t.Helper()
	for _, text := range words {
		w.sees(who, channel, object{"contains": text})
	}
}

// messages are those of a channel and of its threads.
func (w workspace) messages(channel string) []message {
	w.t.Helper()
	at := "channels/" + w.channel(channel)
	var all []message
	for _, m := range w.get(at + "/messages?as=ana&limit=1000").Messages {
		all = append(all, m)
		if m.ReplyCount > 0 {
			all = append(all, w.get(at + "/threads/" + m.TS + "?as=ana&limit=1000").Messages[1:]...)
		}
	}
	return all
}

// channel is a name as it stands in a path.
func (workspace) channel(name string) string { return strings.TrimPrefix(name, "#") }

// transcript is the conversation as text, for a test that failed.
func (w workspace) transcript(channel string) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.at+"/sim/transcript?channel="+w.channel(channel), http.NoBody)
	require.NoError(w.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return string(text)
}

// told waits for words in whatever form is open, and closes it.
func (w workspace) told(who, words string) {
	w.t.Helper()
	view := w.await(who, "view", object{"contains": words}).View
	w.post("as/"+who+"/close", object{"view": view.ID})
}
