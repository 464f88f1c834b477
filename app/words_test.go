package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/verdicts"
)

// sources parses the files of the page's program, without tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "slim" || entry.Name() == "domtest"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		}
		return err
	}))
	return files
}

// spoken returns the keys that the page uses, and the prefixes of composed
// keys.
func spoken(t *testing.T) (keys map[string]int, beginnings []string) {
	keys = map[string]int{}
	for _, file := range sources(t) {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			called, ok := call.Fun.(*ast.Ident)
			if selector, qualified := call.Fun.(*ast.SelectorExpr); qualified { // message.New and paycor.Errorf take keys too
				of, _ := selector.X.(*ast.Ident)
				switch {
				case of != nil && of.Name == "message" && selector.Sel.Name == "New":
					called, ok = ast.NewIdent("say"), true
				case of != nil && of.Name == "paycor" && selector.Sel.Name == "Errorf":
					called, ok, call = ast.NewIdent("say"), true, &ast.CallExpr{Args: call.Args[1:]}
				case slices.Contains([]string{"say", "count", "sayOrKey"}, selector.Sel.Name):
					called, ok = selector.Sel, true
				}
			}
			if ok && called.Name == "sayOrKey" { // the rest of the key is data
				value, _ := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
				beginnings = append(beginnings, value)
			}
			if !ok || called.Name != "say" && called.Name != "count" {
				return true
			}
			key := call.Args[0]
			if called.Name == "count" {
				key = call.Args[1]
			}
			switch key := key.(type) {
			case *ast.BasicLit:
				value, _ := strconv.Unquote(key.Value)
				if called.Name == "count" {
					keys[value+".one"], keys[value+".other"] = 0, 1
				} else {
					keys[value] = len(call.Args) - 1
				}
			case *ast.BinaryExpr:
				if literal, ok := key.X.(*ast.BasicLit); ok {
					value, _ := strconv.Unquote(literal.Value)
					beginnings = append(beginnings, value)
				}
			}
			return true
		})
	}
	return keys, beginnings
}

// pageKeys returns the keys of the sentences that only the page uses.
func pageKeys(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("locale/en.json")
	require.NoError(t, err)
	page, err := locale.Parse("en", string(text))
	require.NoError(t, err)
	return page.Keys()
}

func TestEveryKeyHasASentenceAndEverySentenceIsSaid(t *testing.T) {
	keys, beginnings := spoken(t)
	require.NotEmpty(t, keys)
	for key, arguments := range keys {
		sentence := locale.English.Text(key)
		assert.True(t, locale.English.Has(key), "no sentence for %q", key)
		assert.Equal(t, arguments, strings.Count(sentence, "%s")+strings.Count(sentence, "%d"), "places in %q", key)
	}
	for _, key := range pageKeys(t) {
		_, used := keys[key]
		if !used && !slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(key, b) }) && !strings.HasPrefix(key, "guide.") {
			t.Errorf("nobody says %q", key)
		}
	}
}

func TestEveryWordOfTheDomainHasASentence(t *testing.T) {
	states := []paycor.State{paycor.StateNotVerified, paycor.StateVerified, paycor.StateNeedsActivation, paycor.StateRejected, paycor.StateNotReachable}
	for _, state := range states {
		for _, beginning := range []string{"state.", "saved.", "verified."} {
			assert.True(t, locale.English.Has(beginning+string(state)), beginning+string(state))
		}
	}
	for _, outcome := range []verdicts.Outcome{verdicts.OutcomeVerified, verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation, verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled} {
		assert.True(t, locale.English.Has("outcome."+string(outcome)), "outcome."+string(outcome))
		if outcome.Conclusive() {
			assert.True(t, locale.English.Has("detail.last-known."+string(outcome)), "detail.last-known."+string(outcome))
		}
		if outcome != verdicts.OutcomeVerified {
			assert.True(t, locale.English.Has("save.as."+string(outcome)), "save.as."+string(outcome))
		}
	}
	for _, group := range []verdicts.DataGroup{verdicts.GroupEmployees, verdicts.GroupOrganization, verdicts.GroupPayroll, verdicts.GroupTime} {
		assert.True(t, locale.English.Has("access."+string(group)), group)
	}
	for _, step := range verdicts.StepNames() {
		assert.True(t, locale.English.Has("step."+string(step)), "step."+string(step))
	}
	for _, field := range formFields() {
		assert.True(t, locale.English.Has("hint."+string(field)), "hint."+string(field))
	}
	for _, action := range audit.Actions() {
		assert.True(t, locale.English.Has("action."+string(action)), "action."+string(action))
	}
	for _, kind := range embed.Kinds() {
		assert.True(t, locale.English.Has("audit.reason."+string(kind)), "audit.reason."+string(kind))
	}
	for _, state := range []consumer.State{consumer.Revoked, consumer.Expired} {
		assert.True(t, locale.English.Has("audit.reason."+string(state)), "audit.reason."+string(state))
	}
	for _, action := range []audit.Action{audit.ActionCreate, audit.ActionUpdate, audit.ActionDelete, audit.ActionVerify, audit.ActionVerifyDraft, audit.ActionRefused} {
		assert.True(t, locale.English.Has("history."+string(action)), "history."+string(action))
	}
}

func TestSentencesFollowTheStyle(t *testing.T) {
	for _, key := range pageKeys(t) {
		for _, word := range []string{"invalid", "please", "oops", "sorry"} {
			assert.NotContains(t, strings.ToLower(locale.English.Text(key)), word, key)
		}
	}
}

// Words that no sentence uses: some blame or apologize, others read as
// translated, or are British spelling.
func TestSentencesUseTheProductsWords(t *testing.T) {
	unwanted := regexp.MustCompile(`(?i)\b(please|oops|sorry|mend\w*|whoever|anew|meanwhile|lately|somebody|destroy\w*|any more|audit log|` +
		`all the same|turned away|recognis\w*|organis\w*|authoris\w*|honour\w*|colour\w*|behaviour|cancelled)\b`)
	for _, key := range locale.English.Keys() {
		assert.NotRegexp(t, unwanted, locale.English.Text(key), key)
	}
}

// The page's program must stay small. Which of our own packages it may import is
// tested in package paycor.
func TestImportsKeepTheProgramSmall(t *testing.T) {
	for name, file := range sources(t) {
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			switch {
			case path == "github.com/maxence-charriere/go-app/v10/pkg/app":
			case strings.Contains(path, "."), path == "net/http", path == "regexp",
				path == "html/template", path == "text/template":
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
