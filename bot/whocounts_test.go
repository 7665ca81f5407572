package bot_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// strangers are accounts that stand on the approver list and still count for
// nothing.
var strangers = []slacksim.WorkspacePerson{
	{Name: "gia", Guest: "single"}, {Name: "rob", Bot: true}, {Name: "zoe", Team: "Another company"}, {Name: "old", Deactivated: true},
}

func (w *workspace) joinedBy(people ...slacksim.WorkspacePerson) *workspace {
	w.t.Helper()
	for _, p := range people {
		require.NoError(w.t, w.sim.Admin().AddPerson(p))
		w.crm.also = append(w.crm.also, p.Name)
	}
	return w
}

func repairing(t *testing.T, people ...slacksim.WorkspacePerson) *workspace {
	t.Helper()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.also = []string{"ana", "gus"}
	return w.joinedBy(people...).begin()
}

func ptr[T any](v T) *T { return &v }

func TestOnlyAFullMemberOnTheListWhoReadThisPlanCountsAndTheRestIsRefusedByName(t *testing.T) {
	t.Parallel()
	w := repairing(t, strangers...)
	ch, stamp := w.proposed()
	meta := stamp.String()
	digest := meta[strings.Index(meta, "p=")+2:]
	rows := map[string]string{"rows": "1176"}
	other := stamp
	other.Plan.Digest[0] ^= 1
	older := stamp
	older.Opened -= (10*time.Minute + time.Second).Milliseconds()
	later := stamp
	later.Plan.Revision++

	var ends endings
	for _, c := range []struct{ name, who, meta, ends string }{
		{"the requester", "ana", meta, "refused forbidden self"},
		{"a guest of several channels", "gus", meta, "refused forbidden guest"},
		{"a guest of one channel", "gia", meta, "refused forbidden guest"},
		{"a bot", "rob", meta, "refused forbidden account"},
		{"our own bot", "snafu", meta, "refused forbidden account"},
		{"somebody of another company", "zoe", meta, "refused forbidden account"},
		{"a deactivated account", "old", meta, "refused forbidden account"},
		{"a member who is not on the list", "ben", meta, "refused forbidden not-listed"},
		{"another digest", "chi", other.String(), "refused conflict stale"},
		{"another revision", "chi", later.String(), "refused conflict stale"},
		{"a form that lay open for ten minutes", "chi", older.String(), "refused conflict too-late"},
		{"half a digest", "chi", strings.Replace(meta, digest, digest[:40], 1), "refused conflict stale"},
		{"no plan", "chi", "i=1", "refused conflict stale"},
	} {
		ends.want(w.sends("approve", forgery{by: w.id(c.who), fields: rows, meta: c.meta}), c.ends, c.name)
	}
	ends.hold(w)
	require.Zero(t, w.voices())
	require.Equal(t, 11, w.count(`select count(*) from journal where kind = 'approval-refused/1'`), "what was tried is journalled")

	// The same people, by the other doors.
	for _, who := range []string{"gus", "gia", "zoe", "old", "rob"} {
		ends.want(w.sends("run", forgery{by: w.id(who), fields: map[string]string{"ref": "R1"}, meta: meta}), "refused forbidden", who)
		ends.want(w.sends("reject", forgery{by: w.id(who), fields: map[string]string{"why": "no"}, meta: meta}), "refused forbidden", who)
		for _, action := range []string{"plan.continue", "plan.resume", "plan.pause", "plan.propose", "plan.withdraw", "plan.freeze"} {
			ends.want(w.presses(action, forgery{by: w.id(who), meta: meta, channel: w.channelID(ch)}), "refused", who+" "+action)
		}
	}
	ends.hold(w)
	require.Zero(t, w.voices())
	require.Equal(t, 1, w.count(`select count(*) from revisions where state = 'proposed'`))

	// A form that another person sends again meets the receipt of the first.
	first := w.sends("approve", forgery{by: w.id("chi"), fields: rows, meta: meta, key: "once"})
	require.Equal(t, "effect", w.ended(first))
	w.sends("approve", forgery{by: w.id("dev"), fields: rows, meta: meta, key: "once"})
	require.Equal(t, "effect", w.ended(first))
	require.Equal(t, 1, w.voices())
	require.Equal(t, "refused conflict voted", w.ended(w.sends("approve", forgery{by: w.id("chi"), fields: rows, meta: meta})))
	require.Equal(t, 1, w.voices())

	// Nobody starts what one person approved.
	require.Contains(t, w.ended(w.sends("run", forgery{by: w.id("dev"), fields: map[string]string{"ref": "R1"}, meta: meta})), "refused conflict state")
	require.Zero(t, w.count(`select count(*) from executions`))
}

func TestAnOldButtonDoesNotActOnWhatIsNewest(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	ch, stamp := w.proposed()
	at := w.channelID(ch)
	var ends endings
	for _, meta := range []string{"", "i=1", "i=1&r=R1", strings.Replace(stamp.String(), "p=", "p=x", 1)} {
		for _, action := range []string{"plan.withdraw", "plan.freeze", "plan.propose", "plan.continue", "plan.resume", "plan.pause"} {
			ends.want(w.presses(action, forgery{by: w.id("ana"), meta: meta, channel: at}), "refused conflict stale", action+" "+meta)
		}
		for _, form := range []string{"reject", "abort", "approve", "run", "keep", "undo"} {
			f := map[string]string{"why": "no", "rows": "1176", "ref": "R1"}
			if form == "run" && !strings.Contains(meta, "r=R1") || meta == "" {
				continue // it ends before: which plan, or which snafu?
			}
			ends.want(w.sends(form, forgery{by: w.id("chi"), fields: f, meta: meta}), "refused conflict stale", form+" "+meta)
		}
	}
	ends.hold(w)
	require.Equal(t, 1, w.count(`select count(*) from revisions where state = 'proposed'`))

	// The typed form in the channel of another snafu does not reach this plan.
	w.slash("chi", "#general", "/snafu open sev3 Something else")
	there, err := w.sim.As("chi").AwaitChannel(w.ctx(), "#snafu-2")
	require.NoError(t, err)
	w.quiet()
	w.slash("chi", there.Name, "/snafu approve R1")
	_, err = w.sim.As("chi").Modal(w.ctx(), slacksim.Contains("R1"))
	require.NoError(t, err)
	require.Zero(t, w.count(`select count(*) from journal where kind = 'approval-refused/1' and detail->>'Act' = 'review'`))
	require.Zero(t, w.voices())
}

func TestWhenSlackDoesNotSayWhoSomebodyIsNothingIsCountedAndItShows(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	_, stamp := w.proposed()
	yes := func(who string) forgery {
		return forgery{by: w.id(who), fields: map[string]string{"rows": "1176"}, meta: stamp.String()}
	}
	for _, f := range []slacksim.Fault{
		{Kind: "api.error", Error: "user_not_found", Match: slacksim.Match{Method: "users.info"}, Always: true},
		{Kind: "api.error", Error: "channel_not_found", Match: slacksim.Match{Method: "conversations.info"}, Always: true},
		{Kind: "api.slow", Delay: "4s", Match: slacksim.Match{Method: "users.info"}, Always: true},
	} {
		id, err := w.sim.Fault(f)
		require.NoError(t, err)
		require.Equal(t, "refused unavailable slack-unsure", w.ended(w.sends("approve", yes("chi"))), f.Kind)
		if f.Error == "user_not_found" {
			require.Equal(t, "refused conflict state", w.ended(w.presses("plan.pause", forgery{by: w.id("ben"), meta: stamp.String()})), "a pause waits for nobody's word")
		}
		w.sim.Unfault(id)
	}
	require.Zero(t, w.voices())
	require.Equal(t, 3, w.count(`select count(*) from journal where kind = 'approval-refused/1'`))
	require.Contains(t, w.told(), "Slack did not confirm who you are")

	// The channel becomes another company's as well: approvals stop, and start again.
	name := w.channelName()
	for _, shared := range []string{"pending", "external"} {
		require.NoError(t, w.sim.Admin().Channel(name, slacksim.ChannelChange{Shared: ptr(shared)}))
		require.Equal(t, "refused forbidden shared-channel", w.ended(w.sends("approve", yes("chi"))))
	}
	require.Zero(t, w.voices())
	require.NoError(t, w.sim.Admin().Channel(name, slacksim.ChannelChange{Shared: ptr("none")}))
	require.Equal(t, "effect", w.ended(w.sends("approve", yes("chi"))))
	require.Equal(t, "effect", w.ended(w.sends("approve", yes("dev"))))

	// Both voices stand, and then one of them leaves.
	run := func() string {
		return w.ended(w.sends("run", forgery{by: w.id("dev"), fields: map[string]string{"ref": "R1"}, meta: stamp.String()}))
	}
	require.NoError(t, w.sim.Admin().Person("chi", slacksim.PersonChange{Deactivated: ptr(true)}))
	require.Equal(t, "refused conflict account", run())
	require.NoError(t, w.sim.Admin().Person("chi", slacksim.PersonChange{Deactivated: ptr(false), Guest: ptr("single")}))
	require.Equal(t, "refused conflict guest", run())
	require.NoError(t, w.sim.Admin().Person("chi", slacksim.PersonChange{Guest: ptr("none")}))
	require.NoError(t, w.sim.Admin().Channel(name, slacksim.ChannelChange{Shared: ptr("external")}))
	require.Equal(t, "refused forbidden shared-channel", run())
	require.Zero(t, w.count(`select count(*) from executions`))
	require.Equal(t, int64(2926), w.crm.number(`select count(*) from crm.lead where lead_status = 'SQL'`))
}

func (w *workspace) channelName() string {
	w.t.Helper()
	var name string
	require.NoError(w.t, w.db.Pool().QueryRow(w.ctx(), `select channel_name from incidents where id = 1`).Scan(&name))
	return "#" + name
}

// told is everything that was said to anybody, in words.
func (w *workspace) told() string {
	w.t.Helper()
	var b strings.Builder
	for _, t := range w.sim.Traffic("api") {
		if t.Name == "chat.postEphemeral" || t.Name == "chat.postMessage" {
			req, _ := t.Request.(map[string]any)
			text, _ := req["text"].(string)
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

func TestManyPressesOfTwoApproversAtOnceAreTwoVoicesAndOneApproval(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	_, stamp := w.proposed()
	var all sync.WaitGroup
	for i := range 60 {
		who := []string{"chi", "dev", "ana"}[i%3]
		by := w.id(who)
		all.Add(1)
		go func() {
			defer all.Done()
			w.sends("approve", forgery{by: by, fields: map[string]string{"rows": "1,176"}, meta: stamp.String()})
		}()
	}
	all.Wait()
	w.quiet()
	require.Equal(t, 2, w.voices())
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'approval-given/1'`))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'plan-approved/1'`))
	require.Equal(t, 2, w.count(`select count(*) from receipts where outcome = 'effect' and key like 'view:Vforged%'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
}

func TestOneHumanWithTwoAccountsIsOneVoice(t *testing.T) {
	t.Parallel()
	w := workspaceLike(t, slacksim.FrozenClock(time.Now()), slacksim.Workspace{
		Team:       slacksim.WorkspaceTeam{Name: "Acme", Domain: "acme", Enterprise: "Acme Group"},
		People:     []slacksim.WorkspacePerson{{Name: "ana2", SameHumanAs: "ana"}, {Name: "chi2", SameHumanAs: "chi"}},
		Usergroups: []slacksim.WorkspaceGroup{{ID: "S0CRMOWNERS", Handle: "crm-owners", Members: []string{"ana", "ana2", "chi", "chi2", "dev"}}},
	})
	w.crm = newCRM(t)
	w.crm.group = "S0CRMOWNERS"
	w.begin()
	_, stamp := w.proposed()
	yes := func(who string) string {
		return w.ended(w.sends("approve", forgery{by: w.id(who), fields: map[string]string{"rows": "1176"}, meta: stamp.String()}))
	}
	run := func(who string) string {
		return w.ended(w.sends("run", forgery{by: w.id(who), fields: map[string]string{"ref": "R1"}, meta: stamp.String()}))
	}
	require.Equal(t, "refused forbidden self", yes("ana"))
	require.Equal(t, "refused forbidden self", yes("ana2"), "the requester's other account")
	require.Equal(t, "effect", yes("chi"))
	require.Equal(t, "refused conflict voted", yes("chi2"))
	require.Equal(t, "effect", yes("dev"))
	require.Equal(t, 2, w.voices())

	// Somebody is taken off the group between their yes and the start.
	require.NoError(t, w.sim.Admin().Usergroup("crm-owners", "chi"))
	require.Equal(t, "refused forbidden not-listed", run("dev"), "the starter")
	require.Equal(t, "refused conflict not-listed", run("chi"), "a voice")
	require.Zero(t, w.count(`select count(*) from executions`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	require.NoError(t, w.sim.Admin().Usergroup("crm-owners", "chi2", "dev"))
	require.Equal(t, "effect", run("dev"))
	w.sees("ana", w.channelName(), slacksim.Shows("Continue"))
}

func TestAClickThatWaitedTenMinutesStartsNothingButStillStops(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	_, stamp := w.proposed()
	late := func(key, kind, what string, fields string) string {
		payload := `{"type":"block_actions","trigger_id":"x","actions":[{"action_id":"` + what + `","type":"button","value":"` + stamp.String() + `"}]`
		if kind == "form" {
			payload = `{"type":"view_submission","view":{"id":"x","callback_id":"` + what + `","private_metadata":"` + stamp.String() + `","state":{"values":{` + fields + `}}}`
		}
		payload += `,"user":{"id":"` + w.id("chi").User() + `","team_id":"` + w.id("chi").Team() + `"}}`
		_, err := w.admin().Exec(w.ctx(), `insert into snafu.receipts (key, envelope, person, payload, received_at)
			values ($1, 'interactive', 'x', convert_to($2, 'UTF8'), clock_timestamp() - interval '10 minutes 1 second')`, key, payload)
		require.NoError(t, err)
		_, err = w.bot.Sweep(w.ctx())
		require.NoError(t, err)
		return w.ended(key)
	}
	field := func(block, typed string) string {
		return `"` + block + `":{"x":{"type":"plain_text_input","value":"` + typed + `"}}`
	}
	require.Equal(t, "refused conflict too-late", late("a", "form", "approve", field("rows", "1176")))
	require.Equal(t, "refused conflict too-late", late("b", "form", "run", field("ref", "R1")))
	require.Equal(t, "refused conflict too-late", late("c", "press", "plan.continue", ""))
	require.Equal(t, "refused conflict too-late", late("d", "press", "plan.resume", ""))
	require.Zero(t, w.voices())
	require.Equal(t, "effect", late("e", "form", "reject", field("why", "the counts look wrong")))
	require.Equal(t, 1, w.count(`select count(*) from revisions where state = 'rejected'`))
}
