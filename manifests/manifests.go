// Package manifests embeds the files that an operator reads, applies or copies:
// the role scripts, the sample data.
package manifests

import _ "embed"

// LogRoles makes the roles of snafu's own database. An administrator of that
// database runs it; a second run changes nothing.
//
//go:embed roles/log.sql
var LogRoles string
