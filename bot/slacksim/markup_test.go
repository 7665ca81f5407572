package slacksim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

// module opens the page, in which its modules can be imported.
func module(t *testing.T) *pagetest.Page {
	t.Helper()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	return pagetest.Open(t, d.sim.PageURL(), pagetest.Desk)
}

// inModule runs the body of a function with a module of the page as m and in as
// what it is about.
func inModule[T any](t *testing.T, p *pagetest.Page, name, body string, in any) T {
	t.Helper()
	raw, err := json.Marshal(in)
	require.NoError(t, err)
	return pagetest.Eval[T](p, fmt.Sprintf(`import('/page/%s').then((m) => { const given = %s; %s })`, name, raw, body))
}

// sayTokens writes tokens down: type(children) or type[what it carries].
const sayTokens = `
	const say = (t) => {
		if (t.type === 'text' && t.text !== undefined) return t.text;
		if (t.type === 'break') return ' / ';
		if (t.children) return (t.type === 'text' ? '' : t.type) + (t.type === 'text' ? t.children.map(say).join('') : '(' + t.children.map(say).join('') + ')');
		const { type, ...rest } = t;
		return type + '[' + Object.values(rest).join(',') + ']';
	};`

// One page serves all: they only compute.
func TestTheModulesOfThePageRead(t *testing.T) {
	t.Parallel()
	p := module(t)
	for what, read := range map[string]func(*testing.T, *pagetest.Page){
		"markup is read as Slack's client reads it":        markupIsRead,
		"huge markup is read in one go":                    hugeMarkupIsRead,
		"dates are written in the zone of who reads":       datesAreWritten,
		"a moment survives its field in every zone":        momentsSurvive,
		"standard Markdown is read, and its HTML is text":  markdownIsRead,
		"only files of this workspace are shown as images": imagesAreOurs,
	} {
		t.Run(what, func(t *testing.T) { read(t, p) })
	}
}

func markupIsRead(t *testing.T, p *pagetest.Page) {
	raw, err := os.ReadFile("testdata/markup.json")
	require.NoError(t, err)
	var cases []struct {
		Name     string `json:"name"`
		Text     string `json:"text"`
		Verbatim bool   `json:"verbatim"`
		Reads    string `json:"reads"`
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	got := inModule[[]string](t, p, "markup.js",
		sayTokens+`return given.map((c) => m.parse(c.text, { verbatim: c.verbatim }).map(say).join(' | '));`, cases)
	require.Len(t, got, len(cases))
	for i, c := range cases {
		require.Equal(t, strings.ReplaceAll(c.Reads, "\n ", "\n"), got[i], c.Name)
	}
}

// A reading that looked back for each mark would take minutes for these.
func hugeMarkupIsRead(t *testing.T, p *pagetest.Page) {
	units := []string{"*a ", "_", "`", "```", "<", "<a", "<@U", "_*~", "*a*", ":a", ":a:", "> ", "\n", "https://", "h", "&lt;", "*_~`<>:", "[", "[a](", "**a", "| - ", "> - ", "- ["}
	inModule[bool](t, p, "markup.js", `given.forEach((u) => m.parse(u.repeat(300000 / u.length))); return true;`, units)
	// A block of standard Markdown has at most 12,000 characters.
	inModule[bool](t, p, "markdown.js", `given.forEach((u) => m.parseMarkdown(u.repeat(12000 / u.length))); return true;`, units)
}

func datesAreWritten(t *testing.T, p *pagetest.Page) {
	const at = 1392734382 // 18 February 2014, 14:39:42 UTC
	type date struct {
		Format string `json:"format"`
		Zone   string `json:"zone"`
		Now    int64  `json:"now"`
		Reads  string `json:"-"`
	}
	years, hours := int64(at+400*86400), int64(at+5*3600)
	cases := []date{
		{"{date_num}", "America/New_York", years, "2014-02-18"},
		{"{date_slash}", "America/New_York", years, "18/02/2014"},
		{"{date}", "UTC", years, "February 18th, 2014"},
		{"{date}", "UTC", at + 100*86400, "February 18th"},
		{"{date_short}", "UTC", years, "Feb 18, 2014"},
		{"{date_long}", "UTC", hours, "Tuesday, February 18th, 2014"},
		{"{date_long_full}", "UTC", hours, "February 18, 2014"},
		{"{date_pretty} at {time}", "Europe/Madrid", hours, "Today at 15:39"},
		{"on {date_short_pretty}", "UTC", at + 86400, "on yesterday"},
		{"{date_long_pretty}", "UTC", at - 86400, "Tomorrow"},
		{"{date_pretty}", "Asia/Tokyo", at + 2*3600, "Yesterday"},
		{"{day_divider_pretty}", "UTC", at + 30*86400, "Tuesday, February 18th"},
		{"{time} {time_secs}", "Asia/Kolkata", years, "20:09 20:09:42"},
		{"{ago}", "UTC", hours, "5 hours ago"},
		{"{ago}", "UTC", at - 60, "In 1 minute"},
		{"{time} {nope}", "Nowhere/Nothing", years, "14:39 {nope}"},
	}
	got := inModule[[]string](t, p, "dates.js", fmt.Sprintf(`return given.map((c) => m.formatDate(%d, c.format, c.zone, c.now));`, at), cases)
	for i, c := range cases {
		require.Equal(t, c.Reads, got[i], "%s in %s", c.Format, c.Zone)
	}
}

func momentsSurvive(t *testing.T, p *pagetest.Page) {
	zones := []string{"UTC", "America/New_York", "Europe/Madrid", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia"}
	got := inModule[[]string](t, p, "dates.js", `
		const wrong = [];
		for (const zone of given) for (let at = 1767225600; at < 1798761600; at += 3600 * 7 + 60) {
			if (m.fromLocal(m.toLocal(at, zone), zone) !== at) wrong.push(zone + ' ' + at + ' ' + m.toLocal(at, zone));
		}
		return wrong.slice(0, 5);`, zones)
	// Where clocks go back an hour comes twice, and a field cannot say which is meant.
	for _, w := range got {
		require.Regexp(t, `T0[123]:`, w)
	}
	gap := inModule[string](t, p, "dates.js", `return m.toLocal(m.fromLocal('2026-03-29T02:30', given), given);`, "Europe/Madrid")
	require.Equal(t, "2026-03-29T03:30", gap, "a time that the clocks leave out is an hour later")
}

func markdownIsRead(t *testing.T, p *pagetest.Page) {
	text := "# Title\n\n**bold** *it* ~~no~~ `c*d*` [w](https://a.b) <b>x</b> \\*y\\*\n\n1. one\n2. two\n   - inside\n\n- [x] done\n\n> q\n> r\n\n```sql\nselect *\n```\n\n| a | b |\n|---|--:|\n| 1 | **2** |\n\n---\nend"
	got := inModule[[]string](t, p, "markdown.js", sayTokens+`
		const block = (b) => {
			const words = (list) => list.map((t) => (t.type === 'link' ? 'link(' + t.url + ' ' + t.children.map(say).join('') + ')' : say(t))).join('');
			if (b.type === 'list') return (b.ordered ? 'ol' : 'ul') + '{' + b.items.map((i) => (i.done === null ? '' : i.done ? 'x ' : 'o ') + i.blocks.map(block).join(' ')).join('; ') + '}';
			if (b.type === 'quote') return 'quote{' + b.blocks.map(block).join(' ') + '}';
			if (b.type === 'table') return 'table{' + b.align.join(',') + ' ' + b.rows.map((r) => r.map(words).join(',')).join('; ') + '}';
			if (b.type === 'code') return 'code{' + b.language + ' ' + b.text + '}';
			return b.type + (b.level || '') + '{' + words(b.children || []) + '}';
		};
		return m.parseMarkdown(given).map(block);`, text)
	require.Equal(t, []string{
		"heading1{Title}",
		"paragraph{bold(bold) italic(it) strike(no) code[c*d*] link(https://a.b w) <b>x</b> *y*}",
		"ol{paragraph{one}; paragraph{two} ul{paragraph{inside}}}",
		"ul{x paragraph{done}}",
		"quote{paragraph{q / r}}",
		"code{sql select *}",
		"table{left,right a,b; 1,bold(2)}",
		"rule{}",
		"paragraph{end}",
	}, got)
}

func imagesAreOurs(t *testing.T, p *pagetest.Page) {
	cases := map[string]string{
		"https://example.com/a.png":                          "",
		"https://example.com/sim/files/F0ABC12345/content":   "",
		"javascript:alert(1)":                                "",
		"//example.com/files-pri/T1-F0ABC12345/a.png":        "",
		"http://here:1/files-pri/T1-F0ABC12345/download/a.p": "/sim/files/F0ABC12345/content",
		"http://here:1/sim/files/F0ABC12345/content":         "/sim/files/F0ABC12345/content",
		"http://here:1/sim/as/ana/close":                     "",
	}
	for url, want := range cases {
		got := inModule[string](t, p, "images.js", `return m.ownFile({ image_url: given }, 'http://here:1') || '';`, url)
		require.Equal(t, want, got, url)
	}
}
