// Command pack prepares the static files at build time. It renders the manual,
// writes the page's sentences as JSON and compresses all files with gzip and with brotli at its
// best level, which is too slow to do per request. The compressed forms go to the
// directory "packed", with a manifest of the hashes of their sources; unchanged
// files are skipped.
//
//	go run ./web/pack -docs -budget credentials.wasm=1200000 web/static
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"paycorcred/web/docs"
)

// docsDir is the directory of the rendered manual.
const docsDir = "docs"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	budgets := map[string]int{}
	flags.Func("budget", "fail if a file has more bytes in brotli, given as `NAME=BYTES`; may be repeated", func(text string) error {
		name, bytes, _ := strings.Cut(text, "=")
		limit, err := strconv.Atoi(bytes)
		if name == "" || err != nil || limit <= 0 {
			return errors.New("it is not of the form NAME=BYTES")
		}
		budgets[name] = limit
		return nil
	})
	manual := flags.Bool("docs", false, "render the manual into the directory \""+docsDir+"\"")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Usage: pack [-docs] [-budget NAME=BYTES]... DIRECTORY")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return 2
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return 2
	}
	if err := writeCatalogues(flags.Arg(0)); err != nil {
		fmt.Fprintln(stderr, "pack:", err)
		return 1
	}
	if *manual {
		if err := docs.Write(filepath.Join(flags.Arg(0), docsDir)); err != nil {
			fmt.Fprintln(stderr, "pack:", err)
			return 1
		}
	}
	sizes, err := pack(flags.Arg(0), stdout)
	if err != nil {
		fmt.Fprintln(stderr, "pack:", err)
		return 1
	}
	if err := keepTo(budgets, sizes, stdout); err != nil {
		fmt.Fprintln(stderr, "pack:", err)
		return 1
	}
	return 0
}

// keepTo reports the files with a budget, and returns an error that names all that are
// missing or exceed theirs.
func keepTo(budgets, sizes map[string]int, report io.Writer) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(budgets)) {
		budget := budgets[name]
		size, ok := sizes[name]
		if !ok {
			errs = append(errs, fmt.Errorf("there is no %s; build it first", name))
			continue
		}
		fmt.Fprintf(report, "%s: %d bytes in brotli, budget %d\n", name, size, budget)
		if size > budget {
			errs = append(errs, fmt.Errorf("%s is %d bytes over its budget", name, size-budget))
		}
	}
	return errors.Join(errs...)
}
