package incidents

import (
	"strconv"
	"strings"

	"snafu/incidents/refusal"
)

// Severity says how bad it is: 1 is worst. 0 is not yet chosen.
type Severity int64

// The severities. SEV1 and SEV2 call the system's rota when they open.
const (
	SEV1 Severity = 1
	SEV2 Severity = 2
	SEV3 Severity = 3
)

// String returns SEV1 to SEV3.
func (s Severity) String() string { return "SEV" + strconv.FormatInt(int64(s), 10) }

// Calls says whether this severity calls somebody without being asked.
func (s Severity) Calls() bool { return s == SEV1 || s == SEV2 }

// ParseSeverity reads 1, sev1 or SEV1. It refuses with Invalid.
func ParseSeverity(s string) (Severity, error) {
	switch strings.ToLower(strings.Trim(s, " .,;:!?")) {
	case "1", "sev1":
		return SEV1, nil
	case "2", "sev2":
		return SEV2, nil
	case "3", "sev3":
		return SEV3, nil
	}
	return 0, refusal.Invalid("%q is not a severity. Write sev1, sev2 or sev3; sev1 is the worst.", shorten(s, 40))
}

// Thresholds of the suggestion, in wrong records.
const (
	manyWrong = 10_000
	fewWrong  = 100
)

// Suggest returns the severity that fits what triage knows, and why. wrong is
// the count of wrong records, or -1 while nobody has counted. A person
// chooses; a suggestion never changes a severity by itself.
func Suggest(t Triage, wrong int64) (Severity, string) {
	customers := t.Answer(QuestionCustomers)
	switch {
	case customers.is("some"):
		return SEV1, "wrong data reached customers"
	case t.Answer(QuestionExposed).is(Yes):
		return SEV1, "data was shown to someone who should not see it"
	case t.Still() == Yes && wrong >= manyWrong:
		return SEV1, "the error still occurs and 10,000 or more records are wrong"
	case t.Still() == No && wrong >= 0 && wrong < fewWrong && customers.is("none") && t.Answer(QuestionExposed).is(No):
		return SEV3, "stopped, under 100 wrong, nothing reached anybody outside"
	}
	return SEV2, "the size is not known to be small"
}
