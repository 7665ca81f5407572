package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// SpotModal shows records with what evidence says of them, and asks whoever
// reads them what they found by hand.
func SpotModal(s rollback.Spec, stamp Stamp, told []rollback.Told) slack.ModalViewRequest {
	blocks := section(fmt.Sprintf("Find out by hand what these %d %s held, without the file, and compare. The plan's digest has chosen them; nobody else is shown them.", len(told), Escape(s.Unit)))
	for i, t := range told {
		line := fmt.Sprintf("%d. *%s*: %s, now %s", i+1, Escape(t.Key), Escape(t.Desired.String()), Escape(t.Error.String()))
		if t.Group != "" {
			line += " · " + Escape(t.Group)
		}
		if t.Other != nil {
			line += fmt.Sprintf(" (the other evidence: %s)", Escape(t.Other.String()))
		}
		if t.Says != "" {
			line += "\n" + Escape(t.Says)
		}
		blocks = append(blocks, section(line)...)
	}
	return modal("spotcheck", "Compare by hand", "Record", stamp, blocks,
		field("found", "What did you find?", "", false, radioInput("", []Option{{"agrees", "All of them were that"}, {"differs", "Some were something else"}})),
		field("differ", "How many were something else?", "", true, textInput("", "", false)))
}

// toCompare says what evidence comes to before anybody is asked for an approval,
// and who has to compare it by hand.
func toCompare(p PlanCard) (lines []string) {
	e := p.Spec.Evidence
	if e == nil || e.From != rollback.FromQuery || !p.Frozen || p.State != rollback.NameFrozen {
		return nil
	}
	lines = evidenced(p)
	if p.Compare > 0 && p.Disagree == 0 {
		who := []string{Mention(p.Spec.Requester)}
		if e.Author != "" && e.Author != p.Spec.Requester {
			who = append(who, Mention(e.Author))
		}
		lines = append(lines, fmt.Sprintf("*Somebody other than %s compares %s of them by hand before anybody is asked for an approval.*", strings.Join(who, " and "), Number(p.Compare)))
	}
	return lines
}

// TrustModal asks which of two evidences counts where they disagree.
func TrustModal(s rollback.Spec, stamp Stamp, disagree int64) slack.ModalViewRequest {
	e := s.Evidence
	return modal("trust", "Which counts?", "Decide", stamp,
		section(fmt.Sprintf("`%s` and `%s` disagree about %s %s. Whoever decides becomes an author of the plan, and it is compared by hand after that.",
			Escape(e.Name), Escape(e.Beside.Name), Number(disagree), Escape(s.Unit))),
		field("take", "Which counts?", "", false, radioInput("", []Option{
			{e.Name, e.Name + ": " + e.Rule}, {e.Beside.Name, e.Beside.Name + ": " + e.Beside.Rule}, {rollback.TakeNeither, "Neither: they stay as they are"},
		})),
		field("why", "Why?", "", false, textInput("", "", false)))
}

// compared is what somebody found who compared records by hand.
func compared(s *rollback.Spot) string {
	who := Mention(s.By)
	if s.Differ > 0 {
		return fmt.Sprintf(":red_circle: *Compared by hand by %s: %s of %s differ.*", who, Number(s.Differ), Number(s.Records))
	}
	return fmt.Sprintf("Compared by hand by %s: %s of %s agree.", who, Number(s.Records), Number(s.Records))
}
