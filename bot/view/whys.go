package view

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// WhyChange is the action of the element that opens an answer to be changed.
const WhyChange = "whys.change"

// WhysCard is the tree of why it happened.
type WhysCard struct {
	Incident incidents.ID
	Whys     incidents.Whys
}

// WhyForm asks for one answer.
type WhyForm struct {
	Stamp Stamp
	Whys  incidents.Whys
	Of    *incidents.Why   // the one that is changed; nil adds one
	Above incidents.WhyRef // where it is added; "" proposes a place
}

// mostIndent is how deep the card indents: a phone is narrow, and the number says
// the rest.
const mostIndent = 4

// Whys shows the tree: problems, why they happened, and where it ends.
func Whys(c WhysCard) Message {
	all, roots := c.Whys.Standing(), len(c.Whys.Roots())
	head := fmt.Sprintf("*Five whys* · %s, %s", plural(int(c.Whys.Problems()), "problem"), plural(roots, "root cause"))
	text := fmt.Sprintf("%s: five whys, %s, %s", c.Incident, plural(int(c.Whys.Problems()), "problem"), plural(roots, "root cause"))
	s := Stamp{Incident: c.Incident}
	elements := []slack.BlockElement{button("whys.add", "Ask why", s)}
	lines := fitting(len(all), func(n, width int) string { return whyLine(all[n], width) })
	var options []Option
	for _, n := range all {
		s.Choice = string(n.Ref)
		options = append(options, Option{s.String(), cut(string(n.Ref)+" "+n.Text, 40)})
	}
	switch {
	case len(options) > 0:
		elements = append(elements, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Change an answer", maxPlaceholder), WhyChange, choices(options)...))
	case c.Whys.Skipped != "":
		head = "*Five whys* · skipped"
		text = c.Incident.String() + ": five whys, skipped"
		lines = []string{fmt.Sprintf("Not needed, says %s: %s", c.Whys.SkippedBy.Mention(), Escape(c.Whys.Skipped))}
	default:
		lines = []string{"Nobody has asked why yet."}
	}
	return Message{Text: text, Blocks: stack(section(head), paragraphs(lines), []slack.Block{slack.NewActionBlock("whys", elements...)}, rootButtons(c))}
}

// rootButtons let people say what changes because of a root cause.
func rootButtons(c WhysCard) []slack.Block {
	var bs []*slack.ButtonBlockElement
	for n, root := range c.Whys.Roots() {
		if n == 5 {
			break
		}
		bs = append(bs, button(fmt.Sprintf("todo.open.%d", n), "Follow-up on "+string(root.Ref), Stamp{Incident: c.Incident, Choice: string(root.Ref)}))
	}
	return buttons("roots", bs...)
}

func whyLine(n incidents.Why, width int) string {
	line := fmt.Sprintf("%s %s", n.Ref, Escape(cut(n.Text, width)))
	switch n.Mark {
	case incidents.WhyRoot:
		line = fmt.Sprintf("*%s %s · root cause*", n.Ref, Escape(cut(n.Text, width)))
	case incidents.WhyContributing:
		line += " · contributing"
	}
	if link := evidenceLink(n.Evidence, width); link != "" {
		line += " · " + link
	}
	return strings.Repeat("    ", min(n.Ref.Depth()-1, mostIndent)) + line
}

// evidenceLink leads to an address, and shows anything else as it is.
func evidenceLink(where string, width int) string {
	switch {
	case where == "":
		return ""
	case !webAddress(where):
		return "evidence: " + Escape(cut(where, width))
	case len(where) > 2*width:
		return "evidence"
	}
	return "<" + Escape(where) + "|evidence>"
}

// webAddress says whether a text is an address that a link can lead to.
func webAddress(where string) bool {
	u, err := url.Parse(where)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(where, "<>| \n")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// WhyAskBack asks whoever marked a root early whether that is where it ends.
func WhyAskBack(id incidents.ID, ref incidents.WhyRef) Message {
	text := fmt.Sprintf("%s is a root after %s. You may stop here or ask once more.", ref, plural(ref.Depth()-1, "why"))
	if ref.Depth() == 1 {
		text = fmt.Sprintf("%s is the problem itself. You may stop here or ask why it happened.", ref)
	}
	return Message{Text: text, Blocks: stack(section(text), buttons("whys.more", button("whys.add", "Ask once more", Stamp{Incident: id, Choice: string(ref)})))}
}

// WhyModal asks for an answer: why, how one sees it, and whether it ends there.
func WhyModal(f WhyForm) slack.ModalViewRequest {
	var n incidents.Why
	title, submit := "Ask why", "Add"
	if f.Of != nil {
		n, title, submit = *f.Of, string(f.Of.Ref), "Save"
	}
	var blocks []slack.Block
	if f.Of == nil {
		blocks = field("above", "Of what?", "A problem is what people noticed. Below it stands why it happened, and below that why again.", false,
			selectInput("Choose", string(proposed(f)), places(f.Whys)))
	}
	blocks = stack(blocks,
		field("text", "Why? Or which problem?", "Name the system or the step, not a person.", false, walkInput(n.Text, "The weekly sync has no limit")),
		field("evidence", "How does one see it?", "A link, or where to look.", true, walkInput(n.Evidence, "")),
		field("mark", "What is it?", "The last answer of a branch may be a root cause.", true, radioInput(markOf(n), []Option{
			{"plain", "An answer"}, {string(incidents.WhyRoot), "A root cause"}, {string(incidents.WhyContributing), "Contributing"},
		})))
	if f.Of != nil {
		blocks = append(blocks, field("drop", "Or take it out", "", true, checkInput(nil, []Option{{"drop", "Take this answer out"}}))...)
	}
	return modal("whys", title, submit, f.Stamp, blocks)
}

// noProblem is the choice of a new problem: a select carries no empty value.
const noProblem = "new"

func places(w incidents.Whys) []Option {
	all := []Option{{noProblem, "A new problem"}}
	for _, n := range w.Standing() {
		all = append(all, Option{string(n.Ref), string(n.Ref) + " " + n.Text})
	}
	return all
}

// proposed is the place where people most likely go on: below the newest answer
// that is no root.
func proposed(f WhyForm) incidents.WhyRef {
	if f.Above != "" {
		return f.Above
	}
	var newest incidents.Why
	for _, n := range f.Whys.Standing() {
		if n.Mark != incidents.WhyRoot && !n.At.Before(newest.At) {
			newest = n
		}
	}
	if newest.Ref == "" {
		return noProblem
	}
	return newest.Ref
}

func markOf(n incidents.Why) string {
	if n.Mark == incidents.WhyPlain {
		return "plain"
	}
	return string(n.Mark)
}
