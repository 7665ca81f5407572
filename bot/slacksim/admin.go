package slacksim

import (
	"fmt"
	"slices"
	"time"
)

// Admin does what the administrators of a workspace do.
type Admin struct{ sim *Sim }

// Admin returns the hand of the administrators.
func (s *Sim) Admin() Admin { return Admin{sim: s} }

// PersonChange is what changes of an account; nil keeps.
type PersonChange struct {
	Deactivated *bool   `json:"deactivated"`
	Guest       *string `json:"guest"` // none, single or multi
	Team        *string `json:"team"`
	Bot         *bool   `json:"bot"`
	RealName    *string `json:"real_name"`
	TZ          *string `json:"tz"`
}

// ChannelChange is what changes of a channel; nil keeps.
type ChannelChange struct {
	Archived *bool   `json:"archived"`
	Shared   *string `json:"shared"` // none, pending or external
	Name     *string `json:"name"`
	Deleted  *bool   `json:"deleted"`
}

func (a Admin) locked(f func() error) error {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	if a.sim.closed {
		return ErrClosed
	}
	err := f()
	a.sim.changed()
	return err
}

// Person changes an account. The app hears of it as user_change.
func (a Admin) Person(name string, c PersonChange) error {
	return a.locked(func() error { return a.sim.changePerson(name, c) })
}

func (s *Sim) changePerson(name string, c PersonChange) error {
	p, err := s.who(name)
	if err != nil {
		return err
	}
	if c.Guest != nil && !slices.Contains([]string{"none", "single", "multi"}, *c.Guest) {
		return badRequest("guest may be none, single or multi")
	}
	if c.TZ != nil {
		if _, err := time.LoadLocation(*c.TZ); err != nil {
			return badRequest("%q is no time zone", *c.TZ)
		}
		p.TZ = *c.TZ
	}
	if c.Guest != nil {
		p.Guest = map[string]string{"single": "single", "multi": "multi"}[*c.Guest]
	}
	if c.Deactivated != nil {
		p.Deactivated = *c.Deactivated
	}
	if c.Bot != nil {
		p.Bot = *c.Bot
	}
	if c.RealName != nil {
		p.RealName = *c.RealName
	}
	if c.Team != nil {
		p.Stranger = *c.Team != s.state.Team.Name && *c.Team != s.state.Team.ID
		p.TeamID = s.state.Team.ID
		if p.Stranger {
			p.TeamID = "T0" + digest36(fmt.Sprint(s.state.Seed, " team ", *c.Team), 9)
		}
	}
	p.Updated = unixNow(s.clock)
	s.touchPerson(p)
	s.emit(nil, object{"type": "user_change", "user": s.userObject(p), "cache_ts": unixNow(s.clock)})
	return nil
}

// AddPerson brings somebody new into the workspace.
func (a Admin) AddPerson(w WorkspacePerson) error {
	return a.locked(func() error {
		s := a.sim
		if err := s.state.addPerson(w); err != nil {
			return err
		}
		p := s.state.personNamed(w.Name)
		s.touchPerson(p)
		s.touch(s.state.byID[p.DM])
		s.emit(nil, object{"type": "team_join", "user": s.userObject(p)})
		return nil
	})
}

// Channel changes a channel. The app hears of each change that Slack tells.
func (a Admin) Channel(channel string, c ChannelChange) error {
	return a.locked(func() error { return a.sim.changeChannel(channel, c) })
}

func (s *Sim) changeChannel(ref string, c ChannelChange) error {
	ch := s.state.room(ref)
	if ch == nil || ch.Kind == kindDM {
		return notFound("there is no channel %s", ref)
	}
	if c.Shared != nil && !slices.Contains([]string{"none", "pending", "external"}, *c.Shared) {
		return badRequest("shared may be none, pending or external")
	}
	if c.Name != nil {
		if err := s.checkName(*c.Name, ch); err != nil {
			return notPossible("the name %q is refused: %v", *c.Name, err)
		}
		s.renameChannel(ch, *c.Name, s.admin())
	}
	if c.Shared != nil {
		s.shareChannel(ch, *c.Shared)
	}
	if c.Archived != nil {
		s.archiveChannel(ch, *c.Archived, s.admin())
	}
	if c.Deleted != nil && *c.Deleted {
		s.emit(ch, object{"type": lifecycle(ch, "deleted"), "channel": ch.ID, "actor_id": s.admin()})
		ch.Deleted = true
		s.touch(ch)
	}
	return nil
}

func (s *Sim) shareChannel(ch *channel, shared string) {
	was := ch.Shared
	ch.Shared = map[string]string{"pending": "pending", "external": "external"}[shared]
	s.touch(ch)
	other := "T0" + digest36(fmt.Sprint(s.state.Seed, " a connected team"), 9)
	switch {
	case ch.Shared == "external" && was != "external":
		s.emit(ch, object{"type": "channel_shared", "channel": ch.ID, "connected_team_id": other})
	case was == "external" && ch.Shared != "external":
		s.emit(ch, object{"type": "channel_unshared", "channel": ch.ID, "previously_connected_team_id": other, "is_ext_shared": false})
	}
}

// admin is the id of an administrator, for events that name one.
func (s *Sim) admin() string {
	for _, p := range s.state.People {
		if p.Admin {
			return p.ID
		}
	}
	return s.state.People[len(s.state.People)-1].ID
}

// Kick takes people, or the app by its name, out of a channel.
func (a Admin) Kick(channel string, names ...string) error {
	return a.locked(func() error { return a.sim.kick(channel, names) })
}

func (s *Sim) kick(ref string, names []string) error {
	ch := s.state.room(ref)
	if ch == nil {
		return notFound("there is no channel %s", ref)
	}
	for _, name := range names {
		p, err := s.who(name)
		if err != nil {
			return err
		}
		s.exit(ch, p)
	}
	return nil
}

// CreateChannel makes a channel with members, the app among them if it is named.
func (a Admin) CreateChannel(w WorkspaceRoom) error {
	return a.locked(func() error { return a.sim.createChannel(w) })
}

func (s *Sim) createChannel(w WorkspaceRoom) error {
	if err := s.checkName(w.Name, nil); err != nil {
		return notPossible("the name %q is refused: %v", w.Name, err)
	}
	if err := s.state.addRoom(w); err != nil {
		return notPossible("%v", err)
	}
	ch := s.state.room(w.Name)
	ch.Created, ch.Opened = unixNow(s.clock), len(s.state.Record)
	s.touch(ch)
	return nil
}

// DeleteMessage removes anybody's message.
func (a Admin) DeleteMessage(channel, ts string) error {
	return a.locked(func() error { return a.sim.deleteMessage(channel, ts) })
}

func (s *Sim) deleteMessage(ref, ts string) error {
	ch := s.state.room(ref)
	if ch == nil {
		return notFound("there is no channel %s", ref)
	}
	m := ch.message(ts)
	if m == nil {
		return notFound("there is no message %s in %s", ts, ch.label(s.state))
	}
	s.remove(ch, m, s.admin())
	return nil
}

// Usergroup sets the members of a user group, which is made if it is new.
func (a Admin) Usergroup(handle string, names ...string) error {
	return a.locked(func() error { return a.sim.changeGroup(handle, names) })
}

func (s *Sim) changeGroup(handle string, names []string) error {
	ids := []string{}
	for _, name := range names {
		p, err := s.who(name)
		if err != nil {
			return err
		}
		ids = append(ids, p.ID)
	}
	g := s.state.group(handle)
	if g == nil {
		if err := s.state.addGroup(WorkspaceGroup{Handle: handle}); err != nil {
			return err
		}
		g = s.state.group(handle)
	}
	s.setGroup(g, ids)
	return nil
}
