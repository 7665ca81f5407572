package bot_test

import (
	"context"
	"crypto/sha256"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
)

// shelf keeps exports where a test can read them.
type shelf struct {
	mu    sync.Mutex
	files map[string]string
	fails error
}

func (s *shelf) keep(_ context.Context, name string, content []byte) (bot.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return bot.File{}, s.fails
	}
	if s.files == nil {
		s.files = map[string]string{}
	}
	s.files[name] = string(content)
	sum := sha256.Sum256([]byte(name)) // the head of the journal is another one each time
	return bot.File{Path: path.Join("exports", name), Bytes: 1024, SHA256: sum[:]}, nil
}

func (s *shelf) read(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[name]
}

// closedStory is an incident that was counted, repaired elsewhere and closed.
func closedStory(t *testing.T, kept *shelf) (w *workspace, ch string) {
	t.Helper()
	tally := incidents.Tally{
		Source: "crm", Table: "lead", Unit: "leads", Run: "weekly-42", At: noon, Touched: 2926, Wrong: 1176, Fixed: 1169, Kept: 7, AsIntended: 1750,
		Rows: []incidents.TallyRow{
			{Was: "Prospect", Now: "SQL", Should: "MQL", Total: 1176, Wrong: 1176, Fixed: 1169, Kept: 7},
			{Was: "MQL", Now: "SQL", Should: "SQL", Total: 1750, AsIntended: true},
		},
	}
	line := incidents.PlanLine{Ref: "R1", State: "done", Digest: "3f9a1c07be52d0aa", Writes: 1169, Written: 1169, Conflicts: 7, Needs: 2, ExportN: 2926}
	known := func(context.Context, incidents.ID) (incidents.Evidence, error) {
		return incidents.Evidence{Tally: &tally, Plans: []incidents.PlanLine{line}}, nil
	}
	w = quietWorkspace(t, slacksim.FrozenClock(noon), func(o *bot.Options) { o.Keep, o.Evidence = kept.keep, known })
	w.evidence = known
	line.Requester, line.Approved, line.RunBy = w.id("ana"), []incidents.Person{w.id("ben"), w.id("chi")}, w.id("chi")
	w.begin()
	ch = w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	pass := func(minutes int) { require.NoError(t, w.sim.Advance(time.Duration(minutes)*time.Minute)) }
	for _, line := range []string{
		"/snafu note change campaign 7 was copied", "/snafu triage 4 lead_status is SQL", "/snafu triage 7 workflow the copied campaign", "/snafu triage 9 none mail log",
		"/snafu contain stopped Weekly stage sync", "/snafu triage 3 no",
	} {
		pass(4)
		w.slash("ana", ch, line)
		w.quiet()
	}
	return w, ch
}

func (w *workspace) ends(ch string) {
	w.t.Helper()
	for _, line := range []string{"/snafu resolve the step is out of the campaign", "/snafu close the step is out of the campaign"} {
		w.slash("ana", ch, line)
		w.quiet()
	}
}

func TestThePostMortemIsWrittenInEachFormForWhoeverAsks(t *testing.T) {
	t.Parallel()
	var kept shelf
	w, ch := closedStory(t, &kept)
	w.ends(ch)
	w.press("ana", ch, "Export")
	w.quiet()
	for _, form := range []string{"", "html", "csv", "json", "pdf"} {
		w.slash("dev", "#general", strings.TrimSpace("/snafu export SNAFU-1 "+form))
		w.quiet()
	}
	md := kept.read("SNAFU-1-postmortem.md")
	card, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.IsPinned())
	require.NoError(t, err)
	const numbers = "1,176 of 2,926 touched leads were wrong: 1,169 fixed, 7 kept as people set them, 0 left."
	require.Contains(t, card.Plain, numbers)
	require.Contains(t, md, numbers, "the same numbers as the Summary")
	require.Contains(t, kept.read("SNAFU-1-postmortem.html"), numbers)
	require.Contains(t, md, "lead ana", "people have names where no client turns a mention into one")
	require.NotContains(t, md, "<@")
	require.Contains(t, md, "| SNAFU-1 \\#1 | ana | Opened: Leads moved to SQL by mistake, SEV3")
	require.Contains(t, md, "What caused it? Workflow: the copied campaign")
	require.Contains(t, kept.read("SNAFU-1-postmortem.json"), `"fixed": 1169`)
	require.Contains(t, kept.read("SNAFU-1-cohorts.csv"), "Prospect,SQL,MQL,wrong,1176,1176,1169,7,0,0")
	require.Equal(t, 5, w.count(`select times from milestones where incident = 1 and name = 'exported'`))
	w.golden("export-of-a-closed-snafu", "#general")
}

func TestAClosedSnafuReadsAsItsReport(t *testing.T) {
	t.Parallel()
	var kept shelf
	w, ch := closedStory(t, &kept)
	w.ends(ch)
	w.slash("dev", "#general", "/snafu status SNAFU-1")
	w.quiet()
	w.golden("closed-report", "#general")
}

func TestAnExportIsSharedInTheChannelOnlyWhereThatIsWanted(t *testing.T) {
	t.Parallel()
	var kept shelf
	w, ch := closedStory(t, &kept)
	w.slash("ana", ch, "/snafu export csv")
	w.quiet()
	require.Zero(t, w.called("files.getUploadURLExternal"), "nobody asked for that")

	wants := w.opts
	w.opts = func(o *bot.Options) { wants(o); o.Upload = true }
	w.kill()
	w.start(true)
	w.slash("ana", ch, "/snafu export csv")
	w.quiet()
	told, err := w.sim.As("ben").Await(w.ctx(), ch, slacksim.Contains("The post-mortem of SNAFU-1 (csv)."))
	require.NoError(t, err)
	require.Contains(t, told.Plain, "SNAFU-1-timeline.csv")
	require.Equal(t, 5, w.called("files.getUploadURLExternal"))
	require.Equal(t, 1, w.called("files.completeUploadExternal"), "one message, however many files")

	// Slack says no: the export is written and counts, and whoever asked is told.
	w.fault(slacksim.Fault{Kind: "api.error", Error: "file_uploads_disabled", Match: slacksim.Match{Method: "files.getUploadURLExternal"}, Always: true})
	w.slash("ana", ch, "/snafu export md")
	w.quiet()
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("(md)"), slacksim.Contains("Slack did not take the export (file_uploads_disabled). It is written all the same."))
	require.Equal(t, 3, w.count(`select times from milestones where incident = 1 and name = 'exported'`))

	// Strangers read along: nothing is shared.
	require.NoError(t, w.sim.Admin().Channel(ch, slacksim.ChannelChange{Shared: ptr("external")}))
	before := w.called("files.getUploadURLExternal")
	w.slash("ana", ch, "/snafu export html")
	w.quiet()
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("shared with another company, so the export is not uploaded"))
	require.Equal(t, before, w.called("files.getUploadURLExternal"))
	w.ends(ch)
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'closed'`), "no upload holds up a phase")
}

func TestAnExportThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	kept := shelf{fails: context.DeadlineExceeded}
	w, ch := closedStory(t, &kept)
	w.slash("ana", ch, "/snafu export")
	w.quiet()
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("broke on my side"))
	require.Zero(t, w.count(`select count(*) from journal where kind = 'exported/1'`))
	w.ends(ch)
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'closed'`))
}

func TestTheTextForEverybodyIsADraftThatNamesNobody(t *testing.T) {
	t.Parallel()
	var kept shelf
	w, ch := closedStory(t, &kept)
	w.slash("ana", ch, "/snafu export public")
	form := w.form("ana", "export")
	w.submit(form, slacksim.Values{
		"loss": "We made a mistake and gave 1,176 leads a wrong stage.", "harm": "Then Ana would have called them.", "apology": "We are sorry.",
	})
	w.quiet()
	again := w.form("ana", "export")
	require.Contains(t, again.Plain, "Name no person: \"ana\"")
	w.submit(again, slacksim.Values{
		"loss": "We made a mistake and gave 1,176 leads a wrong stage.", "harm": "Some people would have been called.", "apology": "We are sorry. This will never happen again.",
	})
	w.quiet()
	told, err := w.sim.As("ana").Modal(w.ctx(), slacksim.Contains("public-draft.md"))
	require.NoError(t, err)
	require.Contains(t, told.Plain, "promises more than anybody can keep")
	text := kept.read("SNAFU-1-public-draft.md")
	require.True(t, strings.HasPrefix(text, "> DRAFT. Nobody has published this."), text)
	require.Contains(t, text, "We have put 1,169 right.")
	require.NotContains(t, text, "SNAFU-1")
	require.Zero(t, w.count(`select count(*) from milestones where name = 'exported'`), "a text for everybody is no post-mortem")

	// The same comes back, also in practice and in secret, of which nobody reads.
	for _, one := range [][2]string{{"Orders were doubled", "snafu-2-"}, {"We practise --drill", "drill-3-"}, {"Somebody was paid twice --private", "snafu-4-"}} {
		title, room := one[0], one[1]
		w.slash("ana", "#general", "/snafu open sev3 "+title)
		w.quiet()
		again, err := w.sim.As("ana").AwaitChannel(w.ctx(), room)
		require.NoError(t, err)
		w.slash("ana", again.Name, "/snafu relate SNAFU-1 again")
		w.quiet()
	}
	w.slash("ana", ch, "/snafu export public")
	w.submit(w.form("ana", "export"), slacksim.Values{"loss": "We lost 7 leads.", "harm": "Nobody was called.", "apology": "We are sorry."})
	w.quiet()
	text = kept.read("SNAFU-1-public-draft.md")
	require.Equal(t, 1, strings.Count(text, "## Update of "), text)
	require.Contains(t, text, "It happened again on ")
	told, err = w.sim.As("ana").Modal(w.ctx(), slacksim.Contains("public-draft.md"))
	require.NoError(t, err)
	require.NotContains(t, told.Plain, "Look for their names")

	// Whose name Slack does not say is looked for by people.
	w.kill()
	w.fault(slacksim.Fault{Kind: "api.http_error", Status: 503, Match: slacksim.Match{Method: "users.info", Person: w.id("chi").User()}, Always: true})
	w.start(true)
	w.slash("ana", ch, "/snafu export public")
	w.submit(w.form("ana", "export"), slacksim.Values{"loss": "We lost 7 leads.", "harm": "Nobody was called.", "apology": "We are sorry."})
	w.quiet()
	told, err = w.sim.As("ana").Modal(w.ctx(), slacksim.Contains("Slack did not say of everybody what people are called"))
	require.NoError(t, err)
	require.Contains(t, told.Plain, "public-draft.md")
}
