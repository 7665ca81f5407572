package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

// Progress shows a run at work: one message, edited in place.
func Progress(p PlanCard) Message {
	done := p.Progress.Counts
	text := fmt.Sprintf("%s: %s of %s written", p.Spec.Ref, Number(done.Written), Number(p.Freeze.Writes))
	lines := []string{fmt.Sprintf("*%s* · %s of %s written", p.Spec.Ref, Number(done.Written), Number(p.Freeze.Writes)), bar(done.Sum(), p.Freeze.Writes)}
	switch {
	case p.State == rollback.NamePaused && p.Canary:
		next := fmt.Sprintf("Look at them in %s, then continue.", Escape(p.Spec.Scope.Source))
		if p.Unread > 0 {
			next = fmt.Sprintf("Find out in %s what changed the others before you continue, or abort.", Escape(p.Spec.Scope.Source))
		}
		lines = append(lines, fmt.Sprintf("%s written, %s read back. %s", Number(done.Written), Number(done.Written-p.Unread), next))
	case p.State == rollback.NameRunning && p.Why == "":
		if speed := speed(p.Pace, p.Freeze.Writes-done.Sum()); speed != "" {
			lines = append(lines, speed)
		}
	case p.State == rollback.NameRunning:
		text = fmt.Sprintf("%s: waits at %s of %s", p.Spec.Ref, Number(done.Written), Number(p.Freeze.Writes))
		lines = append(lines, "Waits, so that nobody is slowed down: "+Escape(p.Why))
	case p.State == rollback.NamePaused:
		text = fmt.Sprintf("%s: paused at %s of %s", p.Spec.Ref, Number(done.Written), Number(p.Freeze.Writes))
		line := fmt.Sprintf("Paused at %s of %s", Number(done.Written), Number(p.Freeze.Writes))
		if p.Why != "" {
			line += ": " + Escape(p.Why)
		}
		lines = append(lines, line)
	}
	if rest := leftAlone(done); rest != "" {
		lines = append(lines, rest)
	}
	return Message{
		Text:   fmt.Sprintf("%s %s", p.Spec.Incident, text),
		Blocks: stack(section(strings.Join(lines, "\n")), progressButtons(p)),
	}
}

// speed is how fast a run goes and how long the rest will take at that; empty
// while nobody can say.
func speed(p rollback.Pace, rest int64) string {
	left := p.Left(rest)
	if left == 0 {
		return ""
	}
	each := "less than 1"
	if n := p.PerSecond(); n > 0 {
		each = Number(n)
	}
	return fmt.Sprintf("%s a second · about %s left", each, incidents.Took(max(left, time.Second)))
}

func progressButtons(p PlanCard) []slack.Block {
	s := p.Stamp()
	switch {
	case p.State == rollback.NameRunning:
		return buttons("progress", button("plan.pause", "Pause", s), danger("plan.abort", "Abort", s))
	case p.State == rollback.NamePaused && p.Canary:
		return buttons("progress", primary("plan.continue", "Continue", s), danger("plan.abort", "Abort", s))
	case p.State == rollback.NamePaused:
		return buttons("progress", primary("plan.resume", "Resume", s), danger("plan.abort", "Abort", s))
	}
	return nil
}

// bar is twenty cells and a percentage; it is full only when all is done.
func bar(done, all int64) string {
	if all <= 0 {
		return ""
	}
	const cells = 20
	full := int(min(done, all) * cells / all)
	return "`" + strings.Repeat("█", full) + strings.Repeat("░", cells-full) + fmt.Sprintf("` %d %%", min(done, all)*100/all)
}

func leftAlone(n rollback.Outcomes) string {
	var parts []string
	for _, x := range []struct {
		n    int64
		what string
	}{
		{n.Conflicts(), "changed meanwhile, left alone"},
		{n.Already, "already right"},
		{n.Missing, "gone"},
		{n.Locked, "locked by somebody"},
		{n.Failed, "refused by the database"},
		{n.Unknown, "not known"},
	} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", Number(x.n), x.what))
		}
	}
	return strings.Join(parts, " · ")
}

// Result tells how a run ended, and what a fresh count says.
func Result(p PlanCard) Message {
	line := resultLine(p)
	var lines []string
	if p.Why != "" && p.State != rollback.NameDone {
		lines = append(lines, Escape(p.Why))
	}
	if rest := leftAlone(p.Progress.Counts); rest != "" {
		lines = append(lines, "Of the records to write: "+rest)
	}
	if p.Report != nil {
		lines = append(lines, recountLine(*p.Report))
		if left := contestedLine(*p.Report); left != "" {
			lines = append(lines, left)
		}
		for _, l := range p.Report.Lines {
			if !l.Holds() {
				lines = append(lines, fmt.Sprintf("Does not agree: %s, expected %s, found %s", Escape(l.Check), Number(l.Expected), Number(l.Found)))
			}
		}
	}
	return Message{
		Text:   cut(fmt.Sprintf("%s %s", p.Spec.Incident, line), maxFallback),
		Blocks: stack(section("*"+line+"*"), section(strings.Join(lines, "\n")), resultButtons(p)),
	}
}

// resultButtons are what can follow: who was fixed, and the way back.
func resultButtons(p PlanCard) []slack.Block {
	s := p.Stamp()
	all := listButtons(p)
	if p.conflicts() > 0 {
		all = append(all, button("plan.keep", "Keep conflicts", s))
		if p.Report != nil && len(p.Report.Contested) > 0 {
			all = append(all, button("plan.conflicts", "Plan for conflicts", s))
		}
	}
	if p.Progress.Counts.Written > 0 {
		all = append(all, button("plan.undo", "Undo", s))
	}
	return buttons("result", all...)
}

// listButtons are the lists that have a record on them; the first one always.
func listButtons(p PlanCard) []*slack.ButtonBlockElement {
	s := p.Stamp()
	all := []*slack.ButtonBlockElement{button("plan.fixed", "Fixed list", s)}
	if p.conflicts() > 0 {
		all = append(all, button("plan.fixed.conflicts", "Conflicts list", s))
	}
	n := p.Progress.Counts
	if p.Freeze.Writes-n.Written-n.Already-n.Conflicts() > 0 {
		all = append(all, button("plan.fixed.pending", "Not written", s))
	}
	return all
}

// conflicts are the records left to people, from the start or on the way.
func (p PlanCard) conflicts() int64 {
	return p.Progress.Counts.Conflicts() + p.Freeze.Classes().Conflicts()
}

func resultLine(p PlanCard) string {
	n := p.Progress.Counts
	return fmt.Sprintf("%s %s: %s written · %s conflicts left alone · %s failed", p.Spec.Ref, ended(p.State),
		Number(n.Written), Number(p.conflicts()), Number(n.Failed))
}

func ended(s rollback.StateName) string {
	if s == rollback.NamePartial {
		return "partly done"
	}
	return string(s)
}

// contestedLine lists what a run left to people by what it holds now.
func contestedLine(r rollback.Report) string {
	var values []string
	sum := map[string]int64{}
	for _, c := range r.Contested {
		v := c.Value.String()
		if sum[v] == 0 {
			values = append(values, v)
		}
		sum[v] += c.Records
	}
	var parts []string
	for i, v := range values {
		if i == maxCodeRows {
			parts = append(parts, fmt.Sprintf("and %d more values", len(values)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s", Escape(v), Number(sum[v])))
	}
	if parts == nil {
		return ""
	}
	return "Left as people set them: " + strings.Join(parts, ", ")
}

func recountLine(r rollback.Report) string {
	var parts []string
	for _, v := range r.Values {
		parts = append(parts, fmt.Sprintf("%s %s", Escape(v.Value.String()), Number(v.Records)))
	}
	return "Recount: " + strings.Join(append(parts, "total "+Number(r.Total)), " · ")
}
