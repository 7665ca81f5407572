package incidents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth bounds how deeply decoded values nest, so that hostile bytes
// cannot exhaust the stack.
const maxDepth = 32

// Value is a decoded canonical value. Its bytes describe themselves, so an
// entry can be checked and shown without its Go type.
type Value struct {
	tag    byte
	Bool   bool
	Int    int64
	Time   time.Time
	Text   string
	Bytes  []byte
	List   []Value
	Fields []Field // of a record, in the order of its bytes
}

// Field is one named value of a record.
type Field struct {
	Name  string
	Value Value
}

// Null says whether the value is null.
func (v Value) Null() bool { return v.tag == tagNull }

// Field returns the record's field of that name, and whether there is one.
func (v Value) Field(name string) (Value, bool) {
	for _, f := range v.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Plain returns the value as nil, bool, int64, time.Time, string, []byte,
// []any or map[string]any, for a reading copy as JSON.
func (v Value) Plain() any {
	switch v.tag {
	case tagBool:
		return v.Bool
	case tagInt:
		return v.Int
	case tagTime:
		return v.Time
	case tagString:
		return v.Text
	case tagBytes:
		return v.Bytes
	case tagList:
		list := make([]any, len(v.List))
		for i, e := range v.List {
			list[i] = e.Plain()
		}
		return list
	case tagRecord:
		record := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			record[f.Name] = f.Value.Plain()
		}
		return record
	}
	return nil
}

var errCanon = errors.New("bytes are not canonical")

// Decode reads the canonical bytes of one value. It accepts exactly what
// Encode writes: decoding and encoding again gives the same bytes.
func Decode(b []byte) (Value, error) {
	v, rest, err := decode(b, 0)
	if err != nil {
		return Value{}, err
	}
	if len(rest) > 0 {
		return Value{}, fmt.Errorf("%w: %d bytes too many", errCanon, len(rest))
	}
	return v, nil
}

func decode(b []byte, depth int) (Value, []byte, error) {
	if depth > maxDepth {
		return Value{}, nil, fmt.Errorf("%w: nested too deeply", errCanon)
	}
	if len(b) == 0 {
		return Value{}, nil, fmt.Errorf("%w: cut off", errCanon)
	}
	v := Value{tag: b[0]}
	b = b[1:]
	var err error
	switch v.tag {
	case tagNull:
	case tagBool:
		if len(b) < 1 || b[0] > 1 {
			return Value{}, nil, fmt.Errorf("%w: not a bool", errCanon)
		}
		v.Bool, b = b[0] == 1, b[1:]
	case tagInt, tagTime:
		if len(b) < 8 {
			return Value{}, nil, fmt.Errorf("%w: cut off", errCanon)
		}
		n := int64(binary.BigEndian.Uint64(b))
		if v.tag == tagInt {
			v.Int = n
		} else if v.Time = time.UnixMicro(n).UTC(); v.Time.UnixMicro() != n {
			return Value{}, nil, fmt.Errorf("%w: not a time", errCanon)
		}
		b = b[8:]
	case tagString:
		v.Text, b, err = decodeText(b)
	case tagBytes:
		v.Bytes, b, err = decodeBytes(b)
	case tagList, tagRecord:
		return decodeMany(v, b, depth)
	default:
		err = fmt.Errorf("%w: unknown tag %02x", errCanon, v.tag)
	}
	return v, b, err
}

func decodeMany(v Value, b []byte, depth int) (Value, []byte, error) {
	if len(b) < 4 {
		return Value{}, nil, fmt.Errorf("%w: cut off", errCanon)
	}
	n := binary.BigEndian.Uint32(b)
	b = b[4:]
	if uint64(n) > uint64(len(b)) { // each element takes a byte at least
		return Value{}, nil, fmt.Errorf("%w: a count is larger than the rest", errCanon)
	}
	for range n {
		var f Field
		var err error
		if v.tag == tagRecord {
			if f.Name, b, err = decodeText(b); err != nil {
				return Value{}, nil, err
			}
			if _, twice := v.Field(f.Name); twice {
				return Value{}, nil, fmt.Errorf("%w: two fields named %q", errCanon, f.Name)
			}
		}
		if f.Value, b, err = decode(b, depth+1); err != nil {
			return Value{}, nil, err
		}
		if v.tag == tagRecord {
			v.Fields = append(v.Fields, f)
		} else {
			v.List = append(v.List, f.Value)
		}
	}
	return v, b, nil
}

func decodeBytes(b []byte) ([]byte, []byte, error) {
	if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
		return nil, nil, fmt.Errorf("%w: cut off", errCanon)
	}
	n := binary.BigEndian.Uint32(b)
	return append([]byte{}, b[4:4+n]...), b[4+n:], nil
}

func decodeText(b []byte) (string, []byte, error) {
	raw, rest, err := decodeBytes(b)
	if err != nil {
		return "", nil, err
	}
	s := string(raw)
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return "", nil, fmt.Errorf("%w: a string is not UTF-8 or holds NUL", errCanon)
	}
	return s, rest, nil
}

func (v Value) append(b []byte) ([]byte, error) {
	switch v.tag {
	case tagList:
		return encode(b, reflect.ValueOf(v.List))
	case tagRecord:
		b = appendLen(append(b, tagRecord), len(v.Fields))
		var err error
		for _, f := range v.Fields {
			if b, err = encodeText(b, f.Name); err != nil {
				return nil, err
			}
			if b, err = f.Value.append(b); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return encode(b, reflect.ValueOf(v.Plain()))
}

// Into stores the value in what ptr points to. Fields of a record are matched
// by name: one that the struct lacks is passed over, one that the record lacks
// stays as it is, so that newer and older programs read each other. A value of
// another form, or a number that does not fit, is an error.
func (v Value) Into(ptr any) error {
	p := reflect.ValueOf(ptr)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("read into %T: not a pointer", ptr)
	}
	if err := v.into(p.Elem()); err != nil {
		return fmt.Errorf("read into %T: %w", ptr, err)
	}
	return nil
}

func (v Value) into(to reflect.Value) error {
	if to.Type() == reflect.TypeFor[Value]() {
		to.Set(reflect.ValueOf(v))
		return nil
	}
	if v.tag == tagNull {
		to.SetZero()
		return nil
	}
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		return v.into(to.Elem())
	}
	kind := to.Kind()
	switch {
	case v.tag == tagBool && kind == reflect.Bool:
		to.SetBool(v.Bool)
	case v.tag == tagInt && to.CanInt() && !to.OverflowInt(v.Int):
		to.SetInt(v.Int)
	case v.tag == tagInt && to.CanUint() && v.Int >= 0 && !to.OverflowUint(uint64(v.Int)):
		to.SetUint(uint64(v.Int))
	case v.tag == tagTime && to.Type() == timeType:
		to.Set(reflect.ValueOf(v.Time))
	case v.tag == tagString && kind == reflect.String:
		to.SetString(v.Text)
	case v.tag == tagBytes && kind == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8:
		to.SetBytes(append([]byte{}, v.Bytes...))
	case v.tag == tagBytes && kind == reflect.Array && to.Type().Elem().Kind() == reflect.Uint8 && to.Len() == len(v.Bytes):
		reflect.Copy(to, reflect.ValueOf(v.Bytes))
	case v.tag == tagList && kind == reflect.Slice:
		return v.intoSlice(to)
	case v.tag == tagRecord && kind == reflect.Struct && to.Type() != timeType:
		return v.intoStruct(to)
	default:
		return fmt.Errorf("a value of tag %02x does not fit %s", v.tag, to.Type())
	}
	return nil
}

func (v Value) intoSlice(to reflect.Value) error {
	list := reflect.MakeSlice(to.Type(), len(v.List), len(v.List))
	for i, e := range v.List {
		if err := e.into(list.Index(i)); err != nil {
			return err
		}
	}
	if len(v.List) == 0 {
		list = reflect.Zero(to.Type())
	}
	to.Set(list)
	return nil
}

func (v Value) intoStruct(to reflect.Value) error {
	fields, err := fieldsOf(to.Type())
	if err != nil {
		return err
	}
	for _, f := range fields {
		if e, ok := v.Field(f.name); ok {
			if err := e.into(to.Field(f.index)); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
	return nil
}
