package executor

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"snafu/rollback"
)

// record is one line of the export: what enters the rows digest, and what the
// record held beside it.
type record struct {
	rollback.FrozenRow
	Current rollback.Values // nil when it was gone
	Export  rollback.Values
}

var errLine = errors.New("a line of the export is not one of ours")

// parseLine reads a line. Its errors hold no value of the record.
func parseLine(line []byte) (record, error) {
	var r record
	var parts []json.RawMessage
	if json.Unmarshal(line, &parts) != nil || len(parts) != 12 {
		return r, errLine
	}
	var numbers [3]string
	var evidence rollback.Value
	for i, into := range []any{
		&numbers[0], &numbers[1], &numbers[2], &r.Key, &r.Initial, &r.Error, &r.Desired, &r.Mark, &r.Version, &r.Current, &evidence, &r.Export,
	} {
		if json.Unmarshal(parts[i], into) != nil {
			return r, errLine
		}
	}
	ord, err1 := strconv.ParseInt(numbers[0], 10, 64)
	cohort, err2 := strconv.ParseInt(numbers[1], 10, 64)
	class, err3 := strconv.Atoi(numbers[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return r, errLine
	}
	r.Ord, r.Cohort, r.Class = ord, cohort, rollback.Class(class)
	return r, nil
}

// writeCopy makes the copy that people open in a spreadsheet. It is never read
// by us: a cell cannot tell NULL from an empty text.
func writeCopy(f rollback.Freeze) error {
	return write(base(f.Export.Path)+".csv", func(w io.Writer) error {
		out := csv.NewWriter(w)
		head := append([]string{"ord", "cohort", "class"}, names(f.Relation.Key)...)
		for _, c := range names(f.Relation.Set) {
			head = append(head, c+" was", c+" is wrong", c+" should be", c+" found")
		}
		if err := out.Write(harmless(append(head, f.Export.Columns...))); err != nil {
			return err
		}
		err := lines(f.Export.Path, func(line []byte) error {
			r, err := parseLine(line)
			if err != nil {
				return err
			}
			cells := append([]string{fmt.Sprint(r.Ord), fmt.Sprint(r.Cohort), r.Class.String()}, r.Key...)
			for i := range f.Relation.Set {
				cells = append(cells, cell(r.Initial, i), cell(r.Error, i), cell(r.Desired, i), cell(r.Current, i))
			}
			return out.Write(harmless(append(cells, all(r.Export, len(f.Export.Columns))...)))
		})
		if err != nil {
			return err
		}
		out.Flush()
		return out.Error()
	})
}

func names(columns []rollback.Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}

func cell(vs rollback.Values, i int) string {
	if i >= len(vs) || vs[i].Null {
		return ""
	}
	return vs[i].Text
}

func all(vs rollback.Values, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = cell(vs, i)
	}
	return out
}

// harmless keeps a cell from being a formula: a spreadsheet runs what begins
// with = + - @ or a tab.
func harmless(cells []string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r\n", rune(c[0])) {
			cells[i] = "'" + c
		}
	}
	return cells
}
