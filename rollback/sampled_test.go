package rollback_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestNothingPersonalOfASampleIsReadable(t *testing.T) {
	t.Parallel()
	table := rollback.Table{Key: []string{"mail", "no"}, Settable: []string{"phone", "stage"}, PII: []string{"mail", "phone"}, Export: []string{"mail", "crm_id"}}
	row := rollback.FrozenRow{
		Cohort: 2, Class: rollback.ClassWrite, Key: rollback.Key{"ana.secret@example.org", "7"},
		Initial: rollback.Values{{Text: "0123456789"}, {Text: "open"}}, Error: rollback.Values{rollback.Null(), {Text: "lost"}}, Desired: rollback.Values{{Text: "0123456789"}, {Text: "open"}},
	}
	got := table.Sampled([]string{"phone", "stage"}, row, rollback.Values{{Text: "0987654321"}, {Text: "lost"}}, []string{"mail", "crm_id"},
		rollback.Values{{Text: "ana.secret@example.org"}, {Text: "C-1"}})
	require.Equal(t, "a…@e….org/7", got.Key)
	require.Equal(t, rollback.Values{{Text: "0…"}, {Text: "open"}}, got.Was)
	require.Equal(t, rollback.Values{rollback.Null(), {Text: "lost"}}, got.Is, "nothing stays nothing")
	require.Equal(t, rollback.Values{{Text: "0…"}, {Text: "open"}}, got.Should)
	require.Equal(t, rollback.Values{{Text: "0…"}, {Text: "lost"}}, got.Current)
	require.Equal(t, []rollback.Field{
		{Name: "mail", Value: rollback.Value{Text: "a…@e….org"}, Masked: true}, {Name: "crm_id", Value: rollback.Value{Text: "C-1"}},
	}, got.Fields)
	require.Equal(t, "0123456789", row.Initial[0].Text, "the record itself is as it was")
}
