package slacksim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (s *Sim) fileObject(f *file, base string) object {
	if f.Deleted {
		return object{"id": f.ID, "mode": "tombstone", "created": f.Created, "user": f.User}
	}
	team := s.state.Team
	address := base + "/files-pri/" + team.ID + "-" + f.ID + "/" + url.PathEscape(f.Name)
	link := "https://" + team.Domain + ".slack.com/files/" + f.User + "/" + f.ID + "/" + url.PathEscape(f.Name)
	out := object{
		"id": f.ID, "created": f.Created, "timestamp": f.Created, "name": f.Name, "title": f.Title, "mimetype": f.Mimetype,
		"filetype": fileType(f.Name), "pretty_type": strings.ToUpper(fileType(f.Name)), "user": f.User, "user_team": team.ID,
		"editable": false, "size": f.Size, "mode": "hosted", "is_external": false, "external_type": "", "public_url_shared": false,
		"display_as_bot": false, "username": "", "alt_txt": f.AltText, "url_private": address, "url_private_download": address,
		"permalink": link, "permalink_public": "https://slack-files.com/" + team.ID + "-" + f.ID, "comments_count": 0,
		"is_starred": false, "has_rich_preview": false, "has_more_shares": false, "file_access": "visible",
	}
	s.sharedKeys(f, out)
	return out
}

// sharedKeys tells where a file was shared, by kind of channel.
func (s *Sim) sharedKeys(f *file, out object) {
	in := map[string][]string{kindPublic: {}, kindPrivate: {}, kindDM: {}}
	for _, id := range f.Channels {
		if ch := s.state.byID[id]; ch != nil {
			in[ch.Kind] = append(in[ch.Kind], id)
		}
	}
	out["channels"], out["groups"], out["ims"] = in[kindPublic], in[kindPrivate], in[kindDM]
	out["is_public"] = len(in[kindPublic]) > 0
	shares := object{}
	for _, sh := range f.Shares {
		ch := s.state.byID[sh.Channel]
		if ch == nil {
			continue
		}
		kind := "private"
		if ch.Kind == kindPublic {
			kind = "public"
		}
		if shares[kind] == nil {
			shares[kind] = object{}
		}
		one := object{
			"ts": sh.TS, "channel_name": ch.Name, "team_id": s.state.Team.ID, "reply_users": []string{}, "reply_users_count": 0, "reply_count": 0,
		}
		if sh.Thread != "" {
			one["thread_ts"] = sh.Thread
		}
		of := child(shares, kind)
		of[ch.ID] = append(items(of, ch.ID), one)
	}
	out["shares"] = shares
}

// fileType is Slack's short name of a kind of file: the end of its name.
func fileType(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 && i < len(name)-1 {
		return strings.ToLower(name[i+1:])
	}
	return "binary"
}

// visibleFile finds a file that the app may see: its own, or one that was shared
// where it can look.
func (c *call) visibleFile() (*file, error) {
	f := c.state.file(c.str("file"))
	if f == nil || !f.Done {
		return nil, refuse("file_not_found")
	}
	bot := c.state.App.BotUser
	shared := slices.ContainsFunc(f.Channels, func(id string) bool {
		ch := c.state.byID[id]
		return ch != nil && (ch.Kind == kindPublic || ch.has(bot))
	})
	switch {
	case f.User != bot && !shared:
		return nil, refuse("file_not_found")
	case f.Deleted:
		return nil, refuse("file_deleted")
	}
	return f, nil
}

func filesInfo(c *call) (object, error) {
	f, err := c.visibleFile()
	if err != nil {
		return nil, err
	}
	return object{"file": c.fileObject(f, c.base), "comments": []any{}, "response_metadata": object{"next_cursor": ""}}, nil
}

// filesDelete takes a file of the app away. The messages that showed it stay.
func filesDelete(c *call) (object, error) {
	f, err := c.visibleFile()
	switch {
	case err != nil:
		return nil, err
	case f.User != c.state.App.BotUser:
		return nil, refuse("cant_delete_file")
	case slices.ContainsFunc(c.state.Channels, func(ch *channel) bool { return ch.Canvas == f.ID }):
		return nil, refuse("delete_not_allowed")
	}
	f.Deleted, f.Content = true, nil
	c.save("file", f.ID, f)
	for _, sh := range f.Shares {
		if ch := c.state.byID[sh.Channel]; ch != nil {
			c.frame(Frame{Kind: "message", Channel: ch.ID, TS: sh.TS})
		}
	}
	c.emit(nil, object{"type": "file_deleted", "file_id": f.ID})
	return nil, nil
}

// servePrivate gives the bytes of a file to who shows the bot's token.
func (s *Sim) servePrivate(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	allowed := s.mayDownload(r)
	_, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/files-pri/"), "-")
	id, _, _ := strings.Cut(rest, "/")
	var content []byte
	var kind string
	if f := s.state.file(id); f != nil {
		content, kind = f.Content, f.Mimetype
	}
	s.mu.Unlock()
	switch {
	case !allowed:
		http.Error(w, "the token is missing", http.StatusForbidden)
	case content == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(content)
	}
}
