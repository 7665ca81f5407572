package slacksim

import (
	"fmt"
	"maps"
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

// Used and expired ones are told apart for an hour, then they are forgotten.
const triggersKept = time.Hour

// forgetOld drops triggers and response addresses that have been worthless for
// long. It looks seldom, since it looks at all.
func (s *Sim) forgetOld() {
	if s.state.handed++; s.state.handed%500 != 0 {
		return
	}
	now := s.clock.Now()
	maps.DeleteFunc(s.state.triggers, func(_ string, t *trigger) bool { return now.Sub(t.at) > triggersKept })
	maps.DeleteFunc(s.state.responses, func(_ string, u *responseURL) bool { return now.Sub(u.at) > responseLimit })
}

func (s *Sim) newTrigger(o origin) string {
	s.forgetOld()
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
