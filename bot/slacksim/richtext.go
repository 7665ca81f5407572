package slacksim

import (
	"maps"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// typedMark finds what is more than words in a message that somebody typed, as it
// stands after escaping: a reference, an emoji, or words between marks.
var typedMark = regexp.MustCompile("<[^<>\\n]+>|:[a-z0-9_+'-]+:|`[^`\\n]+`|\\*[^*\\s](?:[^*\\n]*[^*\\s])?\\*|\\b_[^_\\s](?:[^_\\n]*[^_\\s])?_\\b|~[^~\\s](?:[^~\\n]*[^~\\s])?~")

var styleOf = map[byte]string{'*': "bold", '_': "italic", '~': "strike", '`': "code"}

// typedBlocks is the rich text that Slack's client makes of what a person types,
// and sends beside its text. Messages of apps have none but their own.
func typedBlocks(m *message) []any {
	var parts []any
	for i, words := range strings.Split(m.Text, "```") {
		if i%2 == 1 {
			if words = strings.Trim(words, "\n"); words != "" {
				parts = append(parts, object{"type": "rich_text_preformatted", "elements": []any{object{"type": "text", "text": unescape.Replace(words)}}, "border": 0})
			}
			continue
		}
		parts = append(parts, quotesAndWords(strings.Trim(words, "\n"))...)
	}
	return []any{object{"type": "rich_text", "block_id": digest36(m.TS, 5), "elements": parts}}
}

// quotesAndWords are the parts of a text: lines that begin with > are quoted.
func quotesAndWords(words string) []any {
	const mark = "&gt;"
	var parts []any
	lines := strings.Split(words, "\n")
	for from := 0; from < len(lines); {
		quoted, to := strings.HasPrefix(lines[from], mark), from
		for to < len(lines) && strings.HasPrefix(lines[to], mark) == quoted {
			if quoted {
				lines[to] = strings.TrimPrefix(strings.TrimPrefix(lines[to], mark), " ")
			}
			to++
		}
		kind := map[bool]string{true: "rich_text_quote", false: "rich_text_section"}[quoted]
		if elements := typedElements(strings.Join(lines[from:to], "\n"), nil); len(elements) > 0 {
			parts = append(parts, object{"type": kind, "elements": elements})
		}
		from = to
	}
	return parts
}

// typedElements are the words and what is more than words, with the style of the
// marks around them.
func typedElements(words string, style object) []any {
	var out []any
	add := func(e object) {
		if len(style) > 0 {
			e["style"] = maps.Clone(style)
		}
		out = append(out, e)
	}
	from := 0
	for _, hit := range typedMark.FindAllStringIndex(words, -1) {
		token := words[hit[0]:hit[1]]
		if !standsAlone(words, hit) && token[0] != '<' && token[0] != '`' {
			continue // 12:30:45 holds no emoji, 2*3*4 nothing bold
		}
		if hit[0] > from {
			add(object{"type": "text", "text": unescape.Replace(words[from:hit[0]])})
		}
		inner := token[1 : len(token)-1]
		from = hit[1]
		switch token[0] {
		case '<':
			add(typedReference(inner))
		case ':':
			add(object{"type": "emoji", "name": inner})
		default:
			inside := maps.Clone(style)
			if inside == nil {
				inside = object{}
			}
			inside[styleOf[token[0]]] = true
			if token[0] == '`' {
				out = append(out, object{"type": "text", "text": unescape.Replace(inner), "style": inside})
				continue
			}
			out = append(out, typedElements(inner, inside)...)
		}
	}
	if from < len(words) {
		add(object{"type": "text", "text": unescape.Replace(words[from:])})
	}
	return out
}

// standsAlone tells whether no letter or digit touches what was found.
func standsAlone(words string, hit []int) bool {
	before, _ := utf8.DecodeLastRuneInString(words[:hit[0]])
	after, _ := utf8.DecodeRuneInString(words[hit[1]:])
	return !unicode.IsLetter(before) && !unicode.IsDigit(before) && !unicode.IsLetter(after) && !unicode.IsDigit(after)
}

// typedReference is somebody or something that was named, or a link.
func typedReference(body string) object {
	target, label, labelled := strings.Cut(body, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		return object{"type": "user", "user_id": target[1:]}
	case strings.HasPrefix(target, "#"):
		return object{"type": "channel", "channel_id": target[1:]}
	case strings.HasPrefix(target, "!subteam^"):
		return object{"type": "usergroup", "usergroup_id": target[len("!subteam^"):]}
	case strings.HasPrefix(target, "!"):
		return object{"type": "broadcast", "range": target[1:]}
	}
	link := object{"type": "link", "url": unescape.Replace(target)}
	if labelled {
		link["text"] = unescape.Replace(label)
	}
	return link
}
