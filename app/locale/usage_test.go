//go:build !js

package locale_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/verdicts"
)

// takers are the functions that take a key, with the position of the key among
// their arguments. The sentence's own arguments follow it.
var takers = map[string]int{
	"message.New": 0, "message.Count": 0, "message.Errorf": 0, "message.Wrapf": 1, "paycor.Errorf": 1,
	"deny": 1, "newError": 2, "say": 0, "report": 0, "wrong": 1, "misconfigured": 0, "health.Fine": 1,
}

// prefixes are the beginnings of keys that are composed from data.
var prefixes = []string{
	"record.", "verdict.", "label.", "environment.", "hint.", "support.", "artifact.", "site.check.",
	"cli.help.", "cli.audit-fault.", "cli.table.", "cli.token-state.", "problem.unknown-", "problem.shape-", "doctor.", "replace.", "system.",
	"notification.one.", "notification.many.", "notification.kind.",
}

// use is a call with a literal key.
type use struct {
	key   string
	args  int // -1 if unknown
	place string
	count bool
}

// program returns the string literals of all Go files except tests, and the
// calls with a literal key.
func program(t *testing.T) (literals map[string]bool, uses []use) {
	t.Helper()
	literals = map[string]bool{}
	files := token.NewFileSet()
	require.NoError(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.BasicLit:
				if text, ok := literal(node); ok {
					literals[text] = true
					for _, said := range inTemplate.FindAllStringSubmatch(text, -1) {
						literals[said[1]] = true
					}
				}
			case *ast.CallExpr:
				if u, ok := useOf(node); ok {
					u.place = files.Position(node.Pos()).String()
					uses = append(uses, u)
				}
			}
			return true
		})
		return nil
	}))
	return literals, uses
}

// inTemplate finds the keys in HTML templates.
var inTemplate = regexp.MustCompile(`\.Say "([^"]+)"`)

func literal(node ast.Expr) (string, bool) {
	basic, ok := node.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

// key matches strings that look like a key, to skip calls of other functions
// with the same names.
var key = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_-]+)+$`)

func useOf(call *ast.CallExpr) (use, bool) {
	name := ""
	switch called := call.Fun.(type) {
	case *ast.Ident:
		name = called.Name
	case *ast.SelectorExpr:
		if of, ok := called.X.(*ast.Ident); ok {
			name = of.Name + "." + called.Sel.Name
		}
		if called.Sel.Name == "say" {
			name = "say"
		}
	}
	at, ok := takers[name]
	if !ok || len(call.Args) <= at {
		return use{}, false
	}
	text, ok := literal(call.Args[at])
	if !ok || !key.MatchString(text) {
		return use{}, false
	}
	u := use{key: text, args: len(call.Args) - at - 1, count: name == "message.Count"}
	if call.Ellipsis.IsValid() || name == "misconfigured" {
		u.args = -1
	}
	return u, true
}

var verbs = regexp.MustCompile(`%(\[\d\])?[sdq]`)

func TestEveryUseHasASentence(t *testing.T) {
	t.Parallel()
	_, uses := program(t)
	require.Greater(t, len(uses), 300)
	for _, u := range uses {
		if u.count {
			assert.True(t, locale.English.Has(u.key+".one") && locale.English.Has(u.key+".other"), "%s: no sentences for %q", u.place, u.key)
			continue
		}
		if assert.True(t, locale.English.Has(u.key), "%s: no sentence for %q", u.place, u.key) && u.args >= 0 {
			sentence := locale.English.Text(u.key)
			assert.Len(t, verbs.FindAllString(sentence, -1), u.args, "%s: arguments of %q", u.place, u.key)
		}
	}
}

func TestEverySentenceIsUsed(t *testing.T) {
	t.Parallel()
	literals, _ := program(t)
	used := func(key string) bool {
		if literals[key] || literals[strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")] {
			return true
		}
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				return true
			}
		}
		return false
	}
	for _, name := range []string{"en.domain.json", "en.server.json"} {
		for _, key := range keysOf(t, name) {
			assert.True(t, used(key), "%s: nothing uses %q", name, key)
		}
	}
}

// Each code has its sentences, and there are none for codes that no longer
// exist.
func TestEveryCodeHasSentences(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, code := range verdicts.Codes() {
		verdict := code.Verdict()
		known[verdict.Message.Key], known[verdict.Remedy.Key] = true, true
		assert.True(t, locale.English.Has(verdict.Message.Key), code)
		assert.True(t, verdict.Remedy.IsZero() || locale.English.Has(verdict.Remedy.Key), code)
	}
	for _, key := range keysOf(t, "en.domain.json") {
		if strings.HasPrefix(key, "verdict.") && !strings.HasPrefix(key, "verdict.wait.") && !strings.HasPrefix(key, "verdict.environment_unconfigured") {
			assert.True(t, known[key], key)
		}
	}
}
