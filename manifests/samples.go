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
