package main

import (
	"go/ast"
	"go/token"
	"slices"
)

// knownSQL is what a package says about its statements: constants, variables
// that only ever hold constants, and the functions that take a statement and
// run it, whose callers are then held to the same rule.
type knownSQL struct {
	fixed map[string]bool
	doors map[string]int // function -> index of the argument that is a statement
}

var runners = []string{"Exec", "Query", "QueryRow", "ExecContext", "QueryContext", "QueryRowContext"}

func learnSQL(files map[string]*ast.File) knownSQL {
	known := knownSQL{fixed: map[string]bool{}, doors: map[string]int{}}
	each := func(do func(ast.Node)) {
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool { do(n); return true })
		}
	}
	each(func(n ast.Node) {
		if decl, ok := n.(*ast.GenDecl); ok && decl.Tok == token.CONST {
			for _, spec := range decl.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					known.fixed[id.Name] = true
				}
			}
		}
	})
	loose := map[string]bool{}
	each(func(n ast.Node) {
		if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == len(set.Rhs) {
			for i, to := range set.Lhs {
				if id, ok := to.(*ast.Ident); ok && !known.constant(set.Rhs[i]) {
					loose[id.Name] = true
				}
			}
		}
	})
	each(func(n ast.Node) {
		if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == len(set.Rhs) {
			for _, to := range set.Lhs {
				if id, ok := to.(*ast.Ident); ok && !loose[id.Name] {
					known.fixed[id.Name] = true
				}
			}
		}
	})
	each(func(n ast.Node) {
		if f, ok := n.(*ast.FuncDecl); ok && f.Body != nil && !f.Name.IsExported() {
			known.door(f, loose)
		}
	})
	return known
}

// door remembers an unexported function that runs one of its arguments.
func (k knownSQL) door(f *ast.FuncDecl, loose map[string]bool) {
	index := 0
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			at := index
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if id, ok := statement(n).(*ast.Ident); ok && id.Name == name.Name && !loose[id.Name] {
					k.doors[f.Name.Name], k.fixed[id.Name] = at, true
				}
				return true
			})
			index++
		}
	}
}

// statement is the SQL of a call such as tx.Exec(ctx, sql, ...), else nil.
func statement(n ast.Node) ast.Expr {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(runners, sel.Sel.Name) {
		return nil
	}
	return call.Args[1]
}

// looseSQL finds a statement that is not a constant, here or at a door.
func looseSQL(n ast.Node, known knownSQL) bool {
	if sql := statement(n); sql != nil {
		return !known.constant(sql)
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun := call.Fun
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return false
	}
	at, door := known.doors[id.Name]
	return door && len(call.Args) > at && !known.constant(call.Args[at])
}

func (k knownSQL) constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.Ident:
		return k.fixed[e.Name]
	case *ast.BinaryExpr:
		return k.constant(e.X) && k.constant(e.Y)
	case *ast.ParenExpr:
		return k.constant(e.X)
	}
	return false
}
