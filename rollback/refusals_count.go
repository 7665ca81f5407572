package rollback

import (
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Counts that are asked for by name, or typed.

// RefuseParam answers values that do not fit a query's parameters; what is the
// rest of a sentence about the query.
func RefuseParam(q Query, what string) error {
	return refusal.Invalid("%s %s. Write it as: /snafu count %s.", q.Name, what, q.Usage()).Coded("count-param")
}

// RefuseNoQuery answers a name that no source declares.
func RefuseNoQuery(name, near string, known []string) error {
	say := "I know no count named " + strconv.Quote(shortened(name)) + "."
	switch {
	case near != "":
		say += " Did you mean " + near + "?"
	case len(known) > 0:
		say += " There is " + strings.Join(known, ", ") + "."
	default:
		say += " None is declared: an admin adds reviewed files under queries in snafu.yaml."
	}
	return refusal.NotFound("%s", say).Coded("no-query")
}

// RefuseWhichSource answers a name that several sources declare.
func RefuseWhichSource(name string, sources []string) error {
	var all []string
	for _, s := range sources {
		all = append(all, s+"."+name)
	}
	return refusal.Invalid("More than one system has a count named %s. Write %s.", name, strings.Join(all, " or ")).Coded("which-source")
}

// RefuseTypedOff answers a typed statement where only named counts are asked.
func RefuseTypedOff(source string, named []string) error {
	return refusal.Forbidden("Only named counts may be asked of %s.%s", source, orNamed(named)).Coded("ad-hoc-off")
}

// RefuseTypedGroup answers somebody who may not type statements.
func RefuseTypedGroup(source string, named []string) error {
	return refusal.Forbidden("Only the user group that %s names for it may type a statement. Ask one of its members.%s", source, orNamed(named)).Coded("ad-hoc-group")
}

func orNamed(named []string) string {
	if len(named) == 0 {
		return " None is declared yet: an admin adds reviewed files under queries in snafu.yaml."
	}
	return " Named ones: " + strings.Join(named, ", ") + "."
}

// RefuseStatement answers what is no single question; near is where reading it
// ended, "" if nobody knows.
func RefuseStatement(near string) error {
	say := "This is not a single SELECT."
	if near != "" {
		say += " The source could not read it from " + strconv.Quote(shortened(near)) + " on."
	}
	return refusal.Invalid("%s", say).Coded("count-refused")
}

// RefuseLong answers a statement that is too long or holds what no text holds.
func RefuseLong() error {
	return refusal.Invalid("A count is plain text of at most 8 kB. Make it shorter, or let an admin declare it as a named count.").Coded("count-refused")
}

// RefuseChange answers a statement that would do more than read; what is the
// function or clause that does.
func RefuseChange(what string) error {
	return refusal.Invalid("A count only reads, and %s does more than that. Leave it out.", what).Coded("count-refused")
}

// RefuseCost answers a statement that the source's planner thinks too dear.
func RefuseCost(cost, limit float64) error {
	return refusal.Invalid("Too expensive (%s, limit %s). Add an index or a condition.", tenfold(cost), tenfold(limit)).Coded("count-cost")
}

// tenfold writes a large number as people write powers of ten: 2e9.
func tenfold(n float64) string {
	return strings.Replace(strings.Replace(strconv.FormatFloat(n, 'e', 0, 64), "e+0", "e", 1), "e+", "e", 1)
}

// RefuseLate answers a count that the source ended at its limit.
func RefuseLate(source string, limit time.Duration) error {
	return refusal.Unavailable("%s did not answer within %s, so the count was ended. Add a condition, or ask its admin for an index.", source, Lasting(limit)).Coded("count-time")
}

// RefuseLocked answers a count that waited for somebody's lock.
func RefuseLocked(source string) error {
	return refusal.Unavailable("Somebody's lock in %s stands in the way of this count. Try again in a minute.", source).Coded("count-time")
}

// RefuseShape answers a result that is no number, or too many; what is the rest
// of a sentence about it.
func RefuseShape(what string) error {
	return refusal.Invalid("A count answers with one whole number, or with at most 50 lines of a label and a number; this %s.", what).Coded("count-shape")
}

// RefuseOwnCount answers a typed statement that counts already: I count the
// records that it finds, and of its count there would be one.
func RefuseOwnCount() error {
	return refusal.Invalid("Leave the counting to me: write the records that you mean, such as select id from crm.lead where lead_status = 'SQL'.").Coded("count-shape")
}

// RefuseRights answers a statement about what the counting login may not read.
func RefuseRights(source string) error {
	return refusal.Forbidden("The login that counts in %s may not read part of this. It reads the columns that the configuration declares; an admin of %[1]s can declare more.", source).Coded("count-rights")
}

// RefuseName answers a statement with a name that the source does not know.
func RefuseName(source, near string) error {
	say := "There is a name in this that " + source + " does not know, or types that do not go together."
	if near != "" {
		say += " Look at " + strconv.Quote(shortened(near)) + "."
	}
	return refusal.Invalid("%s Write tables as schema.table.", say).Coded("count-name")
}

// RefuseBroken answers a count that broke on a value in the data.
func RefuseBroken(source, state string) error {
	return refusal.Invalid("The count broke on a value in %s (SQLSTATE %s), so there is no number. Guard against it in the statement.", source, state).Coded("count-value")
}

// RefuseUnfit answers a named count whose file does not fit the source any more.
func RefuseUnfit(q Query) error {
	return refusal.Unavailable("%s does not fit %s any more. Its admin sees why with: snafu source check %[2]s.", q.Name, q.Source).Coded("count-unfit")
}
