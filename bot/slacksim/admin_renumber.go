package slacksim

// Renumber gives a channel another id, as happens to real ones when they move
// between workspaces. The app hears of it as channel_id_changed; the old id is
// unknown from then on.
func (a Admin) Renumber(channel string) error {
	return a.locked(func() error { return a.sim.renumber(channel) })
}

func (s *Sim) renumber(ref string) error {
	ch := s.state.room(ref)
	if ch == nil || ch.Kind == kindDM {
		return notFound("there is no channel %s", ref)
	}
	old := ch.ID
	s.save("channel", old, &channel{ID: old, Kind: ch.Kind, Deleted: true})
	delete(s.state.byID, old)
	ch.ID = s.state.named("C", ch.Name)
	s.state.byID[ch.ID] = ch
	s.touch(ch)
	for _, m := range ch.messages {
		m.Channel = ch.ID
		s.touchMessage(ch, m)
	}
	for _, f := range s.state.Files {
		f.moved(old, ch.ID)
		s.save("file", f.ID, f)
	}
	for i := range s.state.Record {
		if s.state.Record[i].Channel == old {
			s.state.Record[i].Channel = ch.ID
			s.saveEntry(i)
		}
	}
	s.moveOrigins(old, ch.ID)
	s.frame(Frame{Kind: "resync"})
	s.emit(ch, object{"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": ch.ID})
	return nil
}

func (f *file) moved(old, now string) {
	for i, id := range f.Channels {
		if id == old {
			f.Channels[i] = now
		}
	}
	for i := range f.Shares {
		if f.Shares[i].Channel == old {
			f.Shares[i].Channel = now
		}
	}
}

// moveOrigins lets what began in the channel go on there.
func (s *Sim) moveOrigins(old, now string) {
	move := func(o *origin) {
		if o.channel == old {
			o.channel = now
		}
	}
	for _, t := range s.state.triggers {
		move(&t.origin)
	}
	for _, u := range s.state.responses {
		move(&u.origin)
	}
	for _, stack := range s.state.views {
		for _, v := range stack {
			move(&v.origin)
		}
	}
}
