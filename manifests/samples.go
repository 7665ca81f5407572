package manifests

import _ "embed"

// The sample CRM of the demo, as SQL to be run in one transaction by a
// superuser of an empty database: tables, triggers and roles, then the
// functions with which the world outside snafu writes. world.load and
// world.weekly_41 make its past, relative to the instant the story begins.
var (
	//go:embed samples/lead-status/schema.sql
	LeadStatusSchema string
	//go:embed samples/lead-status/world.sql
	LeadStatusWorld string
)

// A database unlike the sample CRM in every name, key and type, what happened
// in it, and the declaration with which it is counted and put back.
var (
	//go:embed samples/foreign/schema.sql
	ForeignSchema string
	//go:embed samples/foreign/world.sql
	ForeignWorld string
	//go:embed samples/foreign/snafu.yaml
	ForeignConfig string
)
