package app

import (
	"maps"
	"slices"
	"strings"
)

// RequireConfig declares what must hold of a record when a plan writes it: a
// reviewed file of one expression over the key.
type RequireConfig struct {
	File  string              `yaml:"file"`
	Says  string              `yaml:"says"`
	Reads map[string][]string `yaml:"reads"`

	text string
}

// maxSays is what stays readable in a list of records.
const maxSays = 100

func (r *RequireConfig) check(d *decoder, path string, c Config) {
	if !d.has(path) {
		return
	}
	switch {
	case strings.TrimSpace(r.Says) == "":
		d.fault(path, "%s.says is missing: why a record is left alone, as people read it.", path)
	case len([]rune(r.Says)) > maxSays || strings.ContainsAny(r.Says, "\r\n"):
		d.fault(path+".says", "This stands beside each record that is left alone. Write one line of at most %d letters.", maxSays)
	}
	for _, relation := range slices.Sorted(maps.Keys(r.Reads)) {
		if len(r.Reads[relation]) == 0 || slices.Contains(r.Reads[relation], "") {
			d.fault(path+".reads."+relation, "Name the columns that the file reads of %s.", relation)
		}
	}
	if r.File == "" {
		d.fault(path, "%s.file is missing.", path)
		return
	}
	q := QueryConfig{File: r.File}
	q.read(d, path+".file", c)
	r.text = q.text
}
