package slacksim

import (
	"fmt"
	"time"
)

// origin is where an interaction began: what is shown later belongs there.
type origin struct {
	person  string
	channel string
	thread  string
	entry   int    // the line of the record that told the act, -1 if none
	view    string // the view it came from
}

// trigger allows one view to be opened, once, within three seconds.
type trigger struct {
	origin
	at   time.Time
	used bool
}

func (s *Sim) newTrigger(o origin) string {
	id := fmt.Sprintf("%s.%s.%s", s.state.mintDigits("trigger", 13), s.state.mintDigits("trigger", 13), s.state.mintHex("trigger", 32))
	s.state.triggers[id] = &trigger{origin: o, at: s.clock.Now()}
	return id
}

// exchange takes a trigger, or refuses it with the name that Slack gives.
func (s *Sim) exchange(id string) (*trigger, error) {
	t := s.state.triggers[id]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case s.clock.Now().Sub(t.at) > ackLimit:
		return nil, refuse("expired_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	}
	return t, nil
}
