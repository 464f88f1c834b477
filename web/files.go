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
	"paycorcred/app/locale"
	"slices"
	"strings"
)

// embedded are the files the page is made of. wasm_exec.js and what is in
// packed exist only after a build. app.wasm is not among them: it is embedded
// only compressed, which keeps several megabytes out of the server's file.
//
//go:embed static/*.css static/*.js static/icons static/embed all:static/packed
var embedded embed.FS

// packedDir is where web/pack writes compressed forms, and manifest where it
// says of what they were made. A form made of another content than the one at
// hand is not served.
const (
	packedDir = "packed/"
	manifest  = packedDir + "packed.json"
)

// packed is one entry of the manifest.
type packed struct {
	SHA256 string `json:"sha256"` // hex, of the file as it is
	Size   int64  `json:"size"`   // bytes, of the file as it is
}

// file is one public file in the forms it can be sent in. plain is missing
// where the file is only there compressed.
type file struct {
	plain, brotli, gzip []byte
	size                int64  // of the file as it is
	sum                 string // hex SHA-256 of it
}

// files are the public files. All of them stand under one set name, made of
// all their contents: a relative reference from one to another holds, and a
// page never mixes files of two builds.
type files struct {
	set    string
	byName map[string]*file
}

// openFiles reads static of a file system.
func openFiles(system fs.FS) (*files, error) {
	static, err := fs.Sub(system, "static")
	if err != nil {
		return nil, err
	}
	list, err := readManifest(static)
	if err != nil {
		return nil, err
	}
	found := &files{byName: map[string]*file{}}
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
	found.settle(list)
	return found, nil
}

// sentencesName is the file of the page's sentences in a language. It is made
// from the catalogue; web/pack compresses the same content.
func sentencesName(tag string) string { return "locale/" + tag + ".json" }

func readManifest(static fs.FS) (map[string]packed, error) {
	list := map[string]packed{}
	data, err := fs.ReadFile(static, manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%s is not what web/pack writes: %w", manifest, err)
	}
	return list, nil
}

// add keeps a file, or a compressed form with the file it belongs to.
func (f *files) add(name string, content []byte) {
	base, form := name, ""
	if inner, ok := strings.CutPrefix(name, packedDir); ok {
		form = path.Ext(inner)
		base = strings.TrimSuffix(inner, form)
	}
	one := f.byName[base]
	if one == nil {
		one = &file{}
		f.byName[base] = one
	}
	switch form {
	case ".br":
		one.brotli = content
	case ".gz":
		one.gzip = content
	default:
		one.plain = content
	}
}

// settle drops the forms that belong to no content at hand and names the set.
func (f *files) settle(list map[string]packed) {
	names := make([]string, 0, len(f.byName))
	for name, one := range f.byName {
		known, ok := list[name]
		if one.plain != nil {
			sum := sha256.Sum256(one.plain)
			one.sum, one.size = hex.EncodeToString(sum[:]), int64(len(one.plain))
		}
		switch {
		case one.plain != nil && (!ok || known.SHA256 != one.sum):
			one.brotli, one.gzip = nil, nil
		case one.plain == nil && (!ok || one.gzip == nil):
			delete(f.byName, name) // nothing to give to who takes no compression
			continue
		case one.plain == nil:
			one.sum, one.size = known.SHA256, known.Size
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

func (f *files) has(name string) bool { return f.byName[name] != nil }

// address returns where a file is found.
func (f *files) address(name string) string { return "/assets/" + f.set + "/" + name }
