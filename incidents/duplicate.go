package incidents

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	// alikeEnough is from where on two titles are taken to mean the same.
	alikeEnough = 0.4
	// freshFor is how long something that is over already still is what
	// somebody may be about to open.
	freshFor = 24 * time.Hour
)

// Duplicates returns the incidents that somebody who is about to open one may
// mean, the likeliest first: at work or under a day old, and of the same system
// or with a title much like it. A drill is never taken for the real thing.
func Duplicates(o Opening, others []Incident, at time.Time) []Incident {
	return likely(o, others, func(i Incident) bool {
		return i.phase.Live() || i.phase != PhaseCancelled && at.Before(i.Opened.Add(freshFor))
	})
}

// Earlier returns the incident that may have come back: one that is over, of the
// same system or with a title much like it.
func Earlier(o Opening, others []Incident) (Incident, bool) {
	found := likely(o, others, func(i Incident) bool { return i.phase == PhaseResolved || i.phase == PhaseClosed })
	if len(found) == 0 {
		return Incident{}, false
	}
	return found[0], true
}

func likely(o Opening, others []Incident, meant func(Incident) bool) []Incident {
	alike := map[ID]float64{}
	var found []Incident
	for _, i := range others {
		if i.Drill != o.Drill || !meant(i) {
			continue
		}
		alike[i.ID] = Alike(o.Title, i.Title)
		if alike[i.ID] >= alikeEnough || i.on(o.System) {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(alike[b.ID], alike[a.ID]), cmp.Compare(b.ID, a.ID))
	})
	return found
}

// on says whether the incident is about a system, by name or as triage says.
func (i Incident) on(system string) bool {
	if system == "" {
		return false
	}
	if strings.EqualFold(i.System, system) {
		return true
	}
	said := strings.FieldsFunc(i.Triage.Answer(QuestionWhere).Text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
	return slices.ContainsFunc(said, func(word string) bool {
		source, _, _ := strings.Cut(word, ".")
		return strings.EqualFold(source, system)
	})
}

// Alike returns how much two titles have in common, from 0 to 1: the share of
// the groups of three letters, within words, that both have. Order, case and
// signs do not matter, and a slip of the keyboard matters little.
func Alike(a, b string) float64 {
	in, other := trigrams(a), trigrams(b)
	both := 0
	for t := range in {
		if other[t] {
			both++
		}
	}
	all := len(in) + len(other) - both
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

// trigrams are the groups of three letters of each word, which has two blanks
// before it and one behind, so that its beginning counts more than its end.
func trigrams(s string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		letters := []rune("  " + word + " ")
		for n := 3; n <= len(letters); n++ {
			all[string(letters[n-3:n])] = true
		}
	}
	return all
}
