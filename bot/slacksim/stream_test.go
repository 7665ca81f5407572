package slacksim_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// stream listens as somebody, after frame n.
func (d *desk) stream(as string, n int) *websocket.Conn {
	d.t.Helper()
	address := "ws" + strings.TrimPrefix(d.sim.PageURL(), "http") + "sim/stream?as=" + as + "&after=" + strconv.Itoa(n)
	conn, resp, err := websocket.DefaultDialer.Dial(address, nil)
	require.NoError(d.t, err)
	require.NoError(d.t, resp.Body.Close())
	d.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// next reads on to the first frame that is meant.
func (d *desk) next(conn *websocket.Conn, meant func(slacksim.Frame) bool) slacksim.Frame {
	d.t.Helper()
	for {
		var f slacksim.Frame
		require.NoError(d.t, conn.ReadJSON(&f))
		if meant(f) {
			return f
		}
	}
}

func TestAReplyTellsWhatBecameOfItsThread(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	ana, ben := d.sim.As("ana"), d.sim.As("ben")
	root, err := ana.Says(d.ctx(), "#general", "the numbers are low")
	require.NoError(t, err)
	_, err = ana.Replies(d.ctx(), "#general", root.TS, "since Friday")
	require.NoError(t, err)
	conn := d.stream("ana", 0)
	reply, err := ben.Replies(d.ctx(), "#general", root.TS, "I look")
	require.NoError(t, err)

	f := d.next(conn, func(f slacksim.Frame) bool { return f.TS == reply.TS })
	require.NotNil(t, f.Thread)
	require.Equal(t, root.TS, f.Thread.TS)
	require.Equal(t, 2, f.Thread.ReplyCount)
	require.Len(t, f.Thread.ReplyUsers, 2)
	require.Equal(t, reply.TS, f.Thread.LatestReply)

	seen := d.ok("GET", "/sim/channels/general/messages?as=ana", "")["messages"].([]any)[0].(map[string]any)
	require.Equal(t, float64(2), seen["reply_count"])
	require.Equal(t, reply.TS, seen["latest_reply"])
	require.Len(t, seen["reply_users"], 2)
}

func TestADeletedMessageKeepsItsPlaceAboveItsReplies(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	ana := d.sim.As("ana")
	root, err := ana.Says(d.ctx(), "#general", "said too early")
	require.NoError(t, err)
	alone, err := ana.Says(d.ctx(), "#general", "nobody answers")
	require.NoError(t, err)
	reply, err := d.sim.As("ben").Replies(d.ctx(), "#general", root.TS, "no, just in time")
	require.NoError(t, err)
	for _, ts := range []string{root.TS, alone.TS} {
		_, err = ana.Deletes(d.ctx(), "#general", ts)
		require.NoError(t, err)
	}

	list := d.ok("GET", "/sim/channels/general/messages?as=ben", "")["messages"].([]any)
	require.Len(t, list, 1)
	gone := list[0].(map[string]any)
	require.Equal(t, true, gone["deleted"])
	require.Empty(t, gone["text"])
	require.Empty(t, gone["plain"])
	require.Equal(t, float64(1), gone["reply_count"])
	require.Len(t, d.ok("GET", "/sim/channels/general/threads/"+root.TS+"?as=ben", "")["messages"], 2)

	_, err = d.sim.As("ben").Deletes(d.ctx(), "#general", reply.TS)
	require.NoError(t, err)
	require.Empty(t, d.ok("GET", "/sim/channels/general/messages?as=ben", "")["messages"])
	status, _ := d.ask("GET", "/sim/channels/general/threads/"+root.TS+"?as=ben", "")
	require.Equal(t, 404, status)
}

func TestAnEphemeralIsOfOnePersonInTheListToo(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	_, err := d.api.PostEphemeral(general, d.id("ana"), slack.MsgOptionText("for ana", false))
	require.NoError(t, err)
	seen := func(as string) string {
		var words []string
		for _, m := range d.ok("GET", "/sim/channels/general/messages?as="+as, "")["messages"].([]any) {
			words = append(words, m.(map[string]any)["plain"].(string))
		}
		return strings.Join(words, "\n")
	}
	require.Contains(t, seen("ana"), "for ana")
	require.NotContains(t, seen("ben"), "for ana")
	require.NotContains(t, seen(""), "for ana")
}

func TestAListenerOfAnEarlierRunLooksAtEverythingAnew(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	f := d.next(d.stream("ana", 1_000_000), func(slacksim.Frame) bool { return true })
	require.Equal(t, "resync", f.Kind)
}

func TestAMessageNamesItsFiles(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	up := d.ok("POST", "/sim/as/ana/upload", `{"channel":"#general","filename":"rows.csv","content_base64":"YSxi"}`)
	list := d.ok("GET", "/sim/channels/general/messages?as=ben", "")["messages"].([]any)
	file := list[0].(map[string]any)["file_list"].([]any)[0].(map[string]any)
	require.Equal(t, up["file_id"], file["id"])
	require.Equal(t, "rows.csv", file["name"])
	require.Equal(t, float64(3), file["size"])

	d.ok("POST", "/sim/as/ana/upload", `{"channel":"#general","filename":"x.png","content_base64":"YQ=="}`)
	d.ok("POST", "/sim/as/ana/upload", `{"channel":"#general","filename":"x.html","content_base64":"YQ=="}`)
	kinds := map[string]string{}
	for _, m := range d.ok("GET", "/sim/channels/general/messages?as=ben", "")["messages"].([]any) {
		f := m.(map[string]any)["file_list"].([]any)[0].(map[string]any)
		resp, _ := d.fetch("/sim/files/"+f["id"].(string)+"/content", nil)
		kinds[f["name"].(string)] = resp.Header.Get("Content-Type")
	}
	require.Equal(t, map[string]string{"rows.csv": "application/octet-stream", "x.png": "image/png", "x.html": "application/octet-stream"}, kinds)
}

func TestAChannelTellsWhoIsInIt(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	info := func() map[string]any {
		return d.ok("GET", "/sim/channels/random?as=ana", "")["channel"].(map[string]any)
	}
	before := info()
	require.Equal(t, false, before["app"])
	d.room("random")
	require.Equal(t, true, info()["app"])
	require.Equal(t, before["members"].(float64)+1, info()["members"])
}
