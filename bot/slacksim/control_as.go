package slacksim

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
)

// onMessage names a message.
type onMessage struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

type waiting struct {
	Wait *bool `json:"wait"` // false: answer before the app has acknowledged
}

func (w waiting) waits() bool { return w.Wait == nil || *w.Wait }

// personActs is what POST /sim/as/P/... can do.
func (s *Sim) personActs() map[string]func(*http.Request) (object, error) {
	return map[string]func(*http.Request) (object, error){
		"slash": s.asSlash, "press": s.asPress, "submit": s.asSubmit, "close": s.asClose, "home": s.asHome,
		"message": s.asMessage, "edit": s.asEdit, "delete": s.asDelete, "react": s.asReact, "shortcut": s.asShortcut,
		"join": s.asJoin, "leave": s.asLeave, "invite": s.asInvite, "upload": s.asUpload,
	}
}

// actAs runs an act for the person of the path.
func (s *Sim) actAs(r *http.Request, w waiting, in string, f func(d *deed, me *person, ch *channel) error) (*deed, object, error) {
	d, err := s.start(func(d *deed) error {
		me, ch, err := s.actor(r.PathValue("person"), in)
		if err != nil {
			return err
		}
		return f(d, me, ch)
	})
	if err != nil {
		return d, nil, err
	}
	ctx := r.Context()
	if !w.waits() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		cancel()
	}
	act, err := s.settle(ctx, d)
	if !w.waits() {
		err = nil
	}
	out := asObject(act)
	if act.Shown == "" {
		out["shown"] = nil
	}
	return d, out, err
}

func (s *Sim) asSlash(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		Channel string `json:"channel"`
		Command string `json:"command"`
		Text    string `json:"text"`
	}](r)
	if err != nil {
		return nil, err
	}
	if in.Channel == "" || in.Command == "" {
		return nil, badRequest("channel and command are needed")
	}
	line := strings.TrimSpace(in.Command + " " + in.Text)
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(d *deed, me *person, ch *channel) error { return s.slash(d, me, ch, line) })
	return out, err
}

func (s *Sim) asPress(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		onMessage
		View     string   `json:"view"`
		Home     bool     `json:"home"`
		Label    string   `json:"label"`
		ActionID string   `json:"action_id"`
		BlockID  string   `json:"block_id"`
		Value    string   `json:"value"`
		Values   []string `json:"values"`
		Confirm  bool     `json:"confirm"`
		Inputs   Values   `json:"inputs"` // what the form around a pressed element of a view holds by now
	}](r)
	if err != nil {
		return nil, err
	}
	if in.View == "" && !in.Home && in.Channel == "" || in.Label == "" && in.ActionID == "" {
		return nil, badRequest("a channel, view or home is needed, and a label or action_id")
	}
	values := in.Values
	if in.Value != "" {
		values = []string{in.Value}
	}
	_, out, err := s.actAs(r, in.waiting, "", func(d *deed, me *person, _ *channel) error {
		var hit pressed
		var err error
		switch v := s.state.findView(in.View, ""); {
		case in.Home && s.state.homes[me.ID] != nil:
			hit, err = findInView(s.state.homes[me.ID], in.Label, in.ActionID, in.BlockID, values)
		case v != nil && v.Person == me.ID:
			hit, err = findInView(v, in.Label, in.ActionID, in.BlockID, values)
		case in.Channel != "":
			hit, err = s.findPress(me, in.Channel, in.TS, in.Label, in.ActionID, in.BlockID, values)
		default:
			err = notFound("@%s sees no such view", me.Name)
		}
		if err == nil && hit.v != nil {
			err = s.fillIn(hit.v, in.Inputs)
		}
		if err != nil {
			return err
		}
		hit.agreed = in.Confirm
		return s.press(d, me, hit)
	})
	return out, err
}

// ownView finds a view of the person, the top one if no id is given.
func (s *Sim) ownView(me *person, id string) (*view, error) {
	v := s.state.top(me.ID)
	if id != "" {
		v = s.state.findView(id, "")
	}
	if v == nil || v.Person != me.ID {
		return nil, notFound("@%s sees no such view", me.Name)
	}
	return v, nil
}

func (s *Sim) asSubmit(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		View   string `json:"view"`
		Values Values `json:"values"`
	}](r)
	if err != nil {
		return nil, err
	}
	owner := ""
	d, out, err := s.actAs(r, in.waiting, "", func(d *deed, me *person, _ *channel) error {
		owner = me.ID
		v, err := s.ownView(me, in.View)
		if err != nil {
			return err
		}
		return s.submit(d, me, v, in.Values)
	})
	if err != nil {
		return nil, err
	}
	res := s.resultOf(d, owner)
	if res.Errors == nil {
		res.Errors = map[string]string{}
	}
	out["result"], out["errors"], out["view"] = res.Result, res.Errors, res.View
	return out, nil
}

func (s *Sim) asClose(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		View  string `json:"view"`
		Clear bool   `json:"clear"`
	}](r)
	if err != nil {
		return nil, err
	}
	owner := ""
	_, out, err := s.actAs(r, in.waiting, "", func(_ *deed, me *person, _ *channel) error {
		owner = me.ID
		v, err := s.ownView(me, in.View)
		if err == nil {
			s.closeView(v, in.Clear)
		}
		return err
	})
	return s.withTop(out, owner, err)
}

func (s *Sim) withTop(out object, owner string, err error) (object, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out["view"] = s.viewInfo(s.state.top(owner))
	return out, nil
}

func (s *Sim) asHome(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		Tab string `json:"tab"` // home if empty, or messages: the conversation with the app
	}](r)
	if err != nil {
		return nil, err
	}
	tab := or(in.Tab, "home")
	if tab != "home" && tab != "messages" {
		return nil, badRequest("tab may be home or messages")
	}
	owner := ""
	_, out, err := s.actAs(r, in.waiting, "", func(_ *deed, me *person, _ *channel) error {
		owner = me.ID
		s.opensApp(me, tab)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out["view"] = s.viewInfo(s.state.homes[owner])
	return out, nil
}

func (s *Sim) asMessage(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		Channel  string `json:"channel"`
		Text     string `json:"text"`
		ThreadTS string `json:"thread_ts"`
	}](r)
	if err != nil {
		return nil, err
	}
	if in.Channel == "" || in.Text == "" {
		return nil, badRequest("channel and text are needed")
	}
	ts := ""
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(_ *deed, me *person, ch *channel) error {
		m, err := s.writes(me, ch, in.ThreadTS, in.Text, nil)
		if err == nil {
			ts = m.TS
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out["ts"] = ts
	return out, nil
}

func (s *Sim) asEdit(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		onMessage
		Text string `json:"text"`
	}](r)
	if err != nil {
		return nil, err
	}
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(_ *deed, me *person, ch *channel) error { return s.edits(me, ch, in.TS, in.Text) })
	return out, err
}

func (s *Sim) asDelete(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		onMessage
	}](r)
	if err != nil {
		return nil, err
	}
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(_ *deed, me *person, ch *channel) error { return s.deletes(me, ch, in.TS) })
	return out, err
}

func (s *Sim) asReact(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		onMessage
		Name   string `json:"name"`
		Remove bool   `json:"remove"`
	}](r)
	if err != nil {
		return nil, err
	}
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(_ *deed, me *person, ch *channel) error {
		return s.reacts(me, ch, in.TS, in.Name, in.Remove)
	})
	return out, err
}

func (s *Sim) asShortcut(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		onMessage
		CallbackID string `json:"callback_id"`
	}](r)
	if err != nil {
		return nil, err
	}
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(d *deed, me *person, ch *channel) error {
		return s.shortcutOn(d, me, in.CallbackID, ch, in.TS)
	})
	return out, err
}

type onChannel struct {
	waiting
	Channel string   `json:"channel"`
	Users   []string `json:"users"`
}

func (s *Sim) inChannel(r *http.Request, f func(me *person, ch *channel, users []string) error) (object, error) {
	in, err := body[onChannel](r)
	if err != nil {
		return nil, err
	}
	if in.Channel == "" {
		return nil, badRequest("channel is needed")
	}
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(_ *deed, me *person, ch *channel) error { return f(me, ch, in.Users) })
	return out, err
}

func (s *Sim) asJoin(r *http.Request) (object, error) {
	return s.inChannel(r, func(me *person, ch *channel, _ []string) error { return s.joins(me, ch) })
}

func (s *Sim) asLeave(r *http.Request) (object, error) {
	return s.inChannel(r, func(me *person, ch *channel, _ []string) error { return s.leaves(me, ch) })
}

func (s *Sim) asInvite(r *http.Request) (object, error) { return s.inChannel(r, s.invites) }

func (s *Sim) asUpload(r *http.Request) (object, error) {
	in, err := body[struct {
		waiting
		Channel  string `json:"channel"`
		Filename string `json:"filename"`
		Content  string `json:"content_base64"`
		ThreadTS string `json:"thread_ts"`
	}](r)
	if err != nil {
		return nil, err
	}
	content, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil || in.Channel == "" || in.Filename == "" {
		return nil, badRequest("channel, filename and content_base64 are needed")
	}
	var m *message
	_, out, err := s.actAs(r, in.waiting, in.Channel, func(_ *deed, me *person, ch *channel) error {
		var err error
		m, err = s.uploads(me, ch, in.ThreadTS, in.Filename, content)
		return err
	})
	if err != nil {
		return nil, err
	}
	out["file_id"], out["ts"] = m.Files[0], m.TS
	return out, nil
}
