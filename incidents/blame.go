package incidents

import (
	"regexp"

	"snafu/incidents/refusal"
)

// ErrNamesPerson answers every cause that is a person: what is to be mended is a
// system or a step of the work.
var ErrNamesPerson = refusal.Invalid("Name the system or the step, not the person.").Coded("person")

// A mention as Slack writes it, as it is typed, or as its parts were taken apart.
// An address has letters in front of its sign.
var mentions = regexp.MustCompile(`<@|(?:^|[^\pL\pN._%+-])@[\pL\pN]`)

// NamesPerson says whether a text mentions somebody.
func NamesPerson(text string) bool { return mentions.MatchString(text) }
