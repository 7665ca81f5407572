package incidents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The tags of the canonical encoding. A value is its tag and its payload, big
// endian. The bytes are hashed, so they never change.
const (
	tagNull   byte = 0x00 // nothing
	tagBool   byte = 0x01 // u8
	tagInt    byte = 0x02 // int64
	tagTime   byte = 0x03 // int64, microseconds since 1970, UTC
	tagString byte = 0x04 // u32 length, UTF-8 as given
	tagBytes  byte = 0x05 // u32 length, bytes
	tagList   byte = 0x06 // u32 count, values
	tagRecord byte = 0x07 // u32 count, then name (u32 length, UTF-8) and value each
)

var timeType = reflect.TypeFor[time.Time]()

// Encode returns the canonical bytes of a value: a bool, a signed integer, a
// string, a time (cut to microseconds), bytes, a Value, or slices, arrays,
// pointers and structs of these, named types too. A nil pointer is null; a
// nil slice is an empty list. A struct is a record of its exported fields in
// the order of their declaration, each named in snake case or by its tag
// `canon:"name"`. Floats, maps, unsigned integers that do not fit, strings
// that are not UTF-8 or hold NUL are errors: two programs could read them in
// two ways.
func Encode(v any) ([]byte, error) {
	b, err := encode(nil, reflect.ValueOf(v))
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return b, nil
}

func encode(b []byte, v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return append(b, tagNull), nil
	}
	if v.Type() == timeType {
		at := v.Interface().(time.Time).UnixMicro()
		return binary.BigEndian.AppendUint64(append(b, tagTime), uint64(at)), nil
	}
	if v.Type() == reflect.TypeFor[Value]() {
		return v.Interface().(Value).append(b)
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, tagBool, 1), nil
		}
		return append(b, tagBool, 0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.BigEndian.AppendUint64(append(b, tagInt), uint64(v.Int())), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return binary.BigEndian.AppendUint64(append(b, tagInt), v.Uint()), nil
	case reflect.String:
		return encodeText(append(b, tagString), v.String())
	case reflect.Slice, reflect.Array:
		return encodeList(b, v)
	case reflect.Struct:
		return encodeRecord(b, v)
	case reflect.Pointer, reflect.Interface:
		return encode(b, v.Elem())
	}
	return nil, fmt.Errorf("%s has no canonical bytes", v.Type())
}

func encodeText(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return nil, errors.New("a string is not UTF-8 or holds NUL")
	}
	return append(appendLen(b, len(s)), s...), nil
}

func encodeList(b []byte, v reflect.Value) ([]byte, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		raw := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(raw), v)
		return append(appendLen(append(b, tagBytes), len(raw)), raw...), nil
	}
	b = appendLen(append(b, tagList), v.Len())
	var err error
	for i := range v.Len() {
		if b, err = encode(b, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func encodeRecord(b []byte, v reflect.Value) ([]byte, error) {
	fields, err := fieldsOf(v.Type())
	if err != nil {
		return nil, err
	}
	b = appendLen(append(b, tagRecord), len(fields))
	for _, f := range fields {
		if b, err = encodeText(b, f.name); err != nil {
			return nil, err
		}
		if b, err = encode(b, v.Field(f.index)); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return b, nil
}

func appendLen(b []byte, n int) []byte {
	if n > math.MaxUint32 {
		panic("a canonical value is longer than its length can say")
	}
	return binary.BigEndian.AppendUint32(b, uint32(n))
}

type canonField struct {
	name  string
	index int
}

func fieldsOf(t reflect.Type) ([]canonField, error) {
	var fields []canonField
	seen := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			return nil, fmt.Errorf("%s.%s is not exported, so it would be lost", t, f.Name)
		}
		name := f.Tag.Get("canon")
		if name == "" {
			name = snake(f.Name)
		}
		if seen[name] {
			return nil, fmt.Errorf("%s has two fields named %q", t, name)
		}
		seen[name] = true
		fields = append(fields, canonField{name, i})
	}
	return fields, nil
}

// snake turns DoneAt into done_at and SeverityID into severity_id.
func snake(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 &&
			(!unicode.IsUpper(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1]))) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
