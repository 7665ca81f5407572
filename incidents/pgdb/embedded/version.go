package embedded

import (
	"fmt"
	"strconv"
	"strings"
)

// oldest is the oldest major version whose SQL we use.
const oldest = 14

// version is what a server says of itself, such as 15.18.
type version struct {
	major int
	text  string
}

func (v version) String() string { return v.text }

// parseVersion reads the answer of "postgres --version", for instance
// "postgres (PostgreSQL) 15.18 (Debian 15.18-1)" or "… 19beta1".
func parseVersion(out string) (version, error) {
	_, rest, ok := strings.Cut(out, "(PostgreSQL) ")
	if !ok {
		return version{}, fmt.Errorf("not a version of PostgreSQL: %q", out)
	}
	word, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	digits := strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(word)
	}
	major, err := strconv.Atoi(word[:digits])
	if err != nil {
		return version{}, fmt.Errorf("not a version of PostgreSQL: %q", out)
	}
	return version{major: major, text: word}, nil
}

func (o Options) minMajor() int { return max(oldest, o.MinMajor) }
