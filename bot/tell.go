package bot

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

// telling says how a fact of one kind is told: the steps it makes, and the
// sentence it says where a step wants one. {page}, {plan}, {offer} and {person}
// stand for what the fact names.
type telling struct {
	kind  string
	steps []string
	say   func(journal.Entry) (incidents.Words, error)
	// offers are the buttons below the sentence; nil is none.
	offers func(incidents.Incident, journal.Entry) []slack.Block
}

// Steps begin with what they do: card edits one message for ever, say and
// thread post a sentence, the others are one call each.
var tellings = []telling{
	{kind: "opened/1", steps: []string{"create"}},
	{kind: "thread-ready/1", steps: []string{"card:summary", "card:opener", "card:triage"}},
	{kind: "promoted/1", steps: []string{"create"}},
	{kind: "cancelled/1", steps: []string{"say", "card:stop", "card:triage", "card:opener", "card:summary", "topic", "card:announce"}, say: cancelled},
	{kind: "related/1", steps: []string{"say", "card:summary"}, say: related},
	{kind: "related-apart/1", steps: []string{"say"}, say: sayingBy(incidents.RelatedApart.Words)},
	{kind: "channel-ready/1", steps: []string{"card:summary", "invite:reporter", "card:opener", "card:triage", "topic", "pin:summary", "card:announce"}},
	{kind: "kept-out/1"},
	{kind: "lead-offered/1", steps: []string{"card:lead:{offer}", "offered:{offer}"}},
	{kind: "lead-asked/1", steps: []string{"card:lead:{offer}", "offered:{offer}"}},
	{kind: "lead-unanswered/1", steps: []string{"card:lead:{offer}", "untold:{offer}"}},
	{kind: "lead-declined/1", steps: []string{"card:lead:{offer}", "offered:{offer}"}},
	{kind: "lead-offer-ended/1", steps: []string{"card:lead:{offer}", "offered:{offer}"}},
	{kind: "lead-changed/1", steps: []string{"invite:lead", "say", "card:lead:{offer}", "offered:{offer}", "leading", "card:summary", "topic", "card:announce"}, say: saying(incidents.LeadChanged.Words)},
	{kind: "lead-left/1", steps: []string{"away"}},
	{kind: "severity-changed/1", steps: []string{"severity", "card:summary", "topic", "card:announce"}},
	{kind: "role-changed/1", steps: []string{"role", "card:summary"}},
	{kind: "arrived/1", steps: []string{"newcomer:{who}"}},
	{kind: "join-asked/1", steps: []string{"knock"}},
	{kind: "let-in/1", steps: []string{"invite:{who}"}},
	{kind: "briefed/1", steps: []string{"brief", "briefed"}},
	{kind: "noted/1", steps: []string{"say"}, say: noted},
	{kind: "walked/1", steps: []string{"say", "card:walk"}, say: saying(incidents.Walked.Words)},
	{kind: "why-changed/1", steps: []string{"say", "card:whys", "card:summary"}, say: saying(incidents.WhyChanged.Words)},
	{kind: "whys-skipped/1", steps: []string{"say", "card:whys"}, say: saying(incidents.WhysSkipped.Words)},
	{kind: "try-changed/1", steps: []string{"say", "card:board"}, say: saying(incidents.TryChanged.Words)},
	{kind: "data-exposed/1", steps: []string{"say"}, say: saying(incidents.DataExposed.Words), offers: exposedOffers},
	{kind: "triage-stalls/1", steps: []string{"say"}, say: saying(incidents.TriageStalls.Words), offers: stallOffers},
	{kind: "triage-waived/1", steps: []string{"say", "card:summary"}, say: sayingBy(incidents.TriageWaived.Words)},
	{kind: "pinned/1", steps: []string{"eyes"}},
	{kind: "entry-corrected/1", steps: []string{"say"}, say: sayingBy(incidents.EntryCorrected.Words)},
	{kind: "entry-withdrawn/1", steps: []string{"say", "uneyes"}, say: sayingBy(incidents.EntryWithdrawn.Words)},
	{kind: "answered/1", steps: []string{"card:triage", "card:opener", "card:summary"}},
	{kind: "system-named/1", steps: []string{"card:summary"}},
	{kind: "triage-complete/1", steps: []string{"say", "card:triage", "card:opener", "card:summary"}, say: fixed("Triage complete")},
	{kind: "cause-acted/1", steps: []string{"say", "card:stop", "card:opener", "card:summary"}, say: causeActed},
	{kind: "contained/1", steps: []string{"card:stop", "card:triage", "card:opener", "card:summary", "topic", "card:announce"}},
	{kind: "uncontained/1", steps: []string{"say", "card:stop", "card:triage", "card:opener", "card:summary", "topic", "card:announce"}, say: fixed("The error occurs again. Next: stop the cause.")},
	{kind: "grew/1", steps: []string{"alarm", "card:stop", "card:triage", "card:opener", "card:summary"}},
	{kind: "grew-on/1", steps: []string{"card:stop", "card:triage", "card:opener", "card:summary"}},
	{kind: "quiet/1", steps: []string{"say", "card:stop", "card:triage", "card:summary"}, say: saying(incidents.Quiet.Words)},
	{kind: "watch-started/1", steps: []string{"card:summary"}},
	{kind: "watched/1", steps: []string{"card:stop", "card:summary"}},
	{kind: "watch-blind/1", steps: []string{"say", "card:summary"}, say: saying(incidents.WatchBlind.Words)},
	{kind: "watch-sees/1", steps: []string{"say", "card:summary"}, say: saying(incidents.WatchSees.Words)},
	{kind: "watch-slow/1", steps: []string{"say"}, say: saying(incidents.WatchSlow.Words)},
	{kind: "watch-ended/1", steps: []string{"say", "card:summary"}, say: saying(incidents.WatchEnded.Words)},
	{kind: "named-watch-started/1", steps: []string{"card:summary"}},
	{kind: "named-watched/1"},
	{kind: "named-changed/1", steps: []string{"say"}, say: saying(count.NamedChanged.Words)},
	{kind: "named-blind/1", steps: []string{"say", "card:summary"}, say: saying(count.NamedBlind.Words)},
	{kind: "named-sees/1", steps: []string{"say", "card:summary"}, say: saying(count.NamedSees.Words)},
	{kind: "named-watch-ended/1", steps: []string{"say", "card:summary"}, say: saying(count.NamedWatchEnded.Words)},
	{kind: "restoring-began/1", steps: []string{"card:summary", "topic", "card:announce"}},
	{kind: "called/1", steps: []string{"dm:{people}", "card:page:{page}", "card:summary"}},
	{kind: "nobody-called/1", steps: []string{"say", "card:summary"}, say: saying(nobodyCalled), offers: callOffers},
	{kind: "called-next/1", steps: []string{"dm:{people}", "say", "card:page:{page}", "card:summary"}, say: saying(incidents.CalledNext.Words)},
	{kind: "call-skipped/1", steps: []string{"say", "card:page:{page}"}, say: saying(incidents.CallSkipped.Words)},
	{kind: "call-answered/1", steps: []string{"invite:{by}", "say", "card:page:{page}", "dms:{page}", "card:summary"}, say: saying(incidents.CallAnswered.Words)},
	{kind: "call-joined/1", steps: []string{"invite:{by}", "card:page:{page}"}},
	{kind: "call-still-asked/1", steps: []string{"card:page:{page}", "still:{people}"}},
	{kind: "call-confirmed/1", steps: []string{"card:page:{page}", "dms:{page}"}},
	{kind: "still-set/1", steps: []string{"say", "card:page:{page}"}, say: sayingBy(incidents.StillSet.Words)},
	{kind: "call-lapsed/1", steps: []string{"say", "card:page:{page}", "dms:{page}", "card:summary"}, say: saying(incidents.CallLapsed.Words)},
	{kind: "call-sent/1", steps: []string{"card:page:{page}"}},
	{kind: "call-unreached/1", steps: []string{"say", "card:page:{page}"}, say: saying(incidents.CallUnreached.Words)},
	{kind: "call-passed/1", steps: []string{"say", "card:page:{page}", "dms:{page}"}, say: saying(callPassed)},
	{kind: "call-unanswered/1", steps: []string{"lead", "say", "card:page:{page}", "dms:{page}", "card:summary"}, say: saying(incidents.CallUnanswered.Words)},
	{kind: "call-ended/1", steps: []string{"card:page:{page}", "dms:{page}", "card:summary"}},
	{kind: "nagged/1", steps: []string{"remind:{people}"}},
	{kind: "exported/1"},
	{kind: "taken-out/1", steps: []string{"say"}, say: saying(incidents.TakenOut.Words)},
	{kind: "nag-over/1", steps: []string{"unremind"}},
	{kind: "nag-snoozed/1", steps: []string{"unremind"}},
	{kind: "nag-silenced/1", steps: []string{"say", "unremind"}, say: sayingBy(incidents.NagSilenced.Words)},
	{kind: "nag-resumed/1", steps: []string{"say", "unremind"}, say: sayingBy(incidents.NagResumed.Words)},
	{kind: "updated/1", steps: []string{"update", "news", "card:summary", "card:announce"}},
	{kind: "promised/1", steps: []string{"say", "card:summary", "card:announce"}, say: promised},
	{kind: "update-missed/1", steps: []string{"card:summary", "card:announce"}},
	{kind: "update-overdue/1", steps: []string{"say", "card:summary"}, say: saying(incidents.UpdateOverdue.Words)},
	{kind: "followed/1", steps: []string{"follower:{people}"}},
	{kind: "unfollowed/1"},
	{kind: "cover-made/1"},
	{kind: "cover-taken/1"},
	{kind: "cover-cancelled/1"},
	{kind: "vendor-called/1", steps: []string{"card:vendor:{vendor}"}},
	{kind: "case-linked/1", steps: []string{"say", "card:vendor:{vendor}", "card:summary"}, say: saying(incidents.CaseLinked.Words)},
	{kind: "case-answered/1", steps: []string{"say", "card:vendor:{vendor}", "card:summary"}, say: saying(incidents.CaseAnswered.Words)},
	{kind: "resolved/1", steps: []string{"say", "card:gate", "card:summary", "topic", "card:announce"}, say: saying(resolved)},
	{kind: "closed/1", steps: []string{"closing", "card:gate", "card:summary", "topic", "card:announce"}},
	{kind: "reopened/1", steps: []string{"say", "card:gate", "card:stop", "card:triage", "card:opener", "card:summary", "topic", "card:announce"}, say: sayingBy(incidents.Reopened.Words)},
	{kind: "archive-announced/1", steps: []string{"say"}, say: saying(incidents.ArchiveAnnounced.Words)},
	{kind: "archiving/1", steps: []string{"archive"}},
	{kind: "channel-wanted/1", steps: []string{"rehouse"}},
	{kind: "channel-moved/1", steps: []string{"card:summary", "moved", "invite:{people}", "card:triage", "card:stop", "card:table", "card:todos", "topic", "pin:summary", "card:announce"}},
	{kind: "gate-waived/1", steps: []string{"card:gate"}},
	{kind: "close-due/1", steps: []string{"say", "card:gate"}, say: saying(incidents.CloseDue.Words)},
	{kind: "follow-up-added/1", steps: []string{"card:todos"}},
	{kind: "follow-up-changed/1", steps: []string{"card:todos"}},
	{kind: "follow-up-done/1", steps: []string{"say", "card:todos"}, say: sayingBy(incidents.FollowUpDone.Words)},
	{kind: "checklist-ticked/1", steps: []string{"card:opener", "card:summary"}},
	{kind: "checklist-unticked/1", steps: []string{"card:opener", "card:summary"}},
	{kind: "follow-up-dropped/1", steps: []string{"say", "card:todos"}, say: sayingBy(incidents.FollowUpDropped.Words)},

	{kind: "scope-picked/1", steps: []string{"card:table"}},
	{kind: "measured/1", steps: []string{"card:table", "card:stop", "card:summary"}},
	{kind: "example-shown/1"},
	{kind: "example-shared/1", steps: []string{"shared"}},
	{kind: "desired-imported/1", steps: []string{"say", "card:table", "card:summary"}, say: desiredImported},
	{kind: "count-cancelled/1"},
	{kind: "counted/1", steps: []string{"counted"}},
	{kind: "waived/1", steps: []string{"say", "card:table", "card:summary"}, say: waivedRecords},
	{kind: "decided/1", steps: []string{"card:table", "card:summary"}},

	{kind: "plan-drafted/1", steps: []string{"card:plan:{plan}", "card:summary"}},
	{kind: "conflicts-planned/1", steps: []string{"card:plan:{plan}", "card:summary"}},
	{kind: "undo-drafted/1", steps: []string{"card:plan:{plan}", "card:summary"}},
	{kind: "evidence-drafted/1", steps: []string{"card:plan:{plan}", "card:summary"}},
	{kind: "evidence-trusted/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(evidenceTrusted)},
	{kind: "spot-check/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(spotChecked)},
	{kind: "plan-edited/1", steps: []string{"card:plan:{plan}", "card:review:{plan}", "card:summary"}},
	{kind: "plan-withdrawn/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:review:{plan}", "card:summary", "unnag:{plan}"}, say: saying(withdrawn)},
	{kind: "freeze-asked/1", steps: []string{"card:plan:{plan}"}},
	{kind: "plan-frozen/1", steps: []string{"card:plan:{plan}", "card:summary", "owners:{plan}"}},
	{kind: "freeze-failed/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(freezeFailed)},
	{kind: "plan-proposed/1", steps: []string{"card:plan:{plan}", "card:review:{plan}", "card:summary"}},
	{kind: "approval-given/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:summary", "unnag:{plan}"}, say: saying(given)},
	{kind: "approval-refused/1"},
	{kind: "approval-withdrawn/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(takenBack)},
	{kind: "plan-approved/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:summary", "unnag:{plan}"}, say: saying(approved)},
	{kind: "plan-rejected/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:summary", "unnag:{plan}"}, say: saying(rejected)},
	{kind: "plan-expired/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:summary", "unnag:{plan}"}, say: saying(expired)},
	{kind: "plan-superseded/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:summary", "unnag:{plan}"}, say: saying(superseded)},
	{kind: "involved/1"},
	{kind: "hold-confirmed/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(holdConfirmed)},
	{kind: "hold-released/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(holdReleased)},
	{kind: "plan-involved/1", steps: []string{"card:review:{plan}", "unnag:{plan}"}},
	{kind: "approval-waiting/1", steps: []string{"nag:{people}"}},
	{kind: "reminder-snoozed/1"},
	{kind: "approvers-changed/1"},
	{kind: "break-glass/1", steps: []string{"nag:{people}", "thread:{plan}", "card:review:{plan}", "card:summary"}, say: saying(glassBroken)},
	{kind: "break-glass-reviewed/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:summary", "unnag:{plan}"}, say: saying(glassReviewed)},
	{kind: "break-glass-review-wanted/1", steps: []string{"nag:{people}"}},
	{kind: "conflicts-kept/1", steps: []string{"say", "card:table", "card:summary"}, say: saying(conflictsKept)},

	{kind: "automation-asked/1", steps: []string{"card:stop"}},
	{kind: "second-wanted/1", steps: []string{"say"}, say: saying(secondWanted), offers: secondOffers},
	{kind: "seconded/1", steps: []string{"say"}, say: saying(seconded)},
	{kind: "second-expired/1", steps: []string{"say"}, say: saying(secondExpired)},
	{kind: "automation-wanted/1", steps: []string{"say", "card:stop", "card:summary"}, say: saying(automationWanted)},
	{kind: "automation-switched/1", steps: []string{"say", "card:stop", "card:summary"}, say: saying(automationSwitched)},
	{kind: "automation-released/1", steps: []string{"say", "card:stop", "card:summary"}, say: saying(automationReleased)},
	{kind: "automation-refused/1", steps: []string{"say", "card:stop", "card:summary"}, say: saying(automationRefused)},
	{kind: "plan-discussed/1", steps: []string{"card:plan:{plan}"}},
	{kind: "fixed-list/1"},
	{kind: "export-read/1"},
	{kind: "exports-deleted/1"},
	{kind: "plan-contained/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(contained)},
	{kind: "plan-freed/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(freed)},
	{kind: "contain-waived/1", steps: []string{"thread:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(containWaived)},

	{kind: "run-claimed/1", steps: []string{"thread:{plan}", "card:review:{plan}", "card:plan:{plan}", "card:progress:{plan}", "card:summary"}, say: saying(claimed)},
	{kind: "run-refused/1"},
	{kind: "preflight/1", steps: []string{"card:progress:{plan}"}},
	{kind: "canary/1", steps: []string{"thread:{plan}", "card:progress:{plan}"}, say: saying(canary)},
	{kind: "run-continued/1", steps: []string{"thread:{plan}", "card:progress:{plan}"}, say: saying(continued)},
	{kind: "batch/1", steps: []string{"card:progress:{plan}", "card:summary"}},
	{kind: "run-throttled/1", steps: []string{"card:progress:{plan}"}},
	{kind: "run-paused/1", steps: []string{"thread:{plan}", "card:progress:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(paused)},
	{kind: "run-pause-asked/1", steps: []string{"card:progress:{plan}"}},
	{kind: "run-resumed/1", steps: []string{"thread:{plan}", "card:progress:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(resumed)},
	{kind: "run-revived/1", steps: []string{"thread:{plan}", "card:progress:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(revived)},
	{kind: "run-taken-over/1", steps: []string{"card:progress:{plan}"}},
	{kind: "run-abort-asked/1", steps: []string{"thread:{plan}", "card:progress:{plan}"}, say: saying(abortAsked)},
	{kind: "run-aborted/1", steps: []string{"thread:{plan}", "card:progress:{plan}", "card:plan:{plan}", "card:summary"}, say: saying(aborted)},
	{kind: "verified/1", steps: []string{"card:progress:{plan}"}},
	{kind: "run-finished/1", steps: []string{"card:progress:{plan}", "result:{plan}", "card:plan:{plan}", "card:review:{plan}", "card:table", "card:summary"}},

	{kind: "channel-refused/1", steps: []string{"lead", "card:summary", "card:opener", "card:triage", "card:announce"}, say: saying(channelRefused)},
	{kind: "pictures-refused/1", steps: []string{"lead"}, say: saying(picturesRefused)},
	{kind: "delivery-dead/1", steps: []string{"lead"}, say: saying(dead)},
}

// Facts are one empty fact of each kind that this room journals.
func Facts() []incidents.Fact {
	return []incidents.Fact{ChannelRefused{}, PicturesRefused{}, DeliveryDead{}}
}

// told is every fact kind of the house that has to be told.
func told() []incidents.Fact {
	all := append(incidents.Facts(), count.Facts()...)
	return append(append(all, approval.Facts()...), Facts()...)
}

func tellingOf(kind string) (telling, bool) {
	for _, t := range tellings {
		if t.kind == kind {
			return t, true
		}
	}
	return telling{}, false
}

// stepsOf expands an entry into the names of its steps.
func stepsOf(e journal.Entry) ([]string, error) {
	t, known := tellingOf(e.Kind)
	if !known {
		return nil, fmt.Errorf("no telling for %s", e.Kind)
	}
	var names []string
	for _, s := range t.steps {
		switch {
		case strings.Contains(s, "{people}"):
			for _, p := range peopleOf(e, "people") {
				names = append(names, strings.Replace(s, "{people}", textOf(e, "page")+":"+p, 1))
			}
			continue
		case strings.Contains(s, "{vendor}"):
			vendor := textOf(e, "vendor")
			if vendor == "" {
				continue // of a customer
			}
			s = strings.Replace(s, "{vendor}", vendor, 1)
		case strings.Contains(s, "{page}") && textOf(e, "page") == "0":
			continue // of no call
		case strings.Contains(s, "{by}"):
			s = strings.Replace(s, "{by}", textOf(e, "by"), 1)
		}
		s = strings.Replace(s, "{page}", textOf(e, "page"), 1)
		s = strings.Replace(s, "{who}", textOf(e, "who"), 1)
		s = strings.Replace(s, "{offer}", textOf(e, "offer"), 1)
		s = strings.Replace(s, "{plan}", planOf(e), 1)
		names = append(names, s)
	}
	return names, nil
}

// textOf reads one field of a fact as text.
func textOf(e journal.Entry, field string) string {
	v, ok := e.Value.Field(field)
	if !ok {
		return ""
	}
	return fmt.Sprint(v.Plain())
}

func peopleOf(e journal.Entry, field string) []string {
	v, ok := e.Value.Field(field)
	if !ok {
		return nil
	}
	list, _ := v.Plain().([]any)
	var all []string
	for _, one := range list {
		all = append(all, fmt.Sprint(one))
	}
	return all
}

// planOf is the plan a fact is about: "R1".
func planOf(e journal.Entry) string {
	v, ok := e.Value.Field("rev")
	if !ok {
		return ""
	}
	ref, ok := v.Field("ref")
	if !ok {
		return ""
	}
	return fmt.Sprint(ref.Plain())
}
