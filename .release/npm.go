package main

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// npmDirectory has the npm package, except for the module that the server serves, too.
const npmDirectory = "web/examples/client"

// served are the files of the package that the server serves.
var served = []string{"sdk.js", "sdk.d.ts"}

// npmPackage packs the module for embedding sites and its components, and prints the
// integrity of the module, which a page that loads it by a script element can demand.
func (r release) npmPackage() error {
	entries, err := readTree(filepath.Join(r.source, npmDirectory))
	if err != nil {
		return err
	}
	// A build of the examples leaves copies of served files there.
	files := slices.DeleteFunc(entries, func(e entry) bool { return slices.Contains(served, e.name) || e.name[len(e.name)-1] == '/' })
	for _, name := range served {
		content, err := os.ReadFile(filepath.Join(r.source, "web/static/embed", name))
		if err != nil {
			return err
		}
		if name == "sdk.js" {
			sum := sha512.Sum384(content)
			fmt.Println("Integrity of the module sdk.js: sha384-" + base64.StdEncoding.EncodeToString(sum[:]))
		}
		files = append(files, entry{name: name, mode: 0o644, content: content})
	}
	for i := range files {
		if files[i].name == "package.json" {
			files[i].content = bytes.Replace(files[i].content, placeholder, []byte(r.semanticVersion()), 1)
		}
		files[i].name = "package/" + files[i].name
	}
	return create(filepath.Join(r.out, "paycorcred-embed-"+r.version+".tgz"), func(to io.Writer) error {
		return writeTarGzip(to, r.time, files)
	})
}
