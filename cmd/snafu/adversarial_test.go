package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// adversaries is how many ways are numbered in which somebody or something could
// make a repair do harm.
const adversaries = 88

var (
	adversarial = regexp.MustCompile(`Adversarial`)
	numbered    = regexp.MustCompile(`Adversarial[_ ]?([0-9]{2})(?:[^0-9]|$)`)
)

// Each of them is a test or a part of one, and its name says which.
func TestEveryAdversaryIsPlayedByATestThatSaysSo(t *testing.T) {
	require.Empty(t, unplayed(os.DirFS("../.."), adversaries))
}

func TestAnAdversaryThatNobodyPlaysOrThatHasTwoNumbersIsFound(t *testing.T) {
	tree := smallTree{
		"a/a_test.go": `package a
			func TestAdversarial01First(t *testing.T) { t.Run("Adversarial 02 second", nil) }
			func TestAdversarial03And04Both(t *testing.T) {}
			func helper() { _ = "Adversarial05" } // a word in a test file counts, one in a comment does not: Adversarial06
			func TestAdversarialOfNoNumber(t *testing.T) {}
			func TestAdversarial099(t *testing.T) {}`,
	}
	faults := strings.Join(unplayed(tree.fs(t), 7), "\n")
	require.Contains(t, faults, "TestAdversarial03And04Both: two numbers")
	require.Contains(t, faults, "TestAdversarialOfNoNumber: no number")
	require.Contains(t, faults, "TestAdversarial099: no number")
	require.Contains(t, faults, "06: no test")
	require.Contains(t, faults, "07: no test")
	require.NotContains(t, faults, "01: no test")
	require.NotContains(t, faults, "02: no test")
	require.NotContains(t, faults, "05: no test")
}

type smallTree map[string]string

func (s smallTree) fs(t *testing.T) fs.FS {
	t.Helper()
	dir := t.TempDir()
	for name, text := range s {
		require.NoError(t, os.MkdirAll(path.Join(dir, path.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(path.Join(dir, name), []byte(text), 0o600))
	}
	return os.DirFS(dir)
}

// unplayed reads the tests of a tree: the names of their functions, and the
// texts in them, which name their parts.
func unplayed(tree fs.FS, all int) (faults []string) {
	played := map[string]bool{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case path.Base(name) == "adversarial_test.go" && path.Dir(name) == "cmd/snafu":
			return nil
		case !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "sourcetest/"), !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			called := ""
			switch n := n.(type) {
			case *ast.FuncDecl:
				if strings.HasPrefix(n.Name.Name, "Test") {
					called = n.Name.Name
				}
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					called, _ = strconv.Unquote(n.Value)
				}
			}
			if !adversarial.MatchString(called) {
				return true
			}
			digits := regexp.MustCompile(`[0-9]+`).FindAllString(called, -1)
			switch found := numbered.FindStringSubmatch(called); {
			case found == nil:
				faults = append(faults, name+": "+called+": no number of two digits")
			case len(digits) > 1:
				faults = append(faults, name+": "+called+": two numbers in one name")
			default:
				played[found[1]] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		return []string{err.Error()}
	}
	for n := 1; n <= all; n++ {
		if number := fmt.Sprintf("%02d", n); !played[number] {
			faults = append(faults, number+": no test")
		}
	}
	slices.Sort(faults)
	return faults
}
