package rollback

import (
	"strings"

	"snafu/incidents/refusal"
)

// Said is what people say of a plan before they ask for approvals. It stays
// through the revisions, and as it is while people approve.
type Said struct {
	Asked       string // who was asked in IT, and the answer
	Discussed   string // with whom it was discussed
	Undiscussed string // why one of them is missing
}

// Done says whether nothing is missing, or somebody said why.
func (s Said) Done() bool { return s.Asked != "" && s.Discussed != "" || s.Undiscussed != "" }

// With is what was said before, and now.
func (s Said) With(more Said) Said {
	for _, part := range []struct {
		into *string
		say  string
	}{{&s.Asked, more.Asked}, {&s.Discussed, more.Discussed}, {&s.Undiscussed, more.Undiscussed}} {
		if part.say != "" {
			*part.into = part.say
		}
	}
	return s
}

// RefuseUnsaid answers a proposal of a plan about which nobody has said whether
// IT was asked, or with whom it was discussed.
func RefuseUnsaid(ref Ref, s Said) error {
	var lacks, write []string
	if s.Asked == "" {
		lacks, write = append(lacks, "whether IT was asked"), append(write, "`plan asked "+string(ref)+" WHO AND THE ANSWER`")
	}
	if s.Discussed == "" {
		lacks, write = append(lacks, "with whom it was discussed"), append(write, "`plan discussed "+string(ref)+" WITH WHOM`")
	}
	return refusal.Invalid("Nobody has said of %s %s. Press Discussed, or write %s; `plan undiscussed %s WHY` says why not. Then ask again.",
		ref, strings.Join(lacks, " and "), strings.Join(write, " and "), ref).Coded("discussed")
}
