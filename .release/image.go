package main

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is the user and group ID of the server in the container. Nobody has it by
// chance, and it is what other images without a distribution use.
const user = 65532

// images writes one image for each architecture that Docker and Podman load, and one
// for all of them that can be copied to a registry.
func (r release) images(work string, binaries map[platform][]string) error {
	var index v1.ImageIndex = empty.Index
	index = mutate.IndexMediaType(index, types.DockerManifestList)
	for _, p := range r.platforms {
		if p.system != "linux" {
			continue
		}
		image, err := r.image(p, binaries[p])
		if err != nil {
			return fmt.Errorf("making the image for %s: %w", p, err)
		}
		tag, err := name.NewTag("paycorcred:" + r.version)
		if err != nil {
			return err
		}
		if err := tarball.WriteToFile(r.path("-image-"+p.architecture+".tar"), tag, image); err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.system, Architecture: p.architecture}},
		})
	}
	directory := filepath.Join(work, "image")
	all := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add: index, Descriptor: v1.Descriptor{Annotations: map[string]string{"org.opencontainers.image.ref.name": r.version}},
	})
	if _, err := layout.Write(directory, all); err != nil {
		return err
	}
	entries, err := readTree(directory)
	if err != nil {
		return err
	}
	return create(r.path("-image.tar"), func(to io.Writer) error { return writeTar(to, r.time, entries) })
}

// image returns the image of the programs. It has Docker's media types, which every
// runtime and registry reads: in those of the OCI there is no place for a health check,
// and Podman would drop it.
func (r release) image(p platform, binaries []string) (v1.Image, error) {
	layers := [][]entry{system()}
	for _, binary := range binaries {
		content, err := os.ReadFile(binary)
		if err != nil {
			return nil, err
		}
		layers = append(layers, []entry{{name: filepath.Base(binary), mode: 0o755, content: content}})
	}
	image := mutate.MediaType(empty.Image, types.DockerManifestSchema2)
	for _, entries := range layers {
		var content bytes.Buffer
		if err := writeTar(&content, r.time, entries); err != nil {
			return nil, err
		}
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content.Bytes())), nil
		}, tarball.WithCompressedCaching)
		if err != nil {
			return nil, err
		}
		if image, err = mutate.Append(image, mutate.Addendum{
			Layer: layer, History: v1.History{Created: v1.Time{Time: r.time}, CreatedBy: "make release"},
		}); err != nil {
			return nil, err
		}
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created, file.Config = p.system, p.architecture, v1.Time{Time: r.time}, r.configuration()
	return mutate.ConfigFile(image, file)
}

// configuration is what a container does unless it is told otherwise.
func (r release) configuration() v1.Config {
	return v1.Config{
		User:       fmt.Sprintf("%d:%d", user, user),
		Entrypoint: []string{"/paycorcred"},
		// In the environment, the address would also be where "sign-in" says that people
		// open the server.
		Cmd: []string{"serve", "--listen", ":8080"},
		// The data is below the volume: the server creates its data only in a directory
		// that nobody else can write to, and a volume may be shared with a group.
		Env:          []string{"PAYCORCRED_DATA=/data/paycorcred"},
		WorkingDir:   "/data",
		Volumes:      map[string]struct{}{"/data": {}},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		StopSignal:   "SIGTERM",
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", "/paycorcred", "health"}, Interval: 30 * time.Second, Timeout: 5 * time.Second, StartPeriod: 10 * time.Second, Retries: 3,
		},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "paycorcred",
			"org.opencontainers.image.description": "Keeps Paycor credentials, verifies them, and calls Paycor with them",
			"org.opencontainers.image.version":     r.version,
			"org.opencontainers.image.created":     r.time.Format(time.RFC3339),
		},
	}
}

// system returns what the image has besides the program.
func system() []entry {
	return []entry{
		{name: "data/", mode: 0o700, owner: user},
		{name: "etc/", mode: 0o755},
		{name: "etc/group", mode: 0o644, content: fmt.Appendf(nil, "root:x:0:\npaycorcred:x:%d:\n", user)},
		{name: "etc/passwd", mode: 0o644, content: fmt.Appendf(nil, "root:x:0:0:root:/:/sbin/nologin\npaycorcred:x:%d:%d:paycorcred:/data:/sbin/nologin\n", user, user)},
		{name: "etc/ssl/", mode: 0o755},
		{name: "etc/ssl/certs/", mode: 0o755},
		{name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, content: certificates()},
	}
}

// certificates returns Mozilla's root certificates as PEM, of the version in go.mod.
// Roots that are trusted only under a condition are left out: PEM cannot express it.
func certificates() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes everything
		}
	}
	return text.Bytes()
}

// readTree returns the files below a directory as entries of an archive.
func readTree(directory string) (entries []entry, err error) {
	err = filepath.WalkDir(directory, func(path string, found fs.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if found.IsDir() {
			entries = append(entries, entry{name: name + "/", mode: 0o755})
			return nil
		}
		content, err := os.ReadFile(path)
		entries = append(entries, entry{name: name, mode: 0o644, content: content})
		return err
	})
	return entries, err
}
