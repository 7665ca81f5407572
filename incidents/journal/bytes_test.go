package journal

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type vector struct {
	Title    string
	Severity int64
}

func (vector) Kind() string { return "opened/1" }

// A program in another language came to the same bytes and hashes.
func TestTheBytesOfAnEntryAreThoseOfTheTestVector(t *testing.T) {
	install := make([]byte, 16)
	salt := make([]byte, saltSize)
	for i := range install {
		install[i], salt[i] = byte(i), 0xa0+byte(i)
	}
	at := time.Date(2026, 1, 5, 9, 55, 0, 123456000, time.UTC)
	act := Act{By: "T0DATA001/U0ANA0001", Key: "cmd:T0DATA001:123.456.abc"}

	body, err := bodyOf(42, 1, at, act, vector{Title: "lead status overwritten", Severity: 2})
	require.NoError(t, err)
	require.Len(t, body, 220)

	start := startOf(install, 42)
	leaf := leafOf(salt, body)
	hash := hashOf(start, 42, 1, leaf)
	require.Equal(t, "6f5a187010689b1d845edd4a5a6e65e1a5334ee764e9352304b9714ac045eaa5", hex.EncodeToString(start[:]))
	require.Equal(t, "de03eab60e8f9eec087297bda4b500aff8e8f23e2c2c960428dd855481e42dae", hex.EncodeToString(leaf[:]))
	require.Equal(t, "7be21dce61b349a9d1ab0ef7a2162c459f9872da8ad5f1be8716f34164a0d914", hex.EncodeToString(hash[:]))
}

func TestAnEntryIsReadBackFromItsBytes(t *testing.T) {
	at := time.Date(2026, 1, 5, 9, 55, 0, 123456000, time.UTC)
	body, err := bodyOf(42, 7, at, Act{By: "system:response", Key: "escalate:page-7:step-2"}, vector{Title: "<b>ü\u202e</b>", Severity: 1 << 60})
	require.NoError(t, err)
	rec, err := readBody(body)
	require.NoError(t, err)
	require.Equal(t, int64(42), rec.Incident)
	require.Equal(t, int64(7), rec.Seq)
	require.True(t, at.Equal(rec.At))
	require.Equal(t, "system:response", rec.Actor)
	require.Equal(t, "escalate:page-7:step-2", rec.Act)
	require.Equal(t, "opened/1", rec.Kind)
	var fact vector
	require.NoError(t, rec.Fact.Into(&fact))
	require.Equal(t, vector{Title: "<b>ü\u202e</b>", Severity: 1 << 60}, fact)
}
