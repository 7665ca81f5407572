package slacksim

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

func (s *Sim) fileObject(f *file, base string) object {
	url := base + "/files-pri/" + s.state.Team.ID + "-" + f.ID + "/" + f.Name
	channels := append([]string{}, f.Channels...)
	return object{
		"id": f.ID, "created": f.Created, "timestamp": f.Created, "name": f.Name, "title": f.Title, "mimetype": f.Mimetype,
		"filetype": strings.TrimPrefix(f.Mimetype[strings.Index(f.Mimetype, "/")+1:], "x-"), "pretty_type": "File", "user": f.User,
		"user_team": s.state.Team.ID, "editable": false, "size": f.Size, "mode": "hosted", "is_external": false, "external_type": "",
		"is_public": true, "public_url_shared": false, "display_as_bot": false, "username": "", "alt_txt": f.AltText,
		"url_private": url, "url_private_download": url, "permalink": "https://" + s.state.Team.Domain + ".slack.com/files/" + f.User + "/" + f.ID,
		"channels": channels, "groups": []string{}, "ims": []string{}, "comments_count": 0, "file_access": "visible",
	}
}

func filesGetUploadURL(c *call) (object, error) {
	length, ok := c.number("length", 0)
	if c.str("filename") == "" || !ok || length <= 0 {
		return nil, refuse("missing_argument", "[ERROR] filename and length are needed")
	}
	f := &file{
		ID: c.state.mintID("F"), Name: c.str("filename"), Title: c.str("filename"), Mimetype: mimeOf(c.str("filename")),
		AltText: c.str("alt_txt"), User: c.state.App.BotUser, Size: int64(length), Created: unixNow(c.clock),
	}
	c.state.Files = append(c.state.Files, f)
	c.save("file", f.ID, f)
	return object{"upload_url": c.base + "/upload/" + f.ID, "file_id": f.ID}, nil
}

// serveUpload takes the bytes of a file: multipart or raw, POST or PUT.
func (s *Sim) serveUpload(w http.ResponseWriter, r *http.Request) {
	body, err := uploaded(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.state.file(strings.TrimPrefix(r.URL.Path, "/upload/"))
	s.record(Traffic{Kind: "upload", Name: "upload", Dir: "from_app", OK: err == nil && f != nil})
	switch {
	case f == nil || f.Done:
		http.Error(w, "no such upload", http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		f.Content, f.Size = body, int64(len(body))
		s.save("file", f.ID, f)
		_, _ = io.WriteString(w, "OK - "+f.Name)
	}
}

const maxUpload = 64 << 20

// uploaded reads the first file of a form, or the whole body. A closing boundary
// that comes twice, as some clients send it, is no error: what follows the first
// is never read.
func uploaded(r *http.Request) ([]byte, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := http.MaxBytesReader(nil, r.Body, maxUpload)
	if kind != "multipart/form-data" {
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

func filesCompleteUpload(c *call) (object, error) {
	list, ok := c.array("files")
	if !ok || len(list) == 0 {
		return nil, refuse("invalid_arguments", "[ERROR] files must be a JSON array")
	}
	var ids []string
	out := []any{}
	for _, raw := range list {
		o, _ := raw.(object)
		f := c.state.file(text(o, "id"))
		if f == nil || f.Done || f.Content == nil {
			return nil, refuse("file_not_found")
		}
		f.Title = or(text(o, "title"), f.Title)
		ids = append(ids, f.ID)
		out = append(out, object{"id": f.ID, "title": f.Title})
	}
	rooms, err := c.sharedIn()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		f := c.state.file(id)
		f.Done = true
		c.save("file", id, f)
	}
	// The answer comes before the share, and holds no message ts.
	comment, thread := c.str("initial_comment"), c.str("thread_ts")
	c.later = func() {
		for _, ch := range rooms {
			for _, id := range ids {
				f := c.state.file(id)
				f.Channels = append(f.Channels, ch.ID)
				c.save("file", id, f)
			}
			c.post(ch, &message{User: c.state.App.BotUser, Thread: thread, Subtype: "file_share", Files: ids}, content{text: comment})
		}
	}
	return object{"files": out}, nil
}

func (c *call) sharedIn() ([]*channel, error) {
	var rooms []*channel
	for _, id := range slices.Concat(c.list("channel_id"), c.list("channels")) {
		ch := c.state.byID[id]
		switch {
		case ch == nil || ch.Deleted || ch.Kind == kindPrivate && !ch.has(c.state.App.BotUser):
			return nil, refuse("channel_not_found")
		case !ch.has(c.state.App.BotUser):
			return nil, refuse("not_in_channel")
		case ch.Archived:
			return nil, refuse("posting_to_channel_denied")
		}
		rooms = append(rooms, ch)
	}
	return rooms, nil
}

func filesInfo(c *call) (object, error) {
	f := c.state.file(c.str("file"))
	if f == nil || !f.Done {
		return nil, refuse("file_not_found")
	}
	return object{"file": c.fileObject(f, c.base), "comments": []any{}, "response_metadata": object{"next_cursor": ""}}, nil
}

// servePrivate gives the bytes of a file to who shows the bot's token.
func (s *Sim) servePrivate(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	token := s.state.App.Tokens.Bot
	_, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/files-pri/"), "-")
	id, _, _ := strings.Cut(rest, "/")
	f := s.state.file(id)
	var content []byte
	if f != nil {
		content = f.Content
	}
	s.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		http.Error(w, "the token is missing", http.StatusForbidden)
	case f == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.Mimetype)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(content)
	}
}
