package executor

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"snafu/rollback"
)

// sheet is a list while it is written.
type sheet interface {
	add(rollback.ListRow) error
	end() error
}

func newSheet(w io.Writer, format rollback.ListFormat, t rollback.Table, set []string) (sheet, error) {
	if format == rollback.ListJSONL {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return jsonSheet{out: out, key: t.Key, export: t.Export, set: set}, nil
	}
	out := csvSheet{out: csv.NewWriter(w), export: len(t.Export), set: len(set)}
	head := append(append([]string{}, t.Key...), t.Export...)
	for _, what := range []string{"before", "after", "holds"} {
		for _, c := range set {
			head = append(head, c+"_"+what)
		}
	}
	if err := out.out.Write(harmless(append(head, "at", "batch", "outcome", "note"))); err != nil {
		return nil, fmt.Errorf("write the head: %w", err)
	}
	return out, nil
}

// csvSheet is for people: a spreadsheet runs none of its cells.
type csvSheet struct {
	out         *csv.Writer
	export, set int
}

func (s csvSheet) add(row rollback.ListRow) error {
	cells := append([]string{}, row.Key...)
	cells = append(cells, all(row.Export, s.export)...)
	for _, vs := range []rollback.Values{row.Before, row.After, row.Holds} {
		cells = append(cells, all(vs, s.set)...)
	}
	at, batch := "", ""
	if !row.At.IsZero() {
		at = row.At.UTC().Format(time.RFC3339)
	}
	if row.Batch != 0 {
		batch = strconv.FormatInt(row.Batch, 10)
	}
	return s.out.Write(harmless(append(cells, at, batch, row.Outcome.String(), row.Note)))
}

func (s csvSheet) end() error {
	s.out.Flush()
	return s.out.Error()
}

// jsonSheet is for programs: every value is a string, or null where there is
// none, exactly as the source gives it.
type jsonSheet struct {
	out              *json.Encoder
	key, export, set []string
}

type jsonRow struct {
	Key     map[string]string         `json:"key"`
	Export  map[string]rollback.Value `json:"export"`
	Before  map[string]rollback.Value `json:"before"`
	After   map[string]rollback.Value `json:"after"`
	Holds   map[string]rollback.Value `json:"holds"` // null when it is not known
	At      *time.Time                `json:"at"`
	Batch   *int64                    `json:"batch"`
	Outcome string                    `json:"outcome"`
	Note    string                    `json:"note"`
}

func (s jsonSheet) add(row rollback.ListRow) error {
	out := jsonRow{
		Key: map[string]string{}, Export: named(s.export, row.Export), Before: named(s.set, row.Before), After: named(s.set, row.After),
		Holds: named(s.set, row.Holds), Outcome: row.Outcome.String(), Note: row.Note,
	}
	for i, name := range s.key {
		out.Key[name] = row.Key[i]
	}
	if !row.At.IsZero() {
		at := row.At.UTC()
		out.At = &at
	}
	if row.Batch != 0 {
		out.Batch = &row.Batch
	}
	return s.out.Encode(out)
}

func (s jsonSheet) end() error { return nil }

// named gives each value the name of its column; nil where nothing is known.
func named(names []string, vs rollback.Values) map[string]rollback.Value {
	if vs == nil {
		return nil
	}
	out := make(map[string]rollback.Value, len(names))
	for i, name := range names {
		out[name] = rollback.Value{Null: true}
		if i < len(vs) {
			out[name] = vs[i]
		}
	}
	return out
}
