package count

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

func wide(text string, little bool) []byte {
	out := []byte{0xfe, 0xff}
	if little {
		out = []byte{0xff, 0xfe}
	}
	for _, u := range utf16.Encode([]rune(text)) {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

func TestWhateverASpreadsheetSavesIsReadTheSame(t *testing.T) {
	t.Parallel()
	want := []rollback.Wish{
		{Line: 2, Key: []string{"7"}, Desired: rollback.One("MQL")},
		{Line: 3, Key: []string{"=8"}, Desired: rollback.One(`a "good", lead`)},
		{Line: 4, Key: []string{"9"}, Desired: rollback.Values{rollback.Null()}},
		{Line: 5, Key: []string{"10"}, Desired: rollback.One("-3.5")},
	}
	plain := "id,desired\n7,MQL\n'=8,\"a \"\"good\"\", lead\"\n9,NULL\n10,-3.5\n"
	semicolons := "id;desired\n7;MQL\n'=8;\"a \"\"good\"\", lead\"\n9;NULL\n10;-3.5"
	for name, file := range map[string][]byte{
		"commas":                  []byte(plain),
		"semicolons":              []byte(semicolons),
		"tabs":                    []byte(strings.ReplaceAll(semicolons, ";", "\t")),
		"a mark of UTF-8":         append([]byte("\xef\xbb\xbf"), plain...),
		"UTF-16, little":          wide(semicolons, true),
		"UTF-16, big":             wide(plain, false),
		"lines as Windows ends":   []byte(strings.ReplaceAll(plain, "\n", "\r\n")),
		"lines as old Macs end":   []byte(strings.ReplaceAll(plain, "\n", "\r")),
		"empty lines at the end":  []byte(plain + "\n\n"),
		"quotes around all of it": []byte("\"id\",\"desired\"\n\"7\",\"MQL\"\n\"'=8\",\"a \"\"good\"\", lead\"\n\"9\",NULL\n\"10\",\"-3.5\"\n"),
	} {
		sheet, err := ReadSheet(file, 1)
		require.NoError(t, err, name)
		require.Equal(t, want, sheet.Wishes, name)
		require.Len(t, sheet.SHA256, 64, name)
	}
	two, err := ReadSheet([]byte("Nord;A-1;offen\nSüd;A-1;offen"), 2)
	require.NoError(t, err)
	require.Equal(t, []string{"Süd", "A-1"}, two.Wishes[1].Key)
	over, err := ReadSheet([]byte("7,\"two\nlines\"\n8,x\n"), 1)
	require.NoError(t, err)
	require.EqualValues(t, 3, over.Wishes[1].Line, "a number is that of the file's line")
}

func TestEveryBadLineIsNamedByItsNumberAndNothingThatStandsInItIsRepeated(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"7,MQL\n,MQL\n":                         "line 2: the key is empty",
		"7,MQL\n8\n":                            "line 2: 1 columns instead of 2",
		"7,MQL\n8,\n":                           "line 2: no desired value",
		"7,MQL\n8,\"\"\n":                       "line 2: an empty text",
		"7,MQL\n8,=SECRET()\n":                  "line 2: the value looks like a formula",
		"7,MQL\n@SECRET,MQL\n":                  "line 2: the key looks like a formula",
		"SECRET,MQL\n8,SQL\nSECRET,SQL\n":       "line 3: the same key stands in line 1",
		"7,MQL\n8,\"SECRET\n":                   "line 2: a quote that is opened and never closed",
		"7,MQL\n8,\"SEC\"RET\n":                 "line 2: a quote in the middle",
		"7,MQL\n8,SECRET\x00\n":                 "line 2: not readable as text",
		"7,MQL\n8,SECRET\xff\n":                 "line 2: not readable as text",
		"7,MQL\n8," + strings.Repeat("S", 2000): "line 2: a value of more than 1024 bytes",
		"id,desired\n":                          "holds no record",
		"":                                      "holds no record",
		"7,MQL\n,a\n8\n,b\n":                    "line 2: the key is empty; line 3: 1 columns instead of 2; line 4: the key is empty",
		strings.Repeat(",SECRET\n", 23):         "and 3 more lines",
	} {
		_, err := ReadSheet([]byte(file), 1)
		no, ok := refusal.As(err)
		require.True(t, ok, "%q: %v", file, err)
		require.Contains(t, strings.ToLower(no.Say), strings.ToLower(want))
		require.NotContains(t, no.Say, "SEC", "%q", file)
		require.NotContains(t, fmt.Sprint(err), "SEC", "%q", file)
	}
	_, err := ReadSheet(make([]byte, MaxFile+1), 1)
	require.ErrorContains(t, err, "larger than 20 MB")
}

func FuzzSheet(f *testing.F) {
	f.Add([]byte("id,desired\n7,MQL\n"))
	f.Add([]byte("\xff\xfe7\x00;\x00"))
	f.Add([]byte("\"7\";\"a\"\"b\"\r\n'=1;x"))
	f.Fuzz(func(t *testing.T, file []byte) {
		sheet, err := ReadSheet(file, 1)
		if err != nil {
			_, ok := refusal.As(err)
			require.True(t, ok, "%v", err)
			return
		}
		for _, w := range sheet.Wishes {
			require.NotEmpty(t, w.Key[0])
			require.Positive(t, w.Line)
		}
	})
}

func TestAFileDecidesWholeCohortsOrNothing(t *testing.T) {
	t.Parallel()
	pair := func(was string) rollback.Pair {
		return rollback.Pair{Initial: rollback.One(was), Error: rollback.One("SQL")}
	}
	known := rollback.Classified{Cohorts: []rollback.Cohort{{Number: 1, Pair: pair("A")}, {Number: 2, Pair: pair("B")}}}
	listed := func(was, want string, n int64, lines ...int64) rollback.Wished {
		return rollback.Wished{Listed: true, Known: true, Pair: pair(was), Values: 1, Desired: rollback.One(want), Records: n, Lines: lines}
	}
	const file = "3f9a1c07be52"
	chosen, err := decisionsOf(rollback.Matched{Groups: []rollback.Wished{listed("A", "MQL", 2, 1, 2), {Known: true, Pair: pair("B"), Records: 9}}}, known, file)
	require.NoError(t, err, "a cohort that the file does not name stays undecided")
	require.Equal(t, []rollback.Decision{{Pair: pair("A"), Desired: rollback.One("MQL")}}, chosen)

	mixed := listed("B", "Lost", 2, 4, 7)
	mixed.Values = 2
	chosen, err = decisionsOf(rollback.Matched{Groups: []rollback.Wished{mixed}}, known, file)
	require.NoError(t, err, "records that look the same may become different")
	require.Equal(t, []rollback.Decision{{Pair: pair("B"), File: file}}, chosen)

	for name, c := range map[string]struct {
		m    rollback.Matched
		want string
	}{
		"a part of a cohort": {
			rollback.Matched{Groups: []rollback.Wished{listed("A", "MQL", 2, 1, 2), {Known: true, Pair: pair("A"), Records: 3}}},
			"names all but 3 of cohort 1",
		},
		"strangers": {
			rollback.Matched{Strange: 30, Strangers: []int64{3, 5}, Groups: []rollback.Wished{listed("A", "MQL", 1, 1)}},
			"Line 3: no record with this key was touched by the run; line 5: no record with this key was touched by the run; and 28 more lines",
		},
		"no history":                   {rollback.Matched{Groups: []rollback.Wished{{Listed: true, Records: 1, Lines: []int64{8}}}}, "Line 8: nothing says what this record was before"},
		"a value that does not fit in": {rollback.Matched{Misfits: []int64{6}}, "Line 6: the column can't hold this value"},
	} {
		_, err := decisionsOf(c.m, known, file)
		require.ErrorContains(t, err, c.want, name)
		require.ErrorContains(t, err, "Nothing was applied", name)
	}
}
