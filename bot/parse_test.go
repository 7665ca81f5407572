package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func TestWhatKeyboardsAndSlackDoToACommandDoesNotMatter(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		want  words
	}{
		"nothing":                      {"   ", words{}},
		"the name once more":           {"/snafu Snafu open x", words{verb: "open", rest: "x"}},
		"a blank that does not break":  {"open\u00a0sev2\u202fLeads", words{verb: "open", rest: "sev2 Leads"}},
		"a new line":                   {"note first\nsecond", words{verb: "note", rest: "first second"}},
		"typographic quotes":           {"open “MQLs” became SQLs", words{verb: "open", rest: `"MQLs" became SQLs`}},
		"a long dash for a flag":       {"open Leads —on crm", words{verb: "open", rest: "Leads --on crm"}},
		"a dash between words":         {"open Leads – moved", words{verb: "open", rest: "Leads – moved"}},
		"an escaped person":            {"call <@U0ANA0001|ana> which list", words{verb: "call", rest: "@U0ANA0001 which list"}},
		"an escaped link":              {"note see <https://example.com/a?b=1&amp;c=2>", words{verb: "note", rest: "see https://example.com/a?b=1&c=2"}},
		"a link with a text":           {"note <https://example.com|the log>", words{verb: "note", rest: "the log https://example.com"}},
		"escaped signs":                {"note 2 &lt; 3 &amp; 4", words{verb: "note", rest: "2 < 3 & 4"}},
		"a key before the rest":        {"status snafu-42 now", words{verb: "status", key: 42, rest: "now"}},
		"a key with a hash":            {"triage #7 3", words{verb: "triage", key: 7, rest: "3"}},
		"a bare number is never a key": {"triage 3 no", words{verb: "triage", rest: "3 no"}},
		"a verb in capitals":           {"OPEN Leads", words{verb: "open", rest: "Leads"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := parse(c.typed)
			c.want.args = got.args
			require.Equal(t, c.want, got)
			require.Equal(t, c.want.rest, strings.Join(got.args, " "))
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "open <@U1|x>", "&lt;&amp;", "–—--", "snafu snafu #", "<https://|>", "open sev2 Leads moved to SQL —on crm —drill", "open --on", "open --new --light",
		"open sev1", "relate SNAFU-41 SNAFU-42 duplicate", "relate #41 again", "relate SNAFU-41", "list all 2", "list mine 99999999999999999999", "/snafu /snafu", "\u200b", "status SNAFU-9223372036854775808",
		"cancel “it was none”", "table keep 1 \"why\"", "note at 10:42 at", "table 1 --", "count x=y=z", "R1", "plan R1", "open \x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Whatever is typed leads to a verb, with its words, or to a sentence.
		c, _, err := route(incoming{kind: kindCommand, text: text})
		if err == nil {
			require.NotNil(t, c.verb)
			req, _ := openRequest(c)
			require.NotContains(t, req.Title, "--light")
			require.False(t, c.verb.pairs && c.words.key != 0 && c.other == 0, "the other one of a pair is read first")
			_, _ = c.ref(), c.why()
		} else {
			require.ErrorContains(t, err, "I don't know")
		}
		w := parse(text)
		require.NotContains(t, w.rest, "\n")
		require.Equal(t, w.verb, strings.ToLower(w.verb))
	})
}

func TestVerbsAreFoundByNameAliasAndBeginning(t *testing.T) {
	for typed, want := range map[string]string{
		"open": "open", "declare": "open", "tri": "triage", "sta": "status", "cont": "", "contain": "contain",
		"pau": "pause", "": "help", "stop": "contain", "page": "call",
	} {
		v, err := lookup(typed)
		if want == "" {
			// "cont" could be contain or continue; continue can't be shortened.
			require.NoError(t, err)
			require.Equal(t, "contain", v.name)
			continue
		}
		require.NoError(t, err, typed)
		require.Equal(t, want, v.name, typed)
	}
	for _, typed := range []string{"app", "appro", "rej", "ru", "contin", "res", "abo", "clo", "op"} {
		v, err := lookup(typed)
		if err == nil {
			require.False(t, v.whole, "%q must not start %s", typed, v.name)
		}
	}
}

func TestASlipIsAnsweredWithTheNearestVerb(t *testing.T) {
	for typed, want := range map[string]string{"aprove": "approve", "opne": "open", "traige": "triage", "closse": "close"} {
		_, err := lookup(typed)
		require.ErrorContains(t, err, "Did you mean `"+want+"`", typed)
	}
	_, err := lookup("frobnicate")
	require.ErrorContains(t, err, "/snafu open Leads moved to SQL by mistake")
}

func TestEveryRowOfTheTablesLeadsSomewhere(t *testing.T) {
	seen := map[string]string{}
	for i := range verbs {
		v := &verbs[i]
		require.NotNil(t, v.run, v.name)
		require.NotEmpty(t, v.help, v.name)
		require.NotEmpty(t, v.group, v.name)
		require.Equal(t, v.opens == nil, v.form == nil, v.name)
		example := parse(v.example)
		got, err := lookup(example.verb)
		require.NoError(t, err, v.name)
		require.Equal(t, v.name, got.name, "the example of a verb is one of it")
		for _, name := range append([]string{v.name}, v.aliases...) {
			require.Empty(t, seen[name], "%s means two things", name)
			seen[name] = v.name
		}
		if v.form != nil {
			require.NotEmpty(t, firstInputs[v.name], "an error of the form of %s needs an input to stand under", v.name)
		}
	}
	for _, a := range actions {
		v := named(a.verb)
		require.NotNil(t, v, a.id)
		if a.form {
			require.NotNil(t, v.form, a.id)
		}
	}
}

func TestEveryFactIsTold(t *testing.T) {
	known := map[string]bool{}
	for _, f := range told() {
		row, ok := tellingOf(f.Kind())
		require.True(t, ok, "nobody says how %s is told", f.Kind())
		known[f.Kind()] = true
		for _, s := range row.steps {
			doing, _, _ := strings.Cut(s, ":")
			if doing == "say" || doing == "thread" || doing == "lead" {
				require.NotNil(t, row.say, f.Kind())
			}
		}
	}
	for _, row := range tellings {
		require.True(t, known[row.kind], "%s is a fact of no room", row.kind)
	}
}

func TestTimesAreReadInTheTypistsZone(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	require.NoError(t, err)
	now := time.Date(2026, 3, 28, 11, 30, 0, 0, time.UTC) // 12:30 in Madrid
	for typed, want := range map[string]time.Time{
		"10:42":            time.Date(2026, 3, 28, 9, 42, 0, 0, time.UTC),
		"23:10":            time.Date(2026, 3, 27, 22, 10, 0, 0, time.UTC),
		"yesterday 17:00":  time.Date(2026, 3, 27, 16, 0, 0, 0, time.UTC),
		"2026-03-01 08:00": time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC),
		"10:42 UTC":        time.Date(2026, 3, 28, 10, 42, 0, 0, time.UTC),
		"30m ago":          now.Add(-30 * time.Minute),
		"now":              now,
	} {
		got, err := when(typed, madrid, now)
		require.NoError(t, err, typed)
		require.Equal(t, want, got.UTC(), typed)
	}
	_, err = when("25:70", madrid, now)
	require.ErrorContains(t, err, `"25:70" is not a time`)
}

func TestCountsAreReadAsPeopleWriteThem(t *testing.T) {
	for _, typed := range []string{"1169", "1,169", "1.169", "1 169", " 1’169"} {
		n, err := number(typed)
		require.NoError(t, err, typed)
		require.Equal(t, int64(1169), n)
	}
	for _, typed := range []string{"", "approve", "-1", "1169 leads"} {
		_, err := number(typed)
		require.Error(t, err, typed)
	}
}

func TestOnlyPeopleAndChannelsSurviveInARefusal(t *testing.T) {
	require.Equal(t, "<@U1AB> can. &lt;!channel&gt; &amp; &lt;https://x|y&gt;", spoken("<@U1AB> can. <!channel> & <https://x|y>"))
}

func TestTypedAnswersBecomeChoices(t *testing.T) {
	cause, _ := incidents.QuestionCause.Ask()
	require.Equal(t, incidents.Answer{Choices: []string{"workflow", "form"}, Text: "the weekly sync"}, typedChoices(cause, "workflow, form the weekly sync"))
	customers, _ := incidents.QuestionCustomers.Ask()
	require.Equal(t, incidents.Answer{Choices: []string{"none"}, Text: "by the mail log"}, typedChoices(customers, "none by the mail log"))
}
