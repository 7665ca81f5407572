package slacksim

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

const maxUpload = 64 << 20

// filesGetUploadURL is the first of three steps: it promises a file and says
// where its bytes go.
func filesGetUploadURL(c *call) (object, error) {
	length, ok := c.number("length", 0)
	switch {
	case !ok, length < 0:
		return nil, refuse("invalid_arguments", "[ERROR] must be a number of bytes [json-pointer:/length]")
	case length == 0, !c.has("filename"):
		return nil, refuse("missing_argument", "[ERROR] a filename and a length of at least one byte are needed")
	case length > maxUpload:
		return nil, refuse("file_upload_size_restricted")
	case c.has("snippet_type") && length > maxSnippet:
		return nil, refuse("snippet_too_large")
	case units(c.str("alt_txt")) > maxAltText:
		return nil, refuse("alt_txt_too_large")
	}
	f := &file{
		ID: c.state.mintID("F"), Name: c.str("filename"), Title: c.str("filename"), Mimetype: mimeOf(c.str("filename")),
		AltText: c.str("alt_txt"), User: c.state.App.BotUser, Size: int64(length), Created: unixNow(c.clock),
	}
	c.state.Files = append(c.state.Files, f)
	c.save("file", f.ID, f)
	return object{"upload_url": c.base + "/upload/" + f.ID, "file_id": f.ID}, nil
}

// serveUpload takes the bytes of a file: multipart or raw, POST or PUT. They
// must be as many as were promised.
func (s *Sim) serveUpload(w http.ResponseWriter, r *http.Request) {
	body, err := uploaded(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.state.file(strings.TrimPrefix(r.URL.Path, "/upload/"))
	known := f != nil && !f.Done
	if err == nil && known && int64(len(body)) != f.Size {
		err = fmt.Errorf("%d bytes came, %d were announced", len(body), f.Size)
	}
	said := Traffic{Kind: "upload", Name: "upload", Dir: "from_app", OK: err == nil && known, Request: object{"bytes": len(body)}}
	switch {
	case !known:
		said.Error = "no such upload"
		http.Error(w, said.Error, http.StatusNotFound)
	case err != nil:
		said.Error = err.Error()
		http.Error(w, said.Error, http.StatusBadRequest)
	default:
		f.Content = body
		s.save("file", f.ID, f)
		_, _ = io.WriteString(w, "OK - "+f.Name)
	}
	s.record(said)
	s.changed()
}

// uploaded reads the first file of a form, or the whole body. A closing boundary
// that comes twice, as some clients send it, is no error: what follows the first
// is never read.
func uploaded(r *http.Request) ([]byte, error) {
	kind, params := contentType(r)
	body := http.MaxBytesReader(nil, r.Body, maxUpload+1)
	if kind != typeMultipart {
		return io.ReadAll(body)
	}
	form := multipart.NewReader(body, params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			return io.ReadAll(part)
		}
	}
}

// sharing is what completes an upload.
type sharing struct {
	files []*file
	rooms []*channel
	words content
}

// filesCompleteUpload is the last of three steps. The answer comes before the
// share, and holds no message ts.
func filesCompleteUpload(c *call) (object, error) {
	x := sharing{words: content{text: c.str("initial_comment")}}
	titles, err := c.completed(&x)
	if err != nil {
		return nil, err
	}
	if x.words.text == "" && c.has("blocks") {
		var ok bool
		if x.words.blocks, ok = c.array("blocks"); !ok || len(checkMessage(x.words.blocks).problems) > 0 {
			return nil, refuse("invalid_blocks", checkMessage(x.words.blocks).problems...)
		}
		x.words.blocks = clone(x.words.blocks)
	}
	if x.rooms, err = c.sharedIn(); err != nil {
		return nil, err
	}
	var thread string
	if ts := c.str("thread_ts"); ts != "" {
		switch {
		case len(x.rooms) != 1:
			return nil, refuse("invalid_arguments", "[ERROR] thread_ts needs exactly one channel")
		case x.rooms[0].message(ts) == nil:
			return nil, refuse("invalid_arguments", "[ERROR] no such message [json-pointer:/thread_ts]")
		}
		thread = or(x.rooms[0].message(ts).Thread, ts)
	}
	out := []any{}
	for i, f := range x.files {
		f.Done, f.Title = true, or(titles[i], f.Title)
		c.save("file", f.ID, f)
		out = append(out, object{"id": f.ID, "title": f.Title})
	}
	giveIDs(c.state, x.words.blocks)
	c.later = func() { c.share(x, thread) }
	return object{"files": out}, nil
}

// completed reads which uploads are complete, and their titles.
func (c *call) completed(x *sharing) ([]string, error) {
	list, ok := c.array("files")
	if !ok || len(list) == 0 {
		return nil, refuse("invalid_arguments", "[ERROR] must be an array of files [json-pointer:/files]")
	}
	var titles []string
	for i, raw := range list {
		o, ok := raw.(object)
		if !ok {
			return nil, refuse("invalid_arguments", fmt.Sprintf("[ERROR] must be an object [json-pointer:/files/%d]", i))
		}
		f := c.state.file(text(o, "id"))
		if f == nil || f.Done || f.Content == nil || f.User != c.state.App.BotUser || slices.Contains(x.files, f) {
			return nil, refuse("file_not_found")
		}
		x.files, titles = append(x.files, f), append(titles, text(o, "title"))
	}
	return titles, nil
}

// share posts files into channels.
func (s *Sim) share(x sharing, thread string) {
	for _, ch := range x.rooms {
		m := &message{User: s.state.App.BotUser, Thread: thread, Subtype: "file_share"}
		for _, f := range x.files {
			m.Files = append(m.Files, f.ID)
		}
		s.post(ch, m, x.words)
	}
}

// shareFiles notes where the files of a new message can be found.
func (s *Sim) shareFiles(ch *channel, m *message) {
	for _, id := range m.Files {
		if f := s.state.file(id); f != nil {
			f.Channels = append(f.Channels, ch.ID)
			f.Shares = append(f.Shares, share{Channel: ch.ID, TS: m.TS, Thread: m.Thread})
			s.save("file", f.ID, f)
		}
	}
}

// sharedIn finds the channels of an upload. People among channels mean their
// conversation with the app.
func (c *call) sharedIn() ([]*channel, error) {
	refs := slices.Concat(c.list("channel_id"), c.list("channels"))
	if len(refs) > maxShares {
		return nil, refuse("channels_limit_exceeded")
	}
	var rooms []*channel
	for _, id := range refs {
		ch := c.state.byID[id]
		if p := c.state.human(id); p != nil && !p.Bot {
			ch = c.state.byID[p.DM]
		}
		switch {
		case ch == nil || ch.Deleted || ch.Kind == kindPrivate && !ch.has(c.state.App.BotUser):
			return nil, refuse("channel_not_found")
		case !ch.has(c.state.App.BotUser):
			return nil, refuse("not_in_channel")
		case ch.Archived:
			return nil, refuse("posting_to_channel_denied")
		case !slices.Contains(rooms, ch):
			rooms = append(rooms, ch)
		}
	}
	return rooms, nil
}
