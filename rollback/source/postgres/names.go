package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// split tells schema and table apart. A name stands as it is and the first dot
// divides it; a name that holds a dot is written as SQL writes it:
// "a.b"."c.d".
func split(relation string) (schema, rel string, ok bool) {
	first, rest, ok := part(relation)
	if !ok || !strings.HasPrefix(rest, ".") {
		return "", "", false
	}
	second := rest[1:]
	if name, more, whole := part(second); whole && more == "" {
		second = name
	}
	return first, second, first != "" && second != ""
}

// part reads one name and returns what follows it.
func part(text string) (name, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		i := strings.IndexByte(text, '.')
		if i < 0 {
			return "", "", false
		}
		return text[:i], text[i:], true
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != '"':
		case i+1 < len(text) && text[i+1] == '"':
			i++
		default:
			return strings.ReplaceAll(text[1:i], `""`, `"`), text[i+1:], true
		}
	}
	return "", "", false
}

// quoted makes a relation safe to stand in SQL. One that is not written as
// schema.table becomes a name that no table has.
func quoted(relation string) string {
	schema, rel, ok := split(relation)
	if !ok {
		return column(relation)
	}
	return pgx.Identifier{schema, rel}.Sanitize()
}

// column quotes one name, dots included.
func column(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal is a text safe to stand in SQL whatever the server's settings say
// about backslashes.
func literal(text string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i := range len(text) {
		b.WriteByte(hex[text[i]>>4])
		b.WriteByte(hex[text[i]&15])
	}
	return "convert_from(decode('" + b.String() + "', 'hex'), 'UTF8')"
}
