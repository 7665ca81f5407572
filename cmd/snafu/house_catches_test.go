package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// A test that never fails proves nothing: each case is a small tree with one
// fault, and the house must name it.
func TestTheHouseCatches(t *testing.T) {
	long := strings.Repeat("// line\n", 401)
	for name, c := range map[string]struct{ file, text, want string }{
		"a room without a row":                     {"incidents/mood/mood.go", "package mood", "incidents/mood: this package has no row in the table of rooms"},
		"a name that says nothing":                 {"incidents/util/a.go", "package util", "incidents/util: this name says nothing"},
		"an arrow upstairs":                        {"incidents/a.go", "package incidents\nimport _ \"snafu/bot\"", "incidents/a.go:2: may not import bot"},
		"an arrow to the wiring":                   {"bot/a.go", "package bot\nimport _ \"snafu/cmd/snafu/app\"", "bot/a.go:2: may not import cmd/snafu/app"},
		"bot to a source":                          {"bot/a.go", "package bot\nimport _ \"snafu/rollback/source\"", "bot/a.go:2: may not import rollback/source"},
		"a library of another room":                {"incidents/a.go", "package incidents\nimport _ \"github.com/jackc/pgx/v5\"", "incidents/a.go:2: may not take down github.com/jackc/pgx/v5"},
		"a library that nobody put on the shelf":   {"bot/a.go", "package bot\nimport _ \"example.com/thing\"", "bot/a.go:2: may not take down example.com/thing"},
		"a clock in a room that decides":           {"rollback/a.go", "package rollback\nimport \"time\"\nvar t = time.Now()", "rollback/a.go:3: reads the clock; take the instant as an argument"},
		"a clock handed on in a room that decides": {"rollback/a.go", "package rollback\nimport \"time\"\nvar clock = time.Now", "rollback/a.go:3: reads the clock; take the instant as an argument"},
		"the environment outside cmd":              {"bot/a.go", "package bot\nimport \"os\"\nvar e = os.Getenv(\"A\")", "bot/a.go:3: reads the environment or exits; only cmd may"},
		"an exit outside cmd":                      {"bot/a.go", "package bot\nimport \"os\"\nfunc f() { os.Exit(1) }", "bot/a.go:3: reads the environment or exits; only cmd may"},
		"flags outside cmd":                        {"bot/a.go", "package bot\nimport _ \"flag\"", "bot/a.go:2: only cmd may use flag"},
		"a goroutine nobody waits for":             {"incidents/journal/a.go", "package journal\nfunc f() { go f() }", "incidents/journal/a.go:2: starts a goroutine where nobody waits for it"},
		"printing outside cmd":                     {"bot/a.go", "package bot\nimport \"fmt\"\nfunc f() { fmt.Println() }", "bot/a.go:3: prints; only cmd may"},
		"SQL made of a string":                     {"bot/a.go", "package bot\nfunc f() { tx.Exec(ctx, \"delete from \"+name) }", "bot/a.go:2: runs SQL that is not a constant"},
		"SQL made in a variable":                   {"bot/a.go", "package bot\nfunc f() { q := fmt.Sprintf(name); tx.Exec(ctx, q) }", "bot/a.go:2: runs SQL that is not a constant"},
		"SQL made for a helper":                    {"bot/a.go", "package bot\nfunc f(ctx any, sql string) { tx.Exec(ctx, sql) }\nfunc g() { f(ctx, name()) }", "bot/a.go:3: runs SQL that is not a constant"},
		"the writing door of a source":             {"bot/a.go", "package bot\nvar w source.Writer", "bot/a.go:2: may not name source.Writer"},
		"a trigger switched off":                   {"rollback/source/postgres/a.go", "package postgres\nconst q = `alter table t disable trigger all`", "rollback/source/postgres/a.go:2: switches off what guards a customer's records; that is refused for ever"},
		"triggers that sleep":                      {"rollback/executor/a.go", "package executor\nvar q = \"set session_replication_role to replica\"", "rollback/executor/a.go:2: switches off what guards a customer's records; that is refused for ever"},
		"a constraint dropped":                     {"rollback/source/postgres/a.go", "package postgres\nconst q = `alter table t\n  drop  constraint c`", "rollback/source/postgres/a.go:2: switches off what guards a customer's records; that is refused for ever"},
		"constraints put off":                      {"rollback/source/postgres/a.go", "package postgres\nconst q = `set constraints all deferred`", "rollback/source/postgres/a.go:2: switches off what guards a customer's records; that is refused for ever"},
		"a long file":                              {"bot/a.go", "package bot\n" + long, "bot/a.go: 402 lines, at most 400"},
		"a file that does not parse":               {"bot/a.go", "package", "bot/a.go:1:8: expected 'IDENT', found 'EOF'"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := fstest.MapFS{c.file: {Data: []byte(c.text)}}
			require.Contains(t, inspect(tree, house, shelf, nil), c.want)
		})
	}
}

func TestTheHouseAllows(t *testing.T) {
	for name, c := range map[string]struct{ file, text string }{
		"an arrow downstairs":            {"incidents/rota/a.go", "package rota\nimport _ \"snafu/incidents\""},
		"the clock where it is measured": {"bot/a.go", "package bot\nimport \"time\"\nvar t = time.Now()"},
		"SQL that is a constant":         {"bot/a.go", "package bot\nconst q = `select 1`\nfunc f() { tx.Exec(ctx, q, 1); tx.Query(ctx, `select ` + q) }"},
		"SQL that is one of two":         {"bot/a.go", "package bot\nconst a, b = `1`, `2`\nfunc f() { q := a; if x { q = b }; tx.Exec(ctx, q) }"},
		"SQL handed to a helper":         {"bot/a.go", "package bot\nconst a = `1`\nfunc f(ctx any, sql string) { tx.Exec(ctx, sql) }\nfunc g() { f(ctx, a) }"},
		"a query of an address":          {"bot/a.go", "package bot\nfunc f() { u.Query() }"},
		"anything in a test":             {"incidents/a_test.go", "package incidents\nimport _ \"snafu/bot\""},
		"the writer in its connector":    {"rollback/source/postgres/a.go", "package postgres\nimport \"snafu/rollback/source\"\nvar w source.Writer"},
		"wiring knows everybody":         {"cmd/snafu/app/a.go", "package app\nimport _ \"snafu/rollback/executor\""},
		"other people's trees":           {"bot/slacksim/testdata/sdk/main.go", "package main\nimport \"example.com/thing\""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, inspect(fstest.MapFS{c.file: {Data: []byte(c.text)}}, house, shelf, nil))
		})
	}
}

func TestTheHouseCatchesATableThatLeadsUpstairs(t *testing.T) {
	rooms := map[string]room{"cellar": {floor: 0, may: []string{"attic"}}, "attic": {floor: 1, may: []string{"cellar"}}}
	require.Equal(t, []string{"cellar: the arrow to attic does not lead downstairs"}, inspect(fstest.MapFS{}, rooms, nil, nil))
}
