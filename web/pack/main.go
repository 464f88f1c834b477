// Command pack prepares the static files at build time. It renders the manual,
// writes the page's sentences as JSON and compresses all files with gzip and with brotli at its
// best level, which is too slow to do per request. The compressed forms go to the
// directory "packed", with a manifest of the hashes of their sources; unchanged
// files are skipped.
//
//	go run ./web/pack -docs -budget 1600000 web/static
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"paycorcred/web/docs"
)

// docsDir is the directory of the rendered manual.
const docsDir = "docs"

// program is the file that the budget limits.
const program = "app.wasm"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	budget := flags.Int("budget", 0, "fail if "+program+" has more `bytes` in brotli; 0 means no limit")
	manual := flags.Bool("docs", false, "render the manual into the directory \""+docsDir+"\"")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Usage: pack [-docs] [-budget BYTES] DIRECTORY")
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
	if *budget == 0 {
		return 0
	}
	size, ok := sizes[program]
	if !ok {
		fmt.Fprintf(stderr, "pack: there is no %s in %s; build it first\n", program, flags.Arg(0))
		return 1
	}
	fmt.Fprintf(stdout, "%s: %d bytes in brotli, budget %d\n", program, size, *budget)
	if size > *budget {
		fmt.Fprintf(stderr, "pack: %s is %d bytes over its budget\n", program, size-*budget)
		return 1
	}
	return 0
}
