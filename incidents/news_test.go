package incidents_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func TestWhatIsToldOutsideOfSlackSaysWhatItIsAndWhatItWas(t *testing.T) {
	due := time.Date(2026, 3, 28, 11, 30, 0, 0, time.UTC)
	cases := []struct {
		name string
		fact incidents.Fact
		want incidents.News
	}{
		{"opened", incidents.Opened{Severity: 2}, incidents.News{Event: "incident.opened"}},
		{"the cause is stopped", incidents.Contained{}, incidents.News{Event: "incident.phase", Was: "triage", Now: "contained"}},
		{"it goes on", incidents.Uncontained{}, incidents.News{Event: "incident.phase", Was: "contained", Now: "triage"}},
		{"restoring", incidents.RestoringBegan{}, incidents.News{Event: "incident.phase", Was: "contained", Now: "restoring"}},
		{"worse", incidents.SeverityChanged{Was: 2, Now: 1, Why: "Rosa's number"}, incidents.News{Event: "incident.severity", Was: "SEV2", Now: "SEV1"}},
		{"another leads", incidents.LeadChanged{Was: "T1/UANA", Now: "T1/UBEN", Points: "ask Rosa"}, incidents.News{Event: "incident.lead", Was: "UANA", Now: "UBEN"}},
		{"resolved", incidents.Resolved{Why: "all of it"}, incidents.News{Event: "incident.resolved", Now: "resolved"}},
		{"closed", incidents.Closed{}, incidents.News{Event: "incident.closed", Now: "closed"}},
		{"cancelled", incidents.Cancelled{Why: "a drill"}, incidents.News{Event: "incident.cancelled", Now: "cancelled"}},
		{"reopened", incidents.Reopened{Was: "Closed", Now: "Triage", Why: "again"}, incidents.News{Event: "incident.reopened", Was: "closed", Now: "triage"}},
		{
			"an update for all",
			incidents.Updated{Number: 3, Changed: "off", Audience: "all", Promise: due},
			incidents.News{Event: "update.posted", Update: &incidents.Updated{Number: 3, Changed: "off", Audience: "all", Promise: due}},
		},
		{
			"an update for the channel alone keeps its words",
			incidents.Updated{Number: 3, Changed: "off", Next: "on", Need: "hands", Audience: "channel", Promise: due},
			incidents.News{Event: "update.posted", Update: &incidents.Updated{Number: 3, Promise: due}},
		},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.fact.Kind()] = true
		into := func(to any) error {
			reflect.ValueOf(to).Elem().Set(reflect.ValueOf(c.fact))
			return nil
		}
		got, err := incidents.NewsOf(c.fact.Kind(), into)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	for _, f := range incidents.Facts() {
		require.Equal(t, seen[f.Kind()], incidents.Published(f.Kind()), "%s is told outside and has no case, or the other way round", f.Kind())
	}
	none, err := incidents.NewsOf("noted/1", func(any) error { return nil })
	require.NoError(t, err)
	require.Empty(t, none)
}
