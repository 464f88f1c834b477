// Command release makes everything that a version is distributed as: archives for
// each platform, the container image, the systemd units, the Helm chart, the npm
// package for embedding sites, a software bill of materials, and the checksums of all of them.
//
// It is a module of its own, so that its libraries are not requirements of the server.
// The same commit gives the same bytes: nothing written depends on the directory, the
// time of the build or the machine. `make release` runs it after building the page.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// release is what is made, from what, and where it goes.
type release struct {
	source    string    // root of the repository, with the page built
	out       string    // directory of the files
	version   string    // such as 1.2.0, or a commit
	time      time.Time // of the commit; every file in the release has it
	platforms []platform
}

func main() {
	epoch := flag.Int64("epoch", 0, "time of the commit, in `seconds` since 1970")
	platforms := flag.String("platforms", "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64", "`list` of platforms")
	version := flag.String("version", "", "version of the release")
	source := flag.String("source", "..", "root `directory` of the repository")
	out := flag.String("out", "", "write the files to this `directory`")
	flag.Parse()
	if *version == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	r := release{source: *source, out: *out, version: *version, time: time.Unix(*epoch, 0).UTC()}
	for text := range strings.SplitSeq(*platforms, ",") {
		system, architecture, _ := strings.Cut(text, "/")
		r.platforms = append(r.platforms, platform{system, architecture})
	}
	if err := r.make(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// make writes the release to its directory, which it empties first: a file of an
// earlier version would get into the checksums.
func (r release) make() error {
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	binaries := map[platform][]string{}
	for _, p := range r.platforms {
		if binaries[p], err = r.build(work, p); err != nil {
			return fmt.Errorf("building for %s: %w", p, err)
		}
		if err := r.archive(p, binaries[p]); err != nil {
			return fmt.Errorf("packing for %s: %w", p, err)
		}
	}
	if err := r.images(work, binaries); err != nil {
		return fmt.Errorf("making the image: %w", err)
	}
	if err := r.billOfMaterials(binaries); err != nil {
		return fmt.Errorf("listing the modules: %w", err)
	}
	for _, write := range []func() error{r.units, r.chart, r.npmPackage, r.checksums} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// path returns where a file of the release goes, such as
// paycorcred-1.2.0-linux-amd64.tar.gz for the suffix "-linux-amd64.tar.gz".
func (r release) path(suffix string) string {
	return filepath.Join(r.out, r.base()+suffix)
}

func (r release) base() string { return "paycorcred-" + r.version }
