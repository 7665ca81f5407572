package app

import (
	"strings"

	"snafu/incidents/pgdb"
)

func pgWords(err error) string { return pgdb.Words(err) }

func trimStop(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }
