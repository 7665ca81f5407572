package incidents

import (
	"slices"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Role is a part that somebody takes in an incident beside its lead.
type Role struct {
	Name string
	Does string // in a sentence, for whoever takes it
}

// Roles are the roles where the configuration names none.
var Roles = []Role{
	{"comms", "Writes the updates in words that people outside understand, and sends them when they were promised."},
	{"scribe", "Writes down what was done and found, and when: /snafu note. Who decides can look at the data meanwhile."},
	{"source-admin", "Looks after the affected system: knows what writes to it, stops what has to be stopped, and says what is safe."},
}

// Held is a role with who has it.
type Held struct {
	Role   Role
	Person Person // "" for nobody
	At     time.Time
}

// RoleChanged says who has a role from now on; "" is nobody.
type RoleChanged struct {
	Role     string
	Was, Now Person
}

// Kind names the fact.
func (RoleChanged) Kind() string { return "role-changed/1" }

// GiveRole gives a role to somebody, or takes it from whoever has it if to is
// "". It refuses with NotFound a role that there is not, and with Conflict what
// is so already, or when the incident is over.
func (i Incident) GiveRole(held []Held, name string, to Person) (RoleChanged, error) {
	if err := i.open(); err != nil {
		return RoleChanged{}, err
	}
	n := slices.IndexFunc(held, func(h Held) bool { return strings.EqualFold(h.Role.Name, strings.TrimSpace(name)) })
	if n < 0 {
		var known []string
		for _, h := range held {
			known = append(known, h.Role.Name)
		}
		return RoleChanged{}, refusal.NotFound("There is no role %q. There are %s: /snafu role %s @colleague.", Line(name, 40), joined(known), known[0])
	}
	h := held[n]
	switch {
	case h.Person == to && to == "":
		return RoleChanged{}, refusal.Conflict("Nobody is %s of %s.", h.Role.Name, i.ID)
	case h.Person == to:
		return RoleChanged{}, refusal.Conflict("%s is %s of %s already.", to.Mention(), h.Role.Name, i.ID)
	}
	return RoleChanged{Role: h.Role.Name, Was: h.Person, Now: to}, nil
}

// RoleBrief tells whoever takes a role in five lines where the incident stands
// and what the role does.
func RoleBrief(s Summary, r Role) []Words {
	return []Words{
		Sentence(s.Key + " · " + s.Title + " · " + s.Phase.String() + " · " + s.Severity.String()),
		s.Numbers,
		Sentence(s.Customers, " ", s.Cause),
		Sentence("Next: ", s.Next, " ", s.Lead, " leads."),
		Sentence(r.Name + ": " + r.Does),
	}
}

// RolesOf are the roles that somebody has, the lead first; "none" for nobody.
func (i Incident) RolesOf(p Person, held []Held) string {
	var mine []string
	switch p {
	case i.Lead:
		mine = append(mine, "lead")
	case i.Reporter:
		mine = append(mine, "reporter")
	}
	for _, h := range held {
		if h.Person == p && p != "" {
			mine = append(mine, h.Role.Name)
		}
	}
	if mine == nil {
		return "none"
	}
	return strings.Join(mine, ", ")
}
