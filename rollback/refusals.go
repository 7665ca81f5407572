package rollback

import (
	"strconv"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// One constructor per refusal. The code is the stable name that entries,
// metrics and tests use; the words are what the person reads.

// Who.

// RefuseSelf answers the requester of a plan.
func RefuseSelf(ref Ref, can []incidents.Person) error {
	return refusal.Forbidden("You asked for %s, so your approval can't count.%s", ref, canSay(can)).Coded("self")
}

// RefuseAuthor answers somebody who wrote a revision.
func RefuseAuthor(ref Ref, revision int64, can []incidents.Person) error {
	return refusal.Forbidden("You wrote %s, so your approval can't count.%s", ref.Revision(revision), canSay(can)).Coded("author")
}

// RefuseInvolved answers somebody recorded as involved in the cause.
func RefuseInvolved(can []incidents.Person) error {
	return refusal.Forbidden("You are recorded as involved in the cause, so your approval can't count here.%s", canSay(can)).Coded("involved")
}

// RefuseNotListed answers a colleague who is no approver of the source.
func RefuseNotListed(source string, pool []incidents.Person) error {
	return refusal.Forbidden("Only approvers of %s can approve: %s.", source, incidents.Mentions(pool)).Coded("not-listed")
}

// RefuseGuest answers a guest account.
func RefuseGuest(can []incidents.Person) error {
	return refusal.Forbidden("Guests can't approve.%s", canSay(can)).Coded("guest")
}

// RefuseAccount answers an account that is no full member; why is one or two
// words, such as "deactivated".
func RefuseAccount(why string, can []incidents.Person) error {
	return refusal.Forbidden("This account can't approve (%s).%s", why, canSay(can)).Coded("account")
}

// RefuseSharedChannel stops approvals in a channel that another company reads.
func RefuseSharedChannel() error {
	return refusal.Forbidden("This channel is shared with another company, so approvals stop here. They count again once it is unshared.").Coded("shared-channel")
}

// RefuseUnsure stops an approval while Slack cannot say who clicked.
func RefuseUnsure() error {
	return refusal.Unavailable("Slack did not confirm who you are, so nothing was counted. Press again in a minute.").Coded("slack-unsure")
}

// RefuseTooFew stops a proposal that nobody could approve.
func RefuseTooFew(ref Ref, needs int64, can []incidents.Person, source string, admins []incidents.Person) error {
	who := "nobody can give one"
	switch len(can) {
	case 0:
	case 1:
		who = "only " + can[0].Mention() + " can give one"
	default:
		who = "only " + incidents.Mentions(can) + " can give them"
	}
	ask := "its admin"
	if len(admins) > 0 {
		ask = "its admin " + incidents.Mentions(admins)
	}
	return refusal.Conflict("%s needs %d approvals and %s. Add an approver of %s, or ask %s.", ref, needs, who, source, ask).Coded("too-few")
}

// RefuseApproverEdits answers an approver who wants to change the plan.
func RefuseApproverEdits(ref Ref, revision int64, next Ref) error {
	return refusal.Forbidden("You approved %s, so someone else must change it. Or plan %s.", ref.Revision(revision), next).Coded("approver-edits")
}

// RefuseNotAuthor answers somebody who wants to take back another's plan.
func RefuseNotAuthor(ref Ref, can []incidents.Person) error {
	return refusal.Forbidden("Only who wrote %s or leads the snafu can do that.%s", ref, canSay(can)).Coded("not-author")
}

// RefuseRecordInvolved answers somebody who records a colleague as involved.
func RefuseRecordInvolved(lead incidents.Person) error {
	return refusal.Forbidden("Only the lead can record that about somebody else. That is %s.", lead.Mention()).Coded("not-lead")
}

// RefuseRules answers a proposal or a start under rules that a source no longer
// has.
func RefuseRules(ref Ref, source string) error {
	return refusal.Conflict("Who may approve on %s has changed since %s was drafted. Freeze it again: `plan freeze %s`.", source, ref, ref).Coded("rules")
}

// Break-glass.

// RefuseGlassOff answers where no source lets a requester be a voice.
func RefuseGlassOff(source string, admins []incidents.Person) error {
	ask := "Its admin decides"
	if len(admins) > 0 {
		ask = incidents.Mentions(admins) + " decides"
	}
	return refusal.Forbidden("Break-glass is off for %s. %s about that in the configuration; until then two other people approve.", source, ask).Coded("break-glass")
}

// RefuseGlassBy answers somebody who did not ask for the plan.
func RefuseGlassBy(ref Ref, requester incidents.Person) error {
	return refusal.Forbidden("Only who asked for %s can break the glass for it. That is %s.", ref, requester.Mention()).Coded("break-glass")
}

// RefuseGlassReason answers a reason that says nothing.
func RefuseGlassReason() error {
	return refusal.Invalid("Say in at least %d characters why this cannot wait for two other people. Everybody who may approve reads it.", minGlassWhy).Coded("break-glass")
}

// RefuseGlassRows answers a plan that is too large for it.
func RefuseGlassRows(ref Ref, writes, limit int64) error {
	return refusal.Conflict("%s writes %s records; break-glass allows %s. Two other people approve it, or a smaller plan goes first.", ref, Number(writes), Number(limit)).Coded("break-glass")
}

// RefuseReviewed answers a review that cannot count.
func RefuseReviewed(ref Ref, why string, can []incidents.Person) error {
	return refusal.Forbidden("%s, so your review of %s can't count.%s", why, ref, canSay(can)).Coded("break-glass-review")
}

// RefuseNothingBroken answers a review of a plan that needs none.
func RefuseNothingBroken(ref Ref) error {
	return refusal.Conflict("%s was approved by two other people, or has written nothing: there is nothing to review.", ref).Coded("break-glass-review")
}

// RefuseNotPerson answers a part of the program: only people decide.
func RefuseNotPerson() error {
	return refusal.Forbidden("Only a person can decide about a plan.").Coded("account")
}

// Click.

// RefuseVoted answers a second press.
func RefuseVoted() error { return refusal.Conflict("Already counted.").Coded("voted") }

// RefuseWithdrew answers somebody who took back an approval of this revision.
func RefuseWithdrew(ref Ref, revision int64) error {
	return refusal.Conflict("You withdrew your approval of %s. Someone else can give one, or wait for r%d.", ref.Revision(revision), revision+1).Coded("withdrew")
}

// RefuseStale answers a button of a revision that has been replaced. A zero
// instant leaves the time out.
func RefuseStale(ref Ref, revision, newest int64, at time.Time) error {
	if revision == newest {
		return refusal.Conflict("%s has changed since this was posted. Read its newest message.", ref.Revision(revision)).Coded("stale")
	}
	when := ""
	if !at.IsZero() {
		when = " at " + Clock(at)
	}
	return refusal.Conflict("%s was replaced by r%d%s. Read r%d first.", ref.Revision(revision), newest, when, newest).Coded("stale")
}

// RefuseTyped answers a typed number that is not the number of writes.
func RefuseTyped(ref Ref, writes int64, unit string, typed int64) error {
	return refusal.Invalid("%s writes %s %s; you typed %s.", ref, Number(writes), unit, Number(typed)).Coded("typed")
}

// RefuseUnlooked answers an approval of many records by somebody who did not say
// that they looked at any.
func RefuseUnlooked(ref Ref, writes int64, unit string) error {
	return refusal.Invalid("%s writes %s %s, so look at some of them first: `/snafu example %s`. Then press Review and approve again, and tick that you did.", ref, Number(writes), unit, ref).Coded("samples")
}

// RefuseTypedRef answers a start for which another name was typed.
func RefuseTypedRef(ref Ref) error {
	return refusal.Invalid("Type %s to start it.", ref).Coded("typed")
}

// RefuseTooSoon answers a click that leaves no time to read.
func RefuseTooSoon(opened time.Duration) error {
	return refusal.Conflict("Read it first: this opened %d s ago.", int64(max(opened, 0)/time.Second)).Coded("too-soon")
}

// RefuseTooLate answers a click that waited in a queue or on a screen.
func RefuseTooLate() error {
	return refusal.Conflict("This click waited too long; press again.").Coded("too-late")
}

// RefuseExpired answers an approval of counts that are too old.
func RefuseExpired(ref Ref, counted time.Time, limit time.Duration) error {
	return refusal.Conflict("The counts of %s are from %s, over %s old. Freeze it again.", ref, Clock(counted), Lasting(limit)).Coded("expired")
}

// RefuseApprovalsExpired answers a start or a resume on approvals that are too
// old to stand for it.
func RefuseApprovalsExpired(ref Ref, limit time.Duration) error {
	return refusal.Conflict("The approvals of %s are over %s old. `abort %s WHY` ends it; the rest is a new revision.", ref, Lasting(limit), ref).Coded("expired")
}

// RefuseStartLate answers a start after its deadline.
func RefuseStartLate(ref Ref, by time.Time) error {
	return refusal.Conflict("%s had to start by %s. Freeze it again.", ref, Clock(by)).Coded("start-late")
}

// RefuseState answers a decision that the state of the plan does not allow.
func RefuseState(ref Ref, now StateName, cannot, next string) error {
	return refusal.Conflict("%s is %s, so it can't be %s.%s", ref, now.Words(), cannot, spaced(next)).Coded("state")
}

// RefuseRunning answers a start while another plan runs on the source.
func RefuseRunning(other, source string, ref Ref) error {
	return refusal.Conflict("%s is running on %s; %s can start when it ends.", other, source, ref).Coded("running")
}

// RefuseNoVoice answers somebody who takes back what they never gave.
func RefuseNoVoice(ref Ref) error {
	return refusal.Conflict("You have no approval of %s to withdraw.", ref).Coded("state")
}

// RefuseNoPlan answers a reference that the incident does not have.
func RefuseNoPlan(ref string) error {
	return refusal.NotFound("There is no %s here. `/snafu plan` makes one; `/snafu status` shows those of this snafu.", ref).Coded("no-plan")
}

// Number writes a count with separators: 1,169.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// Clock writes an instant as the time of day that everybody can agree on.
func Clock(at time.Time) string { return at.UTC().Format("15:04") + " UTC" }

// Lasting writes a duration in its largest whole unit: "4 h", "90 min", "30 s".
// What is shorter than a second is "under 1 s", never nothing.
func Lasting(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under 1 s"
	case d >= time.Hour && d%time.Hour == 0:
		return strconv.FormatInt(int64(d/time.Hour), 10) + " h"
	case d >= time.Minute && d%time.Minute == 0:
		return strconv.FormatInt(int64(d/time.Minute), 10) + " min"
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + " s"
}

func canSay(can []incidents.Person) string {
	if len(can) == 0 {
		return " No one else can yet."
	}
	return " " + incidents.Mentions(can) + " can."
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
