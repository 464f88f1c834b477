// Command slim builds a program of the page without the parts of go-app that
// only a server needs. go-app is one package for both: its HTTP handler, static
// site generator, storage encryption and pattern routes bring net/http, TLS and
// regexp into every browser. slim copies the package, leaves those files out,
// adds the few lines that replace them (directory _standin), and builds against
// the copy. Two packages that it imports are much larger than what it calls of them,
// and have stand-ins, too. The repository contains no code of go-app, and the other
// files of the copy are unchanged except for these imports.
//
// The build fails if a file that is left out has changed, so that every new
// version of go-app is reviewed first.
//
//	go run ./app/slim -o web/static/credentials.wasm ./app/wasm/credentials
package main

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	module  = "github.com/maxence-charriere/go-app/v10"
	version = "v10.1.11"
	inside  = "pkg/app" // the directory of the package
)

// inlining keeps the compiler from copying functions to where they are called: every
// browser loads all copies, and the page runs most of them rarely. Copies stay of what
// everything else calls often: the runtime and the packages for locks and text.
var inlining = []string{
	"-gcflags=all=-l",
	"-gcflags=runtime=", "-gcflags=internal/...=", "-gcflags=sync/...=",
	"-gcflags=bytes=", "-gcflags=strings=", "-gcflags=unicode/utf8=",
}

// left are the files that are left out, with their SHA-256 sums.
var left = map[string]string{
	"http.go":     "0601189a9f611378e9b24ab4bdf42780a03cbf95c1bbebd4171b523ddbe9a32d",
	"resource.go": "6b52ab4ec2f4171d403384bffe159e9ec22699933e768ef5868f2851a1b84baa",
	"static.go":   "9e41adfad2d79ffdf6aba2cfb69397febe6c99f9a7b912737589c7e88c3463a9",
	"crypto.go":   "c0fc14126207dc9fa15fb8869bd882874486654919835dc35d5bef8a6122aa97",
	"route.go":    "3252c7f2876cba69c3fbb203b0b4d5770ddd4651cdaf3ad69e5c33bfd1ccf5bd",
	"wasm.go":     "10117b07fb7147cdfcd97d1e07cd010da30914e2a622b73d0242b5d9019796f8",
}

// imports are the packages with stand-ins, which the copy imports instead.
var imports = strings.NewReplacer(
	"\t\"html\"\n", "\t\""+module+"/pkg/html\"\n",
	"\t\"github.com/google/uuid\"\n", "\t\""+module+"/pkg/uuid\"\n",
)

//go:embed _standin/*/*.go
var standins embed.FS

func main() {
	output := flag.String("o", "", "write the program to this `file`")
	work := flag.String("work", filepath.Join("bin", "slim"), "keep the copy in this `directory`")
	flag.Parse()
	if *output == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "Usage: slim -o FILE [-work DIRECTORY] PACKAGE")
		os.Exit(2)
	}
	if err := build(*work, *output, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(1)
	}
}

// build builds pkg for the browser against the copy of go-app in work.
func build(work, output, pkg string) error {
	replacement := filepath.Join(work, "go-app")
	if !filepath.IsAbs(work) {
		replacement = "./" + filepath.ToSlash(replacement) // the program contains it, and is to be the same in every directory
	}
	work, err := filepath.Abs(work)
	if err != nil {
		return err
	}
	original, err := locate()
	if err != nil {
		return err
	}
	if err := check(original); err != nil {
		return err
	}
	if err := copyPackage(original, filepath.Join(work, "go-app")); err != nil {
		return fmt.Errorf("copying go-app: %w", err)
	}
	if err := writeGoMod(work, replacement); err != nil {
		return fmt.Errorf("writing go.mod: %w", err)
	}
	// Go leaves a program alone that it built from the same sources before, so what it
	// wrote is kept apart from what is made of it.
	built := filepath.Join(work, filepath.Base(output))
	arguments := append([]string{"build", "-modfile", filepath.Join(work, "go.mod"), "-trimpath", "-buildvcs=false", "-ldflags=-s", "-o", built}, inlining...)
	command := exec.Command("go", append(arguments, pkg)...)
	command.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return err
	}
	return shrink(built, output)
}

// shrink writes the built program with smaller functions, without their files and lines
// and with merged data segments, so that it compresses better.
func shrink(built, output string) error {
	program, err := os.ReadFile(built)
	if err != nil {
		return err
	}
	shrunk, err := rewriteModule(program, func(code []byte, data []segment) ([]byte, []segment, error) {
		compiled, err := compiledFunctions(data)
		if err != nil {
			return nil, nil, err
		}
		code, calls, err := rewriteCode(code, compiled)
		if err != nil {
			return nil, nil, err
		}
		data, err = withoutLines(data, calls)
		return code, data, err
	})
	if err != nil {
		return fmt.Errorf("shrinking %s: %w", built, err)
	}
	return os.WriteFile(output, shrunk, 0o644)
}

// locate returns the directory of go-app's module.
func locate() (string, error) {
	if err := exec.Command("go", "mod", "download", module).Run(); err != nil {
		return "", fmt.Errorf("fetching %s: %w", module, err)
	}
	answer, err := exec.Command("go", "list", "-m", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", module, err)
	}
	var found struct{ Dir, Version string }
	if err := json.Unmarshal(answer, &found); err != nil {
		return "", fmt.Errorf("looking for %s: %w", module, err)
	}
	if found.Version != version {
		return "", fmt.Errorf("go-app is %s; the stand-ins were written for %s: compare the files they stand in for, then change slim", found.Version, version)
	}
	return found.Dir, nil
}

// check compares the files that are left out with their sums.
func check(original string) error {
	for name, want := range left {
		content, err := os.ReadFile(filepath.Join(original, inside, name))
		if err != nil {
			return fmt.Errorf("reading go-app: %w", err)
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != want {
			return fmt.Errorf("go-app's %s has changed (SHA-256 %s, not %s): see whether its stand-in still does, then change slim", name, got, want)
		}
	}
	return nil
}

// copyPackage writes the copy: the packages of the module without tests and without
// the files that are left out, and the stand-ins.
func copyPackage(original, into string) error {
	for _, dir := range []string{inside, "pkg/errors"} {
		if err := copyDir(filepath.Join(original, dir), filepath.Join(into, dir)); err != nil {
			return err
		}
	}
	for name := range left {
		if err := os.RemoveAll(filepath.Join(into, inside, name)); err != nil {
			return err
		}
	}
	names, err := fs.Glob(standins, "_standin/*/*.go")
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := standins.ReadFile(name)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(into, "pkg", strings.TrimPrefix(name, "_standin/")), content); err != nil {
			return err
		}
	}
	mod, err := os.ReadFile(filepath.Join(original, "go.mod"))
	if err != nil {
		return err
	}
	return write(filepath.Join(into, "go.mod"), mod)
}

func copyDir(from, into string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if content, err = format.Source([]byte(imports.Replace(string(content)))); err != nil {
			return err
		}
		if err := write(filepath.Join(into, name), content); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file unless it is up to date, so that a second build uses its
// cache.
func write(path string, content []byte) error {
	if there, err := os.ReadFile(path); err == nil && string(there) == string(content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// writeGoMod writes a go.mod that is the project's own, except that it replaces
// go-app with the copy.
func writeGoMod(work, replacement string) error {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	mod = append(mod, "\nreplace "+module+" => "+strconv.Quote(replacement)+"\n"...)
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		return err
	}
	if err := write(filepath.Join(work, "go.sum"), sums); err != nil {
		return err
	}
	return write(filepath.Join(work, "go.mod"), mod)
}
