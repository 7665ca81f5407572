package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/manifests"
	"snafu/rollback"
)

// automated is the example with automations.
func automated(t *testing.T, section string) (Config, error) {
	t.Helper()
	before, after, found := strings.Cut(manifests.ExampleConfig, "    throttle:\n")
	require.True(t, found)
	return parse("snafu.yaml", []byte(before+"    automations: "+section+"\n    throttle:\n"+after), lookup(exampleEnv), Need{Slack: true, Sources: true, Log: true, Migrate: true})
}

const weeklySwitch = `{table: crm.campaign, key: {id: "7"}, column: active, on: "true", off: "false"}`

func TestAutomationsAreReadAsMeant(t *testing.T) {
	c, err := automated(t, `{weekly-sync: {title: Weekly stage sync, switch: `+weeklySwitch+`, dependents: [Scoring]}, nightly: {cron_job: lead_scoring, risky: true}, map-push: {title: MAP push, manual: true, admin: U0TOM}}`)
	require.NoError(t, err)
	want := []rollback.Automation{
		{Name: "map-push", Title: "MAP push", Manual: true, Admin: "U0TOM"},
		{Name: "nightly", Title: "nightly", Cron: "lead_scoring", Risky: true},
		{Name: "weekly-sync", Title: "Weekly stage sync", Dependents: []string{"Scoring"}, Switch: rollback.SwitchColumn{Relation: "crm.campaign", Key: map[string]string{"id": "7"}, Column: "active", On: "true", Off: "false"}},
	}
	crm := c.Sources["crm"]
	require.Equal(t, want, crm.postgres("crm").Automations)
	require.Equal(t, want, c.approvals()[0].Automations)
}

func TestAWrongAutomationIsShownInItsLine(t *testing.T) {
	for _, c := range []struct{ section, want string }{
		{`{"Weekly Sync": {cron_job: x}}`, `"Weekly Sync" cannot name an automation.`},
		{`{w: {title: Nothing}}`, "Automation w is stopped in one way: switch"},
		{`{w: {cron_job: x, manual: true, admin: U0TOM}}`, "Automation w is stopped in one way: switch"},
		{`{w: {manual: true}}`, "Automation w has no admin."},
		{`{w: {manual: true, admin: tom}}`, `"tom" is not a Slack user id.`},
		{`{w: {manual: true, admin: U0TOM, risky: true}}`, "Only what snafu switches itself waits for a second person."},
		{`{w: {cron_job: x, admin: U0TOM}}`, "Only a manual automation has an admin."},
		{`{w: {switch: {table: crm.campaign, column: active, on: a, off: b}}}`, "The switch has no key."},
		{`{w: {switch: {key: {id: "7"}, column: active, on: a, off: b}}}`, "sources.crm.automations.w.switch.table is missing."},
		{`{w: {switch: {table: crm.campaign, key: {id: "7"}, column: active, on: a, off: a}}}`, `The switch holds "a" when it is on and when it is off.`},
		{`{w: {switch: {table: crm.campaign, key: {id: "7"}, column: id, on: a, off: b}}}`, `"id" is part of the key, so it is no switch.`},
		{`{w: {switch: {table: crm.lead, key: {id: "7"}, column: lead_status, on: a, off: b}}}`, `"lead_status" is settable in a plan, so it is no switch.`},
		{`{v: {title: Push, cron_job: y}, w: {title: push, cron_job: x}}`, `Automations v and w are both called "push".`},
		{`{v: {cron_job: x}, w: {cron_job: x}}`, "Automations v and w are the same switch."},
		{`{v: {switch: ` + weeklySwitch + `}, w: {switch: {table: crm.campaign, key: {id: "7"}, column: active, on: a, off: b}}}`, "Automations v and w are the same switch."},
		{`{w: {crone_job: x}}`, "crone_job"},
	} {
		_, err := automated(t, c.section)
		require.ErrorContains(t, err, c.want, c.section)
		require.ErrorContains(t, err, "    automations: "+c.section, c.section)
	}
	without := strings.Replace(manifests.ExampleConfig, "    exec_dsn_env:", "    # exec_dsn_env:", 1)
	before, after, _ := strings.Cut(without, "    throttle:\n")
	_, err := parse("snafu.yaml", []byte(before+"    automations: {w: {cron_job: x}}\n    throttle:\n"+after), lookup(exampleEnv), Need{Slack: true, Sources: true, Log: true, Migrate: true})
	require.ErrorContains(t, err, "only measured, so nobody can switch w for it")
}
