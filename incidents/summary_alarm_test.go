package incidents_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func TestTheSummaryTellsInRedOfARunWhoseRequesterApprovedIt(t *testing.T) {
	line := incidents.PlanLine{
		Ref: "R1", Revision: 2, State: "done", Digest: "3f9a1c07be52", Requester: "T1/ANA", Approved: []incidents.Person{"T1/ANA", "T1/BEN"},
		RunBy: "T1/BEN", Glass: "the mailing goes out at five", Reviews: 1,
	}
	s := incidents.Summarize(incidents.Incident{ID: 42, Title: "Leads moved"}, incidents.Moment{At: noon, Plans: []incidents.PlanLine{line}})
	require.Len(t, s.Alarms, 1)
	require.Equal(t, "Break-glass: R1 ran on the approval of <@ANA>, who asked for it (the mailing goes out at five). 1 of 2 reviews by others are missing.", s.Alarms[0].String())
	line.Glass, line.Reviews = "", 0
	require.Empty(t, incidents.Summarize(incidents.Incident{ID: 42, Title: "Leads moved"}, incidents.Moment{At: noon, Plans: []incidents.PlanLine{line}}).Alarms)
}
