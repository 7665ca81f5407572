package incidents

import "strings"

// Person is one member of a workspace, as team and user: "T0DATA001/U0ANA0001".
// In an enterprise organisation the first part is the enterprise.
type Person string

// User returns the user id alone, the part that a mention needs.
func (p Person) User() string {
	_, user, ok := strings.Cut(string(p), "/")
	if !ok {
		return string(p)
	}
	return user
}

// Team returns the team or enterprise id, or "" if the person has none.
func (p Person) Team() string {
	team, _, ok := strings.Cut(string(p), "/")
	if !ok {
		return ""
	}
	return team
}

// Mention returns the person as written inside a sentence; it becomes a name
// where it is shown.
func (p Person) Mention() string {
	if p == "" {
		return "nobody"
	}
	return "<@" + p.User() + ">"
}

// Actor returns the person as one who acts.
func (p Person) Actor() Actor { return Actor(p) }

// Actor is who did something: a Person, or a part of the program as
// "system:room".
type Actor string

const systemPrefix = "system:"

// System returns the actor for a part of the program.
func System(room string) Actor { return Actor(systemPrefix + room) }

// Person returns the person behind the actor, and whether there is one.
// A part of the program is nobody.
func (a Actor) Person() (Person, bool) {
	if a == "" || strings.HasPrefix(string(a), systemPrefix) {
		return "", false
	}
	return Person(a), true
}

// Mention returns the actor as written inside a sentence.
func (a Actor) Mention() string {
	if p, ok := a.Person(); ok {
		return p.Mention()
	}
	return "snafu"
}

// Mentions joins people as "a", "a and b", "a, b and c"; nobody is "nobody".
func Mentions(people []Person) string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Mention()
	}
	return joined(names)
}

func joined(names []string) string {
	switch n := len(names); n {
	case 0:
		return "nobody"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}
