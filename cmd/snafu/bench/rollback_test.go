package bench

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

func TestAtATinySizeEveryRecordIsPutBackOnceAlsoWhenProcessesAreKilled(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var out bytes.Buffer
	o := tiny(url, &out)
	o.Sections, o.Child, o.small = []string{"rollback"}, another, 20
	cells := measured(t, o, &out)
	require.Equal(t, []string{"R1", "R2", "R5", "R6", "R7", "R7"}, goalsOf(cells))
	for _, c := range cells {
		if strings.HasPrefix(c.Goal, "R7") {
			require.Equal(t, "PASS", c.Verdict, "%+v", c)
			require.Positive(t, c.Rounds, "somebody was killed")
		}
		if strings.HasPrefix(c.Goal, "R5") && c.Reason != "the CPU time of the server cannot be seen" {
			require.Positive(t, c.CPURatio, "%+v", c)
			require.Positive(t, c.Median, "%+v", c)
		}
	}
	nothingLeft(t, url)
}

// A run that did as approved, and what a worse one would have left.
func TestWhatARunLeavesIsComparedRecordByRecord(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := tiny(pgtest.Empty(t), &out)
	b := &bench{o: o, print: newPrinter(o)}
	var err error
	b.db, err = openDatabase(t.Context(), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, b.db.close(t.Context(), o)) }()
	d, err := newDesk(t.Context(), b, "rollback", harm{affected: 200})
	require.NoError(t, err)
	defer func() { require.NoError(t, d.close(t.Context())) }()
	require.NoError(t, d.rebuild(t.Context()))
	h := d.hands(sized(50))
	v, err := h.frozen(t.Context())
	require.NoError(t, err)
	job, err := h.claimed(t.Context(), v)
	require.NoError(t, err)
	v, err = h.run(t.Context(), job)
	require.NoError(t, err)
	all := rollback.Outcomes{Written: d.harm.writes()}
	require.EqualValues(t, 196, all.Written)
	require.NoError(t, d.asApproved(t.Context(), v, all))

	for name, c := range map[string]struct{ sql, says string }{
		"a record written twice":                  {`update snafu_bench.lead_work set lead_status = lead_status where id = 1`, "records written by another transaction than their line: 0, and it is 1"},
		"another column changed":                  {`update snafu_bench.lead_work set phone = 'x' where id = 2`, "records with another column changed: 0, and it is 1"},
		"a record changed that nobody approved":   {`update snafu_bench.lead_work set lead_status = 'x' where id = 2`, "records changed that the ledger does not name: 0, and it is 1"},
		"a record put back to a false value":      {`update snafu_bench.lead_work set lead_status = 'stage 9' where id = 1`, "records put back to a false value: 0, and it is 1"},
		"a record that is gone":                   {`delete from snafu_bench.lead_work where id = 4`, "records gone or new: 0, and it is 1"},
		"a record without its line in the ledger": {`delete from snafu.ledger where ord = 3`, "records with an outcome: 196, and it is 195"},
		"a batch that claims more":                {`update snafu.batches set counts = '{"written": 51}' where number = 1`, "records written, by the batches: 196, and it is 197"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.db.conn.Exec(t.Context(), `begin`)
			require.NoError(t, err)
			tag, err := b.db.conn.Exec(t.Context(), c.sql)
			require.NoError(t, err)
			require.EqualValues(t, 1, tag.RowsAffected())
			err = d.asApproved(t.Context(), v, all)
			require.ErrorAs(t, err, &wrongAnswer{})
			require.ErrorContains(t, err, c.says)
			_, err = b.db.conn.Exec(t.Context(), `rollback`)
			require.NoError(t, err)
		})
	}
}
