package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheImageIsSmallAndHasNoShell(t *testing.T) {
	r := releaseOf(t)
	path := r.path("-image-amd64.tar")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(40<<20))

	image, err := tarball.ImageFromPath(path, nil)
	require.NoError(t, err)
	require.NoError(t, validate.Image(image))
	content := mutate.Extract(image)
	defer content.Close()
	files := readTar(t, content)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	assert.ElementsMatch(t, []string{
		"paycorcred", "paycorcred-kms", "data", "etc", "etc/group", "etc/passwd", "etc/ssl", "etc/ssl/certs", "etc/ssl/certs/ca-certificates.crt",
	}, names)

	roots := files["etc/ssl/certs/ca-certificates.crt"]
	count := 0
	for block, rest := pem.Decode(roots); block != nil; block, rest = pem.Decode(rest) {
		_, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		count++
	}
	assert.Greater(t, count, 100)

	file, err := image.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, "65532:65532", file.Config.User)
	assert.Equal(t, []string{"CMD", "/paycorcred", "health"}, file.Config.Healthcheck.Test)
	assert.Equal(t, "1.2.3-test", file.Config.Labels["org.opencontainers.image.version"])
}

func TestOneFileHasTheImagesOfAllArchitectures(t *testing.T) {
	r := releaseOf(t)
	file, err := os.Open(r.path("-image.tar"))
	require.NoError(t, err)
	defer file.Close()
	files := readTar(t, file)
	assert.Contains(t, files, "oci-layout")
	var index struct{ Manifests []struct{ Digest string } }
	require.NoError(t, json.Unmarshal(files["index.json"], &index))
	list, err := v1.ParseIndexManifest(bytes.NewReader(files["blobs/"+strings.Replace(index.Manifests[0].Digest, ":", "/", 1)]))
	require.NoError(t, err)
	require.Len(t, list.Manifests, len(r.platforms))
	for i, p := range r.platforms {
		assert.Equal(t, p.String(), list.Manifests[i].Platform.String())
	}
}
