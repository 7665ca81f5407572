package incidents

import (
	"strconv"
	"strings"

	"snafu/incidents/refusal"
)

// ID is the number of an incident, said as SNAFU-42.
type ID int64

// String returns the key as people say it.
func (id ID) String() string { return "SNAFU-" + strconv.FormatInt(int64(id), 10) }

// ParseID reads SNAFU-42, snafu-42 or #42. A bare number is never a key,
// because it may as well be a severity. It refuses with Invalid.
func ParseID(s string) (ID, error) {
	digits, ok := strings.CutPrefix(s, "#")
	if !ok && len(s) > len("snafu-") && strings.EqualFold(s[:len("snafu-")], "snafu-") {
		digits, ok = s[len("snafu-"):], true
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if !ok || err != nil || n == 0 || digits[0] == '0' {
		return 0, refusal.Invalid("%q is not the key of a snafu. Write it as SNAFU-42 or #42.", shorten(s, 40))
	}
	return ID(n), nil
}
