package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/cmd/snafu/app"
)

func TestAWorkspaceIsReadFromItsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "workspace.yaml")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slack-app.json"), []byte(`{"features":{}}`), 0o600))
	require.NoError(t, os.WriteFile(file, []byte(`
seed: 1
team: {name: Acme, domain: acme, enterprise: Acme Group}
app: {manifest: slack-app.json, grant: all, tokens: {bot: xoxb-simulated, app: xapp-simulated, signing_secret: simulated}}
people:
  - {name: ana, real_name: Ana Ruiz, email: ana@example.com, tz: Europe/Madrid, title: Marketing operations, admin: true}
  - {name: gus, guest: single}
  - {name: old, deactivated: true}
  - {name: ana.group, same_human_as: ana}
usergroups: [{handle: data-oncall, members: [ana]}]
channels: [{name: general, members: all}, {name: data, private: true, members: [ana]}]
limits: {rate: none}
`), 0o600))
	w, err := app.Workspace(file)
	require.NoError(t, err)
	require.Equal(t, "Acme Group", w.Team.Enterprise)
	require.JSONEq(t, `{"features":{}}`, string(w.App.Manifest))
	require.Equal(t, "simulated", w.App.Tokens.SigningSecret)
	require.Len(t, w.People, 4)
	require.Nil(t, w.Channels[0].Members)
	require.EqualValues(t, []string{"ana"}, w.Channels[1].Members)
	require.Equal(t, "none", w.Limits.Rate)

	for name, text := range map[string]string{
		"a manifest that is not there": "app: {manifest: absent.json}\n",
		"a misspelt key":               "peple: []\n",
		"one member instead of a list": "channels: [{name: data, members: ana}]\n",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := app.Workspace(file)
		require.Error(t, err, name)
	}
}
