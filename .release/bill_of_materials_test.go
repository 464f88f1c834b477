package main

import (
	"os"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheBillOfMaterialsHasEveryModuleOfServerAndPage(t *testing.T) {
	r := releaseOf(t)
	file, err := os.Open(r.path(".cdx.json"))
	require.NoError(t, err)
	defer file.Close()
	document := new(cyclonedx.BOM)
	require.NoError(t, cyclonedx.NewBOMDecoder(file, cyclonedx.BOMFileFormatJSON).Decode(document))
	assert.Equal(t, "1.2.3-test", document.Metadata.Component.Version)

	listed := map[string]bool{}
	for _, c := range *document.Components {
		listed[c.PackageURL] = true
	}
	assert.True(t, listed["pkg:golang/modernc.org/sqlite@"+output(t, "go", "-C", "..", "list", "-m", "-f", "{{.Version}}", "modernc.org/sqlite")[:len("v1.00.0")]])
	const format = "{{with .Module}}{{if not .Main}}pkg:golang/{{.Path}}@{{.Version}}{{end}}{{end}}"
	t.Setenv("GOOS", "js")
	t.Setenv("GOARCH", "wasm")
	for url := range strings.FieldsSeq(output(t, "go", "-C", "..", "list", "-deps", "-f", format, "./app/wasm/...")) {
		assert.True(t, listed[url], "%s is in the page", url)
	}
}
