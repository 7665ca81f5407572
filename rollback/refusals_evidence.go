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

// RefuseGuess means that evidence leaves several values for what is left.
func RefuseGuess(records int64) error {
	return refusal.Invalid("%s of these have several possible steps. Contain them, or plan them apart.", Number(records)).Coded("guess")
}

// RefuseSpotCheck means that nobody has compared what the evidence says with
// what people can find out by hand.
func RefuseSpotCheck(ref Ref, records int64) error {
	return refusal.Conflict("Nobody has compared %s by hand yet. Somebody who did not write the file has to, for %s of its records.", ref, Number(records)).Coded("spot-check")
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
