package view

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// lived are incidents of growing length, as metrics read them.
func lived(n int) (lives []incidents.Life) {
	for i := 1; i <= n; i++ {
		at := func(minutes int) incidents.Reached {
			return incidents.Reached{First: noon.Add(time.Duration(minutes) * time.Minute), Last: noon.Add(time.Duration(minutes) * time.Minute), Times: 1}
		}
		lives = append(lives, incidents.Life{
			Phase: incidents.PhaseClosed, Began: noon.Add(-time.Duration(i*i*10) * time.Minute), Noticed: "colleague",
			Wrong: 1176, Fixed: 1169, Kept: 7, Pages: 2, PagesInTime: 1, Promises: 4, PromisesKept: 3, FollowUps: 2, FollowUpsLate: 1,
			Reached: map[incidents.Milestone]incidents.Reached{
				incidents.MilestoneOpened: at(0), incidents.MilestoneCalled: at(0), incidents.MilestoneAnswered: at(i),
				incidents.MilestoneContained: at(i * 11), incidents.MilestoneResolved: at(i * i * 100), incidents.MilestoneRefused: at(1),
			},
		})
	}
	return lives
}

func TestMetricsTellEachOfAFewAndTheMiddleOfMany(t *testing.T) {
	t.Parallel()
	light := incidents.Life{Light: true, Phase: incidents.PhaseClosed}
	for name, c := range map[string]MetricsCard{
		"metrics":      {Metrics: incidents.Measure(append(lived(12), light)), Window: "90d", Since: noon},
		"metrics-few":  {Metrics: incidents.Measure(lived(3)), Window: "30d", Since: noon, System: hostile},
		"metrics-none": {Metrics: incidents.Measure(nil), Window: "1y", Since: noon},
	} {
		t.Run(name, func(t *testing.T) {
			m := Metrics(c)
			within(t, m)
			golden(t, name, m)
		})
	}
	few := asRead(Metrics(MetricsCard{Metrics: incidents.Measure(lived(3)), Window: "30d", Since: noon}))
	require.Contains(t, few, "*stop*: 11 min, 22 min, 33 min")
	require.NotRegexp(t, `stop +3 +22 min`, few, "a median of three says nothing")
	many := asRead(Metrics(MetricsCard{Metrics: incidents.Measure(lived(12)), Window: "90d", Since: noon}))
	require.Regexp(t, `stop +12 1 h 11 min +2 h 1 min`, many)
}
