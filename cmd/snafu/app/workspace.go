package app

import (
	"fmt"
	"os"
	"path/filepath"

	"snafu/bot/slacksim"
)

// Workspace reads the description of a simulated workspace, strictly.
func Workspace(file string) (slacksim.Workspace, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return slacksim.Workspace{}, fmt.Errorf("%s cannot be read:%s", file, cause(err))
	}
	var w struct {
		slacksim.Workspace
		Manifest string `yaml:"manifest"` // a file beside this one
	}
	d := read(file, text, &w, true)
	if w.Manifest != "" {
		name := w.Manifest
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(file), name)
		}
		if w.App.Manifest, err = os.ReadFile(name); err != nil {
			d.fault("manifest", "%s cannot be read:%s", name, cause(err))
		}
	}
	return w.Workspace, d.faults.orNil()
}
