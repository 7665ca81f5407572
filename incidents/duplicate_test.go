package incidents_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

func TestTitlesAreAlikeWhenTheySayTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"the same words":        {"Leads moved to SQL", "Leads moved to SQL", true},
		"another order":         {"Leads moved to SQL", "SQL: leads moved to", true},
		"a slip of the fingers": {"Leads moved to SQL", "Laeds moved to SQL", true},
		"one word more":         {"Leads moved to SQL", "Leads moved to SQL by mistake", true},
		"another thing":         {"Leads moved to SQL", "Invoices sent twice", false},
		"one word in common":    {"Leads moved to SQL", "Leads without an owner since May", false},
		"no word at all":        {"?!", "?!", false},
		"another alphabet":      {"Счета отправлены дважды", "Счета отправлены дважды", true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.same, incidents.Alike(c.a, c.b) >= 0.4, incidents.Alike(c.a, c.b))
		})
	}
}

func TestAlikeIsFromNoneToAllAndTheSameBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		share := incidents.Alike(a, b)
		require.Equal(t, share, incidents.Alike(b, a))
		require.GreaterOrEqual(t, share, 0.0)
		require.LessOrEqual(t, share, 1.0)
	})
}

func TestWhatMayBeTheSameIsFound(t *testing.T) {
	like := func(id incidents.ID, phase incidents.Phase, title, system string, age time.Duration) incidents.Incident {
		i := in(phase)
		i.ID, i.Title, i.System, i.Opened = id, title, system, noon.Add(-age)
		return i
	}
	const week, hour = 7 * 24 * time.Hour, time.Hour
	drill := like(9, incidents.PhaseTriage, "Leads moved to SQL", "crm", hour)
	drill.Drill = true
	all := []incidents.Incident{
		like(1, incidents.PhaseTriage, "Leads moved to SQL", "crm", week),
		like(2, incidents.PhaseContained, "Phones are empty", "crm", week),
		like(3, incidents.PhaseTriage, "Leads moved to SQLs", "", week),
		like(4, incidents.PhaseTriage, "Invoices sent twice", "shop", hour),
		like(5, incidents.PhaseClosed, "Leads moved to SQL", "crm", hour),
		like(6, incidents.PhaseClosed, "Leads moved to SQL", "crm", week),
		like(7, incidents.PhaseCancelled, "Leads moved to SQL", "crm", hour),
		drill,
	}
	var found []incidents.ID
	for _, i := range incidents.Duplicates(incidents.Opening{Title: "Leads moved to SQL", System: "crm"}, all, noon) {
		found = append(found, i.ID)
	}
	require.Equal(t, []incidents.ID{5, 1, 3, 2}, found, "alike first, then of the same system")
	require.Empty(t, incidents.Duplicates(incidents.Opening{Title: "Backups are late"}, all, noon))
	before, yes := incidents.Earlier(incidents.Opening{Title: "Phones are gone", System: "crm"}, all)
	require.True(t, yes)
	require.Equal(t, incidents.ID(6), before.ID, "the newest of that system is offered")
	_, yes = incidents.Earlier(incidents.Opening{Title: "Backups are late", System: "mail"}, all)
	require.False(t, yes)
}
