package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAShortLimitIsNeverSaidToBeNothing(t *testing.T) {
	for d, want := range map[time.Duration]string{
		4 * time.Hour: "4 h", 90 * time.Minute: "90 min", 90 * time.Second: "90 s", time.Second: "1 s",
		999 * time.Millisecond: "under 1 s", time.Millisecond: "under 1 s",
	} {
		require.Equal(t, want, Lasting(d))
	}
	require.ErrorContains(t, RefuseLate("crm", 200*time.Millisecond), "did not answer within under 1 s")
}
