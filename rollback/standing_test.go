package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// Every flag that Slack can raise about a person, and what it means for their
// approval.
func TestAdversarial09OnlyFullMembersOnTheListCount(t *testing.T) {
	for name, c := range map[string]struct {
		flag func(*Standing)
		code string
		say  string
	}{
		"a guest":                {func(s *Standing) { s.Guest = true }, "guest", "Guests can't approve. <@BEN> can."},
		"a bot or workflow":      {func(s *Standing) { s.Bot = true }, "account", "This account can't approve (a bot or workflow). <@BEN> can."},
		"deactivated":            {func(s *Standing) { s.Deactivated = true }, "account", "This account can't approve (deactivated). <@BEN> can."},
		"a stranger":             {func(s *Standing) { s.Stranger = true }, "account", "This account can't approve (from another company). <@BEN> can."},
		"invited only":           {func(s *Standing) { s.Invited = true }, "account", "This account can't approve (invited, not joined yet). <@BEN> can."},
		"another workspace":      {func(s *Standing) { s.OtherTeam = true }, "account", "This account can't approve (from another workspace). <@BEN> can."},
		"not on the list":        {func(s *Standing) { s.Listed = false }, "not-listed", "Only approvers of crm can approve: <@BEN>."},
		"the channel is shared":  {func(s *Standing) { s.Shared = true }, "shared-channel", "This channel is shared with another company, so approvals stop here. They count again once it is unshared."},
		"Slack did not answer":   {func(s *Standing) { s.Unsure = true }, "slack-unsure", "Slack did not confirm who you are, so nothing was counted. Press again in a minute."},
		"a guest who is listed":  {func(s *Standing) { s.Guest, s.Listed = true, true }, "guest", "Guests can't approve. <@BEN> can."},
		"a guest and nobody can": {func(s *Standing) { s.Guest, s.Pool = true, nil }, "guest", "Guests can't approve. No one else can yet."},
	} {
		t.Run(name, func(t *testing.T) {
			s := Standing{Person: ben, Source: "crm", Listed: true, Pool: []incidents.Person{ben}}
			require.NoError(t, s.Refuse(s.Pool))
			c.flag(&s)
			err := s.Refuse(s.Pool)
			require.Equal(t, c.code, code(t, err))
			require.EqualError(t, err, c.say)
		})
	}
}
