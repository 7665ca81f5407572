package rollback

import (
	"slices"
	"time"

	"snafu/incidents"
)

// Standing is who Slack says a person is at the moment of a decision. It is
// stored with the approval it allowed.
type Standing struct {
	Person      incidents.Person   `json:"person"`
	Source      string             `json:"source"`
	At          time.Time          `json:"at"`
	Listed      bool               `json:"listed"` // on the source's list or in its group
	Guest       bool               `json:"guest"`  // single- or multi-channel
	Bot         bool               `json:"bot"`    // bot, app, workflow or connector user
	Deactivated bool               `json:"deactivated"`
	Invited     bool               `json:"invited"`  // has not joined yet
	Stranger    bool               `json:"stranger"` // from another company
	OtherTeam   bool               `json:"other_team"`
	Shared      bool               `json:"shared"`         // the incident's channel is shared with another company, or about to be
	Unsure      bool               `json:"unsure"`         // Slack did not answer
	Same        []incidents.Person `json:"same,omitempty"` // who took part in the plan and has the same e-mail address
	Pool        []incidents.Person `json:"pool"`           // everybody on the source's list and in its group, sorted
}

// Account refuses what is no full member of this workspace: slack-unsure,
// shared-channel, guest, account.
func (s Standing) Account(can []incidents.Person) error {
	switch {
	case s.Unsure:
		return RefuseUnsure()
	case s.Shared:
		return RefuseSharedChannel()
	case s.Deactivated:
		return RefuseAccount("deactivated", can)
	case s.Bot:
		return RefuseAccount("a bot or workflow", can)
	case s.Stranger:
		return RefuseAccount("from another company", can)
	case s.OtherTeam:
		return RefuseAccount("from another workspace", can)
	case s.Invited:
		return RefuseAccount("invited, not joined yet", can)
	case s.Guest:
		return RefuseGuest(can)
	case len(s.Same) > 0:
		return RefuseAccount("it has the e-mail address of "+incidents.Mentions(s.Same), can)
	}
	return nil
}

// Refuse is Account, then not-listed: what is missing for a voice on the
// source, whatever the plan.
func (s Standing) Refuse(can []incidents.Person) error {
	if err := s.Account(can); err != nil {
		return err
	}
	if !s.Listed {
		pool := slices.Clone(can)
		if len(pool) == 0 {
			pool = s.Pool
		}
		return RefuseNotListed(s.Source, pool)
	}
	return nil
}
