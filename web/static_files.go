package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"paycorcred/app/locale"
)

// embedded are the static files. wasm_exec.js and the content of packed exist
// only after a build. The programs (*.wasm) are embedded only in their compressed
// forms, which saves several megabytes.
//
//go:embed static/*.css static/*.js static/icons static/embed all:static/packed
var embedded embed.FS

// web/pack writes compressed forms to packedDir and the hashes of their sources to
// manifest. A form is served only if its source is unchanged.
const (
	packedDir = "packed/"
	manifest  = packedDir + "packed.json"
)

// packedFile is an entry of the manifest.
type packedFile struct {
	SHA256 string `json:"sha256"` // of the source, in hex
	Size   int64  `json:"size"`   // of the source, in bytes
}

// staticFile is a file in its encodings. plain is nil if the file is embedded
// only compressed.
type staticFile struct {
	plain, brotli, gzip []byte
	size                int64  // uncompressed, in bytes
	sum                 string // SHA-256 of the uncompressed file, in hex
}

// staticFiles are the files that everybody may read. All their addresses
// contain file set name, a hash of all contents: relative references between
// files work, and a page never mixes files of two builds.
type staticFiles struct {
	set    string
	byName map[string]*staticFile
}

// openStaticFiles reads the directory static of a file system.
func openStaticFiles(system fs.FS) (*staticFiles, error) {
	static, err := fs.Sub(system, "static")
	if err != nil {
		return nil, err
	}
	list, err := readManifest(static)
	if err != nil {
		return nil, err
	}
	found := &staticFiles{byName: map[string]*staticFile{}}
	err = fs.WalkDir(static, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") || name == manifest {
			return err
		}
		content, err := fs.ReadFile(static, name)
		if err != nil {
			return err
		}
		found.add(name, content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range locale.Catalogues() {
		content, err := c.PageJSON()
		if err != nil {
			return nil, err
		}
		found.add(sentencesName(c.Tag()), content)
	}
	found.finish(list)
	return found, nil
}

// sentencesName is the file with the page's sentences in a language. It is built
// from the catalogue; web/pack compresses the same content.
func sentencesName(tag string) string { return "locale/" + tag + ".json" }

func readManifest(static fs.FS) (map[string]packedFile, error) {
	list := map[string]packedFile{}
	data, err := fs.ReadFile(static, manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%s is not in the format of web/pack: %w", manifest, err)
	}
	return list, nil
}

// add adds a file, or a compressed form to its file.
func (f *staticFiles) add(name string, content []byte) {
	base, form := name, ""
	if inner, ok := strings.CutPrefix(name, packedDir); ok {
		form = path.Ext(inner)
		base = strings.TrimSuffix(inner, form)
	}
	file := f.byName[base]
	if file == nil {
		file = &staticFile{}
		f.byName[base] = file
	}
	switch form {
	case ".br":
		file.brotli = content
	case ".gz":
		file.gzip = content
	default:
		file.plain = content
	}
}

// finish drops outdated compressed forms and computes the set name.
func (f *staticFiles) finish(list map[string]packedFile) {
	names := make([]string, 0, len(f.byName))
	for name, file := range f.byName {
		known, ok := list[name]
		if file.plain != nil {
			sum := sha256.Sum256(file.plain)
			file.sum, file.size = hex.EncodeToString(sum[:]), int64(len(file.plain))
		}
		switch {
		case file.plain != nil && (!ok || known.SHA256 != file.sum):
			file.brotli, file.gzip = nil, nil
		case file.plain == nil && (!ok || file.gzip == nil):
			delete(f.byName, name) // clients without compression could not read it
			continue
		case file.plain == nil:
			file.sum, file.size = known.SHA256, known.Size
		}
		names = append(names, name)
	}
	slices.Sort(names)
	all := sha256.New()
	for _, name := range names {
		_, _ = io.WriteString(all, name+"\x00"+f.byName[name].sum+"\x00")
	}
	f.set = hex.EncodeToString(all.Sum(nil))[:16]
}

func (f *staticFiles) has(name string) bool { return f.byName[name] != nil }

// address returns the path of a file.
func (f *staticFiles) address(name string) string { return "/assets/" + f.set + "/" + name }
