package bench

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
)

func TestAtATinySizeEveryUpdateOfOthersSurvivesAndEveryFileHoldsWhatWasFrozen(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var out bytes.Buffer
	o := tiny(url, &out)
	o.Sections, o.Child = []string{"impact", "export"}, another // one begins where the other ended
	cells := measured(t, o, &out)
	require.Equal(t, []string{"E1", "E2", "E3", "E3", "R3", "R3", "R4"}, goalsOf(cells))
	for _, c := range cells {
		if strings.HasPrefix(c.Goal, "E3") && c.Verdict != "SKIP" {
			require.GreaterOrEqual(t, c.Ratio, 1.0, "%+v", c)
			require.Greater(t, c.Median, 1.0, "megabytes: %+v", c)
		}
	}
	nothingLeft(t, url)
}

func TestALostUpdateOfSomebodyIsFound(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := tiny(pgtest.Empty(t), &out)
	b := &bench{o: o, print: newPrinter(o)}
	var err error
	b.db, err = openDatabase(t.Context(), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, b.db.close(t.Context(), o)) }()
	h := harm{affected: 200}
	require.NoError(t, h.make(t.Context(), b))
	d := &desk{b: b, harm: h}
	u, err := d.newUsers(t.Context())
	require.NoError(t, err)
	defer u.close(t.Context())
	for name, c := range map[string]struct{ sql, says string }{
		"an update that is gone":  {`update snafu_bench.lead_work set phone = 'x' where id = 1`, "updates of users that are still there"},
		"a status nobody asked":   {`update snafu_bench.lead_work set lead_status = 'x' where id = 4`, "leads with a false status: 0, and it is 1"},
		"somebody else's address": {`update snafu_bench.lead_work set email = 'x' where id = 4`, "leads changed otherwise: 0, and it is 1"},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, b.perform(t.Context(), `truncate snafu_bench.lead_work`))
			require.NoError(t, b.perform(t.Context(), rebuildSQL))
			f := &felt{name: name}
			err := d.among(t.Context(), u, f, false, func(ctx context.Context) (from, to time.Time, err error) {
				return from, to, b.perform(ctx, c.sql)
			})
			require.ErrorAs(t, err, &wrongAnswer{})
			require.ErrorContains(t, err, c.says)
		})
	}
}
