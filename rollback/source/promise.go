package source

import "strings"

// Verdict is what became of one promise of a source.
type Verdict string

// The verdicts, best first. Lacks means that counting or putting back cannot
// work at all, so the bot does not start; Broken, that the source is not as it
// was declared; Unknown, that nobody could look.
const (
	Kept    Verdict = "kept"
	Advice  Verdict = "advice"
	Unknown Verdict = "unknown"
	Broken  Verdict = "broken"
	Surplus Verdict = "surplus"
	Lacks   Verdict = "lacks"
)

// Promise is one thing that counting and putting back rely on, as the live
// system answered for it.
type Promise struct {
	Login   string   `json:"login,omitempty"` // empty where it is the system's own
	Name    string   `json:"promise"`         // "writes nothing", "key of crm.lead"
	Verdict Verdict  `json:"verdict"`
	Found   string   `json:"found"`         // a sentence without its stop
	Fix     []string `json:"fix,omitempty"` // statements that settle it, for the system's administrator
}

// Say is the finding and what settles it, in one line.
func (p Promise) Say() string {
	if len(p.Fix) == 0 {
		return p.Found + "."
	}
	return p.Found + ": " + strings.Join(p.Fix, "; ") + "."
}

// Findings are all promises of a source in the order in which they were asked.
type Findings struct {
	Promises []Promise
}

// Missing says what keeps counting or putting back from working.
func (f Findings) Missing() []string { return f.say(Lacks) }

// Surplus says which rights are there that must not be.
func (f Findings) Surplus() []string { return f.say(Surplus) }

// Sound says that counting and putting back can rely on this source as it was
// declared.
func (f Findings) Sound() bool { return len(f.say(Lacks, Surplus, Broken, Unknown)) == 0 }

// Unseen says that something could not be looked at.
func (f Findings) Unseen() bool { return len(f.say(Unknown)) > 0 }

func (f Findings) say(which ...Verdict) (lines []string) {
	for _, p := range f.Promises {
		for _, v := range which {
			if p.Verdict == v {
				lines = append(lines, p.Say())
			}
		}
	}
	return lines
}
