package app

import (
	"fmt"
	"os"
	"path/filepath"

	"snafu/bot/slacksim"
)

// Workspace reads the description of a simulated workspace, strictly. The app's
// manifest is a file beside it.
func Workspace(file string) (slacksim.Workspace, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return slacksim.Workspace{}, fmt.Errorf("%s cannot be read:%s", file, cause(err))
	}
	var w struct {
		slacksim.Workspace
		App struct {
			slacksim.WorkspaceApp
			Manifest string `yaml:"manifest"`
		} `yaml:"app"`
	}
	d := read(file, text, &w, true)
	out := w.Workspace
	out.App = w.App.WorkspaceApp
	if w.App.Manifest != "" {
		name := w.App.Manifest
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(file), name)
		}
		if out.App.Manifest, err = os.ReadFile(name); err != nil {
			d.fault("app.manifest", "%s cannot be read:%s", name, cause(err))
		}
	}
	return out, d.faults.orNil()
}
