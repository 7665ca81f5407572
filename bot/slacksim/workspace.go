package slacksim

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // a machine may have no zone files, and people live in zones
)

// Workspace describes a workspace at its start. The zero value means
// DefaultWorkspace.
type Workspace struct {
	Seed       int               `json:"seed,omitempty" yaml:"seed"`
	Team       WorkspaceTeam     `json:"team,omitzero" yaml:"team"`
	App        WorkspaceApp      `json:"app,omitzero" yaml:"app"`
	People     []WorkspacePerson `json:"people,omitempty" yaml:"people"`
	Usergroups []WorkspaceGroup  `json:"usergroups,omitempty" yaml:"usergroups"`
	Channels   []WorkspaceRoom   `json:"channels,omitempty" yaml:"channels"`
	Limits     WorkspaceLimits   `json:"limits,omitzero" yaml:"limits"`
}

// WorkspaceLimits says what the workspace holds the app to. Rate is "none", the
// default, or "slack": the calls a minute that Slack documents.
type WorkspaceLimits struct {
	Rate string `json:"rate,omitempty" yaml:"rate"`
}

// WorkspaceTeam names the team. TZ is the zone in which a transcript tells dates,
// UTC if empty.
type WorkspaceTeam struct {
	ID         string `json:"id,omitempty" yaml:"id"`
	Name       string `json:"name,omitempty" yaml:"name"`
	Domain     string `json:"domain,omitempty" yaml:"domain"`
	Enterprise string `json:"enterprise,omitempty" yaml:"enterprise"`
	TZ         string `json:"tz,omitempty" yaml:"tz"`
}

// WorkspaceApp describes the app. Without a manifest every command and event is
// accepted and all scopes are held.
type WorkspaceApp struct {
	Name     string          `json:"name,omitempty" yaml:"name"` // the bot user; "snafu" if empty
	Manifest json.RawMessage `json:"manifest,omitempty" yaml:"-"`
	Grant    string          `json:"grant,omitempty" yaml:"grant"` // "all": every scope the manifest asks for; also if empty
	Tokens   Tokens          `json:"tokens,omitzero" yaml:"tokens"`
}

// WorkspacePerson is a person. Guest is "", "single" or "multi"; a person of
// another Team is a stranger.
type WorkspacePerson struct {
	ID          string `json:"id,omitempty" yaml:"id"`
	Name        string `json:"name" yaml:"name"`
	RealName    string `json:"real_name,omitempty" yaml:"real_name"`
	Email       string `json:"email,omitempty" yaml:"email"`
	TZ          string `json:"tz,omitempty" yaml:"tz"`
	Title       string `json:"title,omitempty" yaml:"title"`
	Team        string `json:"team,omitempty" yaml:"team"`
	Guest       string `json:"guest,omitempty" yaml:"guest"`
	Admin       bool   `json:"admin,omitempty" yaml:"admin"`
	Deactivated bool   `json:"deactivated,omitempty" yaml:"deactivated"`
	Bot         bool   `json:"bot,omitempty" yaml:"bot"`
	SameHumanAs string `json:"same_human_as,omitempty" yaml:"same_human_as"`
}

// WorkspaceGroup is a user group.
type WorkspaceGroup struct {
	ID      string   `json:"id,omitempty" yaml:"id"`
	Handle  string   `json:"handle" yaml:"handle"`
	Name    string   `json:"name,omitempty" yaml:"name"`
	Members []string `json:"members,omitempty" yaml:"members"`
}

// Members are the members of a channel by name. None, and the word "all" in JSON
// or YAML, mean everybody of the team who is neither a guest nor deactivated.
type Members []string

// UnmarshalJSON reads a list of names or "all".
func (m *Members) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"all"` {
		*m = nil
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(m))
}

// WorkspaceRoom is a channel.
type WorkspaceRoom struct {
	ID      string  `json:"id,omitempty" yaml:"id"`
	Name    string  `json:"name" yaml:"name"`
	Private bool    `json:"private,omitempty" yaml:"private"`
	Members Members `json:"members,omitempty" yaml:"members"`
	App     bool    `json:"app,omitempty" yaml:"app"` // the app is a member from the start
}

// DefaultWorkspace is a neutral team of six people with #general and #random.
func DefaultWorkspace() Workspace {
	return Workspace{
		Seed: 1,
		Team: WorkspaceTeam{Name: "Acme", Domain: "acme"},
		People: []WorkspacePerson{
			{Name: "ana", RealName: "Ana Ruiz", TZ: "Europe/Madrid", Title: "Marketing operations", Admin: true},
			{Name: "ben", RealName: "Ben Okafor", TZ: "Europe/London", Title: "Data engineer"},
			{Name: "chi", RealName: "Chi Nguyen", TZ: "Asia/Ho_Chi_Minh", Title: "CRM admin"},
			{Name: "dev", RealName: "Dev Patel", TZ: "Asia/Kolkata", Title: "Analyst"},
			{Name: "elif", RealName: "Elif Demir", TZ: "Europe/Istanbul", Title: "Head of marketing"},
			{Name: "gus", RealName: "Gus Lind", TZ: "Europe/Stockholm", Title: "Contractor", Guest: "multi"},
		},
		Channels: []WorkspaceRoom{
			{Name: "general", Members: []string{"ana", "ben", "chi", "dev", "elif", "gus"}},
			{Name: "random"},
		},
	}
}

// newState makes the entities of a workspace.
func newState(w Workspace) (*state, error) {
	if len(w.People) == 0 {
		def := DefaultWorkspace()
		w.People = def.People
		if w.Team == (WorkspaceTeam{}) {
			w.Team = def.Team
		}
		if len(w.Channels) == 0 {
			w.Channels = def.Channels
		}
		w.Seed = max(w.Seed, 1)
	}
	if w.App.Grant != "" && w.App.Grant != "all" {
		return nil, fmt.Errorf("grant is %q; it may be all", w.App.Grant)
	}
	st := emptyState(w.Seed)
	st.Team = st.newTeam(w.Team)
	var err error
	if st.Rate, err = newLimiter(w.Limits.Rate); err != nil {
		return nil, err
	}
	if err := st.addApp(w.App); err != nil {
		return nil, err
	}
	for _, p := range w.People {
		if err := st.addPerson(p); err != nil {
			return nil, err
		}
	}
	for _, p := range w.People {
		if p.SameHumanAs != "" && st.personNamed(p.SameHumanAs) == nil {
			return nil, fmt.Errorf("same_human_as of %q names nobody: %q", p.Name, p.SameHumanAs)
		}
	}
	for _, g := range w.Usergroups {
		if err := st.addGroup(g); err != nil {
			return nil, err
		}
	}
	for _, r := range w.Channels {
		if err := st.addRoom(r); err != nil {
			return nil, err
		}
	}
	return st, nil
}

func (st *state) newTeam(t WorkspaceTeam) team {
	if t.Name == "" {
		t.Name = "Acme"
	}
	if t.Domain == "" {
		t.Domain = "acme"
	}
	if t.ID == "" {
		t.ID = st.named("T", t.Name)
	}
	out := team{ID: t.ID, Name: t.Name, Domain: t.Domain, TZ: t.TZ}
	if t.Enterprise != "" {
		out.EnterpriseID, out.EnterpriseName = st.named("E", t.Enterprise), t.Enterprise
	}
	return out
}

func (st *state) addPerson(w WorkspacePerson) error {
	if w.Name == "" {
		return fmt.Errorf("a person has no name")
	}
	if st.personNamed(w.Name) != nil {
		return fmt.Errorf("two people are called %q", w.Name)
	}
	if !slices.Contains([]string{"", "none", "single", "multi"}, w.Guest) {
		return fmt.Errorf("guest of %q is %q; it may be single or multi", w.Name, w.Guest)
	}
	if _, err := time.LoadLocation(w.TZ); err != nil {
		return fmt.Errorf("%q lives in no time zone %q", w.Name, w.TZ)
	}
	if w.ID != "" && st.taken[w.ID] {
		return fmt.Errorf("the id %q is given twice", w.ID)
	}
	p := &person{
		ID: w.ID, Name: w.Name, RealName: w.RealName, Email: w.Email, TZ: w.TZ, Title: w.Title,
		TeamID: st.Team.ID, Guest: w.Guest, Admin: w.Admin, Deactivated: w.Deactivated, Bot: w.Bot,
	}
	if p.ID == "" {
		p.ID = st.named("U", w.Name)
	}
	st.taken[p.ID] = true
	if p.RealName == "" {
		p.RealName = w.Name
	}
	if p.Email == "" {
		p.Email = w.Name + "@example.com"
	}
	if p.TZ == "" {
		p.TZ = "UTC"
	}
	if p.Guest == "none" {
		p.Guest = ""
	}
	if w.Team != "" && w.Team != st.Team.Name {
		p.TeamID, p.Stranger = st.named("T", w.Team), true
		delete(st.taken, p.TeamID) // all people of that team share its id
	}
	if st.Team.EnterpriseID != "" {
		human := w.Name
		if w.SameHumanAs != "" {
			human = w.SameHumanAs
		}
		p.EnterpriseUserID = "W0" + digest36(fmt.Sprintf("%d human %s", st.Seed, human), 9)
	}
	p.DM = st.named("D", w.Name)
	p.Color = "#" + st.hexOf(w.Name, 6)
	st.People = append(st.People, p)
	st.putChannel(&channel{ID: p.DM, Kind: kindDM, Person: p.ID, Creator: p.ID, Members: []string{p.ID, st.App.BotUser}})
	return nil
}

func (st *state) addGroup(w WorkspaceGroup) error {
	if st.group(w.Handle) != nil {
		return fmt.Errorf("two user groups are called %q", w.Handle)
	}
	g := &usergroup{ID: w.ID, Handle: w.Handle, Name: w.Name}
	if g.ID == "" {
		g.ID = st.named("S", w.Handle)
	}
	if g.Name == "" {
		g.Name = w.Handle
	}
	for _, name := range w.Members {
		p := st.personNamed(name)
		if p == nil {
			return fmt.Errorf("user group %q has the member %q, whom the workspace does not know", w.Handle, name)
		}
		g.Members = append(g.Members, p.ID)
	}
	st.Groups = append(st.Groups, g)
	return nil
}

func (st *state) addRoom(w WorkspaceRoom) error {
	if !channelName.MatchString(w.Name) || units(w.Name) > maxChannelName {
		return fmt.Errorf("a channel cannot be called %q: lowercase letters, digits, - and _, at most %d", w.Name, maxChannelName)
	}
	if old := st.room("#" + w.Name); old != nil && old.Name == w.Name {
		return fmt.Errorf("two channels are called %q", w.Name)
	}
	if w.ID != "" && st.taken[w.ID] {
		return fmt.Errorf("the id %q is given twice", w.ID)
	}
	ch := &channel{ID: w.ID, Name: w.Name, Kind: kindPublic, General: w.Name == "general"}
	if w.Private {
		ch.Kind = kindPrivate
	}
	if ch.ID == "" {
		ch.ID = st.named("C", w.Name)
	}
	st.taken[ch.ID] = true
	for _, p := range st.People {
		whole := len(w.Members) == 0 && p.Guest == "" && !p.Deactivated && !p.Stranger && p.ID != st.App.BotUser
		if whole || slices.Contains(w.Members, p.Name) {
			ch.Members = append(ch.Members, p.ID)
		}
	}
	for _, name := range w.Members {
		if st.personNamed(name) == nil {
			return fmt.Errorf("channel %q has the member %q, whom the workspace does not know", w.Name, name)
		}
	}
	if len(ch.Members) > 0 {
		ch.Creator = ch.Members[0]
	}
	if w.App {
		ch.Members = append(ch.Members, st.App.BotUser)
	}
	st.putChannel(ch)
	return nil
}
