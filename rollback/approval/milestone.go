package approval

import "snafu/incidents"

// Milestone marks the fact.
func (Proposed) Milestone() incidents.Milestone { return incidents.MilestoneProposed }

// Milestone marks the fact.
func (Approved) Milestone() incidents.Milestone { return incidents.MilestoneApproved }

// Milestone marks the fact.
func (Claimed) Milestone() incidents.Milestone { return incidents.MilestoneStarted }

// Milestone marks the fact.
func (Verified) Milestone() incidents.Milestone { return incidents.MilestoneVerified }

// Milestone marks the fact.
func (Refused) Milestone() incidents.Milestone { return incidents.MilestoneRefused }

// Milestone marks the fact.
func (UndoDrafted) Milestone() incidents.Milestone { return incidents.MilestoneUndone }
