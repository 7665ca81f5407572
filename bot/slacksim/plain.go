package slacksim

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	reference = regexp.MustCompile(`<([^<>\n]+)>`)
	bold      = regexp.MustCompile(`(^|[\s(\[{>"'“·—–-])([*_~])((?:<[^<>\n]+>|[^\s*_~<])(?:(?:<[^<>\n]+>|[^*_~\n<])*(?:<[^<>\n]+>|[^\s*_~<]))?)([*_~])`)
	unescape  = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// plainText turns mrkdwn into what a person reads: names for ids, dates in the
// team's zone, no marks.
func (s *Sim) plainText(mrkdwn string) string {
	parts := strings.Split(mrkdwn, "```")
	for i := range parts {
		if i%2 == 0 {
			parts[i] = s.unmark(parts[i])
		} else {
			parts[i] = "\n" + strings.Trim(parts[i], "\n") + "\n"
		}
	}
	out := s.references(strings.Join(parts, ""))
	return strings.Trim(unescape.Replace(out), "\n")
}

// unmark takes the marks of bold, italics, struck and code text away.
func (s *Sim) unmark(words string) string {
	parts := strings.Split(words, "`")
	for i := range parts {
		if i%2 == 1 && i < len(parts)-1 {
			continue // code is read as it stands
		}
		if !strings.ContainsAny(parts[i], "*_~") {
			continue // the pattern is slow on long words
		}
		for range 3 {
			parts[i] = bold.ReplaceAllStringFunc(parts[i], func(hit string) string {
				m := bold.FindStringSubmatch(hit)
				if m[2] != m[4] {
					return hit
				}
				return m[1] + m[3]
			})
		}
	}
	if len(parts)%2 == 0 { // an odd mark is a mark
		parts[len(parts)-2] += "`" + parts[len(parts)-1]
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "")
}

func (s *Sim) references(words string) string {
	return reference.ReplaceAllStringFunc(words, func(hit string) string {
		body, label, labelled := strings.Cut(hit[1:len(hit)-1], "|")
		switch {
		case strings.HasPrefix(body, "@"):
			if p := s.state.human(body[1:]); p != nil {
				return "@" + p.Name
			}
		case strings.HasPrefix(body, "#"):
			if ch := s.state.byID[body[1:]]; ch != nil {
				return "#" + ch.Name
			}
		case strings.HasPrefix(body, "!date^"):
			return s.date(body, label)
		case strings.HasPrefix(body, "!subteam^"):
			if g := s.state.group(body[len("!subteam^"):]); g != nil {
				return "@" + g.Handle
			}
		case strings.HasPrefix(body, "!"):
			if !labelled {
				return "@" + body[1:]
			}
		}
		if labelled {
			return label
		}
		return body
	})
}

// date draws <!date^SECONDS^FORMAT^LINK|FALLBACK> in the team's zone.
func (s *Sim) date(body, fallback string) string {
	parts := strings.Split(body, "^")
	if len(parts) < 3 {
		return fallback
	}
	sec, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return fallback
	}
	zone, err := time.LoadLocation(or(s.state.Team.TZ, "UTC"))
	if err != nil {
		zone = time.UTC
	}
	at := time.Unix(sec, 0).In(zone)
	day := at.Format("January 2, 2006")
	return strings.NewReplacer(
		"{date_num}", at.Format("2006-01-02"), "{date_short}", at.Format("Jan 2, 2006"), "{date_long}", at.Format("Monday, January 2, 2006"),
		"{date_short_pretty}", at.Format("Jan 2, 2006"), "{date_long_pretty}", at.Format("Monday, January 2, 2006"),
		"{date_pretty}", day, "{date}", day, "{time_secs}", at.Format("15:04:05"), "{time}", at.Format("15:04"),
		"{day_divider_pretty}", at.Format("Monday, January 2"), "{ago}", at.Format("15:04"),
	).Replace(parts[2])
}

// plainObject is the text of a text object.
func (s *Sim) plainObject(raw any) string {
	o, _ := raw.(object)
	if text(o, "type") == "mrkdwn" {
		return s.plainText(text(o, "text"))
	}
	return text(o, "text")
}

// plainBlocks is what a person reads in blocks, a line or more for each.
func (s *Sim) plainBlocks(blocks []any) string {
	var lines []string
	add := func(words string) {
		if strings.TrimSpace(words) != "" {
			lines = append(lines, words)
		}
	}
	for _, raw := range blocks {
		b, _ := raw.(object)
		switch text(b, "type") {
		case "section":
			add(s.plainObject(b["text"]))
			for _, f := range items(b, "fields") {
				add(s.plainObject(f))
			}
		case "header":
			add(s.plainObject(b["text"]))
		case "context":
			var parts []string
			for _, raw := range items(b, "elements") {
				e, _ := raw.(object)
				if text(e, "type") != "image" {
					parts = append(parts, s.plainObject(raw))
				}
			}
			add(strings.Join(parts, " "))
		case "image":
			add("[image: " + text(b, "alt_text") + "]")
		case "markdown":
			add(text(b, "text"))
		case "table":
			add(s.plainTable(items(b, "rows")))
		case "rich_text":
			add(s.richText(b))
		case "input":
			add(s.plainObject(b["label"]))
		}
	}
	return strings.Join(lines, "\n")
}

func (s *Sim) plainTable(rows []any) string {
	var lines []string
	for _, raw := range rows {
		row, _ := raw.([]any)
		var cells []string
		for _, cell := range row {
			o, _ := cell.(object)
			if text(o, "type") == "rich_text" {
				cells = append(cells, s.richText(o))
			} else {
				cells = append(cells, text(o, "text"))
			}
		}
		lines = append(lines, strings.Join(cells, "  "))
	}
	return strings.Join(lines, "\n")
}

// richText reads the text of a rich text block, one line for each part.
func (s *Sim) richText(o object) string {
	var b strings.Builder
	for _, raw := range items(o, "elements") {
		e, _ := raw.(object)
		switch text(e, "type") {
		case "text":
			b.WriteString(text(e, "text"))
		case "link":
			b.WriteString(or(text(e, "text"), text(e, "url")))
		case "user":
			b.WriteString(s.references("<@" + text(e, "user_id") + ">"))
		case "channel":
			b.WriteString(s.references("<#" + text(e, "channel_id") + ">"))
		case "emoji":
			b.WriteString(":" + text(e, "name") + ":")
		default:
			if b.Len() > 0 {
				b.WriteString("\n")
			}
			b.WriteString(s.richText(e))
		}
	}
	return b.String()
}

// plainMessage is a message as a person reads it, without its buttons.
func (s *Sim) plainMessage(m *message) string {
	out := s.plainBlocks(m.Blocks)
	if out == "" {
		out = s.plainText(m.Text)
	}
	for _, raw := range m.Attachments {
		a, _ := raw.(object)
		words := s.plainBlocks(items(a, "blocks"))
		if words == "" {
			words = s.plainText(or(text(a, "text"), text(a, "fallback")))
		}
		out = strings.Trim(out+"\n"+words, "\n")
	}
	for _, id := range m.Files {
		if f := s.state.file(id); f != nil {
			name := "[file: " + f.Name + "]"
			if f.Deleted {
				name = "[deleted file]"
			}
			out = strings.Trim(out+"\n"+name, "\n")
		}
	}
	return out
}

func (s *Sim) plainView(v *view) string {
	if out := s.plainBlocks(v.blocks()); out != "" {
		return out
	}
	return text(child(v.body, "title"), "text")
}

// labelOf is how a person calls an element.
func labelOf(e object) string {
	if words := text(child(e, "text"), "text"); words != "" {
		return words
	}
	if words := text(child(e, "placeholder"), "text"); words != "" {
		return words
	}
	return text(e, "action_id")
}

// buttons lists the labels of what can be pressed in blocks.
func (s *Sim) buttons(blocks []any) []string {
	var out []string
	for _, raw := range blocks {
		b, _ := raw.(object)
		if text(b, "type") == "input" {
			continue
		}
		for _, e := range interactive(b) {
			if text(e, "type") != "overflow" {
				out = append(out, labelOf(e))
				continue
			}
			for _, o := range optionsOf(e) {
				out = append(out, text(child(o, "text"), "text"))
			}
		}
	}
	return out
}
