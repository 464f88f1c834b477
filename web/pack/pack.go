package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/andybalholm/brotli"
)

const (
	packedDir = "packed"
	manifest  = "packed.json"
)

// compressible are the extensions of files that compression makes smaller.
var compressible = []string{".css", ".js", ".json", ".svg", ".wasm"}

// packed is an entry of the manifest: hash and size of the source, and the sizes of
// its compressed forms. The server reads the first two.
type packed struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Brotli int    `json:"brotli"`
	Gzip   int    `json:"gzip"`
}

// pack compresses the files in directory, reports each one to report, and returns
// the brotli sizes in bytes by name.
func pack(directory string, report io.Writer) (map[string]int, error) {
	names, err := compressibleIn(directory)
	if err != nil {
		return nil, err
	}
	into := filepath.Join(directory, packedDir)
	before, after, sizes := readManifest(into), map[string]packed{}, map[string]int{}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		entry, ok := before[filepath.ToSlash(name)]
		if !ok || entry.SHA256 != hex.EncodeToString(sum[:]) || !haveForms(into, name) {
			entry = packed{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}
			if entry.Brotli, entry.Gzip, err = write(into, name, content); err != nil {
				return nil, fmt.Errorf("packing %s: %w", name, err)
			}
			fmt.Fprintf(report, "%s: %d bytes, brotli %d, gzip %d\n", name, entry.Size, entry.Brotli, entry.Gzip)
		}
		after[filepath.ToSlash(name)] = entry
		sizes[name] = entry.Brotli
	}
	if err := removeStale(into, before, after); err != nil {
		return nil, err
	}
	list, err := json.MarshalIndent(after, "", "\t")
	if err != nil {
		return nil, err
	}
	return sizes, os.WriteFile(filepath.Join(into, manifest), append(list, '\n'), 0o644)
}

// compressibleIn lists the files to compress, relative to directory.
func compressibleIn(directory string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path == filepath.Join(directory, packedDir) || path == filepath.Join(directory, docsDir) {
				return filepath.SkipDir
			}
			return nil
		}
		if slices.Contains(compressible, filepath.Ext(path)) {
			name, err := filepath.Rel(directory, path)
			names = append(names, name)
			return err
		}
		return nil
	})
	return names, err
}

// readManifest reads the manifest of the previous run. An unreadable manifest is
// empty, so that all files are compressed again.
func readManifest(into string) map[string]packed {
	list := map[string]packed{}
	if data, err := os.ReadFile(filepath.Join(into, manifest)); err == nil && json.Unmarshal(data, &list) != nil {
		return map[string]packed{}
	}
	return list
}

// forms returns the paths of the compressed forms.
func forms(into, name string) (brotli, gzip string) {
	return filepath.Join(into, name+".br"), filepath.Join(into, name+".gz")
}

// haveForms reports whether both compressed forms exist.
func haveForms(into, name string) bool {
	br, gz := forms(into, name)
	_, brErr := os.Stat(br)
	_, gzErr := os.Stat(gz)
	return brErr == nil && gzErr == nil
}

// write compresses a file and returns the sizes in bytes.
func write(into, name string, content []byte) (brotliSize, gzipSize int, err error) {
	br, gz := forms(into, name)
	if err := os.MkdirAll(filepath.Dir(br), 0o755); err != nil {
		return 0, 0, err
	}
	var buffer bytes.Buffer
	if err := compress(brotli.NewWriterLevel(&buffer, brotli.BestCompression), content); err != nil {
		return 0, 0, err
	}
	brotliSize = buffer.Len()
	if err := os.WriteFile(br, buffer.Bytes(), 0o644); err != nil {
		return 0, 0, err
	}
	buffer.Reset()
	writer, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err != nil {
		return 0, 0, err
	}
	if err := compress(writer, content); err != nil {
		return 0, 0, err
	}
	return brotliSize, buffer.Len(), os.WriteFile(gz, buffer.Bytes(), 0o644)
}

func compress(w io.WriteCloser, content []byte) error {
	_, err := w.Write(content)
	return errors.Join(err, w.Close())
}

// removeStale removes the forms of deleted files.
func removeStale(into string, before, after map[string]packed) error {
	for name := range before {
		if _, ok := after[name]; ok {
			continue
		}
		br, gz := forms(into, filepath.FromSlash(name))
		for _, path := range []string{br, gz} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return os.MkdirAll(into, 0o755)
}
