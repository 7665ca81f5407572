package postgres

import (
	"slices"
	"strconv"
	"strings"

	"snafu/rollback"
)

// A statement of a count is read here only for its words: where a parameter
// stands, and which functions it names. Whether it is a statement at all, the
// server says. Where both could read differently (dollar quotes, escaped
// names), the statement is refused.

// called is something of the catalogue by its name, and its schema if one was
// written.
type called struct{ schema, name string }

// words are what a statement says outside quotes and comments.
type words struct {
	names     []string // every name, as the catalogue has it
	called    []called // names with a bracket behind them, which may be functions
	pairs     []called // two names with a dot between: tables, types, columns
	operators []called // in operator(schema.+)
	text      string   // with $1 where it said :name
}

// and adds what another text says.
func (w words) and(other words) words {
	return words{
		names: append(w.names, other.names...), called: append(w.called, other.called...),
		pairs: append(w.pairs, other.pairs...), operators: append(w.operators, other.operators...), text: w.text,
	}
}

// lexer walks over a statement.
type lexer struct {
	in     string
	at     int
	out    strings.Builder
	params []rollback.Param
	used   map[string]bool
	path   []string // of the name that may be called: schema and name
	dotted bool     // a dot stood behind it
	string bool     // the last word was text in quotes
	symbol bool     // what stands here is the name of an operator

	planned bool // the server wrote it, with names of its own such as $0
	w       words
}

// read finds the words of a statement, or refuses it.
func read(text string, params []rollback.Param) (words, error) {
	l := &lexer{in: text, params: params, used: map[string]bool{}}
	for l.at < len(l.in) {
		if err := l.next(); err != nil {
			return words{}, err
		}
	}
	for _, p := range params {
		if !l.used[p.Name] {
			return words{}, rollback.RefuseStatement(":" + p.Name)
		}
	}
	l.w.text = l.out.String()
	return l.w, nil
}

// namedIn are those of the parameters that a text names.
func namedIn(text string, params []rollback.Param) []rollback.Param {
	l := &lexer{in: text, params: params, used: map[string]bool{}}
	for l.at < len(l.in) {
		if l.next() != nil {
			return nil // refused when it is read
		}
	}
	return slices.DeleteFunc(slices.Clone(params), func(p rollback.Param) bool { return !l.used[p.Name] })
}

// written finds the words of an expression as the server writes it. One that
// cannot be read is refused with its statement: nobody knows what it calls.
func written(text string) (words, error) {
	l := &lexer{in: text, planned: true}
	for l.at < len(l.in) {
		if err := l.next(); err != nil {
			return words{}, rollback.RefuseStatement("")
		}
	}
	return l.w, nil
}

func (l *lexer) next() error {
	rest := l.in[l.at:]
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"):
		l.skip(lineEnd(rest))
		return nil
	case strings.HasPrefix(rest, "/*"):
		n := commentEnd(rest)
		if n < 0 {
			return rollback.RefuseStatement(rest)
		}
		l.skip(n)
		return nil
	case blank(c):
		l.take(1)
		return nil
	case c == '\'' && l.string:
		// The server joins the two, and reads the second as the first was read.
		return rollback.RefuseStatement(rest)
	}
	l.string = false
	switch c := rest[0]; {
	case c == '\'':
		return l.quoted(rest, false)
	case c == '"':
		return l.quotedName(rest)
	case letter(c):
		return l.word(rest)
	case c >= '0' && c <= '9':
		l.other(1)
	case c == '$' && !l.planned:
		return rollback.RefuseStatement(rest)
	case c == ':':
		return l.colon(rest)
	case l.symbol && strings.IndexByte(symbols, c) >= 0:
		l.operator(rest)
	case c == '.':
		l.dotted = len(l.path) > 0
		l.take(1)
	case c == '(':
		if n := len(l.path); n > 0 && !l.dotted {
			schema := ""
			if n > 1 {
				schema = l.path[n-2]
			}
			l.w.called = append(l.w.called, called{schema, l.path[n-1]})
			l.symbol = l.path[n-1] == "operator"
		}
		l.other(1)
	case c == ')':
		l.symbol = false
		l.other(1)
	default:
		l.other(1)
	}
	return nil
}

// take copies n bytes.
func (l *lexer) take(n int) {
	l.out.WriteString(l.in[l.at : l.at+n])
	l.at += n
}

// other copies n bytes that end a name.
func (l *lexer) other(n int) {
	l.path, l.dotted = nil, false
	l.take(n)
}

// skip leaves a comment out. A blank keeps the words beside it apart, as the
// comment did.
func (l *lexer) skip(n int) {
	l.out.WriteByte(' ')
	l.at += n
}

func (l *lexer) name(name string) {
	if !l.dotted {
		l.path = nil
	}
	if n := len(l.path); n > 0 {
		l.w.pairs = append(l.w.pairs, called{l.path[n-1], name})
	}
	l.path, l.dotted = append(l.path, name), false
	l.w.names = append(l.w.names, name)
}

// symbols are what the name of an operator is made of.
const symbols = "+-*/<>=~!@#%^&|`?"

// operator copies the name of an operator that is written with its schema.
func (l *lexer) operator(rest string) {
	n := 1
	for n < len(rest) && strings.IndexByte(symbols, rest[n]) >= 0 {
		n++
	}
	schema := ""
	if len(l.path) > 0 {
		schema = l.path[len(l.path)-1]
	}
	l.w.operators = append(l.w.operators, called{schema, rest[:n]})
	l.other(n)
}

func (l *lexer) word(rest string) error {
	n := 1
	for n < len(rest) && (letter(rest[n]) || rest[n] >= '0' && rest[n] <= '9' || rest[n] == '$') {
		n++
	}
	word := rest[:n]
	if n < len(rest) && rest[n] == '\'' && strings.EqualFold(word, "e") {
		l.other(n)
		return l.quoted(rest[n:], true)
	}
	if strings.EqualFold(word, "u") && strings.HasPrefix(rest[n:], "&") && len(rest) > n+1 && strings.ContainsRune(`'"`, rune(rest[n+1])) {
		return rollback.RefuseStatement(rest)
	}
	l.name(folded(word))
	l.take(n)
	return nil
}

// folded makes small letters as the server does of names in ASCII.
func folded(word string) string {
	b := []byte(word)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// quoted copies a text in quotes.
func (l *lexer) quoted(rest string, escapes bool) error {
	for n := 1; n < len(rest); n++ {
		switch {
		case escapes && rest[n] == '\\':
			n++
		case rest[n] == '\'' && n+1 < len(rest) && rest[n+1] == '\'':
			n++
		case rest[n] == '\'':
			l.other(n + 1)
			l.string = true
			return nil
		}
	}
	return rollback.RefuseStatement(rest)
}

func (l *lexer) quotedName(rest string) error {
	for n := 1; n < len(rest); n++ {
		switch {
		case rest[n] == '"' && n+1 < len(rest) && rest[n+1] == '"':
			n++
		case rest[n] == '"':
			l.name(strings.ReplaceAll(rest[1:n], `""`, `"`))
			l.take(n + 1)
			return nil
		}
	}
	return rollback.RefuseStatement(rest)
}

// colon copies a cast, and puts a number in the place of a parameter.
func (l *lexer) colon(rest string) error {
	if strings.HasPrefix(rest, "::") {
		l.other(2)
		return nil
	}
	n := 1
	for n < len(rest) && (letter(rest[n]) || n > 1 && rest[n] >= '0' && rest[n] <= '9') {
		n++
	}
	if n == 1 || l.planned { // of a slice of a list
		l.other(1)
		return nil
	}
	i := slices.IndexFunc(l.params, func(p rollback.Param) bool { return p.Name == rest[1:n] })
	if i < 0 {
		return rollback.RefuseStatement(rest[:n])
	}
	l.used[l.params[i].Name] = true
	l.path, l.dotted = nil, false
	l.out.WriteString("$" + strconv.Itoa(i+1))
	l.at += n
	return nil
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// letter is what begins a name; every byte beyond ASCII does.
func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func lineEnd(s string) int {
	if n := strings.IndexAny(s, "\n\r"); n >= 0 {
		return n
	}
	return len(s)
}

// commentEnd is behind a comment, which may hold others; -1 if it is open.
func commentEnd(s string) int {
	depth := 0
	for n := 0; n+1 < len(s); n++ {
		switch s[n : n+2] {
		case "/*":
			depth++
			n++
		case "*/":
			depth--
			n++
		}
		if depth == 0 {
			return n + 1
		}
	}
	return -1
}
