package slacksim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhatAPersonTypesIsEscapedAsSlackDoes(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.room("general")
	require.NoError(t, d.sim.Admin().Usergroup("oncall", "ben"))
	ids := strings.NewReplacer("ANA", d.id("ana"), "GENERAL", d.roomID("general"), "GROUP", groupID(d, "oncall"))
	for typed, want := range map[string]string{
		"a < b & c > d":                              "a &lt; b &amp; c &gt; d",
		"ask @ana, please":                           "ask <@ANA>, please",
		"(@ana)":                                     "(<@ANA>)",
		"see #general.":                              "see <#GENERAL|general>.",
		"@oncall help":                               "<!subteam^GROUP|@oncall> help",
		"@here @channel @everyone":                   "<!here> <!channel> <!everyone>",
		"https://example.com/@ana/x#general":         "<https://example.com/@ana/x#general>",
		"see https://example.com/a?b=1&c=2.":         "see <https://example.com/a?b=1&amp;c=2>.",
		"(https://example.com)":                      "(<https://example.com>)",
		"write ana@example.com today":                "write <mailto:ana@example.com|ana@example.com> today",
		"user@ana is no mention, nor is a#general":   "user@ana is no mention, nor is a#general",
		"@nobody and #nowhere":                       "@nobody and #nowhere",
		"<@ANA> typed by hand, and <!channel>":       "&lt;@ANA&gt; typed by hand, and &lt;!channel&gt;",
		"https://example.com/<script>alert</script>": "<https://example.com/>&lt;script&gt;alert&lt;/script&gt;",
	} {
		said, err := d.sim.As("ana").Says(d.ctx(), "#general", ids.Replace(typed))
		require.NoError(t, err)
		require.Equal(t, ids.Replace(want), said.Text)
	}
}

func groupID(d *desk, handle string) string {
	groups, _ := d.fine("usergroups.list", nil)["usergroups"].([]any)
	for _, g := range groups {
		if at(g, "handle") == handle {
			return at(g, "id").(string)
		}
	}
	return ""
}

// events are those of a kind that were sent so far.
func (d *desk) events(kind, subtype string) []map[string]any {
	var out []map[string]any
	for _, x := range d.sim.Traffic("envelope") {
		event, _ := at(x.Request, "payload", "event").(map[string]any)
		sub, _ := event["subtype"].(string)
		if event["type"] == kind && sub == subtype {
			out = append(out, event)
		}
	}
	return out
}

func TestEventsCarryTheTimesAndListsThatSlackDocuments(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.room("general")
	d.connect(ackAll)
	ana := d.sim.As("ana")
	said, err := ana.Says(d.ctx(), "#general", "hello")
	require.NoError(t, err)
	_, err = ana.Edits(d.ctx(), "#general", said.TS, "hello again")
	require.NoError(t, err)
	_, err = ana.Deletes(d.ctx(), "#general", said.TS)
	require.NoError(t, err)
	for _, subtype := range []string{"", "message_changed", "message_deleted"} {
		event := d.events("message", subtype)[0]
		require.Equal(t, event["ts"], event["event_ts"], "%q", subtype)
	}

	require.NoError(t, d.sim.Admin().Usergroup("oncall", "ben"))
	require.NoError(t, d.sim.Idle(d.ctx()), "what is not acknowledged comes again")
	require.NoError(t, d.sim.Advance(time.Hour))
	require.NoError(t, d.sim.Admin().Usergroup("oncall", "ben", "chi"))
	changed := d.events("subteam_members_changed", "")[1]
	require.Equal(t, []any{d.id("chi")}, changed["added_users"])
	require.Equal(t, []any{}, changed["removed_users"], "a list, not null")
	require.EqualValues(t, noon.Unix(), changed["date_previous_update"])
	require.EqualValues(t, noon.Add(time.Hour).Unix(), changed["date_update"])
}

// A fault for a person strikes the events about that person's account, too.
func TestAFaultIsForAPersonsAccount(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.connect(ackAll)
	name := "Somebody Else"
	d.fault(slacksim.Fault{Kind: "event.drop", Match: slacksim.Match{Event: "user_change", Person: "ben"}, Always: true})
	require.NoError(t, d.sim.Admin().Person("ana", slacksim.PersonChange{RealName: &name}))
	require.NoError(t, d.sim.Admin().Person("ben", slacksim.PersonChange{RealName: &name}))
	require.NoError(t, d.sim.Idle(d.ctx()))
	var sent, dropped int
	for _, x := range d.sim.Traffic("envelope") {
		if x.Name == "user_change" && x.Fault == "" {
			sent++
		} else if x.Name == "user_change" {
			dropped++
		}
	}
	require.Equal(t, 1, sent)
	require.Equal(t, 1, dropped)
}

func TestAFileOfAPersonTellsWhereItIsShared(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	d.connect(ackAll)
	root := d.posted(general, "here")
	said, err := d.sim.As("ana").Uploads(d.ctx(), "#general", root, "leads.csv", []byte("a,b"))
	require.NoError(t, err)
	file := at(d.fine("files.info", args{"file": said.Files[0]}), "file")
	require.Equal(t, said.TS, at(file, "shares", "public", general, 0, "ts"))
	require.Equal(t, root, at(file, "shares", "public", general, 0, "thread_ts"))
	require.Equal(t, []any{general}, at(file, "channels"))
	shared := d.events("file_shared", "")
	require.Len(t, shared, 1)
	require.Equal(t, said.Files[0], shared[0]["file_id"])
	require.Equal(t, general, shared[0]["channel_id"])
	require.Equal(t, d.id("ana"), shared[0]["user_id"])
	require.Equal(t, said.Files[0], at(d.events("message", "file_share")[0], "files", 0, "id"))
	require.Equal(t, said.TS, at(d.events("message", "file_share")[0], "files", 0, "shares", "public", general, 0, "ts"), "told with the message already")

	d.ok(http.MethodPost, "/sim/admin/message", `{"channel":"general","ts":"`+said.TS+`","delete":true}`)
}
