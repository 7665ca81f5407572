package app

import (
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/pgdb"
)

func pgWords(err error) string { return pgdb.Words(err) }

// stateWords are those for a state alone: a source tells no more of its errors.
// What pgdb says of rights and tables is about the log, and left out.
func stateWords(state string) string {
	switch state {
	case "42501", "42704", "42P01", "3F000":
		return ""
	}
	return pgdb.Words(&pgconn.PgError{Code: state})
}

func trimStop(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }
