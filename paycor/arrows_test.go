package paycor_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "paycorcred"

// arrows are the imports of our own that each package may have. A package
// below one that is named here has the arrows of the nearest. The root may
// have all of them.
var arrows = map[string][]string{
	"paycor":             {},
	"paycor/tokens":      {"paycor", "paycor/upstream"}, // one gateway stands before both
	"paycor/upstream":    {"paycor"},
	"paycor/breaker":     {},
	"paycor/proxy":       {"paycor", "paycor/breaker"},
	"paycor/seal":        {"paycor"},
	"paycor/store":       {"paycor", "paycor/seal", "paycor/store"},
	"paycor/audit":       {"paycor"},
	"paycor/embed":       {"paycor"},
	"paycor/metrics":     {"paycor"},
	"paycor/credentials": {"paycor", "paycor/tokens", "paycor/upstream", "paycor/store", "paycor/audit", "paycor/embed", "paycor/breaker"},
	"paycor/paycortest":  {"paycor", "paycor/paycortest"},
	"app":                {"paycor", "app", "app/locale"},
	"app/locale":         {}, // sentences by key, for the page, the API and the command line
	"app/dom/domtest":    {}, // helps tests only
	"web":                {"paycor", "app/locale"},
	"paycor/testkit":     {},

	// It puts all the others together.
	"paycor/command": {
		"paycor", "paycor/tokens", "paycor/upstream", "paycor/proxy", "paycor/breaker", "paycor/store", "paycor/audit", "paycor/metrics", "paycor/credentials",
		"paycor/paycortest", "app", "app/locale", "web",
	},
}

// outside are the only modules that the packages of the browser may import.
var outside = map[string][]string{
	"paycor": {},
	"app":    {"github.com/maxence-charriere/go-app/v10/pkg/app"},
}

// platforms are what the house is built for: the server's and the browser's.
var platforms = [][]string{{"GOOS=linux", "GOARCH=amd64"}, {"GOOS=js", "GOARCH=wasm"}}

// goList returns what `go list` prints of some packages, one line each.
func goList(t *testing.T, platform []string, arguments ...string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-e"}, arguments...)...)
	list.Dir = ".."
	list.Env = append(append(os.Environ(), "CGO_ENABLED=0"), platform...)
	list.Stderr = os.Stderr
	out, err := list.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, platform := range platforms {
		t.Run(strings.Join(platform, " "), func(t *testing.T) {
			var found []string
			for _, line := range goList(t, platform, "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...") {
				path, imports, _ := strings.Cut(line, " ")
				name := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
				found = append(found, name)
				for _, imported := range strings.Fields(imports) {
					assert.True(t, allowed(name, imported), "%s may not import %s", path, imported)
				}
			}
			for _, name := range []string{"paycor", "app", "app/wasm", "web", "paycor/credentials"} {
				assert.Contains(t, found, name, "not looked at")
			}
		})
	}
}

// allowed reports whether a package of ours may import another package.
func allowed(name, imported string) bool {
	room := roomOf(name)
	first, rest, _ := strings.Cut(imported, "/")
	switch {
	case first == module:
		return name == "" || slices.Contains(arrows[room], roomOf(rest))
	case strings.Contains(first, "."):
		may, bounded := outside[room]
		return !bounded || slices.Contains(may, imported)
	}
	return true // the standard library
}

// roomOf returns the name in arrows that a package belongs to, or "".
func roomOf(name string) string {
	for name != "" && arrows[name] == nil {
		name = name[:max(0, strings.LastIndexByte(name, '/'))]
		if name == "paycor" {
			return "" // a room beneath paycor that nobody has named
		}
	}
	return name
}

func TestTheArrowsBite(t *testing.T) {
	for _, forbidden := range [][2]string{
		{"app", "paycorcred/paycor/tokens"}, {"app/wasm", "paycorcred/web"}, {"app", "golang.org/x/net/html"},
		{"paycor", "paycorcred/app"}, {"paycor", "github.com/stretchr/testify/assert"}, {"paycor/tokens", "paycorcred/paycor/store"},
		{"paycor/seal", "paycorcred/paycor/store"}, {"web", "paycorcred/paycor/credentials"}, {"web", "paycorcred/app"},
		{"paycor/unnamed", "paycorcred/paycor"}, {"unnamed", "paycorcred/paycor"}, {"paycor/upstream", "paycorcred/paycor/tokens"},
	} {
		assert.False(t, allowed(forbidden[0], forbidden[1]), "%s imports %s", forbidden[0], forbidden[1])
	}
}

// Package paycor does no I/O. Its direct imports say so; what fmt and slog
// bring along themselves (os, syscall) cannot be helped, a network can.
func TestPaycorIsPure(t *testing.T) {
	for _, platform := range platforms {
		t.Run(strings.Join(platform, " "), func(t *testing.T) {
			imports := strings.Fields(goList(t, platform, "-f", "{{join .Imports \" \"}}", "./paycor")[0])
			require.Contains(t, imports, "encoding/json")
			for _, imported := range imports {
				assert.NotContains(t, imported, ".", "only the standard library")
				for _, impure := range []string{"net", "net/http", "os", "os/exec", "io/fs", "database/sql", "syscall", "syscall/js", "unsafe", "math/rand", "crypto/rand", "embed"} {
					assert.NotEqual(t, impure, imported)
				}
			}
			for _, dependency := range goList(t, platform, "-deps", "-f", "{{.ImportPath}} {{.Standard}}", "./paycor") {
				path, standard, _ := strings.Cut(dependency, " ")
				assert.True(t, standard == "true" || path == module+"/paycor", path)
				assert.NotContains(t, []string{"net", "net/http", "database/sql", "os/exec", "crypto/tls", "html/template", "regexp"}, path)
			}
		})
	}
}
