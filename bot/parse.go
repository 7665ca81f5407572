package bot

import (
	"regexp"
	"strings"

	"snafu/incidents"
)

// words is a typed command, cleaned of what keyboards and Slack do to it.
type words struct {
	verb string // as typed, lower case; "" if nothing was typed
	key  incidents.ID
	rest string   // everything behind verb and key, on one line
	args []string // rest, split at blanks
}

// Phones turn quotes and dashes into typographic ones, and a blank into one
// that does not break; a person cannot see the difference.
var typography = strings.NewReplacer(
	"“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"‘", "'", "’", "'",
	"\u00a0", " ", "\u202f", " ", "\u2007", " ", "\u200b", "", "\ufeff", "",
	"\r\n", " ", "\n", " ", "\r", " ", "\t", " ",
)

// A dash before a word is how phones write the two hyphens of a flag.
var dashFlag = regexp.MustCompile(`(^| )[–—]+([a-z])`)

// Slack escapes what it recognised: <@U1|ana>, <#C1|general>, <https://…|text>.
var (
	mention = regexp.MustCompile(`<@([UW][A-Z0-9]+)(?:\|[^>]*)?>`)
	channel = regexp.MustCompile(`<#([CG][A-Z0-9]+)(?:\|[^>]*)?>`)
	link    = regexp.MustCompile(`<((?:https?|mailto):[^>|]*)(?:\|([^>]*))?>`)
)

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// parse reads what was typed behind /snafu. It never refuses: what it does not
// understand stays in rest, for the verb to refuse in its own words.
func parse(text string) words {
	text = clean(text)
	fields := strings.Fields(text)
	for len(fields) > 0 && (isOwnName(fields[0]) || !sayable(fields[0]) || emoji.MatchString(fields[0])) {
		fields = fields[1:]
	}
	if len(fields) == 0 {
		return words{}
	}
	var w words
	w.key, fields = leadingKey(fields)
	if len(fields) == 0 {
		w.verb = "status" // the key alone
		return w
	}
	w.verb, fields = bareOf(fields[0]), fields[1:]
	if len(fields) > 0 && fields[0] == "--" {
		fields = fields[1:]
	}
	if w.key == 0 {
		w.key, fields = leadingKey(fields)
	}
	w.args = fields
	w.rest = strings.Join(fields, " ")
	return w
}

// leadingKey takes the key of a snafu off the beginning, also as a phone writes it:
// "SNAFU 42".
func leadingKey(fields []string) (incidents.ID, []string) {
	if len(fields) == 0 {
		return 0, fields
	}
	if id, err := incidents.ParseID(bareOf(fields[0])); err == nil {
		return id, fields[1:]
	}
	if len(fields) > 1 && isOwnName(fields[0]) {
		if id, err := incidents.ParseID("#" + bareOf(fields[1])); err == nil {
			return id, fields[2:]
		}
	}
	return 0, fields
}

// isOwnName is true for "/snafu" or "snafu" typed once more.
func isOwnName(s string) bool {
	return strings.EqualFold(strings.TrimPrefix(s, "/"), "snafu")
}

func clean(text string) string {
	text = typography.Replace(text)
	text = dashFlag.ReplaceAllString(text, "$1--$2")
	text = link.ReplaceAllStringFunc(text, func(s string) string {
		m := link.FindStringSubmatch(s)
		if m[2] != "" && !strings.Contains(m[1], m[2]) {
			return m[2] + " " + m[1]
		}
		return strings.TrimPrefix(m[1], "mailto:")
	})
	text = mention.ReplaceAllString(text, "@$1")
	text = channel.ReplaceAllString(text, "#$1")
	// Typed letter by letter, a mention is words: in an answer it must not call anybody.
	return strings.TrimSpace(mention.ReplaceAllString(entities.Replace(text), "@$1"))
}

var mentioned = regexp.MustCompile(`^@([UW][A-Z0-9]+)$`)

// user returns the id of a mentioned person, if the word is a mention.
func user(word string) (string, bool) {
	m := mentioned.FindStringSubmatch(word)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// flag takes "--name value" out of the words and returns the value.
func flag(args []string, name string) (value string, rest []string, found bool) {
	for i, a := range args {
		word, inline, has := strings.Cut(a, "=")
		if !strings.EqualFold(word, "--"+name) {
			continue
		}
		rest = append(append(rest, args[:i]...), args[i+1:]...)
		if has {
			return inline, rest, true
		}
		if i < len(rest) {
			return rest[i], append(append([]string{}, rest[:i]...), rest[i+1:]...), true
		}
		return "", rest, true
	}
	return "", args, false
}

// toggle takes "--name" out of the words.
func toggle(args []string, name string) (rest []string, found bool) {
	for _, a := range args {
		if strings.EqualFold(a, "--"+name) {
			found = true
			continue
		}
		rest = append(rest, a)
	}
	return rest, found
}
