package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snafu/rollback"
)

// figures are counts by what is counted, in words.
type figures map[string]int64

// shape is what the run did to its i-th record, worked out here without asking
// the database.
type shape struct {
	was                       string
	gone, later, again, twice bool
}

func (s set) shape(i, seed int64) shape {
	draw := func(salt, below int64) int64 { return ((i+seed)*2654435761 + salt*40503) % 1000003 % below }
	return shape{
		was: fmt.Sprintf("stage %d", draw(1, s.cohorts)), gone: draw(5, 997) == 0, later: draw(2, 50) == 0,
		again: draw(4, 1000) == 0, twice: draw(4, 1000) == 1,
	}
}

func (s shape) now() string {
	switch {
	case s.gone:
		return "gone"
	case s.later:
		return "Customer"
	}
	return "SQL"
}

// groups are the figures of the exact form.
func (s set) groups(seed int64) figures {
	out := figures{}
	for i := range s.affected {
		f := s.shape(i, seed)
		out[fmt.Sprintf("%s -> SQL, now %s, ambiguous %t, later %t", f.was, f.now(), f.again, f.later)]++
	}
	return out
}

func groupsOf(t rollback.StateTable) figures {
	out := figures{}
	for _, g := range t.Groups {
		out[fmt.Sprintf("%s -> %s, now %s, ambiguous %t, later %t", words(g.Initial, g.Known), words(g.Error, g.Known), words(g.Current, g.Present), g.Ambiguous, g.Later)] += g.Records
	}
	return out
}

func words(v rollback.Values, there bool) string {
	if !there {
		return "gone"
	}
	return v.String()
}

// most differences are told; the rest are counted.
const most = 3

// differs is nil if both say the same, else it tells where they do not.
func differs(want, got figures) error {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			all = append(all, fmt.Sprintf("%s: %d, and it is %d", key, want[key], got[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, known := want[key]; !known {
			all = append(all, fmt.Sprintf("%s: none, and it is %d", key, got[key]))
		}
	}
	if len(all) == 0 {
		return nil
	}
	if len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more", len(all)-most))
	}
	return fmt.Errorf("there should be of %s", strings.Join(all, "; of "))
}
