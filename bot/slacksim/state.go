package slacksim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// object is a JSON object as it came or as it leaves.
type object = map[string]any

const (
	kindPublic  = "public"
	kindPrivate = "private"
	kindDM      = "dm"
)

type team struct {
	ID, Name, Domain             string
	EnterpriseID, EnterpriseName string
	TZ                           string
}

// person is an account, the app's own included.
type person struct {
	ID, Name, RealName, Email, TZ, Title string
	TeamID, EnterpriseUserID             string
	Guest                                string // "", "single" or "multi"
	Admin, Bot, Deactivated, Stranger    bool
	BotID                                string
	Color, DM                            string
	Updated                              int64
}

type usergroup struct {
	ID, Handle, Name string
	Members          []string
	By               string // who changed it last
	Updated          int64
}

type channel struct {
	ID, Name, Kind              string
	Person                      string // of a DM
	Open                        bool   // a DM that the app has opened or written into
	Topic, Purpose              string
	TopicBy, PurposeBy, Creator string
	TopicAt, PurposeAt, Created int64
	Archived, Deleted, General  bool
	Shared                      string // "", "pending" or "external"
	Members                     []string
	Previous                    []string // earlier names
	Pins                        []pin
	Bookmarks                   []bookmark
	Canvas                      string // id of its canvas, "" without one
	FirstGuest                  string // whom the app invited first
	Opened                      int    // place in the record at which it was created

	messages []*message
}

type pin struct {
	TS, By  string
	Created int64
}

type bookmark struct {
	ID, Title, Link, Emoji, Type, By string
	Created, Updated                 int64
}

type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

type message struct {
	Channel, TS, Thread string
	User                string
	Subtype, Text       string
	Inviter             string
	Blocks, Attachments []any
	Files               []string
	Metadata            object
	EditedTS, EditedBy  string
	Deleted, Broadcast  bool
	To                  string // an ephemeral, and whom it is shown to
	Reactions           []reaction
	ClientID            string

	picked map[string]map[string]map[string]object // by person, block, action
}

type file struct {
	ID, Name, Title, Mimetype, AltText, User string
	Size, Created                            int64
	Channels                                 []string
	Content                                  []byte
	Done                                     bool // completed, not only uploaded
	Deleted                                  bool
	Shares                                   []share
}

// share is a message in which a file was put into a channel.
type share struct{ Channel, TS, Thread string }

// state is everything the workspace remembers.
type state struct {
	Seed, Run int
	Team      team
	App       app
	People    []*person
	Groups    []*usergroup
	Channels  []*channel
	Files     []*file
	Record    []entry
	Scheduled []*scheduled
	Rate      *limiter

	taken     map[string]bool
	byID      map[string]*channel
	base      string // by which the app reached the workspace last
	seq       int
	handed    int // triggers so far
	lastTS    int64
	triggers  map[string]*trigger
	responses map[string]*responseURL
	views     map[string][]*view // modals, root first, by person
	homes     map[string]*view
}

func emptyState(seed int) *state {
	return &state{
		Seed: seed, Run: 1, taken: map[string]bool{}, byID: map[string]*channel{},
		triggers: map[string]*trigger{}, responses: map[string]*responseURL{},
		views: map[string][]*view{}, homes: map[string]*view{},
	}
}

// setState puts the state in place, gives old channels a birthday, and takes up
// what was scheduled.
func (s *Sim) setState(st *state) {
	s.state = st
	for _, ch := range st.Channels {
		if ch.Created == 0 {
			ch.Created = s.clock.Now().Unix()
		}
	}
	s.armAll()
}

func (st *state) hexOf(text string, n int) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(st.Seed, text)))
	return hex.EncodeToString(sum[:])[:n]
}

func (st *state) putChannel(ch *channel) {
	st.Channels = append(st.Channels, ch)
	st.byID[ch.ID] = ch
	st.taken[ch.ID] = true
}

func (st *state) person(id string) *person {
	for _, p := range st.People {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// human finds an account by its id, or by the id of its person over all
// workspaces of an organisation: the first account of theirs that works.
func (st *state) human(id string) *person {
	if p := st.person(id); p != nil || id == "" {
		return p
	}
	var found *person
	for _, p := range st.People {
		if p.EnterpriseUserID == id && (found == nil || found.Deactivated) {
			found = p
		}
	}
	return found
}

func (st *state) personNamed(name string) *person {
	name = strings.TrimPrefix(name, "@")
	for _, p := range st.People {
		if p.Name == name || p.ID == name {
			return p
		}
	}
	return nil
}

func (st *state) bot() *person { return st.person(st.App.BotUser) }

func (st *state) group(ref string) *usergroup {
	for _, g := range st.Groups {
		if g.ID == ref || g.Handle == strings.TrimPrefix(ref, "@") {
			return g
		}
	}
	return nil
}

// room finds a channel by id or by name. Deleted ones are gone.
func (st *state) room(ref string) *channel {
	if ch := st.byID[ref]; ch != nil && !ch.Deleted {
		return ch
	}
	name := strings.TrimPrefix(ref, "#")
	for _, ch := range st.Channels {
		if ch.Kind != kindDM && ch.Name == name && !ch.Deleted {
			return ch
		}
	}
	return nil
}

// roomFor also knows "@snafu": the person's own conversation with the app.
func (st *state) roomFor(p *person, ref string) *channel {
	if name, ok := strings.CutPrefix(ref, "@"); ok && p != nil && name == st.App.Name {
		return st.byID[p.DM]
	}
	return st.room(ref)
}

func (st *state) file(id string) *file {
	for _, f := range st.Files {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (ch *channel) has(person string) bool { return slices.Contains(ch.Members, person) }

// label is how people call the channel.
func (ch *channel) label(st *state) string {
	if ch.Kind == kindDM {
		if p := st.person(ch.Person); p != nil {
			return "@" + st.App.Name + " and @" + p.Name
		}
	}
	return "#" + ch.Name
}

// message finds a message that everybody may see and that was not deleted.
func (ch *channel) message(ts string) *message {
	for _, m := range ch.messages {
		if m.TS == ts && !m.Deleted && m.To == "" {
			return m
		}
	}
	return nil
}

func (ch *channel) replies(ts string) []*message {
	var out []*message
	for _, m := range ch.messages {
		if m.Thread == ts && m.TS != ts && !m.Deleted && m.To == "" {
			out = append(out, m)
		}
	}
	return out
}

func (ch *channel) pinned(ts string) bool {
	return slices.ContainsFunc(ch.Pins, func(p pin) bool { return p.TS == ts })
}

// visible tells whether a person may read the channel.
func (ch *channel) visible(p *person) bool {
	if ch.has(p.ID) {
		return true
	}
	return ch.Kind == kindPublic && p.Guest == "" && !p.Stranger
}

// gone tells whether an account works no more.
func (p *person) gone() bool { return p == nil || p.Deactivated }

func unixNow(c *Clock) int64 { return c.Now().Unix() }

func micros(t time.Time) int64 { return t.UnixMicro() }
