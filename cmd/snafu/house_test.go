package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exceptions from a fence, each with its reason. The key is "file: fence".
var exceptions = map[string]string{
	"incidents/pgdb/pgtest: environment": "a test database may be named by SNAFU_TEST_DATABASE_URL",
	"incidents/pgdb/pgtest: output":      "there is no *testing.T in TestMain",
	"bot/slacksim/pagetest: environment": "screenshots are saved where SNAFU_SCREENSHOTS says; with CI set, a browser must be there",
	"incidents/pgdb/roles.go: sql":       "the role script is a file that an operator reads, run whole",
	"cmd/snafu/app/logdb.go: sql":        "the name of a database cannot be a parameter",
}

// The whole tree is parsed in this process: a test that asked the go tool was
// answered "ok (cached)" after a forbidden import had been added.
func TestHouse(t *testing.T) {
	require.Empty(t, inspect(os.DirFS("../.."), house, shelf, exceptions))
}

func inspect(tree fs.FS, house map[string]room, shelf map[string][]string, exceptions map[string]string) (faults []string) {
	files := map[string][]string{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(name, ".go"):
			files[path.Dir(name)] = append(files[path.Dir(name)], name)
		}
		return nil
	})
	if err != nil {
		return []string{err.Error()}
	}
	for name, r := range house {
		for _, below := range r.may {
			if house[below].floor >= r.floor {
				faults = append(faults, fmt.Sprintf("%s: the arrow to %s does not lead downstairs", name, below))
			}
		}
	}
	for dir, names := range files {
		if _, ok := house[dir]; !ok {
			faults = append(faults, dir+": this package has no row in the table of rooms")
		}
		if slices.Contains([]string{"util", "utils", "common", "helpers", "misc", "types"}, path.Base(dir)) {
			faults = append(faults, dir+": this name says nothing")
		}
		faults = append(faults, inspectRoom(tree, dir, names, house[dir], shelf, exceptions)...)
	}
	slices.Sort(faults)
	return faults
}

func inspectRoom(tree fs.FS, dir string, names []string, r room, shelf map[string][]string, exceptions map[string]string) (faults []string) {
	set, parsed := token.NewFileSet(), map[string]*ast.File{}
	for _, name := range names {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return []string{err.Error()}
		}
		if n := strings.Count(string(text), "\n"); n > 400 && exceptions[name+": length"] == "" {
			faults = append(faults, fmt.Sprintf("%s: %d lines, at most 400", name, n))
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			return append(faults, err.Error())
		}
		parsed[name] = file
	}
	sql := learnSQL(parsed)
	for name, file := range parsed {
		fault := func(at ast.Node, fence, say string) {
			if exceptions[name+": "+fence] == "" && exceptions[dir+": "+fence] == "" {
				faults = append(faults, fmt.Sprintf("%s:%d: %s", name, set.Position(at.Pos()).Line, say))
			}
		}
		for _, spec := range file.Imports {
			lib, _ := strconv.Unquote(spec.Path.Value)
			ours, own := strings.CutPrefix(lib, "snafu/")
			switch {
			case own && !slices.Contains(r.may, ours) && !r.all:
				fault(spec, "arrow", "may not import "+ours)
			case own && within(ours, "cmd") && !within(dir, "cmd"):
				fault(spec, "arrow", "nothing may know "+ours)
			case strings.Contains(strings.Split(lib, "/")[0], ".") && !onShelf(shelf, lib, dir):
				fault(spec, "shelf", "may not take down "+lib)
			case (lib == "flag" || lib == "log") && !within(dir, "cmd"):
				fault(spec, "environment", "only cmd may use "+lib)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, f := range fences {
				if slices.ContainsFunc(f.rooms, func(room string) bool { return within(dir, room) }) != f.forbid {
					continue
				}
				if f.breaks(n, sql) {
					fault(n, f.name, f.say)
				}
			}
			return true
		})
	}
	return faults
}

// within says whether a package is a room, or a room "x/..." lies above it.
func within(dir, room string) bool {
	above, tree := strings.CutSuffix(room, "/...")
	return dir == room || (tree || room == "cmd") && strings.HasPrefix(dir+"/", above+"/")
}

func onShelf(shelf map[string][]string, lib, dir string) bool {
	for prefix, rooms := range shelf {
		if lib == prefix || strings.HasPrefix(lib, prefix+"/") {
			return slices.ContainsFunc(rooms, func(room string) bool { return within(dir, room) })
		}
	}
	return false
}
