package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
)

// deciders are the rooms that decide or record: the instant is handed to them.
var deciders = []string{
	"incidents", "incidents/rota", "incidents/refusal", "incidents/journal", "incidents/response",
	"rollback", "rollback/approval", "bot/view",
}

// fences say what a room may not do. The rooms are those where it is allowed,
// or, with forbid, those where it is not.
var fences = []struct {
	name, say string
	forbid    bool
	rooms     []string
	breaks    func(n ast.Node, sql knownSQL) bool
}{
	{"clock", "reads the clock; take the instant as an argument", true, deciders, calls("time", "Now", "Since", "Until")},
	{"environment", "reads the environment or exits; only cmd may", false, []string{"cmd"}, calls("os", "Getenv", "LookupEnv", "Environ", "Exit")},
	{
		"goroutine", "starts a goroutine where nobody waits for it", false,
		[]string{"bot", "bot/slacksim", "incidents/pgdb/embedded", "rollback/executor", "cmd"},
		func(n ast.Node, _ knownSQL) bool { _, ok := n.(*ast.GoStmt); return ok },
	},
	{"output", "prints; only cmd may", false, []string{"cmd"}, calls("fmt", "Print", "Printf", "Println")},
	{"sql", "runs SQL that is not a constant", false, []string{"rollback/source/...", "incidents/pgdb/pgtest"}, looseSQL},
	{"guards", "switches off what guards a customer's records; that is refused for ever", false, nil, switchesOff},
	{"writer", "may not name source.Writer", false, []string{"rollback/source/...", "rollback/executor", "cmd"}, names("source", "Writer")},
}

func names(pkg string, what ...string) func(ast.Node, knownSQL) bool {
	return func(n ast.Node, _ knownSQL) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := sel.X.(*ast.Ident)
		return ok && x.Name == pkg && slices.Contains(what, sel.Sel.Name)
	}
}

// calls also finds a function that is passed on, such as Clock: time.Now.
func calls(pkg string, what ...string) func(ast.Node, knownSQL) bool {
	return names(pkg, what...)
}

// Triggers, constraints and row security guard a customer's records from us as
// well: no statement of ours goes around them.
var unguarded = regexp.MustCompile(`(?i)session_replication_role|\b(disable|enable)\s+(always\s+|replica\s+)?(trigger|rule)\b|\bdrop\s+constraint\b|\bset\s+constraints\b|\bnot\s+valid\b|\bdisable\s+row\s+level\b`)

// tried is what the check of a source tries, to see that it is refused.
const tried = "`set local session_replication_role = replica`"

func switchesOff(n ast.Node, _ knownSQL) bool {
	text, ok := n.(*ast.BasicLit)
	return ok && text.Kind == token.STRING && text.Value != tried && unguarded.MatchString(text.Value)
}
