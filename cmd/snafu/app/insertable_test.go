package app

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatMayBeInsertedIsDeclaredAndGranted(t *testing.T) {
	c, err := example(t, exampleEnv, "settable: [lead_status]", "settable: [lead_status]\n        insertable: [email, lead_status]", "retention: 90d", "retention: 90d, deleted: record")
	require.NoError(t, err)
	table := c.Sources["crm"].tables()[0]
	require.Equal(t, []string{"email", "lead_status"}, table.Insertable)
	require.NoError(t, table.Reinsertable())
	setup, err := SourceSQL(c, "crm")
	require.NoError(t, err)
	require.Contains(t, setup, `grant insert ("id", "email", "lead_status", "updated_at") on "crm"."lead" to snafu_exec;`)

	c, err = example(t, exampleEnv)
	require.NoError(t, err)
	require.Error(t, c.Sources["crm"].tables()[0].Reinsertable())
	setup, err = SourceSQL(c, "crm")
	require.NoError(t, err)
	require.NotContains(t, setup, `grant insert (`)
}

func TestAWrongInsertableColumnIsShownInItsLine(t *testing.T) {
	for name, c := range map[string]struct{ edit, want string }{
		"a column of the key": {"settable: [lead_status]\n        insertable: [id]", `"id" is part of the key, which is always filled. Leave it out.`},
		"a column twice":      {"settable: [lead_status]\n        insertable: [email, email]", `"email" stands twice in insertable.`},
		"too many":            {"settable: [lead_status]\n        insertable: [a, b, c, d, e, f, g, h, i, j, k]", "A plan fills at most 10 columns beside the key."},
		"how it is removed":   {"settable: [lead_status]\n        insertable: [gone]\n        archive: {column: gone, value: \"yes\"}", `"gone" is insertable, and what was inserted again is removed by it.`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := example(t, exampleEnv, "settable: [lead_status]", c.edit)
			require.ErrorContains(t, err, "snafu.yaml:")
			require.ErrorContains(t, err, c.want)
		})
	}
}
