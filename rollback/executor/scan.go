package executor

import (
	"bytes"
	"encoding/json"
	"strconv"

	"snafu/rollback"
)

// scanner reads a line of the export, whose form is known: no spaces, texts and
// nulls, and lists of them. A reader of any JSON takes ten times as long, and a
// plan is read back before anybody may approve it. What is not of that form makes
// the line odd; everything read of it is then worthless.
type scanner struct {
	rest []byte
	odd  bool
}

// skip passes over a byte that has to be there.
func (s *scanner) skip(c byte) {
	if len(s.rest) == 0 || s.rest[0] != c {
		s.odd, s.rest = true, nil
		return
	}
	s.rest = s.rest[1:]
}

func (s *scanner) begins(c byte) bool { return len(s.rest) > 0 && s.rest[0] == c }

var null = []byte("null")

// none passes over a null, if one is next.
func (s *scanner) none() bool {
	if !bytes.HasPrefix(s.rest, null) {
		return false
	}
	s.rest = s.rest[len(null):]
	return true
}

// text reads a text without what follows it.
func (s *scanner) text() string {
	escaped := false
	if s.begins('"') {
		for i := 1; i < len(s.rest); i++ {
			switch c := s.rest[i]; {
			case c == '\\':
				escaped = true
				i++
			case c < ' ': // a text that ends with its line was cut
				s.odd, s.rest = true, nil
				return ""
			case c == '"':
				quoted := s.rest[:i+1]
				s.rest = s.rest[i+1:]
				if escaped {
					return s.unescaped(quoted)
				}
				return string(quoted[1:i])
			}
		}
	}
	s.odd, s.rest = true, nil
	return ""
}

func (s *scanner) unescaped(quoted []byte) (text string) {
	if json.Unmarshal(quoted, &text) != nil {
		s.odd = true
	}
	return text
}

func (s *scanner) value() rollback.Value {
	if s.none() {
		return rollback.Value{Null: true}
	}
	return rollback.Text(s.text())
}

// next reads a value and the comma behind it.
func (s *scanner) next() rollback.Value {
	v := s.value()
	s.skip(',')
	return v
}

// number reads a number, which is written as a text, and the comma behind it.
func (s *scanner) number() int64 {
	n, err := strconv.ParseInt(s.text(), 10, 64)
	if s.skip(','); err != nil {
		s.odd = true
	}
	return n
}

// values reads a list of values; null gives nil.
func (s *scanner) values() rollback.Values {
	if s.none() {
		return nil
	}
	s.skip('[')
	all := rollback.Values{}
	if s.begins(']') {
		s.skip(']')
		return all
	}
	for all = append(all, s.value()); s.begins(','); all = append(all, s.value()) {
		s.skip(',')
	}
	s.skip(']')
	return all
}
