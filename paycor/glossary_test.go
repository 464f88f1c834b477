package paycor_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// privateWords are words that once named things here and that no Go engineer would
// look for. No identifier, file or package has one of them in its name.
var privateWords = strings.Fields(`
	checkup checkups counterpart counterparts deed deeds disguise disguises door doors doubt doubts exposure fate flight flights
	gate gates glance hiring holding holdings house journey journeys keeper ladder lane lanes mend mends mended mendable mishap
	mishaps namesake namesakes party parties passage passages patience peace recollection recollections refusals rig rung rungs
	seat seats sighting sightings soil soils soiled tally tallies unjudged`)

// The names that may keep such a word, with the reason.
var privateWordExceptions = map[string]string{
	"Counterpart": "the flag --counterpart and its variable are part of the command line",
}

// translated finds comments that read as translated, or that speak in those words.
var translated = regexp.MustCompile(`(?i)\b(whoever|anew|(is|are) meant|rungs?|ladder|the house|mend(s|ed|ing)?|it is said|turned away|of whatever|seats?|all the same|doubts?|what is the matter)\b`)

// translatedExceptions are lines that may.
var translatedExceptions = regexp.MustCompile(`no doubt`)

func TestNamesAndCommentsFollowTheGlossary(t *testing.T) {
	const root = ".."
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (slices.Contains([]string{"node_modules", "bin"}, name) || strings.HasPrefix(name, ".") && path != root && name != ".release") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		if path == filepath.Join(root, "paycor", "glossary_test.go") {
			return nil
		}
		place := token.NewFileSet()
		file, err := parser.ParseFile(place, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		checkName(t, path, strings.TrimSuffix(filepath.Base(path), ".go"))
		checkName(t, path, file.Name.Name)
		for _, name := range declared(file) {
			checkName(t, place.Position(name.Pos()).String(), name.Name)
		}
		for _, literal := range literals(file) {
			if found := translated.FindString(literal.Value); found != "" && !oldRows[filepath.Base(path)] {
				assert.Fail(t, "a text to rewrite", "%s says %q", place.Position(literal.Pos()), found)
			}
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				if found := translated.FindString(comment.Text); found != "" && !translatedExceptions.MatchString(comment.Text) {
					assert.Fail(t, "a comment to rewrite", "%s says %q", place.Position(comment.Pos()), found)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, files, 400, "the files were not found")
}

// The words that a line of another file may have, by the line's text.
var textExceptions = regexp.MustCompile(`(?i)counterpart|third.part(y|ies)|relying party|CREATE TABLE (holdings|checkups)|checkups_due|(FROM|DROP TABLE) holdings`)

// Scripts, styles, templates, migrations and documents follow the glossary too. The
// changelog keeps the words of its time.
func TestOtherFilesFollowTheGlossary(t *testing.T) {
	const root = ".."
	identifier := regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*`)
	files := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if slices.Contains([]string{"node_modules", "bin", "dist", "packed", "testdata"}, name) || path == filepath.Join(root, "web", "static", "docs") || strings.HasPrefix(name, ".") && path != root && name != ".github" {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".js", ".mjs", ".jsx", ".ts", ".css", ".html", ".sql", ".md", ".yaml"}, filepath.Ext(name)) || name == "CHANGELOG.md" || name == "wasm_exec.js" {
			return nil
		}
		files++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		number := 0
		for line := range strings.Lines(string(content)) {
			number++
			if textExceptions.MatchString(line) {
				continue
			}
			place := fmt.Sprintf("%s:%d", path, number)
			if found := translated.FindString(line); found != "" {
				assert.Fail(t, "a sentence to rewrite", "%s says %q", place, found)
			}
			for _, name := range identifier.FindAllString(line, -1) {
				checkName(t, place, name)
			}
		}
		return nil
	}))
	assert.Greater(t, files, 70, "the files were not found")
}

func checkName(t *testing.T, where, name string) {
	t.Helper()
	if privateWordExceptions[name] != "" {
		return
	}
	for _, word := range nameWords(name) {
		if slices.Contains(privateWords, word) { // quicker than an assertion for each of 100,000 words
			assert.Fail(t, "a name of the private language", "%s: rename %s", where, name)
		}
	}
}

// oldRows are files with the texts of rows that earlier versions stored, or with words
// that no text may have.
var oldRows = map[string]bool{"english.go": true, "english_test.go": true, "words_test.go": true, "documents_test.go": true}

// literals returns the strings in a file.
func literals(file *ast.File) []*ast.BasicLit {
	var found []*ast.BasicLit
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			found = append(found, literal)
		}
		return true
	})
	return found
}

// declared returns the names that a file declares.
func declared(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			names = append(names, n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, left := range n.Lhs {
					if name, ok := left.(*ast.Ident); ok {
						names = append(names, name)
					}
				}
			}
		case *ast.RangeStmt:
			for _, left := range []ast.Expr{n.Key, n.Value} {
				if name, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names = append(names, name)
				}
			}
		}
		return true
	})
	return names
}

// nameWords splits a name into its words in lower case: "httpServer_test" has http,
// server and test.
func nameWords(name string) []string {
	var words []string
	word := []rune{}
	end := func() {
		if len(word) > 0 {
			words, word = append(words, strings.ToLower(string(word))), nil
		}
	}
	letters := []rune(name)
	for i, letter := range letters {
		upper := unicode.IsUpper(letter)
		after := i > 0 && !unicode.IsUpper(letters[i-1])
		before := i+1 < len(letters) && unicode.IsLower(letters[i+1])
		if letter == '_' || upper && (after || before) {
			end()
		}
		if letter != '_' {
			word = append(word, letter)
		}
	}
	end()
	return words
}

func TestNameWords(t *testing.T) {
	for name, words := range map[string]string{
		"httpServer": "http server", "HTTPServer": "http server", "paycor_test": "paycor test", "ID": "id", "mendURL": "mend url", "x": "x",
	} {
		assert.Equal(t, strings.Fields(words), nameWords(name), name)
	}
}
