package slacksim

// Frame tells somebody who watches that something changed.
type Frame struct {
	N       int      `json:"n"`
	Kind    string   `json:"kind"` // message, view, channel, person, traffic, fault, clock, connection or resync
	Channel string   `json:"channel,omitempty"`
	TS      string   `json:"ts,omitempty"`
	View    string   `json:"view,omitempty"`
	Message *Message `json:"message,omitempty"`
	Thread  *Thread  `json:"thread,omitempty"` // of a reply: what its thread is now

	person string // who alone may see it, "" for everybody
}

// watcher is somebody who watches. One so slow that 2,000 frames wait is told to
// look at everything anew.
type watcher struct {
	person string
	out    chan Frame
	gone   bool
	cut    func() // ends its connection, nil if the server does
}

func (w *watcher) end() {
	if !w.gone {
		w.gone = true
		close(w.out)
		if w.cut != nil {
			w.cut()
		}
	}
}

const framesKept = 1000

// frame numbers a frame and hands it to those who watch. The lock is held.
func (s *Sim) frame(f Frame) {
	s.frameSeq++
	f.N = s.frameSeq
	s.frameAt(f)
}

func (s *Sim) frameAt(f Frame) {
	s.frames = append(s.frames, f)
	s.frames = lastOf(s.frames, framesKept)
	for w := range s.watchers {
		s.show(w, f)
	}
}

func (s *Sim) show(w *watcher, f Frame) {
	if w.gone || f.person != "" && w.person != "" && f.person != w.person {
		return
	}
	if f.Kind == "message" {
		f = s.withMessage(w, f)
	}
	switch {
	case len(w.out) < cap(w.out)-1:
		w.out <- f
	case len(w.out) < cap(w.out):
		w.out <- Frame{N: f.N, Kind: "resync"}
	}
}

func (s *Sim) withMessage(w *watcher, f Frame) Frame {
	ch := s.state.byID[f.Channel]
	if ch == nil {
		return f
	}
	if p := s.state.person(w.person); p != nil && !ch.visible(p) {
		return f
	}
	for _, m := range ch.messages {
		if m.TS == f.TS && (f.person == "" || f.person == m.To) {
			info := s.messageInfo(ch, m)
			f.Message = &info
			if m.Thread != "" && m.Thread != m.TS {
				t := threadInfo(ch, m.Thread)
				f.Thread = &t
			}
		}
	}
	return f
}

// watch starts to watch after frame n; 0 means from now on. What is no longer
// kept is told as resync, and so is a number of an earlier run.
func (s *Sim) watch(person string, n int) *watcher {
	w := &watcher{person: person, out: make(chan Frame, 2*framesKept)}
	if n > 0 {
		if n > s.frameSeq || len(s.frames) > 0 && s.frames[0].N > n+1 {
			w.out <- Frame{N: s.frameSeq, Kind: "resync"}
		} else {
			for _, f := range s.frames {
				if f.N > n {
					s.show(w, f)
				}
			}
		}
	}
	if s.closed {
		w.end()
	}
	s.watchers[w] = struct{}{}
	return w
}

func (s *Sim) unwatch(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.watchers, w)
}
