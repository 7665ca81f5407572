package slacksim

import (
	"io"
	"net/http"
	"slices"
	"strconv"
)

func (s *Sim) getApp(*http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appInfo(), nil
}

func (s *Sim) appInfo() object {
	a := s.state.App
	commands, shortcuts := []any{}, []any{}
	for _, c := range a.Commands {
		commands = append(commands, object{"command": c.Command, "description": c.Description, "usage_hint": c.UsageHint})
	}
	for _, c := range a.Shortcuts {
		shortcuts = append(shortcuts, asObject(c))
	}
	return object{
		"name": a.Name, "team_name": s.state.Team.Name,
		"api_url": s.APIURL(), "page_url": s.PageURL(), "team_id": s.state.Team.ID, "app_id": a.ID, "bot_user_id": a.BotUser,
		"bot_id": a.BotID, "bot_token": a.Tokens.Bot, "app_token": a.Tokens.App, "signing_secret": a.Tokens.SigningSecret,
		"mode": s.signed.mode(), "request_url": s.signed.address(), "connections": len(s.hub.conns), "commands": commands, "shortcuts": shortcuts,
		"scopes": append([]string{}, a.scopes()...),
	}
}

func (s *Sim) getPeople(*http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := []Profile{}
	for _, p := range s.state.People {
		people = append(people, s.profile(p))
	}
	return object{"people": people}, nil
}

func (s *Sim) getGroups(*http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	groups := []any{}
	for _, g := range s.state.Groups {
		groups = append(groups, s.groupInfo(g))
	}
	return object{"usergroups": groups}, nil
}

func (s *Sim) groupInfo(g *usergroup) object {
	return object{"id": g.ID, "handle": g.Handle, "name": g.Name, "members": append([]string{}, g.Members...)}
}

// viewer reads who looks: nobody in particular if ?as= is absent.
func (s *Sim) viewer(r *http.Request) (*person, error) {
	name := r.URL.Query().Get("as")
	if name == "" {
		return nil, nil
	}
	return s.who(name)
}

func (s *Sim) getChannels(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, err := s.viewer(r)
	if err != nil {
		return nil, err
	}
	list := []Channel{}
	for _, ch := range s.state.Channels {
		if !ch.Deleted && (me == nil || ch.visible(me)) {
			list = append(list, s.channelInfo(ch, me))
		}
	}
	return object{"channels": list}, nil
}

// looked finds the channel of a path as the viewer sees it.
func (s *Sim) looked(r *http.Request) (*channel, *person, error) {
	me, err := s.viewer(r)
	if err != nil {
		return nil, nil, err
	}
	ref := r.PathValue("channel")
	ch := s.state.roomFor(me, ref)
	if ch == nil || me != nil && !ch.visible(me) {
		return nil, nil, notFound("there is no channel %s", ref)
	}
	return ch, me, nil
}

func (s *Sim) getChannel(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, me, err := s.looked(r)
	if err != nil {
		return nil, err
	}
	pins, marks := []string{}, []any{}
	for _, p := range ch.Pins {
		pins = append(pins, p.TS)
	}
	for _, b := range ch.Bookmarks {
		marks = append(marks, object{"id": b.ID, "title": b.Title, "link": b.Link})
	}
	return object{"channel": s.channelInfo(ch, me), "members": append([]string{}, ch.Members...), "pins": pins, "bookmarks": marks}, nil
}

func (s *Sim) getMessages(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, me, err := s.looked(r)
	if err != nil {
		return nil, err
	}
	var all []*message
	for _, m := range ch.messages {
		shown := m.To == "" && (m.Thread == "" || m.Thread == m.TS || m.Broadcast) || me != nil && m.To == me.ID
		if shown && (!m.Deleted || headstone(ch, m)) {
			all = append(all, m)
		}
	}
	return s.pageOf(r, ch, all)
}

// headstone tells whether a deleted message still shows that it was there: it
// does as long as its thread has replies.
func headstone(ch *channel, m *message) bool { return m.To == "" && len(ch.replies(m.TS)) > 0 }

func (s *Sim) getThread(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, me, err := s.looked(r)
	if err != nil {
		return nil, err
	}
	root := r.PathValue("ts")
	var all []*message
	found := false
	for _, m := range ch.messages {
		switch {
		case m.TS == root && m.To == "" && (!m.Deleted || headstone(ch, m)):
			found = true
			all = append(all, m)
		case m.Thread == root && !m.Deleted && (m.To == "" || me != nil && m.To == me.ID):
			all = append(all, m)
		}
	}
	if !found {
		return nil, notFound("there is no message %s", root)
	}
	return s.pageOf(r, ch, all)
}

// pageOf cuts by after, before and limit. Without after the newest are given.
func (s *Sim) pageOf(r *http.Request, ch *channel, all []*message) (object, error) {
	q := r.URL.Query()
	limit := 200
	if q.Get("limit") != "" {
		n, err := strconv.Atoi(q.Get("limit"))
		if err != nil || n < 1 {
			return nil, badRequest("limit is a positive number")
		}
		limit = n
	}
	all = slices.DeleteFunc(slices.Clone(all), func(m *message) bool {
		return q.Get("after") != "" && m.TS <= q.Get("after") || q.Get("before") != "" && m.TS >= q.Get("before")
	})
	more := len(all) > limit
	if more && q.Get("after") != "" {
		all = all[:limit]
	} else if more {
		all = all[len(all)-limit:]
	}
	list := []Message{}
	for _, m := range all {
		list = append(list, s.messageInfo(ch, m))
	}
	return object{"messages": list, "has_more": more}, nil
}

func (s *Sim) getViews(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	me, err := s.viewer(r)
	if err != nil {
		return nil, err
	}
	if me == nil {
		return nil, badRequest("as is needed")
	}
	modals := []*View{}
	for _, v := range s.state.views[me.ID] {
		modals = append(modals, s.viewInfo(v))
	}
	return object{"home": s.viewInfo(s.state.homes[me.ID]), "modals": modals}, nil
}

func (s *Sim) getFile(r *http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.state.file(r.PathValue("id"))
	if f == nil {
		return nil, notFound("there is no file %s", r.PathValue("id"))
	}
	return object{"file": object{
		"id": f.ID, "name": f.Name, "size": f.Size, "mimetype": f.Mimetype, "channels": append([]string{}, f.Channels...),
	}}, nil
}

func (s *Sim) getContent(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.state.file(r.PathValue("id"))
	var content []byte
	kind := ""
	if f != nil {
		content, kind = f.Content, f.Mimetype
	}
	s.mu.Unlock()
	if f == nil {
		writeControl(w, nil, notFound("there is no file %s", r.PathValue("id")))
		return
	}
	w.Header().Set("Content-Type", harmless(kind))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(content)
}

// harmless is the type under which a file is handed out: pictures as what they
// are, everything else as bytes that no browser runs.
func harmless(kind string) string {
	if slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, kind) {
		return kind
	}
	return "application/octet-stream"
}

func (s *Sim) getTraffic(r *http.Request) (object, error) {
	q := r.URL.Query()
	after, _ := strconv.Atoi(q.Get("after"))
	limit, err := strconv.Atoi(or(q.Get("limit"), "200"))
	if err != nil || limit < 1 {
		return nil, badRequest("limit is a positive number")
	}
	list := []Traffic{}
	for _, t := range s.Traffic(q.Get("kind")) {
		if t.N > after {
			list = append(list, t)
		}
	}
	if q.Get("after") == "" && len(list) > limit {
		list = list[len(list)-limit:]
	}
	return object{"items": list[:min(limit, len(list))]}, nil
}

func (s *Sim) getTranscript(w http.ResponseWriter, r *http.Request) {
	channels := r.URL.Query()["channel"]
	s.mu.Lock()
	for _, ref := range channels {
		if s.state.room(ref) == nil {
			s.mu.Unlock()
			writeControl(w, nil, notFound("there is no channel %s", ref))
			return
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, s.Transcript(channels...))
}
