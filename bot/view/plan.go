package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// Plan heads the plan's thread: where it stands, in one line.
func Plan(p PlanCard) Message {
	line := planLine(p)
	return Message{
		Text: cut(fmt.Sprintf("%s: %s", p.Spec.Incident, line), maxFallback),
		Blocks: stack(
			section("*"+planName(p)+"* · "+line), section(waivedContain(p)), section(unsaidLine(p)), context(fmt.Sprintf("Everything about %s is in this thread.", p.Spec.Ref)),
			paragraphs(instead(p)), paragraphs(toCompare(p)), paragraphs(append(holdLines(p), checklist(p)...)),
			planNext(p), holdButtons(p),
		),
	}
}

// planName is "Rollback R1", or for one that puts back what another has written
// "Undo R2 of R1".
func planName(p PlanCard) string {
	if u := p.Spec.Undoes; u != nil && u.Conflicts {
		return fmt.Sprintf("Conflicts %s of %s", p.Spec.Ref, u.Ref)
	} else if u != nil {
		return fmt.Sprintf("Undo %s of %s", p.Spec.Ref, u.Ref)
	}
	if removes(p.Spec) {
		return "Remove " + string(p.Spec.Ref)
	}
	switch p.Spec.Kind {
	case rollback.KindContain:
		return "Contain " + string(p.Spec.Ref)
	case rollback.KindRestore:
		return fmt.Sprintf("Restore %s from %s", p.Spec.Ref, Escape(p.Spec.Evidence.Name))
	case rollback.KindReinsert:
		return fmt.Sprintf("Reinsert %s from %s", p.Spec.Ref, Escape(p.Spec.Evidence.Name))
	case rollback.KindReconstruct:
		return fmt.Sprintf("Reconstruction %s from %s", p.Spec.Ref, Escape(p.Spec.Evidence.Name))
	}
	return "Rollback " + string(p.Spec.Ref)
}

// planNext are the buttons of a plan that nobody has been asked about yet.
func planNext(p PlanCard) []slack.Block {
	if p.Spec.Instead != nil && (p.State == rollback.NameFrozen || p.State == rollback.NameDone) {
		return insteadButtons(p)
	}
	var waive *slack.ButtonBlockElement
	if mayWaive(p) {
		waive = button("plan.waive", "Waive", p.Stamp())
	}
	switch p.State {
	case rollback.NameFrozen:
		var effects *slack.ButtonBlockElement
		if p.Disagree > 0 {
			return buttons("plan", primary("plan.trust", "Decide which counts", p.Stamp()), button("plan.withdraw", "Withdraw", p.Stamp()), waive)
		}
		if p.Compare > 0 {
			return buttons("plan", primary("plan.spotcheck", "Compare by hand", p.Stamp()), button("plan.withdraw", "Withdraw", p.Stamp()), waive)
		}
		if p.Freeze.Inventory.SetOff() != nil {
			effects = button("plan.effects", "Side effects", p.Stamp())
		}
		return buttons("plan", primary("plan.propose", "Ask for approvals", p.Stamp()), effects, discussButton(p), button("plan.withdraw", "Withdraw", p.Stamp()), samplesButton(p), waive)
	case rollback.NameDraft:
		if p.Why != "" {
			return buttons("plan", primary("plan.freeze", "Freeze again", p.Stamp()), button("plan.withdraw", "Withdraw", p.Stamp()), waive)
		}
	case rollback.NameAborted: // it has no card of its result
		return buttons("plan", append(listButtons(p), waive)...)
	}
	return buttons("plan", waive)
}

func planLine(p PlanCard) string {
	is := p.Spec.Is()
	missing := p.Spec.Needs - int64(len(p.Approvals))
	if p.Spec.Instead != nil && (p.State == rollback.NameFrozen || p.State == rollback.NameDone) {
		return kept(p)
	}
	switch p.State {
	case rollback.NameProposed:
		return fmt.Sprintf("%s by %s waits for %d of %d approvals · %s to write", is, Mention(p.Spec.Author), missing, p.Spec.Needs, Number(p.Freeze.Writes))
	case rollback.NameApproved:
		return fmt.Sprintf("%s is approved by %s · start it before %s", is, Mentions(voices(p)), Clock(p.Start))
	case rollback.NameRunning, rollback.NamePaused:
		return fmt.Sprintf("%s is %s · %s of %s written", is, p.State.Words(), Number(p.Progress.Counts.Written), Number(p.Freeze.Writes))
	case rollback.NameDone, rollback.NamePartial:
		return resultLine(p)
	case rollback.NameDraft:
		if p.Why != "" {
			return fmt.Sprintf("%s is a draft: %s", is, Escape(p.Why))
		}
		return fmt.Sprintf("%s by %s is being frozen", is, Mention(p.Spec.Author))
	}
	line := fmt.Sprintf("%s is %s", is, p.State.Words())
	if p.Why != "" {
		line += ": " + Escape(p.Why)
	}
	return line
}

// Review shows what would be approved, exactly, with the buttons that decide
// it. Each button carries the digest it was drawn from, so an old button
// cannot approve a newer plan.
func Review(p PlanCard) Message {
	if !p.Frozen {
		return Message{Text: cut(fmt.Sprintf("%s: %s", p.Spec.Incident, planLine(p)), maxFallback), Blocks: section(planLine(p))}
	}
	return Message{
		Text: fmt.Sprintf("%s: review %s %s", p.Spec.Incident, p.Spec.Ref, p.Digest.Short()),
		Blocks: stack(
			section(sizeLine(p)),
			section(cohortTable(p)),
			section(leaveTable(p)),
			paragraphs(effects(p)),
			section(dryRunLine(p)),
			section(voicesLine(p)),
			context(
				fmt.Sprintf("digest `%s`", p.Digest.Short()),
				fmt.Sprintf("counts of %s, void after %s", Clock(p.Freeze.At), Clock(p.Expires)),
				fmt.Sprintf("asked by %s", Mention(p.Spec.Requester)),
			),
			reviewButtons(p),
		),
	}
}

func sizeLine(p PlanCard) string {
	n := p.Freeze.Classes()
	return fmt.Sprintf("*%s* · %s to write · %s conflicts left alone · %s left out · export of %s rows read back", p.Spec.Is(),
		Number(p.Freeze.Writes), Number(n.Conflicts()), Number(n.Right), Number(p.Freeze.Export.Rows))
}

// effects are what approving would also set off, and what stays as people set
// it since.
func effects(p PlanCard) []string {
	lines := append(said(p.Said), written(p)...)
	lines = append(lines, inventory(p)...)
	if u := p.Spec.Undoes; u != nil && u.Conflicts {
		lines = append(lines, fmt.Sprintf("*Writes over what people set:* of the %s records that %s left alone, each that still holds what stands under \"is\".", Number(u.Written), u.Ref))
	} else if u != nil && u.Inserted {
		lines = append(lines, fmt.Sprintf("Undoes %s: each of the %s records that it inserted is marked as removed, %s. None is deleted.", u.Ref, Number(u.Written), Escape(p.Spec.Scope.Set[0]+" := "+p.Spec.Decisions[0].Desired.String())))
	} else if u != nil {
		lines = append(lines, fmt.Sprintf("Undoes %s: of the %s records that it wrote, each goes back to what stood there before.", u.Ref, Number(u.Written)))
	}
	lines = append(append(lines, meant(p)...), required(p)...)
	if p.Spec.Evidence != nil {
		lines = append(lines, evidenced(p)...)
	} else {
		lines = append(lines, filed(p.Spec.Cohorts())...)
	}
	var parts []string
	for _, v := range p.Freeze.Conflicts {
		parts = append(parts, fmt.Sprintf("%s %s", Escape(v.Value.String()), Number(v.Records)))
	}
	if parts != nil {
		lines = append(lines, "Left as people set them since: "+strings.Join(parts, ", "))
	}
	return lines
}

// filed names the files that say what each record of a cohort should be, by the
// start of their checksum.
func filed(cohorts []rollback.Cohort) (lines []string) {
	for _, k := range cohorts {
		if k.Each() {
			lines = append(lines, fmt.Sprintf("Cohort %d: each its own value, from file `%.12s`", k.Number, k.File))
		}
	}
	return lines
}
