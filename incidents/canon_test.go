package incidents_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

type vectorFact struct {
	Title    string
	Severity int64
}

type vectorBody struct {
	Incident int64
	Seq      int64
	At       time.Time
	Actor    incidents.Actor
	Act      string
	Kind     string
	Fact     vectorFact
}

// Another program, in another language, gave the same bytes.
func TestTheBytesOfAnEntryAreThoseThatAnotherProgramMakes(t *testing.T) {
	body, err := incidents.Encode(vectorBody{
		Incident: 42, Seq: 1, At: time.Date(2026, 1, 5, 9, 55, 0, 123456000, time.UTC),
		Actor: "T0DATA001/U0ANA0001", Act: "cmd:T0DATA001:123.456.abc", Kind: "opened/1",
		Fact: vectorFact{Title: "lead status overwritten", Severity: 2},
	})
	require.NoError(t, err)
	body = append([]byte{1}, body...)
	require.Len(t, body, 220)
	salt := make([]byte, 16)
	for i := range salt {
		salt[i] = 0xa0 + byte(i)
	}
	leaf := sha256.Sum256(append(append([]byte("snafu-entry-v1"), salt...), body...))
	require.Equal(t, "de03eab60e8f9eec087297bda4b500aff8e8f23e2c2c960428dd855481e42dae", hex.EncodeToString(leaf[:]))
}

func TestTheBytesOfARecordToRestore(t *testing.T) {
	text := func(s string) *string { return &s }
	row := func(ord, cohort, class int64, key, initial string, wrong, desired, mark, version *string) []byte {
		b, err := incidents.Encode([]any{ord, cohort, class, []string{key}, []string{initial}, []*string{wrong}, []*string{desired}, mark, version})
		require.NoError(t, err)
		return b
	}
	first := row(1, 1, 1, "7", "Prospect", text("SQL"), text("MQL"), text("6133"), text("731"))
	require.Len(t, first, 104)
	sum := sha256.Sum256(first)
	require.Equal(t, "bfeab54bc27956048347bb88add930f30f06f720c3fd8319b5bacd2faf427db2", hex.EncodeToString(sum[:]))
	second := row(2, 5, 1, "4007", "Prospèct", nil, text("MQL"), nil, text("731"))
	require.Len(t, second, 93)
	sum = sha256.Sum256(second)
	require.Equal(t, "4d555f236f193685768da1fee53c71d42afe5aa687140e7a469083d4f4eda507", hex.EncodeToString(sum[:]))
}

func TestEachKindOfValueHasItsBytes(t *testing.T) {
	at := time.UnixMicro(1).In(time.FixedZone("x", 3600)).Add(999)
	for _, c := range []struct {
		name  string
		value any
		bytes string
	}{
		{"null", nil, "00"},
		{"a nil pointer is null", (*string)(nil), "00"},
		{"yes", true, "0101"},
		{"no", false, "0100"},
		{"a negative number", int64(-2), "02fffffffffffffffe"},
		{"a named number", incidents.SEV2, "020000000000000002"},
		{"a small unsigned number", uint8(7), "020000000000000007"},
		{"a time is UTC and cut to microseconds", at, "030000000000000001"},
		{"a string", "hé", "040000000368c3a9"},
		{"a named string", incidents.Person("a"), "040000000161"},
		{"bytes", []byte{9}, "050000000109"},
		{"an array of bytes", [2]byte{9, 8}, "05000000020908"},
		{"an empty list", []string(nil), "0600000000"},
		{"a list", []bool{true}, "06000000010101"},
		{"a record names its fields in snake case", struct{ DoneAt, RunID bool }{}, "070000000200000007646f6e655f617401000000000672756e5f69640100"},
		{"a field with a name of its own", struct {
			A bool `canon:"z"`
		}{}, "0700000001000000017a0100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := incidents.Encode(c.value)
			require.NoError(t, err)
			require.Equal(t, c.bytes, hex.EncodeToString(b))
			v, err := incidents.Decode(b)
			require.NoError(t, err)
			again, err := incidents.Encode(v)
			require.NoError(t, err)
			require.Equal(t, b, again)
		})
	}
}

func TestWhatCouldBeReadInTwoWaysHasNoBytes(t *testing.T) {
	type hidden struct{ a int }
	for name, v := range map[string]any{
		"a float":                  1.5,
		"a map":                    map[string]int{},
		"a large unsigned number":  uint64(math.MaxUint64),
		"NUL":                      "a\x00b",
		"not UTF-8":                "\xff",
		"a func":                   func() {},
		"a field that is not seen": hidden{1},
		"two fields of one name": struct {
			A bool
			B bool `canon:"a"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := incidents.Encode(v)
			require.Error(t, err)
		})
	}
}

func TestEveryFactSurvivesItsBytes(t *testing.T) {
	for _, fact := range incidents.Facts() {
		t.Run(fact.Kind(), func(t *testing.T) {
			require.Regexp(t, `^[a-z]+(-[a-z]+)*/[1-9]$`, fact.Kind())
			b, err := incidents.Encode(fact)
			require.NoError(t, err)
			_, err = incidents.Decode(b)
			require.NoError(t, err)
		})
	}
	seen := map[string]bool{}
	for _, fact := range incidents.Facts() {
		require.False(t, seen[fact.Kind()], fact.Kind())
		seen[fact.Kind()] = true
	}
}

func TestNewerAndOlderProgramsReadEachOther(t *testing.T) {
	type old struct {
		Name string
		Gone int64
	}
	type now struct {
		Name  string
		Since *time.Time
		Who   []incidents.Person
	}
	b, err := incidents.Encode(old{Name: "x", Gone: 3})
	require.NoError(t, err)
	v, err := incidents.Decode(b)
	require.NoError(t, err)
	var to now
	require.NoError(t, v.Into(&to))
	require.Equal(t, now{Name: "x"}, to)

	require.Error(t, v.Into(to), "not a pointer")
	var small struct{ Gone int8 }
	require.NoError(t, v.Into(&small))
	var wrong struct{ Name int64 }
	require.Error(t, v.Into(&wrong))
}

func TestHostileBytesAreRefused(t *testing.T) {
	deep := bytes.Repeat([]byte{6, 0, 0, 0, 1}, 100_000)
	for name, b := range map[string][]byte{
		"nothing":              {},
		"unknown tag":          {8},
		"a bool that is two":   {1, 2},
		"a number cut off":     {2, 0},
		"a string cut off":     {4, 0, 0, 0, 9, 'a'},
		"a list of too many":   {6, 0xff, 0xff, 0xff, 0xff},
		"bytes behind":         {0, 0},
		"nested without end":   deep,
		"a string with NUL":    {4, 0, 0, 0, 1, 0},
		"one field name twice": {7, 0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 0, 1, 'a', 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := incidents.Decode(b)
			require.Error(t, err)
		})
	}
}

// Two facts that differ never share their bytes, and a fact comes back whole.
func TestAFactComesBackWhole(t *testing.T) {
	draw := func(t *rapid.T, name string) incidents.CalledNext {
		who := rapid.SliceOf(rapid.Custom(func(t *rapid.T) incidents.Person {
			return incidents.Person(rapid.StringMatching(`T[0-9]/U[A-Z]{0,3}`).Draw(t, "person"))
		}))
		text := rapid.StringMatching(`[ -~é✓]{0,12}`)
		return incidents.CalledNext{
			Page: rapid.Int64().Draw(t, name), After: rapid.Int64().Draw(t, "after"), Name: text.Draw(t, "name"),
			Silent: emptyIsNil(who.Draw(t, "silent")), People: emptyIsNil(who.Draw(t, "people")), NextName: text.Draw(t, "next"),
			Due: time.UnixMicro(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "due")).UTC(),
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		one, two := draw(t, "one"), draw(t, "two")
		a, err := incidents.Encode(one)
		require.NoError(t, err)
		b, err := incidents.Encode(two)
		require.NoError(t, err)
		require.Equal(t, bytes.Equal(a, b), equal(one, two))
		v, err := incidents.Decode(a)
		require.NoError(t, err)
		var back incidents.CalledNext
		require.NoError(t, v.Into(&back))
		require.Equal(t, one, back)
	})
}

func emptyIsNil(list []incidents.Person) []incidents.Person {
	if len(list) == 0 {
		return nil
	}
	return list
}

func equal(a, b incidents.CalledNext) bool { return reflect.DeepEqual(a, b) }

func FuzzDecode(f *testing.F) {
	for _, v := range []any{nil, true, int64(7), "x", []byte("y"), []string{"a"}, vectorFact{"t", 1}, time.UnixMicro(5)} {
		b, err := incidents.Encode(v)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := incidents.Decode(b)
		if err != nil {
			return
		}
		again, err := incidents.Encode(v)
		require.NoError(t, err)
		require.Equal(t, b, again, "what decodes is canonical")
		_ = v.Plain()
	})
}
