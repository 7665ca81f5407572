package rollback

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func vectorRows() (FrozenRow, FrozenRow) {
	one := FrozenRow{
		Ord: 1, Cohort: 1, Class: ClassWrite, Key: Key{"7"}, Initial: One("Prospect"), Error: One("SQL"), Desired: One("MQL"),
		Mark: Text("6133"), Version: Text("731"),
	}
	two := FrozenRow{
		Ord: 2, Cohort: 5, Class: ClassWrite, Key: Key{"4007"}, Initial: One("Prospèct"), Error: Values{Null()}, Desired: One("MQL"),
		Mark: Null(), Version: Text("731"),
	}
	return one, two
}

func TestTheRowsDigestMeetsItsVectors(t *testing.T) {
	one, two := vectorRows()
	bytesOf := func(r FrozenRow) []byte {
		b, err := r.Bytes()
		require.NoError(t, err)
		return b
	}
	hexOf := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

	require.Len(t, bytesOf(one), 104)
	require.Equal(t, "bfeab54bc27956048347bb88add930f30f06f720c3fd8319b5bacd2faf427db2", hexOf(bytesOf(one)))
	require.Len(t, bytesOf(two), 93)
	require.Equal(t, "4d555f236f193685768da1fee53c71d42afe5aa687140e7a469083d4f4eda507", hexOf(bytesOf(two)))

	d := NewRowsDigest()
	require.NoError(t, d.Add(one))
	require.NoError(t, d.Add(two))
	require.Equal(t, "bc8cf2db11735945c9cc34479921228128b042d52bb8ede26b060510adb443e0", d.Sum().String())
	require.EqualValues(t, 2, d.Rows())
}

func TestAGapInTheRowsIsAnError(t *testing.T) {
	_, two := vectorRows()
	require.Error(t, NewRowsDigest().Add(two))
}

func TestComposedAndDecomposedTextAreDifferentRecords(t *testing.T) {
	one, _ := vectorRows()
	nfc, nfd := one, one
	nfc.Initial, nfd.Initial = One("Prosp\u00e8ct"), One("Prospe\u0300ct")
	composed, err := nfc.Bytes()
	require.NoError(t, err)
	decomposed, err := nfd.Bytes()
	require.NoError(t, err)
	require.NotEqual(t, composed, decomposed)
}
