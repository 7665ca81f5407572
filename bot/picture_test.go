package bot_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

func withPictures(o *bot.Options) { o.Pictures = true }

// image is an image block of a message.
type image struct {
	Type  string `json:"type"`
	Alt   string `json:"alt_text"`
	Slack struct {
		ID string `json:"id"`
	} `json:"slack_file"`
}

func imagesOf(t *testing.T, m slacksim.Message) []image {
	t.Helper()
	raw, err := json.Marshal(m.Blocks)
	require.NoError(t, err)
	var all, images []image
	require.NoError(t, json.Unmarshal(raw, &all))
	for _, i := range all {
		if i.Type == "image" {
			images = append(images, i)
		}
	}
	return images
}

// called counts the calls of a method.
func (w *workspace) called(method string) (n int) {
	for _, x := range w.sim.Traffic("api") {
		if x.Name == method && x.OK {
			n++
		}
	}
	return n
}

// counted is a workspace with an incident whose run was just picked.
func counted(t *testing.T, faults ...slacksim.Fault) (w *workspace, channel string) {
	t.Helper()
	w = quietWorkspace(t, slacksim.FrozenClock(time.Now()), withAnnouncements, withPictures)
	w.crm = newCRM(t)
	w.begin()
	channel = w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	for _, f := range faults {
		w.fault(f)
	}
	w.slash("ana", channel, "/snafu triage 2 weekly-42")
	return w, channel
}

func TestEachCountIsPicturedInOneMessageUnderTheStateTable(t *testing.T) {
	t.Parallel()
	w, ch := counted(t)
	w.quiet()
	table := w.sees("ana", ch, slacksim.Contains("2,926 members"))
	first := w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("weekly-42 touched 2,926 leads"))
	images := imagesOf(t, first)
	require.Len(t, images, 2)
	require.Contains(t, images[0].Alt, "weekly-42 touched 2,926 leads")
	require.Contains(t, images[1].Alt, "Prospect -> SQL: 500.")
	for _, i := range images {
		_, err := png.Decode(bytes.NewReader(w.content(i.Slack.ID)))
		require.NoError(t, err)
	}

	w.slash("ana", ch, "/snafu note Nothing new was counted")
	w.quiet()
	require.Equal(t, 2, w.called("files.completeUploadExternal"), "what is no count makes no picture")

	w.slash("ana", ch, "/snafu count")
	w.quiet()
	again := w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("in 2 counts"))
	require.Equal(t, first.TS, again.TS, "the message stays, and its pictures are others")
	newer := imagesOf(t, again)
	require.Len(t, newer, 2)
	require.NotEqual(t, images[0].Slack.ID, newer[0].Slack.ID)
	require.Equal(t, 4, w.called("files.completeUploadExternal"))
	require.Equal(t, 2, w.called("files.delete"), "nobody keeps the older ones")
	w.sound()
}

// content asks the simulated Slack for the bytes of a file.
func (w *workspace) content(file string) []byte {
	w.t.Helper()
	url := strings.TrimSuffix(w.sim.APIURL(), "/api/") + "/sim/files/" + file + "/content"
	req, err := http.NewRequestWithContext(w.ctx(), http.MethodGet, url, nil)
	require.NoError(w.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return raw
}

func TestAPictureThatSlackRefusesHurtsNothingAndIsSaidOnce(t *testing.T) {
	t.Parallel()
	w, ch := counted(t, slacksim.Fault{
		Kind: "api.error", Error: "missing_scope", Match: slacksim.Match{Method: "files.getUploadURLExternal"}, Always: true,
	})
	w.quiet()
	w.sees("ana", ch, slacksim.Contains("2,926 members"))
	w.slash("ana", ch, "/snafu count")
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'pictures-refused/1'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	require.Zero(t, w.count(`select count(*) from messages where kind = 'picture'`))
	w.sees("ana", "@snafu", slacksim.Contains("files:write (snafu manifest --pictures)"))
	w.sound()
}

func TestAPictureWhoseAnswerIsLostIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, ch := counted(t, slacksim.Fault{Kind: "api.http_error", Status: 503, Match: slacksim.Match{Method: "files.completeUploadExternal"}, Times: 1})
	w.advanceUntilQuiet()
	table := w.sees("ana", ch, slacksim.Contains("2,926 members"))
	w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("weekly-42 touched 2,926 leads"))
	require.Zero(t, w.count(`select count(*) from journal where kind = 'pictures-refused/1'`))
	w.sound()
}

func TestWhatIsDecidedIsDrawnAtOnce(t *testing.T) {
	t.Parallel()
	w, ch := counted(t)
	w.quiet()
	table := w.sees("ana", ch, slacksim.Contains("2,926 members"))
	first := w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("weekly-42 touched 2,926 leads"))
	w.slash("ana", ch, "/snafu table 1 MQL")
	w.quiet()
	again := w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("Prospect -> SQL: 500, to write 500"))
	require.Equal(t, first.TS, again.TS, "in the same message")
	require.NotEqual(t, imagesOf(t, first), imagesOf(t, again))
	w.slash("ana", ch, "/snafu table keep 1 sales want them so")
	w.quiet()
	w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("Prospect -> SQL: 500, to write 0"))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'measured/1'`), "nothing was counted again")
	w.sound()
}

func TestPicturesWhosePostIsNotAnsweredStandThereOnce(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]slacksim.Fault{
		// The first post is the state table.
		"the message is there":     {Kind: "api.lost_reply", Match: slacksim.Match{Method: "chat.postMessage"}, Skip: 1, Times: 1},
		"the message is not there": {Kind: "api.lost_request", Match: slacksim.Match{Method: "chat.postMessage"}, Skip: 1, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ch := counted(t, f)
			w.advanceUntilQuiet()
			w.sees("ana", ch, slacksim.Contains("2,926 members"))
			one := func() slacksim.Message {
				t.Helper()
				all, err := w.sim.As("ana").Sees(ch)
				require.NoError(t, err)
				var found []slacksim.Message
				for _, m := range all {
					if len(imagesOf(t, m)) > 0 {
						found = append(found, m)
					}
				}
				require.Len(t, found, 1)
				for _, i := range imagesOf(t, found[0]) {
					_, err := png.Decode(bytes.NewReader(w.content(i.Slack.ID)))
					require.NoError(t, err, "its files are there")
				}
				return found[0]
			}
			first := one()

			// The edit that is not answered is found as well, and the older files go.
			w.fault(slacksim.Fault{Kind: f.Kind, Match: slacksim.Match{Method: "chat.update"}, Times: 1})
			w.slash("ana", ch, "/snafu count")
			w.advanceUntilQuiet()
			require.Equal(t, first.TS, one().TS)
			w.slash("ana", ch, "/snafu count")
			w.advanceUntilQuiet()
			last := one()
			require.Equal(t, first.TS, last.TS)
			require.Contains(t, last.Plain, "in 3 counts")
			require.Zero(t, w.count(`select count(*) from journal where kind = 'pictures-refused/1'`))
			require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
		})
	}
}

func TestPicturesThatMayNotStandInAMessageAreSharedAsFiles(t *testing.T) {
	t.Parallel()
	// The first post is the state table; the pictures are tried four times.
	w, ch := counted(t, slacksim.Fault{Kind: "api.error", Error: "invalid_blocks", Match: slacksim.Match{Method: "chat.postMessage"}, Skip: 1, Times: 4})
	w.quiet()
	table := w.sees("ana", ch, slacksim.Contains("2,926 members"))
	shared := w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("weekly-42 touched 2,926 leads"))
	require.Len(t, shared.Files, 1)
	require.Equal(t, 2, w.called("files.delete"), "the two that no message took")
	w.slash("ana", ch, "/snafu count")
	w.quiet()
	newer := w.sees("ana", ch, slacksim.InThread(table.TS), slacksim.Contains("in 2 counts"))
	require.NotEqual(t, shared.Files, newer.Files)
	require.Equal(t, 4, w.called("files.delete"))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	w.sound()
}
