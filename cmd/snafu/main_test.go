package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/manifests"
)

// command runs snafu in this process, as main does.
func command(t *testing.T, env map[string]string, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := console{ctx: t.Context(), out: &stdout, err: &stderr, env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	code = run(c, args)
	return code, stdout.String(), stderr.String()
}

func TestExitCodesMeanOneThingEverywhere(t *testing.T) {
	db := pgtest.New(t)
	log := map[string]string{"SNAFU_DATABASE_URL": pgtest.As(t, db, pgdb.App), "SNAFU_VERIFY_URL": pgtest.As(t, db, pgdb.Reader)}
	dir := t.TempDir()
	example := filepath.Join(dir, "snafu.yaml")
	require.NoError(t, os.WriteFile(example, []byte(manifests.ExampleConfig), 0o600))
	absent := filepath.Join(dir, "absent.yaml")
	const nobody = "postgres://snafu_count@127.0.0.1:1/crm?connect_timeout=2"
	sources := map[string]string{"SNAFU_CRM_COUNT_DSN": nobody, "SNAFU_CRM_EXEC_DSN": nobody}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		code int
		says string
	}{
		"help":                               {nil, []string{"--help"}, exitHolds, "Calm incident response for data"},
		"a manifest for uploads":             {nil, []string{"manifest", "--uploads"}, exitHolds, `"files:write"`},
		"help of a command":                  {nil, []string{"help", "export"}, exitHolds, "Write the post-mortem of a snafu"},
		"help without dashes":                {nil, []string{"help"}, exitHolds, "export "},
		"version":                            {nil, []string{"version"}, exitHolds, "snafu "},
		"manifest":                           {nil, []string{"manifest"}, exitHolds, `"command": "/snafu"`},
		"no command":                         {nil, nil, exitUsage, "Try: snafu --help"},
		"a mistyped command":                 {nil, []string{"sevre"}, exitUsage, "Try: snafu --help"},
		"an unknown flag":                    {nil, []string{"demo", "--quick"}, exitUsage, "unknown flag --quick"},
		"serve without a configuration":      {nil, []string{"serve", "--config", absent}, exitDoesNot, "Copy manifests/snafu.example.yaml there"},
		"serve without its secrets":          {nil, []string{"serve", "--config", example}, exitDoesNot, "The environment has no SNAFU_SLACK_BOT_TOKEN"},
		"doctor without its secrets":         {nil, []string{"doctor", "--config", example}, exitDoesNot, "FAIL  config"},
		"the SQL of a source":                {nil, []string{"source", "sql", "crm", "--config", example}, exitHolds, "create role snafu_count"},
		"the SQL of an unknown source":       {nil, []string{"source", "sql", "erp", "--config", example}, exitDoesNot, `no source "erp". It declares: crm`},
		"a source that cannot be looked at":  {nil, []string{"source", "check", "crm", "--config", example}, exitCouldNot, "SNAFU_CRM_COUNT_DSN"},
		"a check of an unknown source":       {sources, []string{"source", "check", "erp", "--config", example}, exitCouldNot, `no source "erp". It declares: crm`},
		"a source that does not answer":      {sources, []string{"source", "check", "crm", "--config", example}, exitCouldNot, "source crm could not be looked at: nothing answers there"},
		"a source that does not answer JSON": {sources, []string{"source", "check", "crm", "--json", "--config", example}, exitCouldNot, `"because": "nothing answers there as its database"`},
		"the schema for editors":             {nil, []string{"config", "schema"}, exitHolds, `"additionalProperties": false`},
		"an audit of a sound journal":        {log, []string{"audit", "verify", "--config", absent}, exitHolds, ""},
		"an audit of one incident":           {log, []string{"audit", "verify", "--config", absent, "--incident", "SNAFU-7"}, exitHolds, ""},
		"an audit of something else":         {log, []string{"audit", "verify", "--config", absent, "--incident", "seven"}, exitCouldNot, "Write it as SNAFU-42"},
		"an audit without a database":        {map[string]string{"SNAFU_DATABASE_URL": "postgres://snafu_app@127.0.0.1:1/snafu"}, []string{"audit", "verify", "--config", absent}, exitCouldNot, "does not answer"},
		"a migration without its own login":  {log, []string{"migrate", "--config", absent}, exitDoesNot, "Set database.migrate_url_env, or SNAFU_MIGRATE_URL"},
		"a workspace that cannot be read":    {nil, []string{"slacksim", "--workspace", absent}, exitDoesNot, "cannot be read"},
		"a manifest for an unusable address": {nil, []string{"manifest", "--http", "snafu"}, exitDoesNot, "Write it as https://snafu.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, err := command(t, c.env, c.args...)
			require.Equal(t, c.code, code, out+err)
			require.Contains(t, out+err, c.says)
		})
	}
}

func TestMigrateBringsAnEmptyDatabaseToOurSchema(t *testing.T) {
	mover := pgtest.Unmigrated(t)
	app, err := pgdb.As(pgdb.App, mover)
	require.NoError(t, err)
	env := map[string]string{"SNAFU_DATABASE_URL": app, "SNAFU_MIGRATE_URL": mover}
	for range 2 { // a second run changes nothing
		code, out, say := command(t, env, "migrate", "--config", filepath.Join(t.TempDir(), "absent.yaml"))
		require.Equal(t, exitHolds, code, out+say)
	}
	db, err := pgdb.Open(context.Background(), pgdb.Options{URL: app})
	require.NoError(t, err)
	defer db.Close()
	have, need, err := db.Ladder(t.Context())
	require.NoError(t, err)
	require.Equal(t, need, have)
}

// said is a fact of the house.
type said struct{ Words string }

func (said) Kind() string { return "house-said/1" }

func houseEntry(t *testing.T, db *pgdb.DB) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx pgx.Tx) error {
		at, err := db.Now(t.Context(), tx)
		if err != nil {
			return err
		}
		act := journal.Act{By: incidents.System("app"), Key: "test:" + t.Name()}
		return journal.Append(t.Context(), tx, journal.House, act, at, said{"hello"})
	}))
}

const spoil = `
	alter table snafu.journal disable trigger all;
	update snafu.journal set actor = 'T0/U0MALLORY' where chain = 0`

func TestAuditFindsATamperedLine(t *testing.T) {
	db := pgtest.New(t)
	env := map[string]string{"SNAFU_DATABASE_URL": pgtest.As(t, db, pgdb.App), "SNAFU_VERIFY_URL": pgtest.As(t, db, pgdb.Reader)}
	absent := filepath.Join(t.TempDir(), "absent.yaml")
	houseEntry(t, db)
	code, out, say := command(t, env, "audit", "verify", "--config", absent)
	require.Equal(t, exitHolds, code, out+say)
	require.Contains(t, out, "OK")

	_, err := pgtest.Connect(t, pgtest.AdminURL(t, db)).Exec(t.Context(), spoil)
	require.NoError(t, err)
	code, out, _ = command(t, env, "audit", "verify", "--config", absent)
	require.Equal(t, exitDoesNot, code, out)
	require.Contains(t, out, "BROKEN")
	code, out, _ = command(t, env, "audit", "verify", "--config", absent, "--json")
	require.Equal(t, exitDoesNot, code, out)
	require.Contains(t, out, `"ok":false,"seq":1`)
}
