package approval_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/approval"
)

func TestAPlanIsFrozenUnderWhatItsTableRequiresByThen(t *testing.T) {
	t.Parallel()
	is := rollback.Require{SQL: "key.id > 7", Says: "unsubscribed"}
	var src *approval.Source
	h := newHouse(t, func(s *approval.Source) {
		s.Tables[0].Require = is
		src = s
	})
	stamp := h.draft()
	require.Equal(t, is.Required(), h.get(stamp.Plan).Spec.Require)

	src.Tables[0].Require.Says = "asked us not to"
	h.freeze(stamp.Plan, ana)
	v := h.get(stamp.Plan)
	require.Equal(t, "asked us not to", v.Spec.Require.Says)
	require.EqualValues(t, 1, v.Spec.Revision, "nobody has read it yet")

	src.Tables[0].Require = rollback.Require{}
	h.freeze(stamp.Plan, ana)
	v = h.get(stamp.Plan)
	require.Nil(t, v.Spec.Require)
	require.EqualValues(t, 2, v.Spec.Revision)
}
