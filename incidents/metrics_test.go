package incidents_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

func reached(minutes ...int) incidents.Reached {
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	return incidents.Reached{First: at(minutes[0]), Last: at(minutes[len(minutes)-1]), Times: int64(len(minutes))}
}

func spanOf(t require.TestingT, m incidents.Metrics, name string) incidents.Span {
	for _, s := range m.Spans {
		if s.Name == name {
			return s
		}
	}
	require.Fail(t, "no span "+name)
	return incidents.Span{}
}

func TestMetricsGoFromTheActToTheActAndNotToTheLastEdit(t *testing.T) {
	life := incidents.Life{
		Phase: incidents.PhaseClosed, Began: noon.Add(-10 * time.Minute), Noticed: "colleague", Pages: 2, PagesInTime: 1, Wrong: 1176, Fixed: 1169, Kept: 7,
		Reached: map[incidents.Milestone]incidents.Reached{
			incidents.MilestoneOpened: reached(0), incidents.MilestoneCalled: reached(0, 6), incidents.MilestoneAnswered: reached(3, 9),
			incidents.MilestoneContained: reached(20, 45), incidents.MilestoneUncontained: reached(30), incidents.MilestoneDecided: reached(50, 90),
			incidents.MilestoneProposed: reached(60, 95), incidents.MilestoneApproved: reached(70), incidents.MilestoneStarted: reached(75),
			incidents.MilestoneVerified: reached(80, 99), incidents.MilestoneResolved: reached(100, 200), incidents.MilestoneReopened: reached(150),
		},
	}
	m := incidents.Measure([]incidents.Life{life})
	for name, minutes := range map[string]int{
		"detect": 10, "answer": 3, "stop": 45, "count": 50, "approve": 10, "fix": 24, "resolve": 200,
	} {
		require.Equal(t, []time.Duration{time.Duration(minutes) * time.Minute}, spanOf(t, m, name).Took, name)
	}
	require.Empty(t, spanOf(t, m, "tell").Took, "nobody was told, so it took no time that could be measured")
	require.Equal(t, "A colleague", m.Noticed[0].Who)
	require.Equal(t, int64(1), m.Reopened)

	life.Reached[incidents.MilestoneUncontained] = reached(30, 60)
	require.Empty(t, spanOf(t, incidents.Measure([]incidents.Life{life}), "stop").Took, "a containment that did not hold is none")
}

// Whatever the incidents are, the figures keep these laws.
func TestTheLawsOfTheMetrics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []incidents.Milestone{
			incidents.MilestoneCalled, incidents.MilestoneAnswered, incidents.MilestoneContained, incidents.MilestoneDecided,
			incidents.MilestoneProposed, incidents.MilestoneApproved, incidents.MilestoneStarted, incidents.MilestoneVerified, incidents.MilestoneResolved,
		}
		minute := rapid.IntRange(0, 5000)
		var lives []incidents.Life
		for range rapid.IntRange(0, 12).Draw(t, "incidents") {
			l := incidents.Life{Phase: rapid.SampledFrom(incidents.Phases).Draw(t, "phase"), Reached: map[incidents.Milestone]incidents.Reached{incidents.MilestoneOpened: reached(0)}}
			for _, name := range names {
				if rapid.Bool().Draw(t, string(name)) {
					l.Reached[name] = reached(minute.Draw(t, "at"))
				}
			}
			lives = append(lives, l)
		}
		m := incidents.Measure(lives)
		for _, s := range m.Spans {
			require.True(t, slices.IsSorted(s.Took))
			require.LessOrEqual(t, int64(s.N()), m.Incidents)
			if s.N() == 0 {
				require.Zero(t, s.Median()+s.P90())
				continue
			}
			require.GreaterOrEqual(t, s.Took[0], time.Duration(0), "nothing ends before it begins")
			require.GreaterOrEqual(t, s.Median(), s.Took[0])
			require.LessOrEqual(t, s.Median(), s.P90())
			within := 0
			for _, took := range s.Took {
				if took <= s.P90() {
					within++
				}
			}
			require.GreaterOrEqual(t, 10*within, 9*s.N(), "nine of ten were done by then")
		}
		shuffled := rapid.Permutation(lives).Draw(t, "order")
		drill := incidents.Life{Drill: true, Phase: incidents.PhaseClosed, Wrong: 5, Reached: map[incidents.Milestone]incidents.Reached{incidents.MilestoneOpened: reached(0), incidents.MilestoneResolved: reached(1)}}
		cancelled := drill
		cancelled.Drill, cancelled.Phase = false, incidents.PhaseCancelled
		require.Equal(t, m, incidents.Measure(append(shuffled, drill, cancelled)), "drills and what was cancelled count for nothing, and no order does")
		light := drill
		light.Drill, light.Light = false, true
		apart := incidents.Measure(append(shuffled, light))
		require.Equal(t, int64(1), apart.Light)
		apart.Light = m.Light
		require.Equal(t, m, apart, "light ones are counted apart")
	})
}
