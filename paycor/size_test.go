package paycor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No package exports more names, and no type has more methods, than a reader can survey.
func TestPackagesAndTypesStaySmall(t *testing.T) {
	const maxNames, maxMethods = 130, 40
	names, methods := map[string]int{}, map[string]int{}
	count := func(dir string, name *ast.Ident) {
		if name.IsExported() {
			names[dir]++
		}
	}
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (slices.Contains([]string{"node_modules", "bin"}, name) || strings.HasPrefix(name, ".") && path != "..") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		for _, declaration := range file.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				if declaration.Recv == nil {
					count(dir, declaration.Name)
				} else {
					methods[dir+"."+receiver(declaration.Recv.List[0].Type)]++
				}
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						count(dir, spec.Name)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							count(dir, name)
						}
					}
				}
			}
		}
		return nil
	}))
	require.Greater(t, len(names), 40, "the packages were not found")
	for dir, exported := range names {
		assert.LessOrEqual(t, exported, maxNames, "exported names of %s", dir)
	}
	for name, declared := range methods {
		assert.LessOrEqual(t, declared, maxMethods, "methods of %s", name)
	}
}

// receiver returns the name of a receiver's type.
func receiver(expression ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.StarExpr:
		return receiver(expression.X)
	case *ast.IndexExpr:
		return receiver(expression.X)
	case *ast.IndexListExpr:
		return receiver(expression.X)
	case *ast.Ident:
		return expression.Name
	}
	return ""
}
