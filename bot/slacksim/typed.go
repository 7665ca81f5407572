package slacksim

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// typedToken finds links, mail addresses and names in what a person types, the
// first that fits at each place: there are no names inside a link.
var typedToken = regexp.MustCompile(`https?://[^\s<>]+|[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|[@#][\p{L}\p{N}._-]+`)

var typedEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escapeTyped turns what a person types into what an app receives: names become
// references, links are wrapped, and & < > are escaped. A reference to a person
// carries its name in a command, and not in a message.
func (s *Sim) escapeTyped(words string, named bool) string {
	var b strings.Builder
	from := 0
	for _, hit := range typedToken.FindAllStringIndex(words, -1) {
		b.WriteString(typedEscape.Replace(words[from:hit[0]]))
		before, _ := utf8.DecodeLastRuneInString(words[:hit[0]])
		b.WriteString(s.escapeToken(words[hit[0]:hit[1]], before, named))
		from = hit[1]
	}
	b.WriteString(typedEscape.Replace(words[from:]))
	return b.String()
}

func (s *Sim) escapeToken(token string, before rune, named bool) string {
	switch {
	case strings.HasPrefix(token, "http"):
		link := strings.TrimRight(token, ".,;:!?)]}'\"")
		return "<" + typedEscape.Replace(link) + ">" + token[len(link):]
	case token[0] != '@' && token[0] != '#':
		return "<mailto:" + token + "|" + token + ">"
	case unicode.IsLetter(before) || unicode.IsDigit(before):
		return token
	}
	name := strings.TrimRight(token[1:], ".-")
	rest := token[1+len(name):]
	if ref := s.typedName(token[0], name, named); ref != "" {
		return ref + rest
	}
	return token
}

// typedName is the reference to who or what a person calls by a name, "" if there
// is nobody and nothing.
func (s *Sim) typedName(mark byte, name string, named bool) string {
	if mark == '#' {
		if ch := s.state.room("#" + name); ch != nil && ch.Kind != kindDM && ch.Name == name {
			return "<#" + ch.ID + "|" + ch.Name + ">"
		}
		return ""
	}
	if name == "here" || name == "channel" || name == "everyone" {
		return "<!" + name + ">"
	}
	if p := s.state.personNamed(name); p != nil && p.Name == name {
		if named {
			return "<@" + p.ID + "|" + p.Name + ">"
		}
		return "<@" + p.ID + ">"
	}
	if g := s.state.group(name); g != nil && g.Handle == name {
		return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
	}
	return ""
}
