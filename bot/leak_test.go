package bot_test

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/bot/view"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback/approval"
)

// A canary is a word that nothing but the private incident of this test holds.
const canary = "zanzibar"

var (
	canaries   = regexp.MustCompile(`(?i)zanzibar|1,176`)
	privateKey = regexp.MustCompile(`SNAFU-1\b`)
)

// played is what is done in private, by name of the verb: the lines of one that
// is not here are its example. What ends an incident comes last.
var played = map[string][]string{
	"open": nil, "help": {"help", "help plan"},
	"triage": {
		"triage 2 weekly-42", "triage 3 no", "triage 4 zanzibar became SQL", "triage 5 zanzibar as before", "triage 7 workflow the zanzibar sync",
		"triage 8 zanzibar was released", "triage 9 some the zanzibar mail", "triage 10 yes zanzibar", "triage 11 colleague zanzibar", "triage",
	},
	"contain": {"contain stopped the zanzibar sync"},
	"call":    {"call crm-data zanzibar is on fire", "call @iris zanzibar knows you"},
	"note":    {"note zanzibar was here", "note change zanzibar was copied at 08:50", "note effect zanzibar", "note harm zanzibar"},
	"walk":    {"walk zanzibar feeds the sync | 500 leads | 2,926 leads"},
	"whys":    {"whys zanzibar was too open", "whys W1 nobody counted zanzibar", "whys root W1.1"},
	"try":     {"try restore zanzibar for 30m", "try T1 part zanzibar is half of it"},
	"case":    {"case vendor zanzibar-4711 they look", "case customer zanzibar-12 they ask"},
	"todo":    {"todo zanzibar asks for its choices @iris by 2036-04-05"},
	"lead":    {"lead @ben", "lead"},
	"pass":    {"pass zanzibar comes first"},
	"role":    {"role comms @ben", "role scribe"},
	"sev":     {"sev 2 zanzibar is smaller", "sev 1 zanzibar grew"},
	"follow":  {"follow", "follow @ben", "follow @iris"},
	"update":  {"update zanzibar is off, the counting goes on"},
	"promise": {"promise in 30m"},
	"join":    {"join"},
	"nag":     {"nag snooze 1h", "nag on"},
	"status":  {"status", "status SNAFU-1"},
	"table":   {"table 1 MQL", "table 2 MQL", "table 3 nochange", "table 4 nochange", "table keep 1 zanzibar wants it", "table 1 MQL"},
	"plan":    nil, "approve": nil, "run": nil, "undo": nil,
}

var endsIt = []string{"relate", "promote", "cancel", "resolve", "reopen", "close"}

// Whatever is done in a private incident, by every verb there is, nobody who is
// not in its channel can learn from Slack what it is about, by any way: not from
// what is posted, edited, published or answered, and not by asking.
func TestAPrivateSnafuIsNeverHeardOfOutsideOfItsChannel(t *testing.T) {
	t.Parallel()
	w := workspaceLike(t, slacksim.FrozenClock(time.Now()), slacksim.Workspace{People: []slacksim.WorkspacePerson{{Name: "iris"}}}, withAnnouncements, func(o *bot.Options) {
		o.Log = slog.New(slog.DiscardHandler)
	})
	w.crm = newCRM(t)
	w.begin()
	w.enter("#general", "iris")
	outside := []string{"iris", "gus"}
	for _, who := range append([]string{"ana", "ben", "chi", "dev"}, outside...) {
		w.looks(who)
	}
	w.quiet()

	ch := w.open("ana", "sev1 Zanzibar salaries were mailed --on crm --private")
	room := w.channelID(ch)
	w.holdsTight(0, room, true, "ana")
	w.membersPlay(ch)
	w.holdsTight(0, room, true, "ana", "ben")
	w.proposesInPrivate(ch) // which brings the two in who may approve
	w.holdsTight(0, room, true, "ana", "ben", "chi", "dev")

	from := len(w.sim.Traffic(""))
	w.outsidersTry(outside, room)
	w.holdsTight(from, room, false, "ana", "ben", "chi", "dev")
	for _, who := range outside {
		for _, m := range append(w.direct(who), w.publicTo(who)...) {
			require.NotRegexp(t, canaries, spoken(t, m), who)
		}
	}

	from = len(w.sim.Traffic(""))
	for _, verb := range endsIt {
		for _, line := range w.linesOf(verb) {
			w.slash("ana", ch, "/snafu "+line)
			w.quiet()
		}
	}
	w.holdsTight(from, room, true, "ana", "ben", "chi", "dev")
	from = len(w.sim.Traffic(""))
	w.outsidersTry([]string{"iris"}, room)
	w.holdsTight(from, room, false, "ana", "ben", "chi", "dev")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
}

// membersPlay types every verb in the channel.
func (w *workspace) membersPlay(ch string) {
	w.t.Helper()
	first := []string{"triage", "contain", "table", "call"}
	for i, verb := range append(slices.Clone(first), bot.VerbNames()...) {
		if slices.Contains(endsIt, verb) || i >= len(first) && slices.Contains(first, verb) {
			continue
		}
		for _, line := range w.linesOf(verb) {
			w.slash("ana", ch, "/snafu "+line)
			w.quiet()
		}
	}
	w.slash("ana", ch, "/snafu call @ben zanzibar is yours too")
	w.quiet()
	w.press("ben", "@snafu", "On it")
	w.quiet()
	w.slash("ben", ch, "/snafu lead accept")
	w.slash("ben", "#general", "/snafu status SNAFU-1")
	w.slash("ben", "#general", "/snafu list")
	w.quiet()
	w.slash("ben", ch, "/snafu lead @ana")
	w.quiet()
	w.slash("ana", ch, "/snafu lead accept")
	w.quiet()
}

func (w *workspace) linesOf(verb string) []string {
	if lines, ok := played[verb]; ok {
		return lines
	}
	if bot.VerbExample(verb) == "" {
		return nil
	}
	return []string{bot.VerbExample(verb), bot.VerbExample(verb) + " " + canary}
}

// proposesInPrivate asks for approvals, and reminds of them.
func (w *workspace) proposesInPrivate(ch string) {
	w.t.Helper()
	stamp := w.propose(ch, 1)
	plans := approval.New(approval.Options{DB: w.db, Sources: w.crm.approvals(w), Eligible: w.bot.Eligible})
	require.NoError(w.t, plans.Remind(w.ctx(), jobs.Job[approval.Remind]{Args: approval.Remind{Plan: stamp.Plan.Plan, Revision: 1, At: time.UnixMilli(w.now())}}))
	w.quiet()
}

// outsidersTry asks for everything, by words, by buttons that were never shown
// to them and by forms that were never opened.
func (w *workspace) outsidersTry(who []string, room string) {
	w.t.Helper()
	general := w.roomID("ana", "general")
	for _, name := range who {
		by := w.id(name)
		stamp := view.Stamp{Incident: 1, Channel: room, Ref: "R1", Opened: w.now()}.String()
		w.looks(name)
		for _, verb := range bot.VerbNames() {
			if verb == "ack" || verb == "pass" || verb == "open" { // who is called may answer
				continue
			}
			w.slash(name, "#general", "/snafu "+verb+" SNAFU-1")
			w.slash(name, "#general", "/snafu "+strings.Replace(bot.VerbExample(verb), verb, verb+" SNAFU-1", 1))
			w.sends(verb, forgery{by: by, meta: stamp, fields: map[string]string{"why": "to look", "text": "to look", "title": "A look"}})
		}
		for _, action := range bot.ActionNames() {
			if !strings.HasPrefix(action, "page.") {
				w.presses(action, forgery{by: by, meta: stamp, channel: general})
			}
		}
		w.slash(name, "#general", "/snafu list all")
		w.looks(name)
		w.quiet()
	}
}

// holdsTight looks through everything that the app told Slack since: a word of
// the private incident is said in its channel, in the Home tab of a member, or,
// if it was members who asked, in the answer to them.
func (w *workspace) holdsTight(from int, room string, asked bool, members ...string) {
	w.t.Helper()
	inside := map[any]bool{}
	for _, name := range members {
		inside[w.id(name).User()] = true
	}
	for _, call := range w.sim.Traffic("")[from:] {
		if call.Dir != "from_app" {
			continue
		}
		args, _ := call.Request.(map[string]any)
		raw, err := json.Marshal(call.Request)
		require.NoError(w.t, err)
		said := unescaped.Replace(string(raw))
		place := args["channel"]
		switch {
		case place == room, args["channel_id"] == room:
			continue
		case call.Name == "conversations.create":
			require.Equal(w.t, "true", args["is_private"], said)
			continue
		case asked && (call.Kind == "ack" || call.Kind == "response_url" || strings.HasPrefix(call.Name, "views.") && call.Name != "views.publish"),
			call.Name == "views.publish" && inside[args["user_id"]], asked && call.Name == "chat.postEphemeral" && inside[args["user"]]:
			continue
		}
		require.NotRegexp(w.t, canaries, said, "%s %s", call.Kind, call.Name)
		if id, _ := place.(string); strings.HasPrefix(id, "C") && call.Name != "chat.postEphemeral" {
			require.NotRegexp(w.t, privateKey, said, "%s %s", call.Kind, call.Name)
		}
	}
}

// publicTo is what somebody reads in the channels that everybody is in.
func (w *workspace) publicTo(who string) (all []slacksim.Message) {
	w.t.Helper()
	for _, in := range []string{"#general", "#data-incidents"} {
		if seen, err := w.sim.As(who).Sees(in); err == nil {
			all = append(all, seen...)
		}
	}
	return all
}

func (w *workspace) roomID(who, name string) string {
	w.t.Helper()
	ch, err := w.sim.As(who).AwaitChannel(w.ctx(), name)
	require.NoError(w.t, err)
	return ch.ID
}
