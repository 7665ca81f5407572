package slacksim_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// put sends the bytes of an upload and returns the status.
func (d *desk) put(verb, address, kind, body string) int {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.ctx(), verb, address, strings.NewReader(body))
	require.NoError(d.t, err)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	read(d.t, resp)
	return resp.StatusCode
}

func TestBytesComeInEveryShape(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.csv")
	require.NoError(t, err)
	_, err = io.WriteString(part, "a,b\n1,2")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	doubled := form.String() + "\r\n--" + w.Boundary() + "--\r\n"
	for name, c := range map[string]struct{ verb, kind, body string }{
		"raw, posted":                    {"POST", "application/octet-stream", "a,b\n1,2"},
		"raw, put":                       {"PUT", "", "a,b\n1,2"},
		"a form":                         {"POST", w.FormDataContentType(), form.String()},
		"a form put":                     {"PUT", w.FormDataContentType(), form.String()},
		"a form whose end is said twice": {"POST", w.FormDataContentType(), doubled},
	} {
		t.Run(name, func(t *testing.T) {
			got := d.fine("files.getUploadURLExternal", args{"filename": "a.csv", "length": 7})
			require.Equal(t, http.StatusOK, d.put(c.verb, got["upload_url"].(string), c.kind, c.body))
			id := got["file_id"].(string)
			d.fine("files.completeUploadExternal", args{"files": []any{args{"id": id, "title": "A"}}, "channel_id": general, "initial_comment": name})
			_, err := d.sim.As("ana").Await(d.ctx(), "#general", slacksim.Contains(name))
			require.NoError(t, err)
			file := at(d.fine("files.info", args{"file": id}), "file")
			require.EqualValues(t, 7, at(file, "size"))
			require.Equal(t, "A", at(file, "title"))
			require.Equal(t, []any{general}, at(file, "channels"))
			require.NotEmpty(t, at(file, "shares", "public", general, 0, "ts"))
		})
	}
}

func TestBytesThatAreNotAsAnnouncedAreRefused(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	for _, a := range []args{{"filename": "a"}, {"filename": "a", "length": 0}, {"length": 3}} {
		d.refusedWith("missing_argument", "files.getUploadURLExternal", a)
	}
	d.refusedWith("invalid_arguments", "files.getUploadURLExternal", args{"filename": "a", "length": "many"})
	d.refusedWith("alt_txt_too_large", "files.getUploadURLExternal", args{"filename": "a", "length": 3, "alt_txt": long(1001)})
	d.refusedWith("snippet_too_large", "files.getUploadURLExternal", args{"filename": "a", "length": 1<<20 + 1, "snippet_type": "go"})

	got := d.fine("files.getUploadURLExternal", args{"filename": "a", "length": 3})
	done := args{"files": []any{args{"id": got["file_id"]}}}
	for _, body := range []string{"", "ab", "abcd"} {
		require.Equal(t, http.StatusBadRequest, d.put("POST", got["upload_url"].(string), "", body), "%q", body)
	}
	d.refusedWith("file_not_found", "files.completeUploadExternal", done)
	require.Equal(t, http.StatusOK, d.put("POST", got["upload_url"].(string), "", "abc"))
	d.fine("files.completeUploadExternal", done)
	d.refusedWith("file_not_found", "files.completeUploadExternal", done)
	require.Equal(t, http.StatusNotFound, d.put("POST", got["upload_url"].(string), "", "abc"), "a complete file is not overwritten")
}

func TestAFileIsSharedInAThreadOfOneChannel(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general, random := d.room("general"), d.room("random")
	root := d.posted(general, "root")
	id := d.uploads("a.txt", "a")
	share := args{"files": []any{args{"id": id}}, "channel_id": general, "thread_ts": root}
	d.refusedWith("invalid_arguments", "files.completeUploadExternal", share.but("channels", random))
	d.refusedWith("invalid_arguments", "files.completeUploadExternal", share.but("thread_ts", "1.000001"))
	d.refusedWith("channel_not_found", "files.completeUploadExternal", share.but("channel_id", "C0NOWHERE00"))
	out := d.fine("files.completeUploadExternal", share)
	require.Equal(t, []any{map[string]any{"id": id, "title": "a.txt"}}, out["files"], "the answer holds no message")
	_, err := d.sim.As("ana").Await(d.ctx(), "#general", slacksim.InThread(root))
	require.NoError(t, err)
	reply := at(d.fine("conversations.replies", args{"channel": general, "ts": root}), "messages", 1)
	require.Equal(t, "file_share", at(reply, "subtype"))
	require.Equal(t, id, at(reply, "files", 0, "id"))
}

func TestAddressesOfFilesAreThoseOfTheCaller(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	req, err := http.NewRequestWithContext(d.ctx(), http.MethodGet, d.sim.APIURL()+"files.getUploadURLExternal?filename=a&length=1", nil)
	require.NoError(t, err)
	req.Host = "slack.test:1234"
	req.Header.Set("Authorization", "Bearer "+d.sim.Tokens().Bot)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.Contains(t, read(t, resp), `"upload_url":"http://slack.test:1234/upload/`)
}

func TestThePrivateAddressOfAFileWantsTheToken(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	id := d.uploads("a b.txt", "hello")
	d.fine("files.completeUploadExternal", args{"files": []any{args{"id": id}}, "channel_id": general})
	address := at(d.fine("files.info", args{"file": id}), "file", "url_private").(string)
	get := func(token string) (int, string) {
		req, err := http.NewRequestWithContext(d.ctx(), http.MethodGet, address, nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		return resp.StatusCode, read(t, resp)
	}
	status, body := get(d.sim.Tokens().Bot)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "hello", body)
	status, _ = get("xoxb-other")
	require.Equal(t, http.StatusForbidden, status)
	require.NoError(t, d.sim.Admin().RevokeScopes("files:read"))
	status, _ = get(d.sim.Tokens().Bot)
	require.Equal(t, http.StatusForbidden, status)
	require.NoError(t, d.sim.Admin().GrantScopes("files:read"))

	_, err := d.sim.As("ana").Await(d.ctx(), "#general", slacksim.Contains("a b.txt"))
	require.NoError(t, err)
	d.fine("files.delete", args{"file": id})
	d.refusedWith("file_deleted", "files.delete", args{"file": id})
	d.refusedWith("file_deleted", "files.info", args{"file": id})
	status, _ = get(d.sim.Tokens().Bot)
	require.Equal(t, http.StatusNotFound, status)
	_, err = d.sim.As("ana").Await(d.ctx(), "#general", slacksim.Contains("deleted file"))
	require.NoError(t, err)
	require.Equal(t, "tombstone", at(d.fine("conversations.history", args{"channel": general}), "messages", 0, "files", 0, "mode"))
}
