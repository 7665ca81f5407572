package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

// The judge of random histories must find what it is there to find.
func TestTheJudgeOfHistoriesFindsEachHarm(t *testing.T) {
	t.Parallel()
	c := newChronicle(t, 1, 8)
	at := slices.IndexFunc(c.sheets, func(s sheet) bool { return s.decl.Guard == rollback.GuardLaterWriter && s.kind.typ != "boolean" })
	require.GreaterOrEqual(t, at, 0)
	s := c.sheets[at]
	c.withoutPeople, c.withoutMisery = true, true
	b := c.begin(1, s)
	c.calm()
	v := c.plan(b)
	require.Equal(t, rollback.NameDone, v.State)
	require.Empty(t, append(c.harms(v), c.untold(v)...))

	id, table, set := v.Frozen.ID, s.name, quote(s.set)
	for name, h := range map[string]struct{ does, undoes, finds string }{
		"written twice": {
			fmt.Sprintf(`update %s set hits = 2 where i = 1`, table), fmt.Sprintf(`update %s set hits = 1 where i = 1`, table), "ledger and writes disagree",
		},
		"written without a word": {
			fmt.Sprintf(`update snafu.ledger set outcome = 4 where run = %d and ord = 1`, id), fmt.Sprintf(`update snafu.ledger set outcome = 1 where run = %d and ord = 1`, id), "ledger and writes disagree",
		},
		"another value": {
			fmt.Sprintf(`create table wild.kept as select %[2]s as it from %[1]s where i = 2; update %[1]s set %[2]s = '%[3]s' where i = 2`, table, set, strings.ReplaceAll(s.kind.values[3], "'", "''")),
			fmt.Sprintf(`update %[1]s set %[2]s = (select it from wild.kept) where i = 2; drop table wild.kept`, table, set), "it does not hold what it should",
		},
		"written over a decision": {`update wild.proof set moves = moves + 1 where i = 3`, `update wild.proof set moves = moves - 1 where i = 3`, "a later writer was written over"},
		"written over another value": {
			`update wild.proof set old = array_append(old, 'x') where i = 4`, `update wild.proof set old = old[1:cardinality(old) - 1] where i = 4`, "what was written over was not the error",
		},
		"left out without a reason": {
			fmt.Sprintf(`update %s set hits = 0 where i = 5; update snafu.ledger set outcome = 4 where run = %d`, table, id),
			fmt.Sprintf(`update %s set hits = 1 where i = 5; update snafu.ledger set outcome = 1 where run = %d`, table, id), "nobody wrote it",
		},
		"a batch untold": {
			fmt.Sprintf(`update snafu.batches set run = run, digest = sha256('x') where run = %d and number = 1`, id), "", "batch 1 was told as 1",
		},
	} {
		c.exec(h.does)
		require.Contains(t, strings.Join(append(c.harms(v), c.untold(v)...), "\n"), h.finds, name)
		if h.undoes != "" {
			c.exec(h.undoes)
			require.Empty(t, c.harms(v), name)
		}
	}

	require.Empty(t, c.unapproved(c.play.job))
	admin := pgtest.Connect(t, pgtest.AdminURL(t, c.db))
	for _, harm := range []struct{ does, finds string }{
		{`update executions set voice2 = 'T1/ZED'`, "voices that are not two people"},
		{`delete from executions`, "executions of the digest"},
	} {
		_, err := admin.Exec(t.Context(), `set session_replication_role = replica; set search_path = snafu`)
		require.NoError(t, err)
		_, err = admin.Exec(t.Context(), harm.does)
		require.NoError(t, err)
		require.Contains(t, strings.Join(c.unapproved(c.play.job), "\n"), harm.finds)
	}
}
