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
	kms := output(t, "go", "-C", "../paycor/kms/helper", "list", "-m", "-f", "{{.Version}}", "github.com/tink-crypto/tink-go-awskms/v3")
	assert.True(t, listed["pkg:golang/github.com/tink-crypto/tink-go-awskms/v3@"+strings.TrimSpace(kms)])
	for url := range listed {
		assert.NotContains(t, url, "..", "our own module is no library")
	}
	const format = "{{with .Module}}{{if not .Main}}pkg:golang/{{.Path}}@{{.Version}}{{end}}{{end}}"
	t.Setenv("GOOS", "js")
	t.Setenv("GOARCH", "wasm")
	for url := range strings.FieldsSeq(output(t, "go", "-C", "..", "list", "-deps", "-f", format, "./app/wasm/...")) {
		assert.True(t, listed[url], "%s is in the page", url)
	}
}
