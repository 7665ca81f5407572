package count

import "snafu/incidents"

// Milestone marks a count after which no record waits for a decision.
func (m Measured) Milestone() incidents.Milestone {
	return allDecided(m.Members > 0 && m.Undecided == 0)
}

// Milestone marks the decision that leaves no record without one.
func (d Decided) Milestone() incidents.Milestone { return allDecided(d.Undecided == 0) }

func allDecided(all bool) incidents.Milestone {
	if all {
		return incidents.MilestoneDecided
	}
	return ""
}
