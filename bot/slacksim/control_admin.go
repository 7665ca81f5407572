package slacksim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// underLock runs f under the lock and wakes those who wait.
func (s *Sim) underLock(f func() (object, error)) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := f()
	s.changed()
	return out, err
}

func (s *Sim) postPerson(r *http.Request) (object, error) {
	in, err := body[struct {
		Person string       `json:"person"`
		Set    PersonChange `json:"set"`
	}](r)
	if err != nil {
		return nil, err
	}
	return s.underLock(func() (object, error) {
		if err := s.changePerson(in.Person, in.Set); err != nil {
			return nil, err
		}
		return object{"person": s.profile(s.state.personNamed(in.Person))}, nil
	})
}

func (s *Sim) postChannel(r *http.Request) (object, error) {
	in, err := body[struct {
		Channel string        `json:"channel"`
		Set     ChannelChange `json:"set"`
		Kick    []string      `json:"kick"`
		// Renumber gives the channel another id, as a move between workspaces does.
		Renumber bool `json:"renumber"`
		Create   *struct {
			Name    string   `json:"name"`
			Private bool     `json:"private"`
			Members []string `json:"members"`
		} `json:"create"`
	}](r)
	if err != nil {
		return nil, err
	}
	return s.underLock(func() (object, error) {
		if c := in.Create; c != nil {
			if err := s.createChannel(WorkspaceRoom{Name: c.Name, Private: c.Private, Members: c.Members}); err != nil {
				return nil, err
			}
			return object{"channel": s.channelInfo(s.state.room(c.Name), nil)}, nil
		}
		ch := s.state.room(in.Channel)
		if ch == nil {
			return nil, notFound("there is no channel %s", in.Channel)
		}
		if err := s.changeChannel(ch.ID, in.Set); err != nil {
			return nil, err
		}
		if err := s.kick(ch.ID, in.Kick); len(in.Kick) > 0 && err != nil {
			return nil, err
		}
		if in.Renumber {
			if err := s.renumber(ch.ID); err != nil {
				return nil, err
			}
		}
		return object{"channel": s.channelInfo(ch, nil)}, nil
	})
}

func (s *Sim) postMessage(r *http.Request) (object, error) {
	in, err := body[struct {
		Channel string `json:"channel"`
		TS      string `json:"ts"`
		Delete  bool   `json:"delete"`
	}](r)
	if err != nil {
		return nil, err
	}
	if !in.Delete {
		return nil, badRequest("a message can only be deleted here")
	}
	return s.underLock(func() (object, error) {
		if err := s.deleteMessage(in.Channel, in.TS); err != nil {
			return nil, err
		}
		ch := s.state.room(in.Channel)
		i := slices.IndexFunc(ch.messages, func(m *message) bool { return m.TS == in.TS })
		return object{"message": s.messageInfo(ch, ch.messages[i])}, nil
	})
}

func (s *Sim) postGroup(r *http.Request) (object, error) {
	in, err := body[struct {
		Handle  string   `json:"handle"`
		Members []string `json:"members"`
	}](r)
	if err != nil {
		return nil, err
	}
	return s.underLock(func() (object, error) {
		if err := s.changeGroup(in.Handle, in.Members); err != nil {
			return nil, err
		}
		return object{"usergroup": s.groupInfo(s.state.group(in.Handle))}, nil
	})
}

func (s *Sim) postApp(r *http.Request) (object, error) {
	in, err := body[struct {
		RevokeToken  *bool           `json:"revoke_token"`
		RevokeScopes []string        `json:"revoke_scopes"`
		GrantScopes  []string        `json:"grant_scopes"`
		RequestURL   json.RawMessage `json:"request_url"` // null is Socket Mode again
		Uninstall    bool            `json:"uninstall"`   // undone by "revoke_token": false
	}](r)
	if err != nil {
		return nil, err
	}
	var address *string
	if err := json.Unmarshal(in.RequestURL, &address); in.RequestURL != nil && err != nil {
		return nil, badRequest("request_url is an address or null")
	}
	if in.Uninstall && in.RevokeToken != nil {
		return nil, badRequest("uninstall takes the token with it: leave revoke_token out")
	}
	return s.underLock(func() (object, error) {
		if in.RequestURL != nil {
			if address == nil {
				address = new(string)
			}
			if err := s.setRequestURL(*address); err != nil {
				return nil, badRequest("%v", err)
			}
		}
		if in.RevokeToken != nil && *in.RevokeToken {
			s.revoke()
		} else if in.RevokeToken != nil {
			s.restore()
		}
		if in.Uninstall {
			s.uninstall()
		}
		s.changeScopes(in.RevokeScopes, in.GrantScopes)
		return s.appInfo(), nil
	})
}

func (s *Sim) postReset(r *http.Request) (object, error) {
	in, err := body[struct {
		Seed      *int       `json:"seed"`
		Workspace *Workspace `json:"workspace"`
	}](r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	w := s.origin
	s.mu.Unlock()
	if in.Workspace != nil {
		w = *in.Workspace
	}
	if in.Seed != nil {
		w.Seed = *in.Seed
	}
	if err := s.Reset(w); err != nil {
		return nil, badRequest("%v", err)
	}
	return s.getApp(r)
}

// Reset makes the workspace as at its start: faults are gone, the clock follows
// the machine, ids come from the seed again. Connections stay open. A state file
// is begun anew.
func (s *Sim) Reset(w Workspace) error {
	st, err := newState(w)
	if err != nil {
		return fmt.Errorf("build the workspace: %w", err)
	}
	s.clock.forget(s)
	s.clock.Freeze(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.store.empty(); err != nil {
		return fmt.Errorf("empty the state file: %w", err)
	}
	s.origin, s.faults, s.traffic, s.trafficSize, s.frames = w, nil, nil, 0, nil
	for _, e := range s.hub.inflight {
		e.state = stateTimeout // it belongs to what is gone
	}
	s.hub.inflight = map[string]*envelope{}
	s.signed.waiting = nil
	s.setState(st)
	if err := s.setRequestURL(s.requestURL); err != nil {
		return err
	}
	s.frame(Frame{Kind: "resync"})
	s.changed()
	return s.store.putAll(st)
}
