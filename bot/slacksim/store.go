package slacksim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// store appends what changed to a file, one JSON line each; of two lines about
// the same thing the later wins. A nil store remembers nothing.
type store struct {
	file *os.File
	size int64 // bytes of whole lines
}

var errInUse = errors.New("it is in use by another simulated Slack")

type storedLine struct {
	Kind  string          `json:"kind"`
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value"`
}

// openStore takes a state file, replays it into the state, and goes on writing to
// it. A last line cut short by a kill is dropped. A file that another process
// writes to is refused: two would spoil it.
func openStore(path string, st *state) (*store, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	s := &store{file: f}
	if err := s.open(st); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *store) open(st *state) error {
	if err := lockFile(s.file); err != nil {
		return err
	}
	raw, err := io.ReadAll(s.file)
	if err != nil {
		return err
	}
	whole := raw[:bytes.LastIndexByte(raw, '\n')+1]
	for i, line := range bytes.Split(whole, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var l storedLine
		if err := json.Unmarshal(line, &l); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		if err := st.replay(l); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	st.replayed()
	if err := s.cut(int64(len(whole))); err != nil {
		return err
	}
	if len(whole) > 0 {
		st.Run++
		return s.put("run", "run", st.Run)
	}
	return s.putAll(st)
}

// cut shortens the file, and goes on writing at its end.
func (s *store) cut(size int64) error {
	if err := s.file.Truncate(size); err != nil {
		return err
	}
	_, err := s.file.Seek(size, io.SeekStart)
	s.size = size
	return err
}

// putAll writes a new workspace down: what the file holds wins over the
// description it was built from.
func (s *store) putAll(st *state) error {
	if s == nil {
		return nil
	}
	all := []error{s.put("run", "run", st.Run), s.put("app", "app", st.App)}
	for _, p := range st.People {
		all = append(all, s.put("person", p.ID, p))
	}
	for _, g := range st.Groups {
		all = append(all, s.put("group", g.ID, g))
	}
	for _, ch := range st.Channels {
		all = append(all, s.put("channel", ch.ID, ch))
	}
	return errors.Join(all...)
}

func (s *store) put(kind, id string, v any) error {
	if s == nil {
		return nil
	}
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	line, err := json.Marshal(storedLine{Kind: kind, ID: id, Value: value})
	if err != nil {
		return err
	}
	n, err := s.file.Write(append(line, '\n'))
	if err != nil {
		// Half a line must not stay: the next one would be written behind it.
		return errors.Join(err, s.cut(s.size))
	}
	s.size += int64(n)
	return nil
}

func (s *store) empty() error {
	if s == nil {
		return nil
	}
	return s.cut(0)
}

func (s *store) close() error {
	if s == nil {
		return nil
	}
	return s.file.Close()
}

// save writes one thing down. A disk that fails is said, and the workspace goes
// on in memory.
func (s *Sim) save(kind, id string, v any) {
	if err := s.store.put(kind, id, v); err != nil {
		s.log.Error("the state file could not be written", "err", err)
	}
}

// touch saves a channel and tells those who watch.
func (s *Sim) touch(ch *channel) {
	s.save("channel", ch.ID, ch)
	s.frame(Frame{Kind: "channel", Channel: ch.ID})
}

// touchMessage saves a message and tells those who watch. An ephemeral is gone
// when the workspace is loaded again, as in Slack.
func (s *Sim) touchMessage(ch *channel, m *message) {
	if m.To == "" {
		s.save("message", ch.ID+"/"+m.TS, m)
	}
	s.frame(Frame{Kind: "message", Channel: ch.ID, TS: m.TS, person: m.To})
}

func (s *Sim) touchPerson(p *person) {
	s.save("person", p.ID, p)
	s.frame(Frame{Kind: "person"})
}

// replay applies one line of the file.
func (st *state) replay(l storedLine) error {
	switch l.Kind {
	case "run":
		return json.Unmarshal(l.Value, &st.Run)
	case "app":
		return json.Unmarshal(l.Value, &st.App)
	case "person":
		var p person
		if err := json.Unmarshal(l.Value, &p); err != nil {
			return err
		}
		if old := st.person(p.ID); old != nil {
			*old = p
		} else {
			st.People = append(st.People, &p)
		}
	case "group":
		var g usergroup
		if err := json.Unmarshal(l.Value, &g); err != nil {
			return err
		}
		if old := st.group(g.ID); old != nil {
			*old = g
		} else {
			st.Groups = append(st.Groups, &g)
		}
	case "channel":
		var ch channel
		if err := json.Unmarshal(l.Value, &ch); err != nil {
			return err
		}
		if old := st.byID[ch.ID]; old != nil {
			ch.messages = old.messages
			*old = ch
		} else {
			st.putChannel(&ch)
		}
	case "message":
		return st.replayMessage(l)
	case "file":
		var f file
		if err := json.Unmarshal(l.Value, &f); err != nil {
			return err
		}
		st.Files = slices.DeleteFunc(st.Files, func(old *file) bool { return old.ID == f.ID })
		st.Files = append(st.Files, &f)
	case "scheduled":
		var p scheduled
		if err := json.Unmarshal(l.Value, &p); err != nil {
			return err
		}
		st.Scheduled = slices.DeleteFunc(st.Scheduled, func(old *scheduled) bool { return old.ID == p.ID })
		if !p.Gone {
			st.Scheduled = append(st.Scheduled, &p)
		}
	case "entry":
		return st.replayEntry(l)
	default:
		return fmt.Errorf("there is nothing called %q in a state file", l.Kind)
	}
	return nil
}

func (st *state) replayMessage(l storedLine) error {
	var m message
	if err := json.Unmarshal(l.Value, &m); err != nil {
		return err
	}
	ch := st.byID[m.Channel]
	if ch == nil {
		return fmt.Errorf("a message of the unknown channel %s", m.Channel)
	}
	for _, old := range ch.messages {
		if old.TS == m.TS {
			*old = m
			return nil
		}
	}
	ch.messages = append(ch.messages, &m)
	return nil
}

func (st *state) replayEntry(l storedLine) error {
	var e entry
	if err := json.Unmarshal(l.Value, &e); err != nil {
		return err
	}
	i, err := strconv.Atoi(l.ID)
	switch {
	case err != nil || i > len(st.Record):
		return fmt.Errorf("an entry at the impossible place %q", l.ID)
	case i == len(st.Record):
		st.Record = append(st.Record, e)
	default:
		st.Record[i] = e
	}
	return nil
}

// replayed puts in order what the lines left unordered.
func (st *state) replayed() {
	for _, ch := range st.Channels {
		st.taken[ch.ID] = true
		slices.SortFunc(ch.messages, func(a, b *message) int { return strings.Compare(a.TS, b.TS) })
		for _, m := range ch.messages {
			if at, ok := parseTS(m.TS); ok {
				st.lastTS = max(st.lastTS, at)
			}
		}
		for _, b := range ch.Bookmarks {
			st.taken[b.ID] = true
		}
	}
	for _, e := range st.Record {
		if at, ok := parseTS(e.TS); ok {
			st.lastTS = max(st.lastTS, at)
		}
	}
	for i := range st.Record {
		st.Record[i].View = "" // views do not outlive the process
	}
}
