package count

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// What a file of desired values may weigh.
const (
	MaxFile     = 20 << 20
	maxLines    = 1_000_000
	maxField    = 1024 // bytes of a key or a value
	maxBadLines = 20   // named one by one; the rest is counted
)

// Sheet is a file of desired values, read and found whole.
type Sheet struct {
	Wishes []rollback.Wish
	SHA256 string // of the bytes as they came
}

// bad collects what is wrong with lines, by their numbers in the file. It never
// repeats what stands in them: a key or a value may be personal.
type bad struct {
	lines []string
	more  int
}

func (b *bad) add(line int, format string, args ...any) {
	if len(b.lines) == maxBadLines {
		b.more++
		return
	}
	b.lines = append(b.lines, fmt.Sprintf("line %d: %s", line, fmt.Sprintf(format, args...)))
}

func (b *bad) refusal() error {
	if len(b.lines) == 0 {
		return nil
	}
	text := strings.Join(b.lines, "; ")
	if b.more > 0 {
		text += fmt.Sprintf("; and %d more lines", b.more)
	}
	return refusal.Invalid("Nothing was applied. %s. Correct the file and send it again.", upper(text)).Coded("csv")
}

func upper(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// ReadSheet reads a file with a line for each record: the columns of its key,
// then what it should be. A first line that names the last column desired is a
// heading. It takes what spreadsheets write: UTF-8 with or without a mark,
// UTF-16 with one, commas, semicolons or tabs, quotes, any ending of lines, and
// the apostrophe before a text that looks like a formula. Every line that can't
// be taken is named by its number, and then nothing is.
func ReadSheet(file []byte, keyParts int) (Sheet, error) {
	sum := sha256.Sum256(file)
	out := Sheet{SHA256: hex.EncodeToString(sum[:])}
	if len(file) > MaxFile {
		return out, refusal.Invalid("The file is larger than %d MB. Split it.", MaxFile>>20).Coded("csv")
	}
	text, err := decoded(file)
	if err != nil {
		return out, err
	}
	rows, problem := split(text)
	var wrong bad
	if problem.line > 0 {
		wrong.add(problem.line, "%s", problem.why)
		return out, wrong.refusal()
	}
	if len(rows) > 0 && heading(rows[0].cells) {
		rows = rows[1:]
	}
	keyParts = max(keyParts, 1)
	seen := map[string]int{}
	for _, r := range rows {
		w, why := wish(r, keyParts)
		if why != "" {
			wrong.add(r.line, "%s", why)
			continue
		}
		key := strings.Join(w.Key, "\x00")
		if first, twice := seen[key]; twice {
			wrong.add(r.line, "the same key stands in line %d", first)
			continue
		}
		seen[key] = r.line
		out.Wishes = append(out.Wishes, w)
	}
	switch {
	case len(out.Wishes) > maxLines:
		return out, refusal.Invalid("The file has more than %d lines. Split it.", maxLines).Coded("csv")
	case len(wrong.lines) > 0:
		return out, wrong.refusal()
	case len(out.Wishes) == 0:
		return out, refusal.Invalid("The file holds no record. Write a line for each: its key, then what it should be.").Coded("csv")
	}
	return out, nil
}

func wish(r row, keyParts int) (rollback.Wish, string) {
	if len(r.cells) != keyParts+1 {
		return rollback.Wish{}, fmt.Sprintf("%d columns instead of %d", len(r.cells), keyParts+1)
	}
	w := rollback.Wish{Line: int64(r.line)}
	for _, c := range r.cells[:keyParts] {
		key := plainText(strings.TrimSpace(c.text))
		switch {
		case key == "":
			return w, "the key is empty"
		case len(key) > maxField:
			return w, fmt.Sprintf("a key of more than %d bytes", maxField)
		case formula(key) && !c.quoted && key == strings.TrimSpace(c.text):
			return w, "the key looks like a formula; put an apostrophe before it if it is meant"
		}
		w.Key = append(w.Key, key)
	}
	last := r.cells[keyParts]
	w.Desired = rollback.One(plainText(last.text))
	switch {
	case last.text == "" && last.quoted:
		return w, `an empty text ("") can't be told from no value. Write NULL for no value`
	case last.text == "":
		return w, "no desired value. Write NULL for no value"
	case last.text == "NULL" && !last.quoted:
		w.Desired = rollback.Values{rollback.Null()}
	case len(last.text) > maxField:
		return w, fmt.Sprintf("a value of more than %d bytes", maxField)
	case formula(last.text):
		return w, "the value looks like a formula; put an apostrophe before it if it is meant"
	}
	return w, ""
}

// formula is true for what a spreadsheet would compute instead of show. A
// number may have its sign.
func formula(s string) bool {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return false
	}
	if s[0] == '+' || s[0] == '-' {
		digits := strings.Trim(s[1:], "0123456789.,")
		return digits != "" || len(s) == 1
	}
	return true
}

// plainText takes off the apostrophe with which spreadsheets keep a text from
// being computed.
func plainText(s string) string {
	if len(s) > 1 && s[0] == '\'' && formula(s[1:]) {
		return s[1:]
	}
	return s
}

// heading is true for a first line that names its last column.
func heading(cells []field) bool {
	last := strings.ToLower(strings.TrimSpace(cells[len(cells)-1].text))
	return last == "desired" || last == "should be" || last == "should_be"
}

// decoded makes UTF-8 of what spreadsheets save.
func decoded(file []byte) (string, error) {
	wide := func(hi, lo int) string {
		body := file[2:]
		units := make([]uint16, len(body)/2)
		for i := range units {
			units[i] = uint16(body[2*i+hi])<<8 | uint16(body[2*i+lo])
		}
		return string(utf16.Decode(units))
	}
	var text string
	switch {
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}):
		text = wide(1, 0)
	case bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		text = wide(0, 1)
	default:
		text = string(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")))
	}
	line := 1
	for _, r := range text {
		switch {
		case r == '\n':
			line++
		case r == utf8.RuneError, r == 0, unicode.IsControl(r) && r != '\r' && r != '\t':
			return "", refusal.Invalid("Nothing was applied. Line %d: not readable as text. Save the file as CSV in UTF-8 and send it again.", line).Coded("csv")
		}
	}
	return text, nil
}
