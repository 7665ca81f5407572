package slacksim

import (
	"slices"
	"time"
)

// windowPatience is how long a window of a reorder fault waits to become full,
// so that a quiet workspace does not hold a payload for ever.
const windowPatience = 30 * time.Second

// holdBack keeps an envelope until the window of a reorder fault is full. It
// reports whether it did.
func (s *Sim) holdBack(kind string, e *envelope) bool {
	if e.copyOf != nil {
		return false
	}
	f := s.openWindow(kind, e.match)
	if f == nil {
		if f = s.faultFor(kind, e.match); f == nil {
			return false
		}
		f.patience = s.after(windowPatience, func() { s.release(f) })
	}
	e.mark(f)
	f.held = append(f.held, e)
	if len(f.held) >= max(f.Window, 2) {
		s.release(f)
	}
	return true
}

func (s *Sim) openWindow(kind string, at match) *fault {
	for _, f := range s.faults {
		if f.Kind == kind && len(f.held) > 0 && s.fits(f.Match, at) {
			return f
		}
	}
	return nil
}

// release sends what a window held, the last first. Over a socket all take the
// same connection; over HTTP each waits for the answer to the one before.
// Otherwise they could overtake each other once more.
func (s *Sim) release(f *fault) {
	f.patience.Stop()
	held := f.held
	f.held = nil
	if len(held) == 0 {
		return
	}
	slices.Reverse(held)
	if s.signed.url != "" {
		for i, e := range held[1:] {
			held[i].next = e
		}
		s.routeHeld(f, held[0])
		return
	}
	conn := s.hub.pick()
	for _, e := range held {
		e.conn = conn
		s.routeHeld(f, e)
	}
}

// routeHeld sends an envelope on from where it was held.
func (s *Sim) routeHeld(f *fault, e *envelope) {
	if f.Kind == faultSocketReorder {
		s.dispatch(e)
		return
	}
	s.route(e)
}
