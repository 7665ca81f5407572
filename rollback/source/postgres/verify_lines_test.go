package postgres

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// Every line of a verification has to be able to fail: each of these is done
// behind our back, and the lines that it breaks are named.
func TestEachLineOfAVerificationFindsWhatItIsThereFor(t *testing.T) {
	t.Parallel()
	w := story(t)
	w.exec(`select world.rosa()`)
	_, run, report := w.done(spec(leadScope(), decided()))
	said := func(r rollback.Report) string {
		var off []string
		for _, l := range r.Lines {
			if !l.Holds() {
				off = append(off, l.Check)
			}
		}
		return strings.Join(off, " | ")
	}
	require.Empty(t, said(report))
	const silent = `alter table crm.lead disable trigger user;`
	for name, c := range map[string]struct{ do, undo, breaks string }{
		"the ledger lost a record":               {`delete from snafu.ledger where ord = 7`, `insert into snafu.ledger (run, ord, batch, outcome) values (1, 7, 1, 1)`, "records with an outcome | batches as they were written"},
		"a batch was forgotten":                  {`create table kept as select * from snafu.batches where number = 2; delete from snafu.batches where number = 2`, `insert into snafu.batches select * from kept; drop table kept`, "ledger rows in batches"},
		"an outcome was changed":                 {`update snafu.ledger set outcome = 2 where ord = 7`, `update snafu.ledger set outcome = 1 where ord = 7`, "batches as they were written"},
		"a frozen record is another":             {`update snafu.frozen_rows set initial = '{Lead}' where ord = 9`, `update snafu.frozen_rows set initial = '{Prospect}' where ord = 9`, "frozen records as approved"},
		"the run has one more member":            {`insert into crm.campaign_member (run, lead_id, joined_at) select 'weekly-42', max(lead_id) + 1, max(joined_at) from crm.campaign_member where run = 'weekly-42'`, `delete from crm.campaign_member where run = 'weekly-42' and lead_id = (select max(lead_id) from crm.campaign_member where run = 'weekly-42')`, "members of weekly-42"},
		"a record that was right is another now": {silent + `update crm.lead set lead_status = 'Lead' where id = (select key[1]::bigint from snafu.frozen_rows where class = 2 order by ord limit 1)`, `update crm.lead set lead_status = 'SQL' where id = (select key[1]::bigint from snafu.frozen_rows where class = 2 order by ord limit 1); alter table crm.lead enable trigger user`, "MQL -> SQL: records that hold SQL, never written"},
		"what was not to be written is in the ledger": {
			`insert into snafu.ledger (run, ord, batch, outcome) values (1, 2000, 1, 1)`, `delete from snafu.ledger where ord = 2000`,
			"records with an outcome | batches as they were written | records that were not to be written, in the ledger",
		},
		"nothing that was written stays": {
			silent + `update crm.lead set lead_status = 'SQL' where id in (select key[1]::bigint from snafu.frozen_rows where class = 1)`, `update crm.lead set lead_status = 'MQL' where id in (select key[1]::bigint from snafu.frozen_rows where class = 1); alter table crm.lead enable trigger user`,
			"Prospect -> SQL: records that hold MQL | Nurturing -> SQL: records that hold MQL | records read back one by one",
		},
	} {
		w.exec(c.do)
		report, err := w.reader().Verify(t.Context(), run)
		require.NoError(t, err, name)
		require.Equal(t, c.breaks, said(report), name)
		require.False(t, report.Agrees(), name)
		w.exec(c.undo)
	}
	report, err := w.reader().Verify(t.Context(), run)
	require.NoError(t, err)
	require.Empty(t, said(report), "all of it was put back")

	// What people do since is theirs, and no difference.
	w.exec(`update crm.lead set lead_status = 'Customer' where id in (select key[1]::bigint from snafu.frozen_rows where class = 1)`)
	report, err = w.reader().Verify(t.Context(), run)
	require.NoError(t, err)
	require.Empty(t, said(report))
}
