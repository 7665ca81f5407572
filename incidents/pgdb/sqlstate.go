package pgdb

import (
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// State is the SQLSTATE of an error of the database, or "".
func State(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func class(err error) string {
	if s := State(err); len(s) == 5 {
		return s[:2]
	}
	return ""
}

// Broke reports whether a statement broke the named constraint or unique index,
// so that the room that owns the table can say in words what that means.
func Broke(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && class(err) == "23" && pg.ConstraintName == constraint
}

// Lost reports whether the database could not be reached or went away, as opposed
// to having answered no.
func Lost(err error) bool {
	if err == nil {
		return false
	}
	switch State(err) {
	case "57P01", "57P02", "57P03", "57P05", "25P03", "53300":
		return true
	case "":
	default:
		return class(err) == "08"
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// What a state means for the person who runs snafu. No word of a record and no
// password gets into these, unlike into the text of the database.
var words = map[string]string{
	"08004": "Postgres refused the connection. Look into its log.",
	"08P01": "What answers at that address does not speak as Postgres does. Check host, port and sslmode.",
	"25006": "That Postgres is read-only, a standby. Give the address of the primary.",
	"26000": "A statement went to another session, as behind a transaction pooler. Add default_query_exec_mode=exec to the URL, or connect directly.",
	"28000": "Postgres lets nobody in with that login. Check the user in the URL and pg_hba.conf.",
	"28P01": "Postgres refused that user or password. Check both in the URL.",
	"3D000": "There is no such database. Create it, or mend its name in the URL.",
	"3F000": "The schema is missing. Run snafu migrate.",
	"42501": "The role may not do that. Run manifests/roles/log.sql as an administrator, then snafu migrate.",
	"42704": "A role or setting is missing. Run manifests/roles/log.sql as an administrator, and use Postgres 14 or newer.",
	"42P01": "A table is missing. Run snafu migrate.",
	"42P05": "A statement is prepared already, as behind a transaction pooler. Add default_query_exec_mode=exec to the URL, or connect directly.",
	"53100": "The disk of Postgres is full. Make room there.",
	"53200": "Postgres is out of memory. Look into its log.",
	"53300": "Postgres has no free connection. Raise max_connections, or lower the pools.",
	"55P03": "Somebody else holds that lock. Try again.",
	"57014": "The statement took longer than 15 s and was stopped. Look for what blocks it.",
	"57P01": "An administrator has ended the connection. I connect again by myself.",
	"57P02": "Postgres has crashed and recovers. I connect again by myself.",
	"57P03": "Postgres is starting or stopping. I try again by myself.",
}

// Words says in a sentence what an error of the database means, for the person
// who runs snafu, or "" if only its text can tell.
func Words(err error) string {
	if err == nil {
		return ""
	}
	if say, ok := words[State(err)]; ok {
		return say
	}
	if errors.Is(err, ErrOutcomeUnknown) {
		return "The connection was lost during the commit, so it is unknown whether that was saved."
	}
	var connect *pgconn.ConnectError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "The host of the database is unknown here. Check its name in the URL."
	case errors.As(err, &connect):
		return "Nothing answers as Postgres at the address of the database. Check host and port in the URL, and that it runs."
	case Lost(err):
		return "The connection to Postgres was lost. I connect again by myself."
	}
	return ""
}
