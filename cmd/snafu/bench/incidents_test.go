package bench

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
)

func TestAtATinySizeEachWorkBesideClosedIncidentsIsTold(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var out bytes.Buffer
	o := tiny(url, &out)
	o.Sections = []string{"incidents"}
	cells := measured(t, o, &out)
	require.Len(t, cells, 8)
	for _, c := range cells {
		require.Contains(t, c.Goal, "N1", c.Case)
		require.Positive(t, c.Ratio, c.Case)
		require.Equal(t, int64(200), c.Rows)
	}
	nothingLeft(t, url)
}
