package executor

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

var oddTexts = []string{
	"", "null", "plain", `"`, `\`, `\"`, `a\nb`, "a\nb", "\t\r\x00\x1f", "tab\there", "ü", "日本", "😀", "\u2028", "[]", `","`, "</script>", "a,b]", " ",
}

// jsonLine writes a record as any writer of JSON does.
func jsonLine(t *testing.T, r record, evidence rollback.Value) []byte {
	t.Helper()
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	line, err := json.Marshal([]any{
		text(r.Ord), text(r.Cohort), text(int64(r.Class)), r.Key, r.Initial, r.Error, r.Desired, r.Mark, r.Version, r.Current, evidence, r.Export,
	})
	require.NoError(t, err)
	return append(line, '\n')
}

func TestALineOfTheExportIsReadAsAnyReaderOfJSONReadsIt(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // chance, not a secret
	text := func() string { return oddTexts[rnd.IntN(len(oddTexts))] }
	value := func() rollback.Value {
		if rnd.IntN(4) == 0 {
			return rollback.Null()
		}
		return rollback.Text(text())
	}
	values := func() rollback.Values {
		if rnd.IntN(5) == 0 {
			return nil
		}
		all := rollback.Values{}
		for range rnd.IntN(3) {
			all = append(all, value())
		}
		return all
	}
	for range 2000 {
		want := record{Current: values(), Export: values(), FrozenRow: rollback.FrozenRow{
			Ord: rnd.Int64(), Cohort: rnd.Int64N(9), Class: rollback.Class(rnd.IntN(5)), Key: rollback.Key{text()},
			Initial: values(), Error: values(), Desired: values(), Mark: value(), Version: value(),
		}}
		if rnd.IntN(3) == 0 {
			want.Key = append(want.Key, text())
		}
		line := jsonLine(t, want, value())
		got, err := parseLine(line)
		require.NoError(t, err, "%s", line)
		require.Equal(t, want, got, "%s", line)
	}
}

func TestALineOfAnotherFormIsRefusedAndSaysNothingOfTheRecord(t *testing.T) {
	t.Parallel()
	const (
		head = `["1","2","1",`
		key  = `["se\"cret"]`
		tail = `,["a",null],null,[],"7",null,["b"],"why",["c"]]`
		line = head + key + tail
	)
	_, err := parseLine([]byte(line + "\n"))
	require.NoError(t, err)
	odd := map[string]string{
		"a part more": line[:len(line)-1] + `,"x"]` + "\n", "a part less": head + key + `,["a"],null,[],"7",null,["b"],"why"]` + "\n",
		"two records": line + line + "\n", "a space": " " + line + "\n", "a second end": line + "\n\n",
		"a number that is none": `["one"` + line[4:] + "\n", "a number without quotes": `[1` + line[4:] + "\n",
	}
	for name, other := range map[string]string{
		"a part of the key is null": `[null]`, "an unknown escape": `["\q"]`, "a control character": "[\"\x01\"]", "a list in a list": `[["k"]]`,
		"a comma without a value": `["k",]`, "a text without its end": `["k]`,
	} {
		odd[name] = head + other + tail + "\n"
	}
	for n := range len(line) + 1 {
		odd["cut after "+strconv.Itoa(n)] = line[:n]
	}
	for name, text := range odd {
		r, err := parseLine([]byte(text))
		require.Equal(t, errLine, err, name)
		require.Zero(t, r, name)
	}
}
