package app

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"snafu/incidents"
)

// checkRoles finds names that could not be typed, and what does not fit into a
// brief.
func (c Config) checkRoles(d *decoder) {
	for name, does := range c.Roles {
		path := "roles." + name
		if !nameRule.MatchString(name) || slices.Contains([]string{"lead", "reporter", "none"}, name) {
			d.fault(path, "%q is not possible as a name. Write a word of small letters, digits, - and _, other than lead, reporter and none.", name)
		}
		if n := utf8.RuneCountInString(does); strings.TrimSpace(does) == "" || n > 300 {
			d.fault(path, "Say what the role does, in 1 to 300 characters.")
		}
	}
}

func (c Config) roles() (all []incidents.Role) {
	for _, name := range slices.Sorted(maps.Keys(c.Roles)) {
		all = append(all, incidents.Role{Name: name, Does: c.Roles[name]})
	}
	return all
}
