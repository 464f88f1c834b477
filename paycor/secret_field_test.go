package paycor_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// secretive matches names of secrets.
var secretive = regexp.MustCompile(`(?i)secret|password|passphrase|token|credential_?key|subscription_?key|api_?key|authorization|bearer|cookie|verifier|session|handle`)

// A field that is named like a secret must be a Secret: a string would print
// itself. Flags and times about a secret are fine.
func TestNoFieldCalledLikeASecretIsText(t *testing.T) {
	checked, guarded := 0, 0
	for name, structure := range structs(t) {
		for i := range structure.NumFields() {
			field := structure.Field(i)
			checked++
			jsonName, _, _ := strings.Cut(reflect.StructTag(structure.Tag(i)).Get("json"), ",")
			if !secretive.MatchString(field.Name()) && !secretive.MatchString(jsonName) {
				continue
			}
			guarded++
			assert.False(t, holdsText(field.Type()), "%s.%s is text: make it a Secret", name, field.Name())
		}
	}
	assert.Greater(t, checked, 60, "the structs were not found")
	assert.GreaterOrEqual(t, guarded, 6, "the secret fields were not found")
}

// The types for Paycor and the store differ from the types people see, which
// contain no Secret at all.
func TestWhatIsShownHoldsNoSecret(t *testing.T) {
	for _, shown := range []reflect.Type{
		reflect.TypeFor[paycor.Credential](), reflect.TypeFor[paycor.Saved](), reflect.TypeFor[paycor.CredentialPage](),
		reflect.TypeFor[verdicts.Verdict](), reflect.TypeFor[audit.Entry](), reflect.TypeFor[api.Start](),
		reflect.TypeFor[events.Change](), reflect.TypeFor[fields.Problem](), reflect.TypeFor[paycor.Report](),
		reflect.TypeFor[paycor.Environment](), reflect.TypeFor[paycor.Caller](), reflect.TypeFor[verdicts.Step](),
	} {
		assert.False(t, reaches(shown, reflect.TypeFor[paycor.Secret](), map[reflect.Type]bool{}), "%s holds a Secret", shown)
	}
	assert.True(t, reaches(reflect.TypeFor[paycor.VerifyRequest](), reflect.TypeFor[paycor.Secret](), map[reflect.Type]bool{}), "the search finds nothing")
}

// structs returns every struct type of the package, exported or not.
func structs(t *testing.T) map[string]*types.Struct {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			files = append(files, file)
		}
	}
	checked, err := (&types.Config{Importer: importer.ForCompiler(fset, "source", nil)}).Check("paycor", fset, files, nil)
	require.NoError(t, err)
	found := map[string]*types.Struct{}
	for _, name := range checked.Scope().Names() {
		if structure, ok := checked.Scope().Lookup(name).Type().Underlying().(*types.Struct); ok {
			found[name] = structure
		}
	}
	return found
}

// holdsText reports whether a type consists of strings or bytes.
func holdsText(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&types.IsString != 0 || t.Kind() == types.Byte
	case *types.Pointer:
		return holdsText(t.Elem())
	case *types.Slice:
		return holdsText(t.Elem())
	case *types.Array:
		return holdsText(t.Elem())
	case *types.Map:
		return holdsText(t.Elem()) || holdsText(t.Key())
	}
	return false
}

// reaches reports whether a value of one type can contain one of another.
func reaches(from, to reflect.Type, seen map[reflect.Type]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	switch from.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return reaches(from.Elem(), to, seen)
	case reflect.Map:
		return reaches(from.Key(), to, seen) || reaches(from.Elem(), to, seen)
	case reflect.Struct:
		for i := range from.NumField() {
			if reaches(from.Field(i).Type, to, seen) {
				return true
			}
		}
	}
	return false
}
