package rollback

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// The world moved: a preflight found that what was approved is not what stands
// there now.

// RefuseGrowth means that more members of the run are wrong than were frozen.
func RefuseGrowth(ref Ref, more int64, unit string) error {
	return refusal.Conflict("%s more %s are wrong than when %s was frozen: is the cause stopped? %s is back to draft.", Number(more), unit, ref, ref).Coded("growth")
}

// RefuseShrink means that more frozen records changed than are tolerated.
func RefuseShrink(ref Ref, changed, writes int64, unit string, allowed int64) error {
	return refusal.Conflict("%s of %s %s changed since the freeze, at most %s may. %s is back to draft.",
		Number(changed), Number(writes), unit, Number(allowed), ref).Coded("shrink")
}

// RefuseSchema means that the table is not as it was frozen.
func RefuseSchema(ref Ref, table string, what []string) error {
	changed := "its fingerprint differs"
	if len(what) > 0 {
		changed = strings.Join(what, ", ")
	}
	return refusal.Conflict("%s changed since %s was frozen: %s. %s is back to draft.", table, ref, changed, ref).Coded("schema")
}

// RefuseTarget means that this is another database.
func RefuseTarget(ref Ref, part string) error {
	return refusal.Conflict("This is not the database %s was frozen on (%s). Nothing was written.", ref, part).Coded("target")
}

// RefuseRowsDigest means that the frozen records in the source were changed.
func RefuseRowsDigest() error {
	return refusal.Conflict("The frozen records are not the ones that were approved. Nothing was written; an admin must look.").Coded("rows-digest")
}

// RefuseExport means that the before-images cannot be relied on.
func RefuseExport(ref Ref) error {
	return refusal.Conflict("The before-image file is missing or altered. Freeze %s again.", ref).Coded("export")
}

// RefuseDigest means that stored parts of the plan no longer give its digest.
func RefuseDigest(ref Ref) error {
	return refusal.Conflict("What is stored of %s is not what was frozen. Nothing was counted; an admin must look.", ref).Coded("altered")
}

// The plan.

// RefuseNothing means that there is no record to write.
func RefuseNothing(c Counts) error {
	parts := []string{
		Number(c.Already) + " already right",
		Number(c.Conflicts()) + " changed by people since",
		Number(c.Right) + " right all along",
	}
	if c.Missing > 0 {
		parts = append(parts, Number(c.Missing)+" gone since")
	}
	if n := c.Unrecoverable + c.Ambiguous; n > 0 {
		parts = append(parts, Number(n)+" without evidence")
	}
	return refusal.Conflict("Nothing to write: %s.", strings.Join(parts, ", ")).Coded("nothing")
}

// RefuseUndecided means that somebody must say what some records should be.
func RefuseUndecided(records int64, unit string) error {
	if records == 0 {
		return refusal.Invalid("Nobody has said yet what these %s should be. `table` opens it.", unit).Coded("undecided")
	}
	return refusal.Invalid("%s %s have no decision yet. `table` opens it.", Number(records), unit).Coded("undecided")
}

// RefuseNoKey means that records of the table cannot be told apart.
func RefuseNoKey(table string) error {
	return refusal.Invalid("%s has no primary or unique key, so records can't be told apart.", table).Coded("no-key")
}

// RefuseColumn means that a set column cannot be written; why is "part of the
// key", "generated", "an identity", "of type json", "not settable".
func RefuseColumn(column, why string) error {
	return refusal.Invalid("%s is %s and can't be written.", column, why).Coded("column")
}

// RefuseTableKind means that the relation is no plain table; kind is "a view",
// "a foreign table".
func RefuseTableKind(table, kind string) error {
	return refusal.Invalid("%s is %s. Name its table.", table, kind).Coded("table-kind")
}

// RefuseOverlap means that records stand in two cohorts.
func RefuseOverlap(records int64, unit string) error {
	return refusal.Invalid("%s %s stand in two cohorts.", Number(records), unit).Coded("overlap")
}

// RefuseTooMany means that a plan exceeds the source's limit.
func RefuseTooMany(ref Ref, records, limit int64) error {
	return refusal.Invalid("%s has %s records, at most %s. Split it.", ref, Number(records), Number(limit)).Coded("too-many")
}

// RefuseTooWide means that a plan holds too many of its parts: cohorts,
// columns, bytes.
func RefuseTooWide(ref Ref, n int64, parts string, limit int64) error {
	return refusal.Invalid("%s has %s %s, at most %s. Split it.", ref, Number(n), parts, Number(limit)).Coded("too-many")
}

// RefuseTwice means that one pair of values was decided twice.
func RefuseTwice(p Pair) error {
	return refusal.Invalid("%s -> %s was decided twice. Decide it once.", p.Initial, p.Error).Coded("overlap")
}

// RefuseRowSecurity means that the login would not see all records.
func RefuseRowSecurity(table, login string) error {
	return refusal.Conflict("Row security hides records of %s from %s. An admin of the source must let it see all of them.", table, login).Coded("row-security")
}

// RefuseWindowOnly means that a scope names no run.
func RefuseWindowOnly() error {
	return refusal.Invalid("A time window alone is no evidence. Name the run or a list.").Coded("window-only")
}

// RefuseRetention means that the history no longer reaches back to the run.
func RefuseRetention(table string, keeps time.Duration, age time.Duration) error {
	return refusal.Invalid("History of %s keeps %d days; the run is %d days old. Use a backup.", table, days(keeps), days(age)).Coded("retention")
}

// RefuseSource means that a statement took longer in the source than it may.
func RefuseSource(source string, limit time.Duration) error {
	return refusal.Unavailable("%s did not answer within %s. If that happens again: add the indexes that `snafu source sql %s` advises, or allow more with counts.statement_timeout.", source, Lasting(limit), source).Coded("count-time")
}

// RefuseAway means that the source cannot be reached.
func RefuseAway(source string) error {
	return refusal.Unavailable("%s cannot be reached. Try again in a minute; if it stays away, ask who runs it.", source).Coded("source-away")
}

// RefuseConnections means that the source lets the login open no connection more.
func RefuseConnections(source string) error {
	return refusal.Unavailable("%s has no free connection for me. Raise the login's connection limit, or try again in a minute.", source).Coded("connections")
}

func days(d time.Duration) int64 { return int64(d / (24 * time.Hour)) }
