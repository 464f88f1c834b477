package docs_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// documents returns the text of every document by its path below the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"README.md", ".github/*.md", ".github/decisions/*.md", "web/docs/*.md", "web/examples/*/README.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			found[strings.TrimPrefix(path, root+"/")] = string(content)
		}
	}
	return found
}

func TestTheREADMEIsShort(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(strings.Fields(string(content))), 1200)
}

// Documents and the OpenAPI document avoid the words that translated sentences had.
func TestDocumentsReadAsWrittenInEnglish(t *testing.T) {
	unwanted := regexp.MustCompile(`(?i)\b(whoever|somebody|anew|it is said|turned away|mend(s|ed|ing)?)\b`)
	texts := documents(t)
	openAPI, err := os.ReadFile(filepath.Join(root, "web/openapi.yaml"))
	require.NoError(t, err)
	texts["web/openapi.yaml"] = string(openAPI)
	for path, text := range texts {
		assert.Empty(t, unwanted.FindAllString(text, -1), path)
	}
}

// The changelog says what to know about an upgrade to every schema.
func TestTheNewestSchemaIsInTheChangelog(t *testing.T) {
	migrations, err := filepath.Glob(filepath.Join(root, "paycor/store/sqlite/migrations/*.sql"))
	require.NoError(t, err)
	newest, _, _ := strings.Cut(filepath.Base(slices.Max(migrations)), "_")
	number := strings.TrimLeft(newest, "0")
	text := documents(t)[".github/CHANGELOG.md"]
	assert.Regexp(t, `(?m)^\| (\d+ to )?`+number+` \|`, text)
}

var (
	code     = regexp.MustCompile("`([^`\n]+)`")
	target   = regexp.MustCompile(`\bmake ([a-z-]+)\b`)
	flagName = regexp.MustCompile(`(?:^|[ "(])--([a-z][a-z-]+)`)
	link     = regexp.MustCompile(`\]\(([^)# ]+)(?:#[^)]*)?\)`)
)

// Every file and package that a document names must exist.
func TestNamedFilesExist(t *testing.T) {
	places := []string{"app", "paycor", "web", ".github", ".ci", ".release"}
	for path, text := range documents(t) {
		for _, match := range code.FindAllStringSubmatch(text, -1) {
			name := match[1]
			first, _, nested := strings.Cut(name, "/")
			if !nested || !slices.Contains(places, first) || strings.ContainsAny(name, " *{…<=\"") {
				continue
			}
			_, err := os.Stat(filepath.Join(root, name))
			assert.NoError(t, err, "%s names %s", path, name)
		}
	}
}

// Every test that a document names must exist.
func TestNamedTestsExist(t *testing.T) {
	name := regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w+`)
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	for _, top := range []string{"app", "paycor", "web"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.Name() == "node_modules" {
				return cmp.Or(err, fs.SkipDir)
			}
			if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return nil
			}
			content, err := os.ReadFile(path)
			for _, match := range declaration.FindAllStringSubmatch(string(content), -1) {
				declared[match[1]] = true
			}
			return err
		}))
	}
	require.NotEmpty(t, declared)
	for path, text := range documents(t) {
		for _, found := range name.FindAllString(text, -1) {
			assert.True(t, declared[found], "%s names %s", path, found)
		}
	}
}

// Every relative link leads to an existing file.
func TestLinksLeadToFiles(t *testing.T) {
	for path, text := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			_, err := os.Stat(filepath.Join(root, filepath.Dir(path), match[1]))
			assert.NoError(t, err, "%s links to %s", path, match[1])
		}
	}
}

// Every make target, command and flag that a document names must exist.
func TestNamedCommandsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	names := optionNames(t)
	for path, text := range documents(t) {
		for _, match := range target.FindAllStringSubmatch(strings.Join(quoted(text), "\n"), -1) {
			assert.Regexp(t, `(?m)^`+match[1]+`:`, string(makefile), "%s names make %s", path, match[1])
		}
		for _, example := range quoted(text) {
			if strings.HasPrefix(path, "web/examples/") || !strings.Contains(example, "paycorcred") && !strings.HasPrefix(example, "--") {
				continue
			}
			for _, match := range flagName.FindAllStringSubmatch(ownFlags(example), -1) {
				assert.Contains(t, names, match[1], "%s names --%s in %q", path, match[1], example)
			}
			if words := strings.Fields(example); len(words) > 1 && filepath.Base(words[0]) == "paycorcred" {
				for name := range strings.SplitSeq(words[1], "|") {
					assert.Contains(t, names, name, "%s names the command %q", path, example)
				}
			}
		}
	}
}

var (
	otherName = regexp.MustCompile(`--name(space)? paycorcred`)
	started   = regexp.MustCompile(`(^|[ /(])paycorcred(:VERSION)? [a-z].*`)
)

// ownFlags returns what an example passes to the server, and not to the program that
// starts it, such as docker.
func ownFlags(example string) string {
	if strings.HasPrefix(example, "--") {
		return example
	}
	return started.FindString(otherName.ReplaceAllString(example, ""))
}

// quoted returns the code in a document: each inline span and each line of a block, with
// the lines that continue it.
func quoted(text string) []string {
	var found []string
	block := false
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", "")) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			block = !block
			continue
		}
		if block {
			found = append(found, strings.TrimSpace(line))
			continue
		}
		for _, match := range code.FindAllStringSubmatch(line, -1) {
			found = append(found, match[1])
		}
	}
	return found
}

// optionNames returns the names of commands and flags: the fields of the
// structs that define them, as written on the command line.
func optionNames(t *testing.T) []string {
	t.Helper()
	names := []string{"help", "version"}
	for _, directory := range []string{"paycor/command", "web", "web/oidc", "paycor/egress"} {
		files, err := filepath.Glob(filepath.Join(root, directory, "*.go"))
		require.NoError(t, err)
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				field, ok := n.(*ast.Field)
				if !ok || field.Tag == nil {
					return true
				}
				tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
				if name, named := tag.Lookup("name"); named {
					names = append(names, name)
				}
				prefix := tag.Get("prefix")
				for _, name := range field.Names {
					names = append(names, prefix+kebab(name.Name))
				}
				return true
			})
		}
	}
	return names
}

// kebab converts a Go name to kebab case: "PublicURL" becomes "public-url".
func kebab(name string) string {
	var text strings.Builder
	letters := []rune(name)
	upper := func(i int) bool { return i < len(letters) && letters[i] >= 'A' && letters[i] <= 'Z' }
	for i, letter := range letters {
		if upper(i) && i > 0 && (!upper(i-1) || i+1 < len(letters) && !upper(i+1)) {
			text.WriteByte('-')
		}
		text.WriteString(strings.ToLower(string(letter)))
	}
	return text.String()
}

// Every package has a doc comment.
func TestEveryPackageHasAComment(t *testing.T) {
	packages := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "node_modules" || name == "bin" || name == "testdata" || name == "_standin" || strings.HasPrefix(name, ".") && path != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		directory := filepath.Dir(path)
		packages[directory] = packages[directory] || file.Doc != nil
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(packages), 30)
	for directory, commented := range packages {
		assert.True(t, commented, "%s has no package comment", directory)
	}
}
