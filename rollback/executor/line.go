package executor

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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
func parseLine(line []byte) (r record, err error) {
	s := scanner{rest: line}
	s.skip('[')
	r.Ord, r.Cohort, r.Class = s.number(), s.number(), rollback.Class(s.number())
	for _, v := range s.values() {
		s.odd = s.odd || v.Null // a part of a key is never unknown
		r.Key = append(r.Key, v.Text)
	}
	s.skip(',')
	for _, into := range []*rollback.Values{&r.Initial, &r.Error, &r.Desired} {
		*into = s.values()
		s.skip(',')
	}
	r.Mark, r.Version = s.next(), s.next()
	r.Current = s.values()
	s.skip(',')
	_ = s.next() // the evidence: what is read back is not judged by it
	r.Export = s.values()
	s.skip(']')
	if s.skip('\n'); s.odd || len(s.rest) > 0 {
		return record{}, errLine
	}
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
