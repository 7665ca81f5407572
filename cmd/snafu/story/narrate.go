package story

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"snafu/bot/slacksim"
)

// narrator prints what happened since it was last asked: what people did and
// what was said, channel by channel, and of each edited message only the lines
// that are new.
type narrator struct {
	sim   *slacksim.Sim
	out   io.Writer
	told  int               // lines of the record told so far
	drawn map[string]string // message to its words as told last
	in    string            // channel told last
}

func newNarrator(sim *slacksim.Sim, out io.Writer) *narrator {
	return &narrator{sim: sim, out: out, drawn: map[string]string{}}
}

func (n *narrator) heading(words string) {
	n.in = ""
	fmt.Fprintf(n.out, "\n== %s\n", words)
}

// aside tells what happened outside Slack.
func (n *narrator) aside(words string) { n.say("", "world", words, nil) }

// catchUp tells what is new. A message that was posted and edited since is told
// once, as it is now.
func (n *narrator) catchUp() {
	lines, now := n.sim.Lines(n.told)
	n.told = now
	var news []slacksim.Line
	place := map[string]int{}
	for _, l := range lines {
		if l.Text == standIn {
			continue
		}
		if at, known := place[l.TS]; known && l.TS != "" && l.Who == "edited" {
			news[at].Text, news[at].Buttons = l.Text, l.Buttons
			continue
		}
		if l.TS != "" {
			place[l.TS] = len(news)
		}
		news = append(news, l)
	}
	// Cards are edited beside each other: they are told in the order in which
	// they stand in their channel.
	slices.SortStableFunc(news, func(a, b slacksim.Line) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if a.Who == "edited" {
			return strings.Compare(a.TS, b.TS)
		}
		return 0
	})
	var before slacksim.Line
	for _, l := range answered(news) {
		if to, alone := strings.CutPrefix(l.Who, "to "); alone && before.Who != to {
			l.Text = n.unasked(l)
		}
		n.line(l)
		before = l
	}
}

// standIn is what a form shows while the outcome is recorded.
const standIn = "Recording…"

// answered moves what was said to one person alone behind the act of theirs
// that it answers: it comes by another way than what the channel hears, so
// either may be first.
func answered(news []slacksim.Line) []slacksim.Line {
	var out []slacksim.Line
	for _, l := range news {
		to, alone := strings.CutPrefix(l.Who, "to ")
		at := len(out)
		for i := len(out) - 1; alone && i >= 0; i-- {
			if out[i].Who == to && out[i].Channel == l.Channel {
				at = i + 1
				break
			}
		}
		out = slices.Insert(out, at, l)
	}
	return out
}

// rank orders what was told in the same moment: acts and posts in the channel
// they began in, then the incident's, then direct messages and the central
// channel; edits come last in each.
func rank(l slacksim.Line) int {
	order := 1
	switch {
	case l.Channel == marketing:
		order = 0
	case strings.HasPrefix(l.Channel, "@"):
		order = 2
	case l.Channel == central:
		order = 3
	}
	order *= 2
	if l.Who == "edited" {
		order++
	}
	return order
}

func (n *narrator) line(l slacksim.Line) {
	words := l.Text
	before, known := n.drawn[l.TS]
	if l.TS != "" && !strings.HasPrefix(l.Who, "to ") {
		n.drawn[l.TS] = l.Text
	}
	if l.Who == "edited" && known {
		if words, l.Buttons = fresh(before, words), nil; words == "" {
			return
		}
	}
	if l.Channel != n.in {
		n.in = l.Channel
		fmt.Fprintln(n.out, l.Channel)
	}
	n.say(l.Thread, l.Who, words, l.Buttons)
}

// unasked is what was said to one person alone without a word of theirs: of a
// newcomer's Summary only what the pinned one does not show.
func (n *narrator) unasked(l slacksim.Line) string {
	if strings.Count(l.Text, "\n") < longAside {
		return l.Text
	}
	return fresh(strings.Join(slices.Collect(maps.Values(n.drawn)), "\n"), l.Text)
}

const longAside = 6 // lines

var timeOfDay = regexp.MustCompile(`\b\d\d:\d\d\b`)

// fresh are the lines of now that were not there before. One that differs only
// in its time is no news.
func fresh(before, now string) string {
	old := strings.Split(timeOfDay.ReplaceAllString(before, ""), "\n")
	var news []string
	for _, l := range strings.Split(now, "\n") {
		if !slices.Contains(old, timeOfDay.ReplaceAllString(l, "")) {
			news = append(news, l)
		}
	}
	return strings.Join(news, "\n")
}

const who = 11 // width of the column of names

func (n *narrator) say(thread, name, words string, buttons []string) {
	indent := "  "
	if thread != "" {
		indent = "    "
	}
	for i, w := range strings.Split(words, "\n") {
		label := ""
		if i == 0 {
			label = name
		}
		label += strings.Repeat(" ", max(1, who-utf8.RuneCountInString(label)))
		fmt.Fprintln(n.out, strings.TrimRight(indent+label+w, " "))
	}
	if len(buttons) > 0 {
		fmt.Fprintf(n.out, "%s%s[%s]\n", indent, strings.Repeat(" ", who), strings.Join(distinct(buttons), "] ["))
	}
}

// distinct leaves each label once: a card of questions shows the same ones in
// every row.
func distinct(labels []string) (out []string) {
	for _, l := range labels {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}
