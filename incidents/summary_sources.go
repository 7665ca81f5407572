package incidents

// beside sets a recount that found another number than the table beside it:
// nobody can tell from the numbers which of the two is right.
func beside(r Recounts, t Tally) Words {
	if !r.Measured() || r.Run != t.Run || r.Touched == t.Touched || r.At.Equal(t.At) {
		return nil
	}
	return Sentence(" Two measurements differ: the table found ", t.Touched, " touched at ", Near(t.At, r.At), ", the recount ", r.Touched, " at ", Near(r.At, t.At), ".")
}

// silent says that the source does not answer, so that numbers are not taken
// for newer than they are.
func silent(i Incident, m Moment) []Words {
	if m.Watch == nil || m.Watch.Away.IsZero() || i.phase.Ended() {
		return nil
	}
	who := i.System
	if who == "" {
		who = "The source"
	}
	w := Sentence(who+" has not answered since ", Near(m.Watch.Away, m.At), ". ")
	last := i.Recount.At
	if m.Tally != nil && m.Tally.At.After(last) {
		last = m.Tally.At
	}
	if last.IsZero() {
		return []Words{Sentence(w, "Nothing was counted before.")}
	}
	return []Words{Sentence(w, "What stands here was counted at ", Near(last, m.At), ".")}
}
