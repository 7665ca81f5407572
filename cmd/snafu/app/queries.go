package app

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"snafu/rollback"
)

// QueryConfig declares a count that people ask for by its name: a reviewed file
// of SQL, and the types of its parameters.
type QueryConfig struct {
	File   string            `yaml:"file"`
	Params map[string]string `yaml:"params"`
	Unit   string            `yaml:"unit"`

	text string
}

var (
	queryRule = regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)
	paramRule = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
)

// takenNames are words that "/snafu count" understands otherwise.
var takenNames = []string{"all", "more", "select", "with"}

func (q *QueryConfig) check(d *decoder, path, name string, c Config) {
	if !queryRule.MatchString(name) || slices.Contains(takenNames, name) {
		d.fault(path, "%q cannot name a count. Write 3 to 40 small letters, digits and _; all, more, select and with are taken.", name)
	}
	known := paramTypes()
	for param, kind := range q.Params {
		if !paramRule.MatchString(param) {
			d.fault(path+".params."+param, "%q cannot name a parameter. Write at most 30 small letters, digits and _.", param)
		}
		if !slices.Contains(known, kind) {
			d.fault(path+".params."+param, "%q is no type of a parameter. Known: %s.", kind, quotedList(known))
		}
	}
	if len(q.Params) > maxParams {
		d.fault(path+".params", "A count with %d parameters does not fit into a form. Write at most %d.", len(q.Params), maxParams)
	}
	if q.Unit == "" {
		q.Unit = "records"
	}
	if q.File == "" {
		d.fault(path, "%s.file is missing.", path)
		return
	}
	q.read(d, path+".file", c)
}

func paramTypes() (all []string) {
	for _, t := range rollback.ParamTypes() {
		all = append(all, string(t))
	}
	return all
}

// maxParams is what stays readable in a form on a phone.
const maxParams = 7

// read takes the file's text.
func (q *QueryConfig) read(d *decoder, path string, c Config) {
	q.text = c.reviewed(d, path, q.File, "a count", rollback.MaxQuery)
}

// reviewed is the text of a reviewed file of SQL. It lies in the folder of
// snafu.yaml or below, by its real path, so that who may change what is asked is
// who may change that.
func (c Config) reviewed(d *decoder, path, name, what string, most int64) string {
	folder, err := filepath.EvalSymlinks(or(c.Folder, "."))
	file, err2 := filepath.EvalSymlinks(c.path(name))
	switch {
	case err2 != nil:
		d.fault(path, "%s cannot be read:%s. A relative path begins at the folder of this file.", name, cause(err2))
		return ""
	case err != nil:
		d.fault(path, "The folder of this file cannot be read:%s.", cause(err))
		return ""
	}
	if inside, err := relative(folder, file); err != nil || !filepath.IsLocal(inside) {
		d.fault(path, "%s lies outside the folder of this file. Move it there: who may change %s is who may change the configuration.", name, what)
		return ""
	}
	info, err := os.Stat(file)
	switch {
	case err == nil && !info.Mode().IsRegular():
		d.fault(path, "%s is no file.", name)
		return ""
	case err == nil && info.Mode().Perm()&0o002 != 0:
		d.fault(path, "%s can be written by everybody. Run: chmod o-w %s", name, name)
		return ""
	case err == nil && info.Size() > most:
		d.fault(path, "%s has %d bytes; %s has at most %d.", name, info.Size(), what, most)
		return ""
	}
	text, err := os.ReadFile(file)
	switch {
	case err != nil:
		d.fault(path, "%s cannot be read:%s.", name, cause(err))
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		d.fault(path, "%s is not plain text in UTF-8.", name)
	case strings.TrimSpace(string(text)) == "":
		d.fault(path, "%s is empty.", name)
	}
	return string(text)
}

// relative is file as seen from folder, both absolute.
func relative(folder, file string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	if file, err = filepath.Abs(file); err != nil {
		return "", err
	}
	return filepath.Rel(folder, file)
}

// queries are the named counts of a source in the order of their names.
func (s SourceConfig) queries(source string) []rollback.Query {
	var all []rollback.Query
	for _, name := range slices.Sorted(maps.Keys(s.Queries)) {
		c := s.Queries[name]
		q := rollback.Query{Source: source, Name: name, Text: c.text, Unit: c.Unit}
		for _, param := range slices.Sorted(maps.Keys(c.Params)) {
			q.Params = append(q.Params, rollback.Param{Name: param, Type: rollback.ParamType(c.Params[param])})
		}
		all = append(all, q)
	}
	return all
}

// checked are all reviewed counts that must fit the source.
func (s SourceConfig) checked(source string) []rollback.Query {
	all := s.queries(source)
	if q := s.Throttle.query(source); q.Text != "" {
		all = append(all, q)
	}
	return all
}

// counts are the named counts of all sources.
func (c Config) counts() (all []rollback.Query) {
	c.each(func(name string, s SourceConfig) { all = append(all, s.queries(name)...) })
	return all
}

// typists are the user groups that may type statements, by source.
func (c Config) typists() map[string]string {
	all := map[string]string{}
	c.each(func(name string, s SourceConfig) {
		if group := s.Counts.AdHocUsergroup; group != "" {
			all[name] = group
		}
	})
	return all
}
