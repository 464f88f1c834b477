package main

import (
	"bytes"
	"io"
	"path/filepath"
	"regexp"
)

// chartDirectory has the Helm chart, relative to the root of the repository.
const chartDirectory = ".release/chart"

// placeholder is the version in Chart.yaml, for the chart and for the image.
var placeholder = []byte("0.0.0-development")

var semantic = regexp.MustCompile(`^\d+\.\d+\.\d+`)

// chart packs the Helm chart with the version of the release. Helm's own archives have
// the time at which they were packed.
func (r release) chart() error {
	entries, err := readTree(filepath.Join(r.source, chartDirectory))
	if err != nil {
		return err
	}
	files := entries[:0]
	for _, e := range entries {
		if e.name == "Chart.yaml" {
			e.content = bytes.Replace(e.content, append([]byte("version: "), placeholder...), []byte("version: "+r.semanticVersion()), 1)
			e.content = bytes.Replace(e.content, placeholder, []byte(r.version), 1)
		}
		if e.name = "paycorcred/" + e.name; e.name[len(e.name)-1] != '/' {
			files = append(files, e)
		}
	}
	return create(filepath.Join(r.out, "paycorcred-chart-"+r.version+".tgz"), func(to io.Writer) error {
		return writeTarGzip(to, r.time, files)
	})
}

// semanticVersion returns the version as Helm requires it. Without a tag, the version
// is a commit.
func (r release) semanticVersion() string {
	if semantic.MatchString(r.version) {
		return r.version
	}
	return "0.0.0-g" + r.version // without the letter, a commit of digits only could be no valid number
}
