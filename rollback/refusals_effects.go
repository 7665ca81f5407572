package rollback

import (
	"strings"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// RefuseEffects means that a word is none of the choices.
func RefuseEffects(word string) error {
	return refusal.Invalid("%q is no choice. Write fire to accept what is set off, guc where every trigger spares writes that carry snafu.rollback_id, or hold to have its owner stop it meanwhile.", word).Coded("side-effect")
}

// RefuseSideEffect names what the plan would set off while nobody has chosen
// what to do about that.
func RefuseSideEffect(ref Ref, names []string) error {
	verb := "would fire"
	if strings.Contains(strings.Join(names, ","), "sync ") {
		verb = "would be set off"
	}
	return refusal.Conflict("%s %s. Choose fire, guc or hold: `plan effects %s hold`.", capital(strings.Join(names, ", ")), verb, ref).Coded("side-effect")
}

// RefuseUnguarded names what does not spare our writes, although that was
// relied on.
func RefuseUnguarded(ref Ref, names []string) error {
	var plain []string
	for _, n := range names {
		_, name, _ := strings.Cut(n, " ")
		plain = append(plain, name)
	}
	return refusal.Conflict("No condition on snafu.rollback_id: %s. Add one, accept it by name with `plan effects %s guc %s`, or choose fire or hold.",
		strings.Join(names, ", "), ref, strings.Join(plain, " ")).Coded("side-effect")
}

// RefuseTwoWay means that a sync which runs on could bring the error back.
func RefuseTwoWay(ref Ref, name string) error {
	return refusal.Conflict("Sync %s copies both ways and could bring the error back. It has to be held: `plan effects %s hold`.", name, ref).Coded("side-effect")
}

// RefuseNotHeld means that what has to be stopped before the plan may write was
// not confirmed to be.
func RefuseNotHeld(ref Ref, h Held) error {
	return refusal.Conflict("%s is not held yet. %s: press Stopped in the thread of %s, or `plan held %s`.", capital(h.Name), whoHolds(h.Owners), ref, ref).Coded("hold")
}

// RefuseNotOwner means that somebody else must say that a thing is stopped or
// runs again.
func RefuseNotOwner(h Held) error {
	return refusal.Forbidden("Only who looks after %s can say that. %s.", h.Name, whoHolds(h.Owners)).Coded("not-owner")
}

func whoHolds(owners []incidents.Person) string {
	if len(owners) == 0 {
		return "The lead can"
	}
	return incidents.Mentions(owners) + " can"
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
