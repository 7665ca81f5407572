package rollback

import (
	"encoding/json"
	"strings"
)

// Value is one field of a record in the text form the source gives it under
// pinned settings. Two values are the same when their bytes are; NULL equals
// NULL and nothing else.
type Value struct {
	Text string
	Null bool
}

// Text is a value that is not NULL.
func Text(s string) Value { return Value{Text: s} }

// Null is the value of a field that holds nothing.
func Null() Value { return Value{Null: true} }

// String shows a value to a person: NULL as "(empty)".
func (v Value) String() string {
	if v.Null {
		return "(empty)"
	}
	return v.Text
}

// MarshalJSON writes a string or null.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.Null {
		return []byte("null"), nil
	}
	return json.Marshal(v.Text)
}

// UnmarshalJSON reads a string or null.
func (v *Value) UnmarshalJSON(b []byte) error {
	*v = Value{}
	if string(b) == "null" {
		v.Null = true
		return nil
	}
	return json.Unmarshal(b, &v.Text)
}

// Values are the values of the set columns of one record, in the order of
// Scope.Set.
type Values []Value

// One makes the values of a single set column.
func One(text string) Values { return Values{Text(text)} }

// Equal says whether both hold the same bytes.
func (vs Values) Equal(other Values) bool {
	if len(vs) != len(other) {
		return false
	}
	for i := range vs {
		if vs[i] != other[i] {
			return false
		}
	}
	return true
}

// String shows values to a person, those that nothing tells as "(not known)".
func (vs Values) String() string {
	if vs == nil {
		return NotKnown
	}
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = v.String()
	}
	return strings.Join(parts, " / ")
}

// Pointers gives values as drivers and encoders know them: nil is NULL.
func (vs Values) Pointers() []*string {
	if vs == nil {
		return nil
	}
	out := make([]*string, len(vs))
	for i, v := range vs {
		out[i] = v.pointer()
	}
	return out
}

func (v Value) pointer() *string {
	if v.Null {
		return nil
	}
	return &v.Text
}

// FromPointers is the way back from Pointers. No list at all stays nil.
func FromPointers(ps []*string) Values {
	if ps == nil {
		return nil
	}
	out := make(Values, len(ps))
	for i, p := range ps {
		if p == nil {
			out[i] = Null()
		} else {
			out[i] = Text(*p)
		}
	}
	return out
}

// Key is the key of one record in the order of Table.Key, as text.
type Key []string
