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

// shared are the packages that are compiled into both the page and the server.
// None of them does I/O.
var shared = []string{
	"paycor/message", "paycor", "paycor/fields", "paycor/listing", "paycor/verdicts", "paycor/audit", "paycor/activation", "paycor/application", "paycor/consumer", "paycor/session", "paycor/usage", "paycor/embed", "paycor/notification",
	"paycor/events", "paycor/health", "paycor/api",
}

// arrows are the imports of our own that each package may have; "shared" means
// all shared packages. A package without an entry has that of the nearest
// package above it. The root may import everything.
var arrows = map[string][]string{
	// Shared by page and server, from the bottom up.
	"paycor/message":      {},
	"paycor/fields":       {"paycor/message"},
	"paycor/verdicts":     {"paycor/fields", "paycor/message"},
	"paycor/listing":      {},
	"paycor":              {"paycor/fields", "paycor/listing", "paycor/message", "paycor/verdicts"},
	"paycor/audit":        {"paycor", "paycor/fields", "paycor/message", "paycor/verdicts"},
	"paycor/activation":   {"paycor"},
	"paycor/consumer":     {"paycor", "paycor/fields", "paycor/message"},
	"paycor/application":  {"paycor", "paycor/verdicts"},
	"paycor/session":      {"paycor"},
	"paycor/usage":        {"paycor", "paycor/verdicts", "paycor/consumer"},
	"paycor/embed":        {"paycor", "paycor/fields", "paycor/message"},
	"paycor/notification": {"paycor", "paycor/fields", "paycor/listing", "paycor/message", "paycor/verdicts"},
	"paycor/events":       {"paycor", "paycor/audit"},
	"paycor/health":       {"paycor/message"},
	"paycor/api": {
		"paycor", "paycor/listing", "paycor/message", "paycor/verdicts", "paycor/application", "paycor/audit", "paycor/activation", "paycor/consumer", "paycor/session", "paycor/usage", "paycor/embed", "paycor/health", "paycor/notification",
	},

	// Only for the server.
	"paycor/redact":                {"shared"},
	"paycor/trace":                 {},
	"paycor/quota":                 {"shared"},
	"paycor/breaker":               {"paycor/evict", "paycor/clock"},
	"paycor/evict":                 {},
	"paycor/textfile":              {},
	"paycor/egress":                {"shared", "paycor/textfile"},
	"paycor/newfile":               {},
	"paycor/filemode":              {},
	"paycor/clock":                 {},
	"paycor/tokens":                {"shared", "paycor/redact", "paycor/upstream", "paycor/evict"}, // one gateway is in front of both
	"paycor/upstream":              {"shared", "paycor/egress", "paycor/redact", "paycor/trace"},
	"paycor/proxy":                 {"shared", "paycor/breaker", "paycor/quota", "paycor/evict", "paycor/proxy/h1", "paycor/redact"},
	"paycor/proxy/h1":              {},
	"paycor/seal":                  {"shared", "paycor/textfile", "paycor/filemode", "paycor/newfile"},
	"paycor/kms":                   {"shared", "paycor/egress", "paycor/seal", "paycor/textfile", "paycor/kms/protocol"},
	"paycor/kms/protocol":          {},
	"paycor/kms/kmstest":           {}, // for tests only
	"paycor/store":                 {"shared"},
	"paycor/store/records":         {"shared", "paycor/newfile", "paycor/seal", "paycor/store"},
	"paycor/store/groupcommit":     {"shared", "paycor/store"},
	"paycor/store/sqlite":          {"shared", "paycor/filemode", "paycor/newfile", "paycor/seal", "paycor/store", "paycor/store/records", "paycor/store/groupcommit", "paycor/quota"},
	"paycor/store/postgres":        {"shared", "paycor/seal", "paycor/store", "paycor/store/records", "paycor/store/groupcommit", "paycor/quota"},
	"paycor/store/storetest":       {"shared", "paycor/store"},
	"paycor/embed/appearance":      {"shared"},
	"paycor/embed/hosttoken":       {"shared", "paycor/egress", "paycor/embed/appearance"},
	"paycor/metrics":               {"shared", "paycor/store"},
	"paycor/cache":                 {"paycor/store"},
	"paycor/audit/trail":           {"shared", "paycor/store"},
	"paycor/keys":                  {"shared", "paycor/audit/trail", "paycor/store"},
	"paycor/audit/archive":         {"shared", "paycor/newfile", "paycor/store", "paycor/audit/trail", "paycor/clock"},
	"paycor/audit/stream":          {"shared", "paycor/egress", "paycor/store"},
	"paycor/rights":                {"shared", "paycor/audit/trail", "paycor/store", "paycor/cache"},
	"paycor/session/signin":        {"shared", "paycor/audit/trail", "paycor/rights", "paycor/store", "paycor/clock"},
	"paycor/consumer/apitoken":     {"shared", "paycor/audit/trail", "paycor/rights", "paycor/store", "paycor/cache"},
	"paycor/usage/meter":           {"shared", "paycor/audit/trail", "paycor/rights", "paycor/store"},
	"paycor/embed/sites":           {"shared", "paycor/audit/trail", "paycor/rights", "paycor/store", "paycor/quota", "paycor/embed/hosttoken", "paycor/clock"},
	"paycor/notification/channels": {"shared", "paycor/audit/trail", "paycor/rights", "paycor/store"},
	"paycor/notification/delivery": {"shared", "paycor/egress", "paycor/store"},
	"paycor/credentials": {
		"shared", "paycor/audit/trail", "paycor/rights", "paycor/quota", "paycor/clock", "paycor/evict", "paycor/tokens", "paycor/upstream", "paycor/store",
	},
	"paycor/schedule":   {"shared", "paycor/store"},
	"paycor/paycortest": {"shared", "paycor/paycortest"},
	"paycor/testkit":    {"shared"},

	"paycor/backup": {"shared", "paycor/store", "paycor/store/sqlite"},
	"paycor/doctor": {"shared", "paycor/filemode", "paycor/seal", "paycor/store", "paycor/store/sqlite", "paycor/store/postgres", "paycor/backup", "paycor/audit/stream"},

	// It composes the use cases.
	"paycor/backend": {
		"shared", "paycor/clock", "paycor/store", "paycor/tokens", "paycor/audit/trail", "paycor/audit/archive", "paycor/rights", "paycor/session/signin", "paycor/consumer/apitoken",
		"paycor/usage/meter", "paycor/embed/sites", "paycor/embed/hosttoken", "paycor/notification/channels", "paycor/notification/delivery", "paycor/credentials", "paycor/schedule",
		"paycor/keys",
	},
	"paycor/testkit/env": {
		"shared", "paycor/backend", "paycor/paycortest", "paycor/store", "paycor/store/sqlite", "paycor/store/postgres", "paycor/testkit", "paycor/tokens", "paycor/upstream",
	},

	// The page, and what serves it.
	"app":             {"shared", "app", "app/locale"},
	"app/dom/domtest": {"app"}, // for tests only
	"app/locale":      {},      // sentences by key, for the page, the API and the command line
	"web":             {"shared", "paycor/embed/appearance", "paycor/quota", "paycor/trace", "paycor/textfile", "app/locale"},
	"web/docs":        {"shared", "app/locale", "web"}, // renders the manual at build time
	"web/pack":        {"app/locale", "web/docs"},

	"web/e2e/webdriver": {"paycor/testkit"}, // for tests only

	// The composition root.
	"paycor/command": {
		"shared", "paycor/audit/archive", "paycor/audit/stream", "paycor/backup", "paycor/textfile", "paycor/egress", "paycor/seal", "paycor/kms", "paycor/doctor", "paycor/rights", "paycor/tokens", "paycor/upstream", "paycor/proxy", "paycor/breaker", "paycor/store", "paycor/store/sqlite", "paycor/store/postgres", "paycor/embed/hosttoken", "paycor/notification/delivery",
		"paycor/metrics", "paycor/backend", "paycor/paycortest", "app", "app/locale", "web",
	},
}

// outside are the only modules that packages of the page may import.
var outside = map[string][]string{
	"paycor": {},
	"app":    {"github.com/maxence-charriere/go-app/v10/pkg/app"},
}

// platforms are the build targets: the server and the browser.
var platforms = [][]string{{"GOOS=linux", "GOARCH=amd64"}, {"GOOS=js", "GOARCH=wasm"}}

// goList returns the output of `go list` for some packages, one line each.
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

// allowed reports whether one of our packages may import another package.
func allowed(name, imported string) bool {
	room := entryFor(name)
	first, rest, _ := strings.Cut(imported, "/")
	switch {
	case first == module:
		to := entryFor(rest)
		return name == "" || slices.Contains(arrows[room], to) || slices.Contains(arrows[room], "shared") && slices.Contains(shared, to)
	case strings.Contains(first, "."):
		may, bounded := outside[room]
		return !bounded || slices.Contains(may, imported)
	}
	return true // the standard library
}

// entryFor returns the entry in arrows that applies to a package, or "".
func entryFor(name string) string {
	for name != "" && arrows[name] == nil {
		name = name[:max(0, strings.LastIndexByte(name, '/'))]
		if name == "paycor" {
			return "" // a package under paycor without an entry
		}
	}
	return name
}

func TestTheArrowsBite(t *testing.T) {
	for _, forbidden := range [][2]string{
		{"app", "paycorcred/paycor/tokens"}, {"app/wasm", "paycorcred/web"}, {"app", "golang.org/x/net/html"},
		{"paycor", "paycorcred/app"}, {"paycor", "github.com/stretchr/testify/assert"}, {"paycor/tokens", "paycorcred/paycor/store"},
		{"paycor/seal", "paycorcred/paycor/store"}, {"web", "paycorcred/paycor/credentials"}, {"web", "paycorcred/app"},
		{"paycor/store", "paycorcred/paycor/seal"}, {"paycor/credentials", "paycorcred/paycor/store/sqlite"},
		{"paycor/unnamed", "paycorcred/paycor"}, {"unnamed", "paycorcred/paycor"}, {"paycor/upstream", "paycorcred/paycor/tokens"},
	} {
		assert.False(t, allowed(forbidden[0], forbidden[1]), "%s imports %s", forbidden[0], forbidden[1])
	}
}

// The packages that the page shares do no I/O. Their direct imports say so; what
// fmt and slog import themselves (os, syscall) cannot be avoided, a network can.
func TestSharedPackagesArePure(t *testing.T) {
	paths := make([]string, len(shared))
	for i, name := range shared {
		paths[i] = "./" + name
	}
	for _, platform := range platforms {
		t.Run(strings.Join(platform, " "), func(t *testing.T) {
			lines := goList(t, platform, append([]string{"-f", "{{.ImportPath}}|{{join .Imports \" \"}}|{{join .Deps \" \"}}"}, paths...)...)
			require.Len(t, lines, len(shared))
			for _, line := range lines {
				parts := strings.Split(line, "|")
				for _, impure := range []string{"net", "net/http", "os", "os/exec", "io/fs", "database/sql", "syscall", "syscall/js", "unsafe", "math/rand", "embed"} {
					assert.NotContains(t, strings.Fields(parts[1]), impure, parts[0])
				}
				for _, dependency := range strings.Fields(parts[2]) {
					first, _, _ := strings.Cut(dependency, "/")
					assert.True(t, !strings.Contains(first, ".") && first != module || strings.HasPrefix(dependency, module+"/paycor"), "%s depends on %s", parts[0], dependency)
					assert.NotContains(t, []string{"net", "net/http", "database/sql", "os/exec", "crypto/tls", "html/template"}, dependency, parts[0])
				}
			}
		})
	}
}
