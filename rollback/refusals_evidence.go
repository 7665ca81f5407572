package rollback

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// The evidence: what a restore or a reconstruction rests on.

// RefuseMapping means that several values became one, so that the one does not
// say which it was.
func RefuseMapping(initials []string, left string) error {
	last := len(initials) - 1
	all := "all"
	if last == 1 {
		all = "both"
	}
	return refusal.Invalid("%s and %s %s became %s, so %s alone does not say which it was. Use history or a backup.",
		strings.Join(initials[:last], ", "), initials[last], all, left, left).Coded("mapping")
}

// RefuseNoLastSaved means that nobody knows how old the copy of a backup is.
func RefuseNoLastSaved(backup string) error {
	return refusal.Invalid("Nothing says of when backup %s is, and a restore needs that. Write when it was last saved: `restore %s --saved 2026-03-28T02:10Z`.", backup, backup).Coded("backup-state")
}

// RefuseNoBeginning means that a backup can't be placed before or after the run.
func RefuseNoBeginning(run string) error {
	return refusal.Invalid("Nobody has said when %s began, so no backup is known to be from before it. Say it with `pick`.", run).Coded("backup-state")
}

// RefuseBackupLate means that the backup may hold what the run left.
func RefuseBackupLate(saved, began time.Time) error {
	return refusal.Invalid("This backup was taken after the incident began: it was last saved at %s, and the run began at %s. Use an older one.",
		stamped(saved), stamped(began)).Coded("backup-late")
}

// RefuseBackupEmpty means that the copy holds nothing.
func RefuseBackupEmpty(unit string) error {
	return refusal.Invalid("The restored copy holds 0 %s. Restore it again from another backup.", unit).Coded("backup-empty")
}

// RefuseBackupTable means that the copy lacks the table that it should hold.
func RefuseBackupTable(backup, table string) error {
	return refusal.Invalid("The restored copy of backup %s has no table %s, or its login may not read it. Restore it again from another backup.", backup, table).Coded("backup-empty")
}

// RefuseBackupNewer means that the copy is not of when it is said to be.
func RefuseBackupNewer(backup string, saved, newest time.Time) error {
	return refusal.Invalid("Backup %s is said to be saved at %s, and it holds a record changed at %s: it is another one, or somebody wrote into the copy. Restore it again.",
		backup, stamped(saved), stamped(newest)).Coded("backup-empty")
}

// RefuseBackupChanged means that another copy stands where the plan's stood.
func RefuseBackupChanged(backup string) error {
	return refusal.Conflict("The copy of backup %s is not the one that this was planned on. Plan it anew.", backup).Coded("backup-changed")
}

// RefuseNoEvidence answers a name of no backup and no evidence.
func RefuseNoEvidence(source, what, name string, known []string) error {
	say := fmt.Sprintf("%s declares no %s %s.", source, what, strconv.Quote(shortened(name)))
	if len(known) > 0 {
		say += " There is " + strings.Join(known, ", ") + "."
	} else {
		say += " An admin adds it under the source in snafu.yaml."
	}
	return refusal.NotFound("%s", say).Coded("no-evidence")
}

// RefuseSaying answers reviewed evidence whose answer can't be read as it was
// declared; what is the rest of a sentence about it.
func RefuseSaying(name, what string) error {
	return refusal.Invalid("The answer of evidence %s %s. An admin corrects its file or its declaration.", name, what).Coded("evidence-unfit")
}

// RefuseSayingOf means that evidence asks for something that nobody has said.
func RefuseSayingOf(name, param string) error {
	return refusal.Invalid("Evidence %s needs to know :%s. Say it with `--%[2]s`, or pick the run with its window.", name, param).Coded("evidence-unfit")
}

// RefuseMisfit means that evidence can't be asked where it was declared.
func RefuseMisfit(name, source, why string) error {
	return refusal.Unavailable("Evidence %s does not fit %s. %s Its admin sees the same with: snafu source check %[2]s.", name, source, why).Coded("evidence-unfit")
}

// RefuseEvidenceChanged means that the file, or the database that it is asked in,
// is not the one a plan was made with.
func RefuseEvidenceChanged(name string) error {
	return refusal.Conflict("Evidence %s is not the one that this was planned on: its file was changed, or it is asked elsewhere. Plan it anew.", name).Coded("evidence-changed")
}

// RefuseEvidenceTable means that evidence is about records of another table.
func RefuseEvidenceTable(name, table, of string) error {
	return refusal.Invalid("Evidence %s is about %s, not about %s. Leave --in out.", name, of, table).Coded("no-evidence")
}

// RefuseGuess means that evidence leaves several values for what is left.
func RefuseGuess(records int64) error {
	return refusal.Invalid("%s of these have several possible values. Contain them with `/snafu park rest`, or let evidence that knows more decide.", Number(records)).Coded("guess")
}

// RefuseDisagree means that two evidences say different things.
func RefuseDisagree(ref Ref, records int64, first, second string) error {
	return refusal.Conflict("%[2]s and %[3]s disagree about %[4]s records of %[1]s. Somebody has to decide which counts: `/snafu trust %[1]s %[2]s WHY`, `/snafu trust %[1]s %[3]s WHY`, or `neither` to leave them alone.",
		ref, first, second, Number(records)).Coded("disagree")
}

// RefuseNothingBeside means that there is one evidence alone.
func RefuseNothingBeside(ref Ref) error {
	return refusal.Conflict("%s does not rest on two evidences, so there is nothing to decide between.", ref).Coded("disagree")
}

// RefuseTake answers a name that is neither of two evidences.
func RefuseTake(ref Ref, said, first, second string) error {
	return refusal.Invalid("%s rests on %s and %s, and %s is neither of them. Write one of the two, or neither.", ref, first, second, strconv.Quote(shortened(said))).Coded("disagree")
}

// RefuseSpotCheck means that nobody has compared what the evidence says with
// what people can find out by hand.
func RefuseSpotCheck(ref Ref, records int64) error {
	return refusal.Conflict("Nobody has compared %s by hand yet. Somebody who did not write the file and did not ask for the plan has to, for %s of its records: `/snafu spotcheck %[1]s`.", ref, Number(records)).Coded("spot-check")
}

// RefuseOwnEvidence answers who is to compare what they have written themselves.
func RefuseOwnEvidence(ref Ref, why string) error {
	return refusal.Forbidden("%s, so somebody else has to compare %s by hand. Ask a colleague in this channel to write `/snafu spotcheck %[2]s`.", why, ref).Coded("own-evidence")
}

// RefuseSpotDone means that there is nothing to compare by hand.
func RefuseSpotDone(ref Ref, e *Evidence) error {
	if e != nil && e.Spot != nil {
		return refusal.Conflict("%s was compared by hand already: %s of %s differ.", ref, Number(e.Spot.Differ), Number(e.Spot.Records)).Coded("spot-done")
	}
	return refusal.Conflict("%s does not rest on a file's word, so nothing of it is compared by hand.", ref).Coded("spot-done")
}

// RefuseSpotNumber answers a number of differences that can't be.
func RefuseSpotNumber(records int64) error {
	return refusal.Invalid("You were shown %s records. Say how many of them differ: 1 to %[1]s, or `agrees`.", Number(records)).Coded("typed")
}

// RefuseSpotDiffers means that the comparison by hand found another value.
func RefuseSpotDiffers(ref Ref, differ, of int64) error {
	return refusal.Conflict("%s of the %s records of %s that were compared by hand are not what the file says. Correct the file, then plan anew.", Number(differ), Number(of), ref).Coded("spot-check")
}

func stamped(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// perCent is a part in per cent with one decimal, rounded down: 100 is all.
func perCent(part, whole int64) string {
	tenths := part * 1000 / max(whole, 1)
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}
