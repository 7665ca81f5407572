package rollback

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxQuery is the longest statement of a count, in bytes.
const MaxQuery = 8 << 10

// MostGroups is how many lines a count may have that tells groups apart.
const MostGroups = 50

// ParamType is the type of a parameter, by its name in the source's SQL.
type ParamType string

// The types of parameters.
const (
	ParamText    ParamType = "text"
	ParamInteger ParamType = "bigint"
	ParamNumber  ParamType = "numeric"
	ParamDate    ParamType = "date"
	ParamInstant ParamType = "timestamptz"
	ParamTruth   ParamType = "boolean"
)

// ParamTypes are all of them, in the order in which people read them.
func ParamTypes() []ParamType {
	return []ParamType{ParamText, ParamInteger, ParamNumber, ParamDate, ParamInstant, ParamTruth}
}

// Param is one declared parameter of a query.
type Param struct {
	Name string
	Type ParamType
}

// Query is a question for numbers that was reviewed before anybody asked it.
// Its text names a parameter as :run.
type Query struct {
	Source string
	Name   string
	Text   string // as the file holds it, byte for byte
	Unit   string // what is counted, in the plural
	Params []Param
}

// Digest is the SHA-256 of the text, as sha256sum prints it of the file.
func (q Query) Digest() Digest { return Digest(sha256.Sum256([]byte(q.Text))) }

// Usage is how the query is asked for: "leads_of_run run=TEXT".
func (q Query) Usage() string {
	words := []string{q.Name}
	for _, p := range q.Params {
		words = append(words, p.Name+"="+p.Type.slot())
	}
	return strings.Join(words, " ")
}

// Question is a query with a value for each parameter, or a statement that a
// person typed, which has none.
type Question struct {
	Query
	Typed bool     // by a person, reviewed by nobody
	Args  []string // in the order of Params
}

// Ask puts values to a query's parameters. It refuses with Invalid a parameter
// that the query does not have, one without value, and a value that its type
// cannot hold exactly.
func (q Query) Ask(given map[string]string) (Question, error) {
	for name := range given {
		if !slices.ContainsFunc(q.Params, func(p Param) bool { return p.Name == name }) {
			return Question{}, RefuseParam(q, "has no parameter "+strconv.Quote(name))
		}
	}
	asked := Question{Query: q}
	for _, p := range q.Params {
		value, ok := given[p.Name]
		if !ok {
			return Question{}, RefuseParam(q, "needs "+p.Name)
		}
		arg, ok := p.read(value)
		if !ok {
			return Question{}, RefuseParam(q, "cannot take "+strconv.Quote(shortened(value))+" as "+p.Name+", which is "+p.Type.words())
		}
		asked.Args = append(asked.Args, arg)
	}
	return asked, nil
}

// TypedQuestion is a statement that a person typed.
func TypedQuestion(source, text string) Question {
	return Question{Query: Query{Source: source, Text: text, Unit: "records"}, Typed: true}
}

// slot stands in a usage where the value goes.
func (t ParamType) slot() string {
	switch t {
	case ParamInteger, ParamNumber:
		return "NUMBER"
	case ParamDate:
		return "DAY"
	case ParamInstant:
		return "INSTANT"
	case ParamTruth:
		return "yes|no"
	}
	return "TEXT"
}

func (t ParamType) words() string {
	switch t {
	case ParamInteger:
		return "a whole number"
	case ParamNumber:
		return "a number"
	case ParamDate:
		return "a day such as 2026-03-28"
	case ParamInstant:
		return "an instant such as 2026-03-28T10:42:00Z"
	case ParamTruth:
		return "true or false"
	}
	return "text of at most 1,000 characters"
}

const longestArg = 1000

var decimal = regexp.MustCompile(`^-?[0-9]{1,30}(\.[0-9]{1,20})?$`)

// read turns what a person wrote into the one form in which the source gets it.
func (p Param) read(value string) (string, bool) {
	if p.Type == ParamText {
		return value, utf8.ValidString(value) && !strings.ContainsRune(value, 0) && utf8.RuneCountInString(value) <= longestArg
	}
	value = strings.TrimSpace(value)
	switch p.Type {
	case ParamInteger:
		n, err := strconv.ParseInt(value, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case ParamNumber:
		return value, decimal.MatchString(value)
	case ParamDate:
		day, err := time.Parse(time.DateOnly, value)
		return day.Format(time.DateOnly), err == nil && day.Year() > 0
	case ParamInstant:
		return instantOf(value)
	case ParamTruth:
		switch strings.ToLower(value) {
		case "true", "yes":
			return "true", true
		case "false", "no":
			return "false", true
		}
	}
	return "", false
}

// instantOf reads an instant; without a zone it is of UTC.
func instantOf(value string) (string, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, value); err == nil && at.Year() > 0 {
			return at.UTC().Format(time.RFC3339Nano), true
		}
	}
	return "", false
}

// Found is what a count found in one snapshot.
type Found struct {
	At      time.Time
	Grouped bool         // each group has a label; else there is one, without
	Groups  []FoundGroup // in the order of the query
}

// FoundGroup is one number. A label of personal data is not carried at all, and
// neither is a number that is so small that it tells about somebody.
type FoundGroup struct {
	Label  Value
	Hidden bool // the label is personal data
	Few    bool // the number is below Few
	N      int64
}

const longestLabel = 60

// GroupLabel is a text as it may stand for a group: at most 60 characters of it.
func GroupLabel(text string) string {
	if utf8.RuneCountInString(text) <= longestLabel {
		return text
	}
	return string([]rune(text)[:longestLabel-1]) + "…"
}

// Few is the size below which a group of personal data is not told.
const Few = 5

// Number says a group's number to a person.
func (g FoundGroup) Number() string {
	if g.Few {
		return "<" + strconv.Itoa(Few)
	}
	return Number(g.N)
}

var (
	mailLike  = regexp.MustCompile(`[^\s'"<>(),;=]+@[^\s'"<>(),;=]+`)
	phoneLike = regexp.MustCompile(`\+?[0-9](?:[ ()/.-]{0,2}[0-9]){6,}`)
	dateLike  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)
)

// Personal says that a text looks like somebody's address or number.
func Personal(text string) bool { return Discreet(text) != text }

// Discreet takes out of a text what looks like an address or a telephone number
// of somebody. Days and instants stay.
func Discreet(text string) string {
	text = mailLike.ReplaceAllString(text, "(address)")
	return phoneLike.ReplaceAllStringFunc(text, func(s string) string {
		if dateLike.MatchString(s) {
			return s
		}
		return "(number)"
	})
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
